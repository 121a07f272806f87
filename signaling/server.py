"""The signaling server: two WebSocket addresses, mounted by the hub or served on its own.

server = SignalingServer(authoriser, settings)
server.mount(app)        # routes, start and close with the application
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Literal

from aiohttp import web

from signaling.connections import Connections
from signaling.ports import Authoriser, LineDesk
from signaling.presence import Presence
from signaling.protocol.line_cards import BudgetCard
from signaling.protocol.messages import (
    CallBeside,
    Changed,
    CheckLine,
    Help,
    HubTime,
    MeasureSpeed,
    ProbeSession,
)
from signaling.rounds import Rounds
from signaling.session.effects import ToKiosk
from signaling.settings import SignalingSettings
from signaling.switchboard import Switchboard

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
        lines: LineDesk | None = None,
    ) -> None:
        """`address_of` names the client for the limits; behind a proxy the mounter knows better.
        Without `lines` no kiosk measures its venue's."""
        self._presence = Presence(tabs_per_person=settings.tabs_per_person)
        self._switchboard = Switchboard(
            authoriser, settings, self._presence, clock, self.refresh_lobbies
        )
        self._rounds = Rounds(authoriser, settings, self._presence, self._switchboard)
        self._rounds_task: asyncio.Task[None] | None = None
        self._connections = Connections(
            authoriser,
            settings,
            self._presence,
            self._switchboard,
            self._rounds,
            clock,
            address_of,
            lines,
        )

    def routes(self) -> list[web.RouteDef]:
        """The two WebSocket addresses."""
        return [
            web.get(KIOSK_PATH, self._connections.serve_kiosk),
            web.get(STAFF_PATH, self._connections.serve_browser),
        ]

    def mount(self, app: web.Application) -> None:
        """Add the routes, and start and close with the application."""
        app.add_routes(self.routes())

        async def life(_: web.Application) -> AsyncIterator[None]:
            await self.start()
            yield
            await self.close()

        async def leave(_: web.Application) -> None:
            self._connections.dismiss_all()

        app.cleanup_ctx.append(life)
        # before cleanup, aiohttp waits for open handlers: send them home first
        app.on_shutdown.append(leave)

    async def start(self) -> None:
        """Take up unfinished calls; to be awaited before the first connection."""
        await self._switchboard.start()
        self._rounds_task = asyncio.create_task(self._rounds.run())

    async def close(self) -> None:
        """Say `bye closing` to everybody. Open calls stay open in the record."""
        self._connections.dismiss_all()
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
        await self._switchboard.revoke_kiosk(kiosk_id)

    async def revoke_session(self, session_id: str) -> None:
        """Signed out, or revoked: its tabs are sent away."""
        self._presence.forget_session(session_id)
        for tab in self._presence.tabs():
            if tab.identity.session_id == session_id:
                tab.peer.dismiss("signed_out", "this session is over")

    async def staff_changed(self, may_admit: Mapping[str, frozenset[str]]) -> None:
        """Somebody's rights changed: who may admit each open call, by call id (§7.2)."""
        await self._switchboard.staff_changed(may_admit)

    async def budgets_changed(self, budgets: Mapping[str, BudgetCard | None]) -> None:
        """What open calls may use of their lines now, by call id; None: unknown (§10.4)."""
        await self._switchboard.budgets_changed(budgets)

    def tell_kiosk(
        self, kiosk_id: str, message: ProbeSession | CheckLine | MeasureSpeed | CallBeside | HubTime
    ) -> bool:
        """How a kiosk has to measure its line now (§10); whether it is connected."""
        return self._presence.send(ToKiosk(kiosk_id), message)

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
