"""What a venue's line can hold now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.booking.lines.capacity import usable_on
from visiohub.booking.lines.fit import USUAL
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
    """`down` is the best picture that comes to the venue, `up` the best that goes from it: a line
    is often thinner that way. `at_once` is how many visios go together with these; 0: not even
    sound goes, in one direction at least."""

    measured: bool
    out_since: datetime | None = None
    down: Picture | None = None
    up: Picture | None = None
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
    down = largest(Both(left.down, left.down), framing, USUAL)
    up = largest(Both(left.up, left.up), framing, USUAL)
    at_once = 0
    if down is not None and up is not None:
        each = [Both(cost(down, framing).down, cost(up, framing).up)]
        while at_once < _MOST and fits(left, each * (at_once + 1)):
            at_once += 1
    return LineToday(True, out_since, down, up, at_once)


def _measured_lately(uow: UnitOfWork, line: Line, now: datetime) -> bool:
    """In both directions, and as the line that it is now."""
    state = uow.linkquality.states.find(line.id)
    if state is None:
        return False
    trains = uow.linkquality.series.trains(state.number, state.known_from(now - RECENT), now)
    return {one.way for one in trains if one.kbit_s is not None and not one.in_call} == set(Way)
