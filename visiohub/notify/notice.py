"""What somebody is told of an appointment or of a booking of rooms, before it is a mail. Pure.

It is what waits in the outbox, and it says nothing of why a citizen comes: there is no field for
it, nor for the citizen's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import TypeAdapter


class Change(StrEnum):
    """What happened."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REMINDER = "reminder"
    REQUESTED = "requested"
    """Rooms that the venue has yet to agree to."""
    REFUSED = "refused"
    APPROVED = "approved"
    RELEASED = "released"
    """Rooms in which nobody came."""
    LAPSED = "lapsed"
    """Rooms that were asked for, and the venue did not answer in time."""
    SHUT = "shut"
    """Rooms of a venue that is closed, of a booking of which not all is over."""
    OFFERED = "offered"
    """A slot is held for somebody of the waiting list."""


class Reader(StrEnum):
    """Whom it is for: their words differ."""

    CITIZEN = "citizen"
    AGENT = "agent"
    BOOKER = "booker"
    DESK = "desk"
    """Reception of a venue."""


@dataclass(frozen=True)
class Time:
    """One event of a calendar; instants in UTC. `sequence` rises with every change."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Settled:
    """What the ledger did as rooms were given up, in euros."""

    stays: Decimal
    """To be paid for them."""
    back: Decimal
    """Given back of what had been charged."""
    organisation: str = ""
    """Who pays; empty: the reader."""
    drawn: int = 0
    """Units of passes and hours of a quota that had been taken."""
    drawn_back: int = 0
    """Of these, what is the account's again."""


@dataclass(frozen=True)
class Notice:
    """`times` are several for a series; `place` is the lines of an address, with the rooms."""

    change: Change
    reader: Reader
    language: str
    time_zone: str
    changed_at: datetime
    times: tuple[Time, ...]
    place: tuple[str, ...]
    partner: str = ""
    """Whom a citizen meets."""
    phone: str = ""
    link: str = ""
    was_at: datetime | None = None
    """When it would have begun, before it was moved."""
    until: datetime | None = None
    """Until when an offer is held."""
    settled: Settled | None = None
    """Of rooms that are given up."""


_JSON = TypeAdapter(Notice)


def to_content(notice: Notice) -> dict[str, str]:
    """As the outbox keeps it."""
    return {"notice": _JSON.dump_json(notice).decode()}


def from_content(content: dict[str, str]) -> Notice:
    """What `to_content` kept."""
    return _JSON.validate_json(content["notice"])
