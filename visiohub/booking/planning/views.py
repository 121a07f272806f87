"""What the planning shows: rooms by day, what lies in them, when they are closed and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from visiohub.domain.calendar.closed import Closed
from visiohub.domain.calendar.sharing import Profile
from visiohub.domain.hours import Span
from visiohub.domain.model import Room, Venue


class EntryKind(StrEnum):
    """What takes a room."""

    APPOINTMENT = "appointment"
    BOOKING = "booking"


@dataclass(frozen=True)
class Entry:
    """One appointment, or one room of a booking."""

    kind: EntryKind
    id: str
    """Of the appointment, or of the booked room."""
    version: int
    """Of the appointment, or of the booking."""
    starts_at: datetime
    ends_at: datetime
    state: str
    """AppointmentState or RoomState."""
    who: str
    """Partner, organisation or professional; empty: not for the reader's eyes."""
    initials: str = ""
    what: str = ""
    """The service; empty for a booking."""
    movable: bool = False
    in_series: bool = False


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


@dataclass(frozen=True)
class Planning:
    """Some rooms on some days, by day, then venue, then room."""

    days: tuple[date, ...]
    lanes: tuple[Lane, ...]
