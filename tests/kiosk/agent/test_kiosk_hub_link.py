"""The link against a scripted hub: proof, races, silence, dismissal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import hub_link
from kiosk.hub_link import Events, HubLink
from kiosk.identity import Identity
from signaling.protocol.messages import AskHelp, Bye, Help, WelcomeKiosk

NONCE = "n" * 43
VENUE = {"venue_name": "V", "room_name": "R", "time_zone": "Europe/Paris", "phone": ""}


class Hub:
    """Welcomes whoever proves; what it does instead is scripted in `moods`, one a connection."""

    def __init__(self) -> None:
        self.moods: list[str] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.heard: list[dict[str, Any]] = []
        self.proofs = 0
        self.port = 0

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        mood = self.moods.pop(0) if self.moods else "welcome"
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        if mood == "mute":
            await socket.receive()
            return socket
        if mood == "nonsense":
            await socket.send_str("{")
            return socket
        await socket.send_json(
            {"type": "challenge", "version": 1, "oldest_version": 1, "nonce": NONCE}
        )
        proof = await socket.receive_json()
        assert proof["type"] == "prove"
        self.proofs += 1
        if mood.startswith("bye:"):
            await socket.send_str(Bye(code=mood[4:], detail="").model_dump_json())
            return socket
        welcome = {
            "type": "welcome_kiosk", "connection_id": f"x{self.proofs}", "version": 1,
            "ping_every_s": 0.1, "dead_after_s": 0.4, "now": datetime.now(UTC).isoformat(),
            "venue": VENUE, "services": [], "call": None,
        }  # fmt: skip
        await socket.send_json(welcome)
        async for frame in socket:
            message = json.loads(frame.data)
            self.heard.append(message)
            if message["type"] == "ask_help":
                await socket.send_str(Help(state="asked", phone="01").model_dump_json())
            if message["type"] == "ping" and mood != "deaf":
                await socket.send_json({"type": "pong", "n": message["n"]})
        return socket


class Kiosk:
    """What the link told, and a way to wait for it."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self._changed = asyncio.Event()

    def tell(self, what: object) -> None:
        self.told.append(what)
        self._changed.set()

    async def until(self, fits: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not fits():
                self._changed.clear()
                await self._changed.wait()

    def welcomes(self) -> int:
        return sum(isinstance(each, WelcomeKiosk) for each in self.told)


@asynccontextmanager
async def linked(hub: Hub, kiosk: Kiosk) -> AsyncIterator[HubLink]:
    app = web.Application()
    app.router.add_get("/signaling/v1/kiosk", hub.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hub.port = runner.addresses[0][1]
    events = Events(
        message=kiosk.tell, lost=lambda: kiosk.tell("lost"), bye=lambda code: kiosk.tell(code),
        answered=kiosk.tell,
    )  # fmt: skip
    identity = Identity("k1", "https://hub.test", Ed25519PrivateKey.generate())
    link = HubLink(f"http://127.0.0.1:{hub.port}", identity, "test", events, in_call=lambda: True)
    task = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await runner.cleanup()


async def test_it_proves_and_passes_messages_both_ways() -> None:
    hub, kiosk = Hub(), Kiosk()
    async with linked(hub, kiosk) as link:
        await kiosk.until(lambda: kiosk.welcomes() == 1)
        link.send(AskHelp(wanted=True))
        await kiosk.until(lambda: Help(state="asked", phone="01") in kiosk.told)
        assert {"type": "ask_help", "wanted": True} in hub.heard


async def test_an_attempt_that_hangs_does_not_hold_up_the_next() -> None:
    hub, kiosk = Hub(), Kiosk()
    hub.moods = ["mute", "mute", "welcome"]
    async with linked(hub, kiosk):
        started = asyncio.get_running_loop().time()
        await kiosk.until(lambda: kiosk.welcomes() == 1)
        assert asyncio.get_running_loop().time() - started < 2.5
        assert hub.proofs == 1, "one welcome, and no other connection proved itself"


async def test_a_hub_that_falls_silent_is_found_and_left() -> None:
    hub, kiosk = Hub(), Kiosk()
    hub.moods = ["deaf", "welcome"]
    async with linked(hub, kiosk):
        await kiosk.until(lambda: "lost" in kiosk.told and kiosk.welcomes() == 2)


async def test_it_tells_how_long_an_answer_took() -> None:
    hub, kiosk = Hub(), Kiosk()
    async with linked(hub, kiosk):
        await kiosk.until(lambda: any(isinstance(each, float) for each in kiosk.told))
    took = [each for each in kiosk.told if isinstance(each, float)]
    assert all(0 <= each < 1 for each in took)


async def test_a_closed_connection_is_made_anew() -> None:
    hub, kiosk = Hub(), Kiosk()
    async with linked(hub, kiosk):
        await kiosk.until(lambda: kiosk.welcomes() == 1)
        await hub.sockets[0].close()
        await kiosk.until(lambda: kiosk.welcomes() == 2)


async def test_nonsense_does_not_end_the_link() -> None:
    hub, kiosk = Hub(), Kiosk()
    hub.moods = ["nonsense", "welcome"]
    async with linked(hub, kiosk):
        await kiosk.until(lambda: kiosk.welcomes() == 1)
        await hub.sockets[-1].send_str('{"type": "what"}')
        await hub.sockets[-1].send_bytes(b"\0")
        await hub.sockets[-1].send_str(Help(state="none").model_dump_json())
        await kiosk.until(lambda: Help(state="none") in kiosk.told)


async def test_dismissal_is_told_and_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hub_link.PAUSE_AFTER_BYE_S, "revoked", 0.05)
    hub, kiosk = Hub(), Kiosk()
    hub.moods = ["bye:revoked", "welcome"]
    async with linked(hub, kiosk):
        await kiosk.until(lambda: kiosk.welcomes() == 1)
        assert kiosk.told[0] == "revoked"


async def test_doubt_finds_a_dead_line_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_link, "DOUBT_ENDS_WITHIN_S", 0.01)
    hub, kiosk = Hub(), Kiosk()
    hub.moods = ["deaf", "welcome"]
    async with linked(hub, kiosk) as link:
        await kiosk.until(lambda: kiosk.welcomes() == 1)
        link.doubt()
        await kiosk.until(lambda: "lost" in kiosk.told)
