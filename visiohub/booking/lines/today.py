"""What a venue's line can hold now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.booking.lines.capacity import usable_on
from visiohub.domain.line import Way
from visiohub.domain.model import Line
from visiohub.linkquality.budget import Both, Picture, cost, fits, largest
from visiohub.storage.uow import UnitOfWork

RECENT = timedelta(hours=24)
"""What was measured before says nothing of today."""
_MOST = 9
"""More at once are of no interest to a venue."""


@dataclass(frozen=True)
class LineToday:
    """`picture` is the best that one visio can have, None: not even sound; `at_once` how many go
    together with it."""

    measured: bool
    out_since: datetime | None = None
    picture: Picture | None = None
    at_once: int = 0


def line_today(uow: UnitOfWork, venue_id: str, now: datetime) -> LineToday | None:
    """None: the venue has no line."""
    line = uow.lines.of_venue(venue_id)
    if line is None:
        return None
    state = uow.linkquality.states.find(line.id)
    out_since = state.out_since if state else None
    if not _measured_lately(uow, line, now):
        return LineToday(measured=False, out_since=out_since)
    left, framing = usable_on(uow, line, uow.linkquality.terms.of(line), now)
    picture = largest(left, framing, Picture.STANDARD)
    at_once = 0
    if picture is not None:
        each: list[Both] = [cost(picture, framing)]
        while at_once < _MOST and fits(left, each * (at_once + 1)):
            at_once += 1
    return LineToday(True, out_since, picture, at_once)


def _measured_lately(uow: UnitOfWork, line: Line, now: datetime) -> bool:
    """In both directions, and as the line that it is now."""
    state = uow.linkquality.states.find(line.id)
    if state is None:
        return False
    trains = uow.linkquality.series.trains(state.number, state.known_from(now - RECENT), now)
    return {one.way for one in trains if one.kbit_s is not None and not one.in_call} == set(Way)
