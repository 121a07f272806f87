"""Where the others of a visio session may be, for the journey it replaces: a préfecture, a town of
the territory, or coordinates."""

from __future__ import annotations

from collections.abc import Iterable

from visiohub.booking.search_places import named, plain, points_of
from visiohub.domain.model import Venue
from visiohub.storage.uow import UnitOfWork

MOST_PEOPLE = 1000
"""In one room."""
PREFECTURES: dict[str, tuple[float, float]] = {
    "Agen": (44.20, 0.62),
    "Ajaccio": (41.93, 8.74),
    "Albi": (43.93, 2.15),
    "Alençon": (48.43, 0.09),
    "Amiens": (49.89, 2.30),
    "Angers": (47.47, -0.55),
    "Angoulême": (45.65, 0.16),
    "Annecy": (45.90, 6.13),
    "Arras": (50.29, 2.78),
    "Auch": (43.65, 0.59),
    "Aurillac": (44.93, 2.44),
    "Auxerre": (47.80, 3.57),
    "Avignon": (43.95, 4.81),
    "Bar-le-Duc": (48.77, 5.16),
    "Basse-Terre": (16.00, -61.73),
    "Bastia": (42.70, 9.45),
    "Beauvais": (49.43, 2.08),
    "Belfort": (47.64, 6.86),
    "Besançon": (47.24, 6.02),
    "Blois": (47.59, 1.33),
    "Bobigny": (48.91, 2.44),
    "Bordeaux": (44.84, -0.58),
    "Bourg-en-Bresse": (46.21, 5.23),
    "Bourges": (47.08, 2.40),
    "Caen": (49.18, -0.37),
    "Cahors": (44.45, 1.44),
    "Carcassonne": (43.21, 2.35),
    "Cayenne": (4.94, -52.33),
    "Châlons-en-Champagne": (48.96, 4.36),
    "Chambéry": (45.57, 5.92),
    "Charleville-Mézières": (49.77, 4.72),
    "Chartres": (48.45, 1.49),
    "Châteauroux": (46.81, 1.69),
    "Chaumont": (48.11, 5.14),
    "Clermont-Ferrand": (45.78, 3.08),
    "Colmar": (48.08, 7.36),
    "Créteil": (48.79, 2.46),
    "Digne-les-Bains": (44.09, 6.23),
    "Dijon": (47.32, 5.04),
    "Épinal": (48.17, 6.45),
    "Évreux": (49.02, 1.15),
    "Évry-Courcouronnes": (48.63, 2.43),
    "Foix": (42.97, 1.61),
    "Fort-de-France": (14.60, -61.07),
    "Gap": (44.56, 6.08),
    "Grenoble": (45.19, 5.72),
    "Guéret": (46.17, 1.87),
    "La Roche-sur-Yon": (46.67, -1.43),
    "La Rochelle": (46.16, -1.15),
    "Laon": (49.56, 3.62),
    "Laval": (48.07, -0.77),
    "Le Mans": (48.00, 0.20),
    "Le Puy-en-Velay": (45.04, 3.88),
    "Lille": (50.63, 3.07),
    "Limoges": (45.83, 1.26),
    "Lons-le-Saunier": (46.67, 5.55),
    "Lyon": (45.76, 4.84),
    "Mâcon": (46.31, 4.83),
    "Mamoudzou": (-12.78, 45.23),
    "Marseille": (43.30, 5.37),
    "Melun": (48.54, 2.66),
    "Mende": (44.52, 3.50),
    "Metz": (49.12, 6.18),
    "Mont-de-Marsan": (43.89, -0.50),
    "Montauban": (44.02, 1.36),
    "Montpellier": (43.61, 3.88),
    "Moulins": (46.57, 3.33),
    "Nancy": (48.69, 6.18),
    "Nanterre": (48.89, 2.21),
    "Nantes": (47.22, -1.55),
    "Nevers": (46.99, 3.16),
    "Nice": (43.70, 7.27),
    "Nîmes": (43.84, 4.36),
    "Niort": (46.32, -0.46),
    "Orléans": (47.90, 1.91),
    "Paris": (48.86, 2.35),
    "Pau": (43.30, -0.37),
    "Périgueux": (45.18, 0.72),
    "Perpignan": (42.70, 2.90),
    "Poitiers": (46.58, 0.34),
    "Pontoise": (49.05, 2.10),
    "Privas": (44.74, 4.60),
    "Quimper": (48.00, -4.10),
    "Rennes": (48.11, -1.68),
    "Rodez": (44.35, 2.57),
    "Rouen": (49.44, 1.10),
    "Saint-Brieuc": (48.51, -2.76),
    "Saint-Denis": (-20.88, 55.45),
    "Saint-Étienne": (45.44, 4.39),
    "Saint-Lô": (49.12, -1.09),
    "Strasbourg": (48.58, 7.75),
    "Tarbes": (43.23, 0.07),
    "Toulon": (43.12, 5.93),
    "Toulouse": (43.60, 1.44),
    "Tours": (47.39, 0.69),
    "Troyes": (48.30, 4.07),
    "Tulle": (45.27, 1.77),
    "Valence": (44.93, 4.89),
    "Vannes": (47.66, -2.76),
    "Versailles": (48.80, 2.13),
    "Vesoul": (47.62, 6.16),
}
"""Latitude and longitude of the centre, to a hundredth of a degree: about a kilometre."""
_PLAIN = {plain(name): at for name, at in PREFECTURES.items()}


def far_end(uow: UnitOfWork, typed: str) -> tuple[float, float] | None:
    """Where the others are: a préfecture, else what a search for venues knows, of several communes
    the one with a venue; None: nothing was typed, or nobody knows where that is."""
    if at := _PLAIN.get(plain(typed)):
        return at
    points = points_of(uow, typed)
    if len(points) > 1:
        towns = {(plain(t.town), t.postcode) for t in uow.availability.towns()}
        points = [p for p in points if (plain(p.label), p.postcode) in towns]
    return (points[0].latitude, points[0].longitude) if len(points) == 1 else None


def names(venues: Iterable[Venue]) -> list[str]:
    """What the field suggests: préfectures, and the towns of these venues apart from others of
    their name."""
    return sorted({*PREFECTURES, *map(named, venues)}, key=plain)


def people(typed: str) -> int | None:
    """How many, from 1 to MOST_PEOPLE; None: that is no such number."""
    typed = typed.strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= len(str(MOST_PEOPLE))):
        return None
    return int(typed) if 1 <= int(typed) <= MOST_PEOPLE else None
