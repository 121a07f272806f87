"""What other programs are given and give: feeds, keys of the API, webhooks, outside calendars.

Entities compare by identity. Of a secret that comes back to the hub only its hash is kept; a
webhook's is kept whole, as the hub signs with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FeedKind(StrEnum):
    """Whose calendar it is."""

    PERSON = "person"
    ROOM = "room"
    VENUE = "venue"


@dataclass(eq=False)
class Feed:
    """An address under which a calendar is read without signing in, until it is revoked."""

    id: str
    token_hash: str
    kind: FeedKind
    subject_id: str
    person_id: str
    """Who made it, and whose rights it has."""
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(eq=False)
class ApiKey:
    """Lets a program ask the API in a person's name, within `scopes` ("appointments:read")."""

    id: str
    name: str
    token_hash: str
    person_id: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None = None
    """To five minutes."""
    revoked_at: datetime | None = None


@dataclass(eq=False)
class Webhook:
    """An address that is told of `events` ("appointment.booked")."""

    id: str
    url: str
    secret: str
    """`whsec_` and base64 (Standard Webhooks)."""
    events: tuple[str, ...]
    created_at: datetime
    active: bool = True
    version: int = 1


@dataclass(eq=False)
class OutsideCalendar:
    """An agent's calendar elsewhere; `id` is the agent's own, `problem` the code of why it was
    not read the last time."""

    id: str
    url: str
    etag: str = ""
    problem: str = ""
    tried_at: datetime | None = None
    read_at: datetime | None = None


class Despite(StrEnum):
    """Why staff take a time though the agent's outside calendar is against it; chosen, not typed,
    as the audit trail says nothing about citizens."""

    AGENT_AGREES = "agent_agrees"
    CALENDAR_OLD = "calendar_old"
    """It no longer says what is so."""
    URGENT = "urgent"
