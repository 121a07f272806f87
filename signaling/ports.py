"""What the signaling server asks of whoever mounts it: the hub implements `Authoriser`.

Every method may do IO and may raise `signaling.errors.SignalingError`, whose code goes to the
peer. The server calls `record` before it tells a peer of a change, so that a killed process
has lost nothing that somebody saw.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from aiohttp import web

from signaling.protocol.cards import DeviceCard, Language, PlaceCard, ServiceCard, VenueCard
from signaling.protocol.line_cards import Result
from signaling.protocol.messages import ProbeSession, Report
from signaling.session.facts import CallFact, Ticket, UnfinishedCall

__all__ = [
    "Authoriser",
    "BrowserIdentity",
    "CallFact",
    "CallReport",
    "KioskIdentity",
    "LineDesk",
    "Ticket",
    "UnfinishedCall",
]


@dataclass(frozen=True)
class BrowserIdentity:
    """A signed-in member of staff, as the session cookie says."""

    person_id: str
    session_id: str
    roles: frozenset[str]


@dataclass(frozen=True)
class KioskIdentity:
    """An enrolled kiosk: its raw 32-octet Ed25519 public key and where it stands."""

    kiosk_id: str
    public_key: bytes
    venue: VenueCard


@dataclass(frozen=True)
class CallReport:
    """Statistics that one end sent, with the end's name (`kiosk` or `agent`)."""

    end: str
    at: datetime
    report: Report = field(repr=False)


class Authoriser(Protocol):
    """The hub's side of signaling."""

    async def identify_browser(self, request: web.Request) -> BrowserIdentity | None:
        """Who this browser is, from its session cookie; None: nobody."""

    async def session_is_valid(self, identity: BrowserIdentity) -> bool:
        """False once signed out or revoked; asked at every heartbeat."""

    async def identify_kiosk(self, kiosk_id: str) -> KioskIdentity | None:
        """The enrolled kiosk, None when unknown or revoked; asked at every heartbeat too."""

    async def kiosk_presence(self, kiosk_id: str, *, here: bool, software: str) -> None:
        """A kiosk came or went."""

    async def kiosk_devices(self, kiosk_id: str, devices: list[DeviceCard]) -> None:
        """A kiosk told the state of its devices."""

    async def agent_devices(self, call_id: str, devices: list[DeviceCard]) -> None:
        """The agent's page told the state of its devices in this call."""

    async def lobby(self, kiosk_id: str, told: frozenset[str]) -> list[ServiceCard]:
        """Services for the kiosk's first screen; `told` are the person ids with a page open."""

    async def present_code(self, kiosk_id: str, code: str, language: Language) -> Ticket:
        """Appointment by typed code or QR text. Raises code_unknown, code_elsewhere,
        code_too_early, code_too_late, code_used, code_locked (PROTOCOL.md §6.3)."""

    async def call_service(
        self, kiosk_id: str, service_id: str, language: Language, told: frozenset[str]
    ) -> Ticket:
        """Call without an appointment. Raises service_closed, service_unknown."""

    async def place(self, call_id: str, told: frozenset[str]) -> PlaceCard:
        """Place in the queue of a waiting call."""

    async def admit(self, identity: BrowserIdentity, call_id: str) -> Ticket:
        """Give the waiting call to this agent, once. Raises not_allowed, call_taken, call_over."""

    async def may_answer(self, identity: BrowserIdentity, call_id: str) -> bool:
        """May this person make wait or refuse this waiting call?"""

    async def help_wanted(self, kiosk_id: str, *, wanted: bool) -> str:
        """The citizen wants reception (or no longer). Returns the phone number to show."""

    async def may_subscribe(self, identity: BrowserIdentity, topic: str) -> bool:
        """May this person be told when the topic changes?"""

    async def record(self, fact: CallFact) -> None:
        """Write down a change of a call, durably."""

    async def record_report(self, call_id: str, report: CallReport) -> None:
        """Write down one end's statistics."""

    async def unfinished_calls(self) -> list[UnfinishedCall]:
        """The calls that were open when the hub last stopped."""


class LineDesk(Protocol):
    """Who keeps what kiosks find out about their lines (§10); a server may be without one."""

    async def probe_session(self, kiosk_id: str) -> ProbeSession | None:
        """A session to measure the venue's line in; None: this kiosk measures nothing."""

    async def line_results(self, kiosk_id: str, results: list[Result]) -> None:
        """Keep them; durable when this returns."""

    async def kiosk_left(self, kiosk_id: str, *, closed: bool) -> None:
        """A kiosk's connection is gone; `closed`: by its side, not by silence."""
