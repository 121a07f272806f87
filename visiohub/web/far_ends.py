"""Where the others of a visio session may be: towns to choose from, for the journey it replaces."""

from __future__ import annotations

FAR_ENDS: dict[str, tuple[str, tuple[float, float]]] = {
    "ajaccio": ("Ajaccio", (41.93, 8.74)),
    "besancon": ("Besançon", (47.24, 6.02)),
    "bordeaux": ("Bordeaux", (44.84, -0.58)),
    "caen": ("Caen", (49.18, -0.37)),
    "clermont": ("Clermont-Ferrand", (45.78, 3.08)),
    "digne": ("Digne-les-Bains", (44.09, 6.23)),
    "dijon": ("Dijon", (47.32, 5.04)),
    "gap": ("Gap", (44.56, 6.08)),
    "grenoble": ("Grenoble", (45.19, 5.72)),
    "lille": ("Lille", (50.63, 3.07)),
    "limoges": ("Limoges", (45.83, 1.26)),
    "lyon": ("Lyon", (45.76, 4.84)),
    "marseille": ("Marseille", (43.30, 5.37)),
    "metz": ("Metz", (49.12, 6.18)),
    "montpellier": ("Montpellier", (43.61, 3.88)),
    "nantes": ("Nantes", (47.22, -1.55)),
    "nice": ("Nice", (43.70, 7.27)),
    "orleans": ("Orléans", (47.90, 1.91)),
    "paris": ("Paris", (48.86, 2.35)),
    "poitiers": ("Poitiers", (46.58, 0.34)),
    "rennes": ("Rennes", (48.11, -1.68)),
    "rouen": ("Rouen", (49.44, 1.10)),
    "strasbourg": ("Strasbourg", (48.58, 7.75)),
    "toulouse": ("Toulouse", (43.60, 1.44)),
    "valence": ("Valence", (44.93, 4.89)),
}
"""By key of the form: name, latitude and longitude of the centre, to a hundredth of a degree."""
