"""The signaling server: two WebSocket addresses, mounted by the hub or served on its own.

server = SignalingServer(authoriser, settings)
server.mount(app)        # routes, start and close with the application
"""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Literal

import structlog
from aiohttp import web

from signaling import doors
from signaling.browser_side import BrowserSide
from signaling.errors import ByeCode, DismissedError
from signaling.kiosk_side import KioskSide
from signaling.peer import Peer
from signaling.ports import Authoriser, BrowserIdentity, KioskIdentity
from signaling.presence import KioskPeer, Presence, TabPeer
from signaling.protocol import codec
from signaling.protocol.cards import ServiceCard
from signaling.protocol.messages import (
    Changed,
    Help,
    Lobby,
    Prove,
    WelcomeBrowser,
    WelcomeKiosk,
)
from signaling.rounds import Rounds
from signaling.session.effects import Tab, ToKiosk, ToPeople
from signaling.session.rate_limit import AddressLimits
from signaling.settings import SignalingSettings
from signaling.switchboard import Switchboard

log = structlog.get_logger("signaling")

KIOSK_PATH = "/signaling/v1/kiosk"
STAFF_PATH = "/signaling/v1/staff"


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _remote(request: web.Request) -> str:
    return request.remote or ""


class SignalingServer:
    """Who is present, who may talk to whom, and the exchange between them."""

    def __init__(
        self,
        authoriser: Authoriser,
        settings: SignalingSettings,
        *,
        clock: Callable[[], datetime] = _utc_now,
        address_of: Callable[[web.Request], str] = _remote,
    ) -> None:
        """`address_of` names the client for the limits; behind a proxy the mounter knows better."""
        self._authoriser = authoriser
        self._settings = settings
        self._clock = clock
        self._address_of = address_of
        self._openings = AddressLimits(settings.openings)
        self._presence = Presence()
        self._switchboard = Switchboard(
            authoriser, settings, self._presence, clock, self.refresh_lobbies
        )
        self._rounds = Rounds(authoriser, settings, self._presence, self._switchboard)
        self._rounds_task: asyncio.Task[None] | None = None
        self._closing = False

    # --- for whoever mounts it ----------------------------------------------------------------

    def routes(self) -> list[web.RouteDef]:
        """The two WebSocket addresses."""
        return [
            web.get(KIOSK_PATH, self._serve_kiosk),
            web.get(STAFF_PATH, self._serve_browser),
        ]

    def mount(self, app: web.Application) -> None:
        """Add the routes, and start and close with the application."""
        app.add_routes(self.routes())

        async def life(_: web.Application) -> AsyncIterator[None]:
            await self.start()
            yield
            await self.close()

        async def leave(_: web.Application) -> None:
            self._dismiss_all()

        app.cleanup_ctx.append(life)
        # before cleanup, aiohttp waits for open handlers: send them home first
        app.on_shutdown.append(leave)

    async def start(self) -> None:
        """Take up unfinished calls; to be awaited before the first connection."""
        await self._switchboard.start()
        self._rounds_task = asyncio.create_task(self._rounds.run())

    async def close(self) -> None:
        """Say `bye closing` to everybody. Open calls stay open in the record."""
        self._dismiss_all()
        if self._rounds_task is not None:
            self._rounds_task.cancel()
            await asyncio.wait([self._rounds_task])
        await self._switchboard.close()

    def changed(self, topic: str) -> None:
        """Tell the tabs that subscribed to it."""
        message = Changed(topic=topic)
        for tab in self._presence.tabs():
            if topic in tab.topics:
                tab.peer.send(message)

    def refresh_lobbies(self) -> None:
        """Compute places and lobbies anew, soon; kiosks hear of it only if theirs changed."""
        self._rounds.wake()

    async def revoke_kiosk(self, kiosk_id: str) -> None:
        """Its key was withdrawn: its call ends, and it is sent away."""
        call = self._switchboard.of_kiosk(kiosk_id)
        if call is not None:
            await self._switchboard.apply(call, lambda call, now: call.revoke(now))
        kiosk = self._presence.kiosk(kiosk_id)
        if kiosk is not None:
            kiosk.peer.dismiss("revoked", "this kiosk's key was withdrawn")

    async def revoke_session(self, session_id: str) -> None:
        """Signed out, or revoked: its tabs are sent away."""
        for tab in self._presence.tabs():
            if tab.identity.session_id == session_id:
                tab.peer.dismiss("signed_out", "this session is over")

    def push_help(
        self, kiosk_id: str, state: Literal["none", "asked", "coming", "nobody"], phone: str
    ) -> None:
        """Tell a kiosk what became of its wish for help."""
        self._presence.send(ToKiosk(kiosk_id), Help(state=state, phone=phone))

    def present_kiosks(self) -> set[str]:
        """Ids of connected kiosks."""
        return self._presence.kiosk_ids()

    def present_people(self) -> frozenset[str]:
        """Ids of staff with a page open."""
        return self._presence.person_ids()

    # --- connections --------------------------------------------------------------------------

    async def _serve_kiosk(self, request: web.Request) -> web.StreamResponse:
        self._limit_openings(request)
        doors.refuse_any_origin(request)
        socket = await doors.upgrade(request)
        admitted = await doors.open_or_goodbye(socket, self._admit_kiosk(socket))
        if admitted is None:
            return socket
        identity, prove, services = admitted
        peer = self._peer(request, socket, self._kiosk_allowed(identity))
        now = asyncio.get_running_loop().time()
        kiosk = KioskPeer(identity, peer, welcomed_at=now, lobby=Lobby(services=services))
        side = KioskSide(kiosk, self._authoriser, self._switchboard, self._presence, self._clock)
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
        told = self._presence.person_ids()
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
        if call is not None:
            await self._switchboard.apply(call, lambda call, now: call.kiosk_back(now))
        elif missed := self._switchboard.missed_by(ToKiosk(kiosk_id)):
            kiosk.peer.send(missed)
        await self._authoriser.kiosk_presence(kiosk_id, here=True, software=software)
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

    async def _serve_browser(self, request: web.Request) -> web.StreamResponse:
        self._limit_openings(request)
        doors.refuse_foreign_origin(request, self._settings)
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
        self._presence.enter_tab(tab)
        tab.peer.send(
            WelcomeBrowser(
                connection_id=tab.peer.connection_id,
                ping_every_s=self._settings.ping_every_s,
                dead_after_s=self._settings.client_dead_after_s,
                now=self._clock(),
                calls=self._switchboard.cards_of_person(person_id),
            )
        )
        call = self._switchboard.held_by(person_id)
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
            await self.revoke_kiosk(known.kiosk_id)
            return "revoked"

        return check

    def _browser_allowed(
        self, identity: BrowserIdentity
    ) -> Callable[[], Awaitable[ByeCode | None]]:
        async def check() -> ByeCode | None:
            return None if await self._authoriser.session_is_valid(identity) else "signed_out"

        return check

    def _limit_openings(self, request: web.Request) -> None:
        wait_s = self._openings.take(self._address_of(request), asyncio.get_running_loop().time())
        if wait_s:
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(math.ceil(wait_s))})

    def _dismiss_all(self) -> None:
        self._closing = True
        for peer in self._presence.peers():
            peer.dismiss("closing", "the hub stops; come back soon")
