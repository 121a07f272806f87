"""The rows of a planning: steps of the wall clock of one local day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from visiohub.booking.planning.views import Lane
from visiohub.domain import hours
from visiohub.domain.hours import Span

DAY = 24 * 60
BY_DAYLIGHT = (7 * 60, 20 * 60)
"""What is shown of places that are open at night, unless something lies outside it."""
OFFICE = (8 * 60, 18 * 60)
"""What is shown where nothing is open and nothing lies."""
Minutes = tuple[int, int]
"""From and to, after local midnight; 1440 is the day's end."""


@dataclass(frozen=True)
class Axis:
    """`count` rows of `step` minutes from `first` minutes after midnight on; hours that are
    `empty` are drawn low: the night before the one booking that lies in it."""

    first: int
    step: int
    count: int
    empty: frozenset[int] = frozenset()

    def rows(self, lane: Lane, span: Span) -> range:
        """Every row that the span touches."""
        start, end = minutes(lane, span)
        top = max(0, (start - self.first) // self.step)
        return range(top, max(top, min(self.count, -((self.first - end) // self.step))))

    def at(self, row: int) -> time:
        """When a row begins; the end of the day is 00:00."""
        hour, minute = divmod((self.first + row * self.step) % DAY, 60)
        return time(hour, minute)

    def on_the_hour(self, row: int) -> bool:
        """Whether a row begins an hour."""
        return (self.first + row * self.step) % 60 == 0

    def is_low(self, row: int) -> bool:
        """Whether a row is of an hour that is empty."""
        return (self.first + row * self.step) // 60 in self.empty


def axis(lanes: Iterable[Lane], step: int, *, whole: bool) -> tuple[Axis, bool]:
    """The rows to show, in whole hours; and whether open hours are left out."""
    lanes = list(lanes)
    opened = hull(part for lane in lanes for part in _open(lane))
    lying = [
        minutes(lane, (entry.starts_at, entry.ends_at)) for lane in lanes for entry in lane.entries
    ]
    busy = hull(lying)
    shown = opened
    if opened and not whole:
        shown = (max(opened[0], BY_DAYLIGHT[0]), min(opened[1], BY_DAYLIGHT[1]))
        shown = shown if shown[0] < shown[1] else opened
    low, high = hull(part for part in (shown, busy) if part) or OFFICE
    low, high = low // 60 * 60, -(-high // 60) * 60
    folded = opened is not None and (opened[0] < low or opened[1] > high)
    full = [shown or OFFICE, *lying]
    empty = frozenset(
        hour
        for hour in range(low // 60, high // 60)
        if not any(start < hour * 60 + 60 and hour * 60 < end for start, end in full)
    )
    return Axis(low, step, (high - low) // step, empty), folded


def minutes(lane: Lane, span: Span) -> Minutes:
    """A span on the wall clock of the lane's day; what is of other days is cut off."""
    start, end = hours.day_span(lane.day, lane.zone)
    local_start = 0 if span[0] <= start else _after_midnight(lane, max(span[0], start))
    local_end = DAY if span[1] >= end else _after_midnight(lane, span[1])
    return local_start, max(local_end, local_start + 1)


def _after_midnight(lane: Lane, instant: datetime) -> int:
    local = instant.astimezone(lane.zone)
    return local.hour * 60 + local.minute


def hull(parts: Iterable[Minutes]) -> Minutes | None:
    """From the first to the last of them; None for nothing."""
    known = list(parts)
    return (min(p[0] for p in known), max(p[1] for p in known)) if known else None


def _open(lane: Lane) -> list[Minutes]:
    """What no closure covers."""
    left, at = [], 0
    for start, end in sorted(minutes(lane, shut.span) for shut in lane.shut):
        if start > at:
            left.append((at, start))
        at = max(at, end)
    return [*left, (at, DAY)] if at < DAY else left
