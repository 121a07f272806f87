"""Places to search at: a commune, a postcode or coordinates, and the venues around it by road.

Communes are those of the venues, and those that the administrator loaded (booking/communes.py)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians
from statistics import fmean

from visiohub.domain.communes import Commune
from visiohub.domain.csv_table import fold
from visiohub.domain.model import Venue
from visiohub.domain.travel import great_circle_km
from visiohub.storage.availability import Town
from visiohub.storage.uow import UnitOfWork

ROAD_FACTOR = 1.3
"""Kilometres by road for one as the crow flies; an estimate, low for mountains."""
KM_PER_DEGREE = 111.2
"""Of latitude, and of longitude at the equator."""
LEAST_LETTERS = 3
"""Of a beginning: fewer fit half of a territory."""
MOST_CHOICES = 30
"""Of communes with one beginning and no venue."""
_POSTCODE = re.compile(r"(?<!\d)\d{5}(?!\d)")
_COORDINATES = re.compile(r"\s*(-?\d{1,2}\.\d+)\s*[,; ]\s*(-?\d{1,3}\.\d+)\s*")


@dataclass(frozen=True)
class Point:
    """Where somebody is; degrees."""

    label: str
    latitude: float
    longitude: float
    postcode: str = ""
    """Of a commune."""

    @property
    def named(self) -> str:
        """Apart from others of this name: Serres (05700)."""
        return f"{self.label} ({self.postcode})" if self.postcode else self.label

    def holds(self, venue: Venue) -> bool:
        """Whether the venue is in this commune."""
        return (venue.town, venue.postcode) == (self.label, self.postcode)


@dataclass(frozen=True)
class Near:
    """A venue, and about how far it is by road; None: nobody said from where."""

    venue: Venue
    km: float | None = None


def points_of(uow: UnitOfWork, text: str) -> list[Point]:
    """What a text names: "44.28, 5.73", a commune's name or its beginning, a postcode, or both.

    Several: communes of one name or beginning, to choose from, by name; those of one postcode are
    close together, and it names their middle. None: nobody knows it, or it has too few letters for
    a beginning.
    """
    if found := _COORDINATES.fullmatch(text):
        latitude, longitude = float(found[1]), float(found[2])
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return [Point(text.strip(), latitude, longitude)]
    name, postcode = _name_and_postcode(text)
    if not name and not postcode:
        return []
    towns = [t for t in uow.availability.towns() if postcode in {"", t.postcode}]
    fits = [t for t in towns if name in {"", plain(t.town)}]
    communes = uow.communes.of(name, postcode)
    if not fits and not communes and len(name) >= LEAST_LETTERS:
        fits = [t for t in towns if plain(t.town).startswith(name)]
        communes = uow.communes.begun(name, postcode, MOST_CHOICES)
    fits = _with_communes(fits, communes)
    at: dict[tuple[str, str], list[Town]] = {}
    for town in fits:
        at.setdefault((plain(town.town) if name else "", town.postcode), []).append(town)
    return [_middle(at[key]) for key in sorted(at)]


def point_of(uow: UnitOfWork, text: str) -> Point | None:
    """The one point that a text names; None: nobody knows it, or it may be one of several."""
    points = points_of(uow, text)
    return points[0] if len(points) == 1 else None


def _name_and_postcode(text: str) -> tuple[str, str]:
    found = _POSTCODE.search(text)
    if found is None:
        return plain(text), ""
    return plain(f"{text[: found.start()]} {text[found.end() :]}".strip(" (),")), found[0]


def _with_communes(towns: Sequence[Town], communes: Sequence[Commune]) -> list[Town]:
    """Each commune once, under its first postcode, in place of the towns of its venues."""
    known = {(plain(c.name), c.postcode) for c in communes}
    first = {c.code: c for c in reversed(communes)}
    others = [t for t in towns if (plain(t.town), t.postcode) not in known]
    return others + [Town(c.name, c.postcode, c.latitude, c.longitude) for c in first.values()]


def _middle(same: Sequence[Town]) -> Point:
    """Of venues in one commune, or under one postcode."""
    latitude, longitude = fmean(t.latitude for t in same), fmean(t.longitude for t in same)
    town, postcode = same[0].town, same[0].postcode
    if len({plain(t.town) for t in same}) > 1:
        return Point(postcode, latitude, longitude)
    return Point(town, latitude, longitude, postcode)


def around(uow: UnitOfWork, point: Point, within_km: float) -> list[Near]:
    """Venues within so many kilometres by road, the nearest first."""
    reach = within_km / ROAD_FACTOR / KM_PER_DEGREE
    wide = reach / max(0.01, cos(radians(min(89.0, abs(point.latitude) + reach))))
    latitudes = (point.latitude - reach, point.latitude + reach)
    found = uow.availability.venues_in(latitudes, (point.longitude - wide, point.longitude + wide))
    near = [Near(venue, road_km(point, venue)) for venue in found]
    return nearest_first(n for n in near if n.km is not None and n.km <= within_km)


def road_km(point: Point, venue: Venue) -> float:
    """About how far it is by road."""
    here = (point.latitude, point.longitude)
    return ROAD_FACTOR * great_circle_km(here, (venue.latitude, venue.longitude))


def named(town: Town | Venue) -> str:
    """As fields suggest it: Serres (05700)."""
    return f"{town.town} ({town.postcode})"


def nearest_first(near: Iterable[Near]) -> list[Near]:
    """In order of distance, then of name."""
    return sorted(near, key=lambda n: (n.km or 0.0, n.venue.town, n.venue.name))


@lru_cache(maxsize=4096)  # every search goes through the names of all towns
def plain(text: str) -> str:
    """L'Argentière and l’argentiere are one, as are Saint and St."""
    return re.sub(r"\bst(e?)\b", r"saint\1", fold(text.replace("-", " ")))
