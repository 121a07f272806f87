"""Places to search at: a town, a postcode or coordinates, and the venues around it by road."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians
from statistics import fmean

from visiohub.domain.model import Venue
from visiohub.domain.travel import great_circle_km
from visiohub.storage.availability import Town
from visiohub.storage.uow import UnitOfWork

ROAD_FACTOR = 1.3
"""Kilometres by road for one as the crow flies; an estimate, low for mountains."""
KM_PER_DEGREE = 111.2
"""Of latitude, and of longitude at the equator."""
_COORDINATES = re.compile(r"\s*(-?\d{1,2}\.\d+)\s*[,; ]\s*(-?\d{1,3}\.\d+)\s*")


@dataclass(frozen=True)
class Point:
    """Where somebody is; degrees."""

    label: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Near:
    """A venue, and about how far it is by road; None: nobody said from where."""

    venue: Venue
    km: float | None = None


def point_of(uow: UnitOfWork, text: str) -> Point | None:
    """The point that a text names: "44.28, 5.73", a venue's town or its postcode, by its start
    too; None: no venue is in a place of that name."""
    if found := _COORDINATES.fullmatch(text):
        latitude, longitude = float(found[1]), float(found[2])
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return Point(text.strip(), latitude, longitude)
    wanted = plain(text)
    if not wanted:
        return None
    towns = uow.availability.towns()
    exact = [t for t in towns if wanted in {plain(t.town), t.postcode, plain(named(t))}]
    begun = [t for t in towns if plain(t.town).startswith(wanted) or t.postcode.startswith(wanted)]
    found_towns = exact or begun
    if not found_towns:
        return None
    same = [t for t in found_towns if t.town == found_towns[0].town]
    return Point(same[0].town, fmean(t.latitude for t in same), fmean(t.longitude for t in same))


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


def named(town: Town) -> str:
    """As fields suggest it: Serres (05700)."""
    return f"{town.town} ({town.postcode})"


def nearest_first(near: Iterable[Near]) -> list[Near]:
    """In order of distance, then of name."""
    return sorted(near, key=lambda n: (n.km or 0.0, n.venue.town, n.venue.name))


@lru_cache(maxsize=4096)  # every search goes through the names of all towns
def plain(text: str) -> str:
    """L'Argentière and l’argentiere are one, as are Saint and St."""
    apart = unicodedata.normalize("NFKD", text.replace("’", "'").replace("-", " "))
    word = "".join(c for c in apart if not unicodedata.combining(c)).casefold()
    return re.sub(r"\bst(e?)\b", r"saint\1", " ".join(word.split()))
