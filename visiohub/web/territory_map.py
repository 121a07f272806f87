"""A plain map of venues as they lie, drawn without anybody's tiles: sizes in units of its box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians

WIDTH = 640.0
MARGIN = 40.0
KM_PER_DEGREE = 111.2
LEAST_KM = 8.0
"""Of the box's side: one venue alone is no point of infinite size."""
SCALE_ROOM = 30.0
"""Below the lowest spot, for the scale alone."""
EDGE = 6.0
"""Labels keep away from the edges by so much, if they can."""
LETTER, LINE = 9.8, 20.0
"""About the width of a letter and the height of a line."""


@dataclass(frozen=True)
class Spot:
    """A venue, or where somebody is; degrees. `kind` is one of those that `drawn` is given."""

    label: str
    latitude: float
    longitude: float
    kind: str
    href: str = ""


@dataclass(frozen=True)
class Placed:
    """A spot in the box; `label` is empty where there is no room for it."""

    spot: Spot
    x: float
    y: float
    label: str
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True)
class Map:
    """What the template draws."""

    width: float
    height: float
    spots: tuple[Placed, ...]
    scale_km: int
    scale_width: float


def drawn(
    spots: Sequence[Spot],
    kinds: Sequence[str] = ("here", "free", "full", "other"),
    letters: float = 1.0,
) -> Map | None:
    """North is up; the nearest to the eye first: what is of an earlier one of `kinds` gets its
    label before the others. `letters` is their size, for a map that is shown small. None without
    spots."""
    if not spots:
        return None
    south, north = _ends(s.latitude for s in spots)
    west, east = _ends(s.longitude for s in spots)
    shrink = cos(radians((south + north) / 2))
    wide_km = max(LEAST_KM, (east - west) * shrink * KM_PER_DEGREE)
    high_km = max(LEAST_KM, (north - south) * KM_PER_DEGREE)
    per_km = (WIDTH - 2 * MARGIN) / max(wide_km, high_km / 1.1)
    height = round(high_km * per_km + 2 * MARGIN)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2

    def at(spot: Spot) -> tuple[float, float]:
        x = WIDTH / 2 + (spot.longitude - middle_x) * shrink * KM_PER_DEGREE * per_km
        y = height / 2 - (spot.latitude - middle_y) * KM_PER_DEGREE * per_km
        return round(x, 1), round(y, 1)

    ranked = sorted(spots, key=lambda s: kinds.index(s.kind))
    taken = [_box(x - 9, y - 9, 18, 18) for x, y in map(at, ranked)]
    placed = [_labelled(spot, *at(spot), taken, letters) for spot in ranked]
    scale_km = next((km for km in (1, 2, 5, 10, 20, 50, 100) if km * per_km >= 60), 100)
    last_on_top = tuple(reversed(placed))
    return Map(WIDTH, height + SCALE_ROOM, last_on_top, scale_km, round(scale_km * per_km, 1))


def _ends(values: Iterable[float]) -> tuple[float, float]:
    found = sorted(values)
    return found[0], found[-1]


Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def _box(x: float, y: float, width: float, height: float) -> Box:
    return x, y, x + width, y + height


def _labelled(spot: Spot, x: float, y: float, taken: list[Box], letters: float) -> Placed:
    length, high = LETTER * letters * len(spot.label), LINE * letters
    for anchor, dx, dy, left in (
        ("start", 14 * letters, 6, 14 * letters),
        ("end", -14 * letters, 6, -14 * letters - length),
        ("middle", 0, -14 * letters, -length / 2),
        ("middle", 0, 28 * letters, -length / 2),
    ):
        if anchor == "middle":  # above and below it may stand aside
            aside = max(EDGE - x - left, 0) - max(x + left + length - WIDTH + EDGE, 0)
            dx, left = dx + aside, left + aside
        box = _box(x + left, y + dy - high + 4, length, high)
        inside = box[0] >= 0 and box[2] <= WIDTH and box[1] >= 0
        if inside and not any(_meet(box, other) for other in taken):
            taken.append(box)
            return Placed(spot, x, y, spot.label, round(x + dx, 1), round(y + dy, 1), anchor)
    return Placed(spot, x, y, "", x, y, "start")


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
