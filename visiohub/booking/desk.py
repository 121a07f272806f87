"""The hub's side of signaling: signaling.ports.Authoriser, each method one use case."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar, cast, get_args

from aiohttp import web

from signaling.errors import ErrorCode, SignalingError
from signaling.ports import (
    BrowserIdentity,
    CallFact,
    CallReport,
    KioskIdentity,
    Ticket,
    UnfinishedCall,
)
from signaling.protocol.cards import DeviceCard, Language, PlaceCard, ServiceCard
from visiohub.booking import accounts, arrivals, calls, presence
from visiohub.booking.directory import Directory
from visiohub.booking.tickets import venue_card
from visiohub.booking.topics import may_subscribe
from visiohub.bootstrap import Hub
from visiohub.domain.codes import is_qr
from visiohub.errors import NotFound, VisiohubError
from visiohub.storage.uow import UnitOfWork

P = ParamSpec("P")
R = TypeVar("R")
_WIRE_CODES = frozenset(get_args(ErrorCode))
_WIRE_NAMES: dict[type[VisiohubError], str] = {NotFound: "call_unknown"}


class Desk:
    """Implements Authoriser. `identify` reads the session cookie; the web layer gives it."""

    def __init__(
        self, hub: Hub, identify: Callable[[web.Request], Awaitable[BrowserIdentity | None]]
    ) -> None:
        self._hub = hub
        self._identify = identify

    async def identify_browser(self, request: web.Request) -> BrowserIdentity | None:
        """Who this browser is; None: nobody."""
        return await self._identify(request)

    async def session_is_valid(self, identity: BrowserIdentity) -> bool:
        """False once signed out, expired or revoked."""
        return await self._read(accounts.session_is_valid, identity.session_id, self._hub.clock())

    async def identify_kiosk(self, kiosk_id: str) -> KioskIdentity | None:
        """The enrolled kiosk; None when unknown, retired or revoked."""
        return await self._read(_kiosk_identity, kiosk_id)

    async def kiosk_presence(self, kiosk_id: str, *, here: bool, software: str) -> None:
        """A kiosk came or went."""
        now = self._hub.clock()
        await self._run(presence.kiosk_presence, kiosk_id, here, software, now)

    async def kiosk_devices(self, kiosk_id: str, devices: list[DeviceCard]) -> None:
        """A kiosk told the state of its devices."""
        await self._run(presence.kiosk_devices, kiosk_id, devices)

    async def agent_devices(self, call_id: str, devices: list[DeviceCard]) -> None:
        """The agent's page told the state of its devices in this call."""
        await self._run(calls.agent_devices, call_id, devices)

    async def lobby(self, kiosk_id: str, told: frozenset[str]) -> list[ServiceCard]:
        """Services that can be called now."""
        return await self._read(arrivals.lobby, kiosk_id, told, self._hub.clock())

    async def present_code(self, kiosk_id: str, code: str, language: Language) -> Ticket:
        """Appointment by typed code or QR text; only what is typed needs a slow hash."""
        run = self._hub.run if is_qr(code) else self._hub.run_hashing
        try:
            return await run(arrivals.present_code, kiosk_id, code, language, self._hub.clock())
        except VisiohubError as error:
            raise _on_the_wire(error) from error

    async def call_service(
        self, kiosk_id: str, service_id: str, language: Language, told: frozenset[str]
    ) -> Ticket:
        """Call without an appointment."""
        now = self._hub.clock()
        return await self._run(arrivals.call_service, kiosk_id, service_id, language, told, now)

    async def place(self, call_id: str, told: frozenset[str]) -> PlaceCard:
        """Place in the queue of a waiting call."""
        return await self._read(arrivals.place, call_id, told, self._hub.clock())

    async def admit(self, identity: BrowserIdentity, call_id: str) -> Ticket:
        """Give the waiting call to this agent, once."""
        return await self._run(calls.admit, identity.person_id, call_id, self._hub.clock())

    async def may_answer(self, identity: BrowserIdentity, call_id: str) -> bool:
        """May this person make wait or refuse this waiting call?"""
        return await self._read(calls.may_answer, identity.person_id, call_id)

    async def help_wanted(self, kiosk_id: str, *, wanted: bool) -> str:
        """The citizen wants reception, or no longer; the phone number to show."""
        return await self._run(presence.help_wanted, kiosk_id, wanted, self._hub.clock())

    async def may_subscribe(self, identity: BrowserIdentity, topic: str) -> bool:
        """May this person be told when the topic changes?"""
        return await self._read(may_subscribe, identity.person_id, topic)

    async def record(self, fact: CallFact) -> None:
        """Write down a change of a call; durable when this returns."""
        await self._run(calls.record_fact, fact)

    async def record_report(self, call_id: str, report: CallReport) -> None:
        """Write down one end's statistics."""
        await self._run(calls.record_report, call_id, report)

    async def unfinished_calls(self) -> list[UnfinishedCall]:
        """The calls that were open when the hub last stopped."""
        return await self._read(calls.unfinished_calls, self._hub.clock())

    async def _run(
        self, use_case: Callable[Concatenate[UnitOfWork, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        try:
            return await self._hub.run(use_case, *args, **kwargs)
        except VisiohubError as error:
            raise _on_the_wire(error) from error

    async def _read(
        self, use_case: Callable[Concatenate[UnitOfWork, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        try:
            return await self._hub.read(use_case, *args, **kwargs)
        except VisiohubError as error:
            raise _on_the_wire(error) from error


def _on_the_wire(error: VisiohubError) -> SignalingError:
    """The refusal with the code that PROTOCOL.md §5.2 knows."""
    code = _WIRE_NAMES.get(type(error), error.code)
    wire_code = cast("ErrorCode", code if code in _WIRE_CODES else "internal")
    return SignalingError(
        wire_code, str(error), field=error.field or "", retry_after_s=error.retry_after_s
    )


def _kiosk_identity(uow: UnitOfWork, kiosk_id: str) -> KioskIdentity | None:
    kiosk = uow.kiosks.find(kiosk_id)
    if kiosk is None or not kiosk.active or kiosk.public_key is None:
        return None
    return KioskIdentity(kiosk.id, kiosk.public_key, venue_card(Directory(uow), kiosk.id))
