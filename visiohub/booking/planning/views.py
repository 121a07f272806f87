"""What the planning shows: rooms by day, what lies in them, when they are closed and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from visiohub.domain import hours
from visiohub.domain.calendar.closed import Closed
from visiohub.domain.calendar.sharing import Profile
from visiohub.domain.hours import Span
from visiohub.domain.model import Room, Venue


class EntryKind(StrEnum):
    """What takes a room."""

    APPOINTMENT = "appointment"
    BOOKING = "booking"
    OFFER = "offer"
    """Held for somebody on the waiting list."""


@dataclass(frozen=True)
class Entry:
    """One appointment, one room of a booking, or one offer of the waiting list."""

    kind: EntryKind
    id: str
    """Of the appointment, of the booked room, or of who waits."""
    version: int
    """Of the appointment, of the booking, or of who waits."""
    starts_at: datetime
    ends_at: datetime
    state: str
    """AppointmentState, RoomState or WaitState."""
    who: str
    """Partner, organisation or professional; empty: not for the reader's eyes."""
    initials: str = ""
    what: str = ""
    """The service; empty for a booking."""
    movable: bool = False
    in_series: bool = False
    until: datetime | None = None
    """When an offer that nobody answered ends; None as well where `who` is empty."""
    opens: bool = True
    """Whether who reads this has a page of it."""


@dataclass(frozen=True)
class Shut:
    """Closed, and why."""

    span: Span
    why: Closed


@dataclass(frozen=True)
class Window:
    """Kept for a profile first; `released`: whoever comes may book it by now."""

    span: Span
    first: Profile
    released: bool


@dataclass(frozen=True)
class Lane:
    """One room on one local day."""

    day: date
    venue: Venue
    room: Room
    zone: ZoneInfo
    kiosk_id: str | None
    """Its first kiosk; None: no appointment by video can be here."""
    entries: Sequence[Entry]
    shut: Sequence[Shut]
    windows: Sequence[Window]
    buffers: Sequence[Span]
    """Before and after bookings, when nothing else may begin."""

    def begins(self, at: time) -> datetime:
        """The instant of a local time of this day."""
        return hours.edge_instant(self.day, at, self.zone)


@dataclass(frozen=True)
class Planning:
    """Some rooms on some days, by day, then venue, then room."""

    days: tuple[date, ...]
    lanes: tuple[Lane, ...]
