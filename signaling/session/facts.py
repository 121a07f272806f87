"""What is kept of a call, and what it is begun from. Instants are aware UTC datetimes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from signaling.protocol.cards import EndReason, Language, RefusalReason, VenueCard
from signaling.protocol.line_cards import BudgetCard


@dataclass(frozen=True)
class Ticket:
    """A citizen's call, as the orchestrator admits it to the waiting room; kept by the hub."""

    call_id: str
    kiosk_id: str
    venue: VenueCard
    partner: str
    service: str
    citizen: str
    """Initials; empty for a call without an appointment."""
    language: Language
    arrived_at: datetime
    until: datetime | None
    fallback_phone: str
    person_ids: frozenset[str]
    """Staff who may admit it."""
    budget: BudgetCard | None = None
    """Of the venue's line; None: not known, both ends find out by themselves."""


@dataclass(frozen=True)
class CallFact:
    """One change of one call, for the record (§8.2): the row is the truth after a restart."""

    call_id: str
    at: datetime
    state: str
    generation: int
    person_id: str | None = None
    """The agent who holds the call."""
    interrupted_at: datetime | None = None
    gives_up_at: datetime | None = None
    end_reason: EndReason | None = None
    refusal: RefusalReason | None = None
    refusal_text: str = ""
    asked_to_wait_minutes: int | None = None


@dataclass(frozen=True)
class UnfinishedCall:
    """A call that was open when the hub stopped: its ticket and its last fact."""

    ticket: Ticket
    fact: CallFact
    admitted_at: datetime | None = None
