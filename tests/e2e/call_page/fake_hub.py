"""A scripted hub around the real call pages: the test decides what it answers and when.

It checks every message that the page sends against the wire's models, and keeps them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Annotated, Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from fake_kiosk import FakeKiosk
from pydantic import Field, TypeAdapter

from signaling.protocol.cards import CallCard, DeviceCard, IceServer
from signaling.protocol.messages import (
    Answer,
    CallState,
    Devices,
    Ended,
    FromBrowser,
    FromHub,
    Negotiate,
    Pong,
    Superseded,
    WelcomeBrowser,
)
from visiohub.booking.views import SignedIn
from visiohub.domain.model import Person, Role, Session
from visiohub.web.call_pages import CALL_DESK, CallView, routes
from visiohub.web.context import HUB, SIGNED_IN, STATICS
from visiohub.web.i18n import speak
from visiohub.web.render import TEMPLATES, setup_templates
from visiohub.web.security import CONTENT_SECURITY_POLICY
from visiohub.web.statics import StaticTree

MESSAGES: TypeAdapter[FromBrowser] = TypeAdapter(
    Annotated[FromBrowser, Field(discriminator="type")]
)
CALL_ID = "call-1"


async def until(condition: Callable[[], bool], *, within_s: float = 20.0) -> None:
    """Wait until it holds. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


def waiting_card(now: datetime) -> CallCard:
    """A citizen at the kiosk, on time."""
    return CallCard(
        call_id=CALL_ID,
        state="waiting",
        generation=0,
        kiosk_id="kiosk-1",
        venue_name="Maison de services de Laragne",
        room_name="bureau visio",
        partner="CAF",
        service="aide au logement",
        citizen="D. R.",
        arrived_at=now - timedelta(minutes=4),
        until=now + timedelta(minutes=25),
        fallback_phone="04 92 65 00 05",
    )


class FakeHub:
    """One call, one kiosk, any number of the agent's tabs."""

    def __init__(self) -> None:
        self.kiosk = FakeKiosk()
        self.card = waiting_card(datetime.now(UTC))
        self.language = "fr"
        self.here = True
        """False: connections are dropped and refused, as when the hub's process is gone."""
        self.signed_in = True
        """False: the session is over; pages lead to the sign-in, the wire is refused."""
        self.welcomes = True
        """False: the welcome does not name the call."""
        self.received: list[Any] = []
        self.servers: list[IceServer] = []
        self.sockets: dict[str, web.WebSocketResponse] = {}
        """By tab."""
        self._connections: set[web.WebSocketResponse] = set()
        """All of them, also before their hello."""
        self.holder = ""
        self._server = TestServer(self._application())
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen on a free port of the loopback interface."""
        await self._server.start_server()

    async def close(self) -> None:
        """Stop everything; a tab that closes slowly is not waited for."""
        await self.go_away()
        await self.kiosk.close()
        await self._server.close()

    @property
    def call_url(self) -> str:
        """Address of the call page."""
        return str(self._server.make_url(f"/agent/call/{CALL_ID}"))

    @property
    def check_url(self) -> str:
        """Address of the pre-check."""
        return str(self._server.make_url("/agent/check"))

    def of_type(self, kind: str) -> list[Any]:
        """Messages of this type that the page sent, in order."""
        return [message for message in self.received if message.type == kind]

    async def heard(self, kind: str, count: int = 1, *, within_s: float = 20.0) -> Any:
        """The `count`-th message of this type, waited for."""
        await until(lambda: len(self.of_type(kind)) >= count, within_s=within_s)
        return self.of_type(kind)[count - 1]

    async def change(self, **fields: object) -> None:
        """Change the card and tell the page."""
        self.card = self.card.model_copy(update=fields)
        await self.tell(CallState(call=self.card))

    async def negotiate(self) -> None:
        """Order a new generation of the tab that holds the call."""
        self.card = self.card.model_copy(
            update={
                "generation": self.card.generation + 1,
                "state": "negotiating"
                if self.card.state in {"waiting", "admitted"}
                else self.card.state,
            }
        )
        await self.tell(CallState(call=self.card))
        await self.tell(
            Negotiate(call_id=CALL_ID, generation=self.card.generation, ice_servers=self.servers),
            only=self.holder,
        )

    async def interrupt(self) -> None:
        """As the real hub does when one end hears nothing."""
        now = datetime.now(UTC)
        await self.change(
            state="interrupted", interrupted_at=now, gives_up_at=now + timedelta(seconds=180)
        )

    async def devices(self, *cards: DeviceCard) -> None:
        """The kiosk tells of its devices."""
        await self.tell(Devices(kiosk_id="kiosk-1", devices=list(cards)))

    async def end(self, reason: str, **fields: Any) -> None:
        """The call is over."""
        self.card = self.card.model_copy(update={"state": "ended", "end_reason": reason})
        await self.tell(
            Ended(call_id=CALL_ID, reason=reason, fallback_phone="04 92 65 00 05", **fields)
        )

    async def go_away(self) -> None:
        """As if the hub's process were killed."""
        self.here = False
        for socket in list(self._connections):
            await socket.close()

    async def tell(self, message: FromHub, *, only: str = "") -> None:
        """Send to every tab, or to one."""
        for tab, socket in list(self.sockets.items()):
            if not socket.closed and only in {"", tab}:
                await socket.send_str(message.model_dump_json())

    # --- the web side ---------------------------------------------------------------------------

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[self._dress])
        app[HUB] = SimpleNamespace(  # type: ignore[misc]
            clock=lambda: datetime.now(UTC), settings=SimpleNamespace(time_zone="Europe/Paris")
        )
        app[STATICS] = StaticTree(TEMPLATES.parent / "static")
        app[CALL_DESK] = self
        setup_templates(app)
        app.router.add_get("/static/{fingerprint}/{name:.+}", app[STATICS].serve)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/agent", self._day)
        app.router.add_get("/home", self._day)
        app.router.add_get("/sign-in", self._sign_in)
        app.router.add_get("/signaling/v1/staff", self._socket)
        app.router.add_routes(routes())
        return app

    async def call_view(self, _request: web.Request, call_id: str) -> CallView | None:
        """CallDesk."""
        return CallView(self.card, "Europe/Paris") if call_id == CALL_ID else None

    async def ice_servers(self, _request: web.Request) -> list[IceServer]:
        """CallDesk."""
        return self.servers

    @web.middleware
    async def _dress(self, request: web.Request, handler: Any) -> web.StreamResponse:
        now = datetime.now(UTC)
        person = Person(
            id="agent-1", login="agent", label="CAF, agent du matin", initials="A. M.",
            password_hash="", roles=frozenset({Role.AGENT}),
        )  # fmt: skip
        session = Session("s", "", person.id, now, now, now + timedelta(hours=1))
        request[SIGNED_IN] = SignedIn(person, session, touch_due=False)
        speak(self.language)
        if not self.signed_in and request.path.startswith(("/agent", "/home", "/signaling")):
            if "X-Fragment" in request.headers or request.path.startswith("/signaling"):
                raise web.HTTPUnauthorized
            raise web.HTTPSeeOther(f"/sign-in?next={request.path}")
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    async def _health(self, _request: web.Request) -> web.Response:
        if not self.here:
            raise web.HTTPServiceUnavailable
        return web.Response(text="ok")

    async def _day(self, _request: web.Request) -> web.Response:
        return web.Response(text="<title>day</title>", content_type="text/html")

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        self.signed_in = True
        raise web.HTTPSeeOther(request.query["next"])

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if not self.here:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(timeout=0.5)
        await socket.prepare(request)
        self._connections.add(socket)
        if not self.here:
            await socket.close()
        tab = ""
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                break
            message = MESSAGES.validate_json(frame.data)
            if message.type == "hello":
                tab = message.tab_id
                self.sockets[tab] = socket
                await self._welcome(socket, tab)
            elif message.type == "ping":
                await socket.send_str(Pong(n=message.n).model_dump_json())
            else:
                self.received.append(message)
                await self._answer(tab, message)
        self._connections.discard(socket)
        if self.sockets.get(tab) is socket:
            del self.sockets[tab]
        return socket

    async def _welcome(self, socket: web.WebSocketResponse, tab: str) -> None:
        held = self.holder in {tab, *self.sockets} and self.holder != ""
        card = self.card.model_copy(update={"agent_here": held})
        named = self.welcomes and card.state != "ended"
        welcome = WelcomeBrowser(
            connection_id="c1",
            ping_every_s=0.5,
            dead_after_s=2.0,
            now=datetime.now(UTC),
            calls=[card] if named else [],
        )
        await socket.send_str(welcome.model_dump_json())

    async def _answer(self, tab: str, message: Any) -> None:
        match message.type:
            case "admit":
                self.holder = tab
                self.card = self.card.model_copy(update={"admitted_at": datetime.now(UTC)})
                await self.negotiate()
            case "take_over":
                if self.holder and self.holder != tab:
                    await self.tell(Superseded(call_id=CALL_ID), only=self.holder)
                self.holder = tab
                await self.negotiate()
            case "renegotiate" if message.generation == self.card.generation:
                await self.negotiate()
            case "offer":
                self._spawn(self._offered(message.generation, message.sdp))
            case "candidate":
                await self.kiosk.candidate(
                    message.generation, message.candidate, message.sdp_mid, message.sdp_m_line_index
                )
            case "media" if message.flowing and message.generation == self.card.generation:
                await self.change(
                    state="connected", interrupted_at=None, gives_up_at=None, attempts=0
                )
            case "media" if not message.flowing and self.card.state == "connected":
                await self.interrupt()
            case "refuse":
                await self.end("refused", refusal=message.reason, text=message.text)
            case "hang_up":
                await self.end("hung_up_by_agent")

    async def _offered(self, generation: int, sdp: str) -> None:
        answer = await self.kiosk.answer(generation, sdp)
        await self.tell(
            Answer(call_id=CALL_ID, generation=generation, sdp=answer), only=self.holder
        )

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
