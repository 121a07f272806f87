"""How much of its open time the equipment was taken and used, and what was lost. Pure.

Of a room, in the part of a period that is past:

- open: its opening hours, without closures and holidays;
- taken: of that, what was reserved by an appointment or a booking that was not cancelled, or in a
  call without one; a no-show was reserved, too;
- idle: the rest of the open time;
- used: calls from connected to ended, bookings to which somebody came; at any hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import add

from visiohub.domain.calendar import spans as sp
from visiohub.domain.hours import Span

ZERO_TIME = timedelta()
ZERO = Decimal(0)


@dataclass(frozen=True)
class Use:
    """Figures that add up: of a room, a venue, a week, the territory."""

    open: timedelta = ZERO_TIME
    taken: timedelta = ZERO_TIME
    """Of the open time."""
    used: timedelta = ZERO_TIME
    appointments: int = 0
    """Not cancelled."""
    bookings: int = 0
    """Of rooms, not cancelled and not refused."""
    calls: int = 0
    """Connected."""
    call_time: timedelta = ZERO_TIME
    no_shows: int = 0
    lost_to_fault: int = 0
    """Appointments that the line or a kiosk spoiled; they are no no-shows."""
    journeys: int = 0
    """Appointments held by visio instead of a journey whose length is known."""
    journeys_unknown: int = 0
    """Held too, for partners whose office is not told: in no figure of journeys."""
    km: Decimal = ZERO
    eur: Decimal = ZERO
    kg_co2: Decimal = ZERO

    @property
    def idle(self) -> timedelta:
        """Open, and nobody had it."""
        return self.open - self.taken

    @property
    def share(self) -> float:
        """Taken of open, 0 to 1; 0 when it was never open."""
        return self.taken / self.open if self.open else 0.0

    def __add__(self, other: Use) -> Use:
        return Use(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Use)})


@dataclass(frozen=True)
class Times:
    """What is known of one room, or one kiosk; spans of UTC in any order."""

    open: Sequence[Span]
    reserved: Sequence[Span]
    calls: Sequence[Span]
    bookings_used: Sequence[Span]


def use_of(times: Times, start: datetime, end: datetime) -> Use:
    """The times of a room between two instants; counts are the caller's."""
    if end <= start:
        return Use()
    opened, reserved, called, came = (
        sp.clipped(sp.merged(spans), start, end)
        for spans in (times.open, times.reserved, times.calls, times.bookings_used)
    )
    return Use(
        open=_length(opened),
        taken=_length(sp.intersect(opened, sp.union(reserved, called))),
        used=_length(sp.union(called, came)),
        call_time=_length(called),
    )


def total(uses: Iterable[Use]) -> Use:
    """All of them together."""
    return reduce(add, uses, Use())


def _length(spans: Iterable[Span]) -> timedelta:
    return sum((end - start for start, end in spans), ZERO_TIME)
