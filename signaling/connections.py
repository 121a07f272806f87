"""Connections from the knock to the end: door, welcome, messages, and what their loss means."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from aiohttp import web

from signaling import doors
from signaling.browser_side import BrowserSide
from signaling.errors import ByeCode, DismissedError
from signaling.kiosk_side import KioskSide
from signaling.peer import Peer
from signaling.ports import Authoriser, BrowserIdentity, KioskIdentity, LineDesk
from signaling.presence import KioskPeer, Presence, TabPeer
from signaling.protocol import codec
from signaling.protocol.cards import ServiceCard
from signaling.protocol.messages import Codes, Lobby, Prove, WelcomeBrowser, WelcomeKiosk
from signaling.rounds import Rounds
from signaling.session.effects import Tab, ToKiosk, ToPeople
from signaling.session.rate_limit import AddressLimits
from signaling.settings import SignalingSettings
from signaling.switchboard import Switchboard

log = structlog.get_logger("signaling")


class Connections:
    """Serves the two WebSocket addresses."""

    def __init__(
        self,
        authoriser: Authoriser,
        settings: SignalingSettings,
        presence: Presence,
        switchboard: Switchboard,
        rounds: Rounds,
        clock: Callable[[], datetime],
        address_of: Callable[[web.Request], str],
        lines: LineDesk | None,
    ) -> None:
        self._lines = lines
        self._authoriser = authoriser
        self._settings = settings
        self._presence = presence
        self._switchboard = switchboard
        self._rounds = rounds
        self._clock = clock
        self._address_of = address_of
        # apart: behind one address, pages that knock without end do not keep the kiosk out
        self._kiosk_openings = AddressLimits(settings.openings)
        self._page_openings = AddressLimits(settings.openings)
        self._closing = False

    async def serve_kiosk(self, request: web.Request) -> web.StreamResponse:
        """A kiosk, from the knock to the end."""
        doors.refuse_any_origin(request)
        self._limit(self._kiosk_openings, request)
        socket = await doors.upgrade(request)
        admitted = await doors.open_or_goodbye(socket, self._admit_kiosk(socket))
        if admitted is None:
            return socket
        identity, prove, services = admitted
        peer = self._peer(request, socket, self._kiosk_allowed(identity))
        now = asyncio.get_running_loop().time()
        kiosk = KioskPeer(identity, peer, welcomed_at=now, lobby=Lobby(services=services))
        side = KioskSide(
            kiosk, self._authoriser, self._switchboard, self._presence, self._clock, self._lines
        )
        log.info("kiosk_in", kiosk_id=identity.kiosk_id, software=prove.software)
        try:
            await self._welcome_kiosk(kiosk, services, prove.software)
            await peer.run(codec.from_kiosk, side.handle)
        finally:
            log.info("kiosk_out", kiosk_id=identity.kiosk_id, why=peer.gone.why)
            await self._kiosk_gone(kiosk, prove.software)
        return socket

    async def _admit_kiosk(
        self, socket: web.WebSocketResponse
    ) -> tuple[KioskIdentity, Prove, list[ServiceCard]]:
        identity, prove = await doors.admit_kiosk(socket, self._authoriser, self._settings)
        told = self._presence.reachable_ids(asyncio.get_running_loop().time())
        services = await self._authoriser.lobby(identity.kiosk_id, told)
        # no other task runs from here to the welcome: a race has one winner, and who is
        # welcomed hears nothing before
        self._refuse_outrun(identity.kiosk_id)
        return identity, prove, services

    def _refuse_outrun(self, kiosk_id: str) -> None:
        """Two proofs of one race may be under way: the second must not displace the winner."""
        present = self._presence.kiosk(kiosk_id)
        now = asyncio.get_running_loop().time()
        if present is not None and now < present.welcomed_at + self._settings.race_s:
            raise DismissedError("outrun", "another attempt of this kiosk was welcomed just now")

    async def _welcome_kiosk(
        self, kiosk: KioskPeer, services: list[ServiceCard], software: str
    ) -> None:
        kiosk_id = kiosk.identity.kiosk_id
        call = self._switchboard.of_kiosk(kiosk_id)
        card = call.card(for_agent=False) if call is not None else None
        self._presence.enter_kiosk(kiosk)
        kiosk.peer.send(
            WelcomeKiosk(
                connection_id=kiosk.peer.connection_id,
                ping_every_s=self._settings.ping_every_s,
                dead_after_s=self._settings.client_dead_after_s,
                now=self._clock(),
                venue=kiosk.identity.venue,
                services=services,
                call=card.model_copy(update={"kiosk_here": True}) if card is not None else None,
            )
        )
        kiosk.peer.send(
            Codes(
                digits=self._settings.code_digits, early_minutes=self._settings.code_early_minutes
            )
        )
        if call is not None:
            await self._switchboard.apply(call, lambda call, now: call.kiosk_back(now))
        elif missed := self._switchboard.missed_by(ToKiosk(kiosk_id)):
            kiosk.peer.send(missed)
        await self._authoriser.kiosk_presence(kiosk_id, here=True, software=software)
        if self._lines is not None and (probes := await self._lines.probe_session(kiosk_id)):
            kiosk.peer.send(probes)
        self._rounds.wake()

    async def _kiosk_gone(self, kiosk: KioskPeer, software: str) -> None:
        if not self._presence.leave_kiosk(kiosk) or self._closing:
            return
        kiosk_id = kiosk.identity.kiosk_id
        call = self._switchboard.of_kiosk(kiosk_id)
        if call is not None:
            await self._switchboard.apply(
                call, lambda call, now: call.kiosk_lost(now, closed=kiosk.peer.gone.closed)
            )
        if self._presence.kiosk(kiosk_id) is None:
            await self._authoriser.kiosk_presence(kiosk_id, here=False, software=software)
            if self._lines is not None:
                await self._lines.kiosk_left(kiosk_id, closed=kiosk.peer.gone.closed)

    async def serve_browser(self, request: web.Request) -> web.StreamResponse:
        """A tab, from the knock to the end."""
        doors.refuse_foreign_origin(request, self._settings)
        self._limit(self._page_openings, request)
        identity = await doors.identify_browser(request, self._authoriser)
        socket = await doors.upgrade(request)
        hello = await doors.open_or_goodbye(socket, doors.admit_browser(socket, self._settings))
        if hello is None:
            return socket
        peer = self._peer(request, socket, self._browser_allowed(identity))
        tab = TabPeer(identity, Tab(identity.person_id, hello.tab_id), peer)
        side = BrowserSide(tab, self._authoriser, self._switchboard, self._presence, self._clock)
        log.info("page_in", person_id=identity.person_id)
        try:
            await self._welcome_browser(tab)
            await peer.run(codec.from_browser, side.handle)
        finally:
            log.info("page_out", person_id=identity.person_id, why=peer.gone.why)
            await self._tab_gone(tab)
        return socket

    async def _welcome_browser(self, tab: TabPeer) -> None:
        person_id = tab.identity.person_id
        call = self._switchboard.held_by(person_id)
        self._presence.enter_tab(tab, holding=call.tab if call is not None else None)
        tab.peer.send(
            WelcomeBrowser(
                connection_id=tab.peer.connection_id,
                ping_every_s=self._settings.ping_every_s,
                dead_after_s=self._settings.client_dead_after_s,
                now=self._clock(),
                calls=self._switchboard.cards_of_person(person_id),
            )
        )
        if call is not None:
            kiosk = self._presence.kiosk(call.ticket.kiosk_id)
            if kiosk is not None and kiosk.devices is not None:
                tab.peer.send(kiosk.devices)
            await self._switchboard.apply(call, lambda call, now: call.tab_back(tab.tab, now))
        elif missed := self._switchboard.missed_by(ToPeople(frozenset({person_id}))):
            tab.peer.send(missed)
        self._rounds.wake()

    async def _tab_gone(self, tab: TabPeer) -> None:
        if not self._presence.leave_tab(tab) or self._closing:
            return
        call = self._switchboard.held_by(tab.identity.person_id)
        if call is not None:
            await self._switchboard.apply(
                call, lambda call, now: call.tab_lost(tab.tab, now, closed=tab.peer.gone.closed)
            )
        if tab.peer.gone.closed:
            loop = asyncio.get_running_loop()
            self._presence.expect_back(tab, loop.time() + self._settings.page_change_s)
            loop.call_later(self._settings.page_change_s, self._rounds.wake)
        self._rounds.wake()

    def _peer(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        still_allowed: Callable[[], Awaitable[ByeCode | None]],
    ) -> Peer:
        connection_id = secrets.token_hex(8)
        return Peer(request, socket, self._settings, connection_id, still_allowed=still_allowed)

    def _kiosk_allowed(self, known: KioskIdentity) -> Callable[[], Awaitable[ByeCode | None]]:
        async def check() -> ByeCode | None:
            identity = await self._authoriser.identify_kiosk(known.kiosk_id)
            if identity is not None and identity.public_key == known.public_key:
                return None
            await self._switchboard.revoke_kiosk(known.kiosk_id)
            return "revoked"

        return check

    def _browser_allowed(
        self, identity: BrowserIdentity
    ) -> Callable[[], Awaitable[ByeCode | None]]:
        async def check() -> ByeCode | None:
            return None if await self._authoriser.session_is_valid(identity) else "signed_out"

        return check

    def _limit(self, openings: AddressLimits, request: web.Request) -> None:
        wait_s = openings.take(self._address_of(request), asyncio.get_running_loop().time())
        if wait_s:
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(math.ceil(wait_s))})

    def dismiss_all(self) -> None:
        """The hub stops: say so to everybody; their going is no event of their calls."""
        self._closing = True
        for peer in self._presence.peers():
            peer.dismiss("closing", "the hub stops; come back soon")
