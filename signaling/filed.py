"""An orchestrator in one JSON file, for trying signaling out on a LAN and for benches.

It knows kiosks by their public keys, staff by tokens and citizens by codes. It keeps nothing: calls
do not outlive the process, and nothing is recorded but a log line for each change.
"""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime
from pathlib import Path

import structlog
from aiohttp import web
from pydantic import Field

from signaling.errors import SignalingError
from signaling.ports import BrowserIdentity, CallFact, CallReport, KioskIdentity, UnfinishedCall
from signaling.protocol.cards import (
    Card,
    DeviceCard,
    Identifier,
    Language,
    PlaceCard,
    ServiceCard,
    VenueCard,
)
from signaling.session.facts import Ticket

log = structlog.get_logger("signaling")


class FiledKiosk(Card):
    """One kiosk; `public_key` is the raw Ed25519 key, base64url without padding."""

    kiosk_id: Identifier
    public_key: str = Field(min_length=43, max_length=43)
    venue: VenueCard


class FiledStaff(Card):
    """One member of staff; pages show the token as `?token=` of the WebSocket's address."""

    person_id: Identifier
    token: str = Field(min_length=16)


class File(Card):
    """The whole file."""

    kiosks: list[FiledKiosk]
    staff: list[FiledStaff]
    codes: list[str] = Field(default_factory=list)
    """Each opens a call to whoever of the staff admits it, as often as it is typed."""


class FiledAuthoriser:
    """Implements signaling.ports.Authoriser."""

    def __init__(self, path: Path) -> None:
        """Raises OSError, pydantic.ValidationError."""
        self._file = File.model_validate_json(path.read_text("utf-8"))
        self._tickets: dict[str, Ticket] = {}

    async def identify_browser(self, request: web.Request) -> BrowserIdentity | None:
        """By token."""
        shown = request.query.get("token", "")
        for staff in self._file.staff:
            if secrets.compare_digest(staff.token.encode(), shown.encode()):
                return BrowserIdentity(staff.person_id, staff.person_id, frozenset({"agent"}))
        return None

    async def session_is_valid(self, identity: BrowserIdentity) -> bool:
        """The file is read once."""
        return any(staff.person_id == identity.person_id for staff in self._file.staff)

    async def identify_kiosk(self, kiosk_id: str) -> KioskIdentity | None:
        """By the file."""
        for kiosk in self._file.kiosks:
            if kiosk.kiosk_id == kiosk_id:
                key = base64.urlsafe_b64decode(kiosk.public_key + "=")
                return KioskIdentity(kiosk_id, key, kiosk.venue)
        return None

    async def kiosk_presence(self, kiosk_id: str, *, here: bool, software: str) -> None:
        """Logged."""
        log.info("kiosk_presence", kiosk_id=kiosk_id, here=here, software=software)

    async def kiosk_devices(self, kiosk_id: str, devices: list[DeviceCard]) -> None:
        """Logged."""
        log.info("kiosk_devices", kiosk_id=kiosk_id, **_states(devices))

    async def agent_devices(self, call_id: str, devices: list[DeviceCard]) -> None:
        """Logged."""
        log.info("agent_devices", call_id=call_id, **_states(devices))

    async def lobby(self, kiosk_id: str, told: frozenset[str]) -> list[ServiceCard]:  # noqa: ARG002  the port's signature
        """No calls without a code here."""
        return []

    async def present_code(self, kiosk_id: str, code: str, language: Language) -> Ticket:
        """Any code of the file. Raises code_unknown."""
        if code not in self._file.codes:
            raise SignalingError("code_unknown", "not in the file", field="code")
        kiosk = next(kiosk for kiosk in self._file.kiosks if kiosk.kiosk_id == kiosk_id)
        ticket = Ticket(
            call_id=secrets.token_hex(8),
            kiosk_id=kiosk_id,
            venue=kiosk.venue,
            partner="",
            service="",
            citizen="",
            language=language,
            arrived_at=datetime.now(UTC),
            until=None,
            fallback_phone=kiosk.venue.phone,
            person_ids=frozenset(staff.person_id for staff in self._file.staff),
        )
        self._tickets[ticket.call_id] = ticket
        return ticket

    async def call_service(
        self,
        kiosk_id: str,  # noqa: ARG002  the port's signature
        service_id: str,  # noqa: ARG002  the port's signature
        language: Language,  # noqa: ARG002  the port's signature
        told: frozenset[str],  # noqa: ARG002  the port's signature
    ) -> Ticket:
        """Raises service_unknown."""
        raise SignalingError("service_unknown", "the file has no services", field="service_id")

    async def place(self, call_id: str, told: frozenset[str]) -> PlaceCard:
        """Behind the calls that came before and still wait or go on."""
        before = list(self._tickets).index(call_id)
        return PlaceCard(agent_told=bool(told), people_before=before, wait_minutes=None)

    async def admit(self, identity: BrowserIdentity, call_id: str) -> Ticket:  # noqa: ARG002  the port's signature
        """Whoever comes first."""
        return self._tickets[call_id]

    async def may_answer(self, identity: BrowserIdentity, call_id: str) -> bool:  # noqa: ARG002  the port's signature
        """All staff may."""
        return True

    async def help_wanted(self, kiosk_id: str, *, wanted: bool) -> str:
        """There is no reception to tell; the venue's number is what there is."""
        log.info("help_wanted", kiosk_id=kiosk_id, wanted=wanted)
        return next(k.venue.phone for k in self._file.kiosks if k.kiosk_id == kiosk_id)

    async def may_subscribe(self, identity: BrowserIdentity, topic: str) -> bool:  # noqa: ARG002  the port's signature
        """Nothing is ever pushed here."""
        return True

    async def record(self, fact: CallFact) -> None:
        """Logged."""
        log.info("call", call_id=fact.call_id, state=fact.state, generation=fact.generation)
        if fact.state == "ended":
            self._tickets.pop(fact.call_id, None)

    async def record_report(self, call_id: str, report: CallReport) -> None:
        """Logged."""
        log.info("report", call_id=call_id, end=report.end, **report.report.model_dump())

    async def unfinished_calls(self) -> list[UnfinishedCall]:
        """Nothing outlives the process."""
        return []


def _states(devices: list[DeviceCard]) -> dict[str, str]:
    return {device.kind: device.status for device in devices}
