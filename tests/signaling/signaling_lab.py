"""A small orchestrator and clients for the tests: everything is in memory and scripted."""

# ruff: noqa: ARG002  the fake keeps the port's signatures and answers simply

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signaling.errors import SignalingError
from signaling.ports import (
    BrowserIdentity,
    CallFact,
    CallReport,
    KioskIdentity,
    LineDesk,
    Ticket,
    UnfinishedCall,
)
from signaling.protocol.cards import DeviceCard, PlaceCard, ServiceCard, VenueCard
from signaling.protocol.messages import proof_text
from signaling.server import KIOSK_PATH, STAFF_PATH, SignalingServer
from signaling.settings import SignalingSettings

ORIGIN = "https://visio.test"
NO_RACE = {"race_s": 0.0}
SDP = (
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    f"a=fingerprint:sha-256 {':'.join(['00'] * 32)}\r\na=setup:actpass\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdabcdabcdabcdabcdab\r\n"
    "a=mid:0\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
)
VENUE = VenueCard(
    venue_name="Maison de services", room_name="Salle 1", time_zone="Europe/Paris", phone="0102"
)


def ticket(call_id: str = "c1", kiosk_id: str = "k1", people: tuple[str, ...] = ("ana",)) -> Ticket:
    return Ticket(
        call_id=call_id,
        kiosk_id=kiosk_id,
        venue=VENUE,
        partner="CAF",
        service="Allocations",
        citizen="M. D.",
        language="fr",
        arrived_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        until=None,
        fallback_phone="3230",
        person_ids=frozenset(people),
    )


@dataclass
class FakeHub:
    """Implements signaling.ports.Authoriser."""

    keys: dict[str, Ed25519PrivateKey] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    """Session id to person id."""
    tickets: dict[str, Ticket] = field(default_factory=dict)
    """By code."""
    facts: list[CallFact] = field(default_factory=list)
    reports: list[CallReport] = field(default_factory=list)
    presences: list[tuple[str, bool]] = field(default_factory=list)
    devices: list[tuple[str, list[DeviceCard]]] = field(default_factory=list)
    people_before: int = 0
    record_gate: asyncio.Event | None = None

    def add_kiosk(self, kiosk_id: str) -> Ed25519PrivateKey:
        self.keys[kiosk_id] = Ed25519PrivateKey.generate()
        return self.keys[kiosk_id]

    async def identify_browser(self, request: web.Request) -> BrowserIdentity | None:
        session = request.cookies.get("session", "")
        person = self.sessions.get(session)
        return BrowserIdentity(person, session, frozenset({"agent"})) if person else None

    async def session_is_valid(self, identity: BrowserIdentity) -> bool:
        return identity.session_id in self.sessions

    async def identify_kiosk(self, kiosk_id: str) -> KioskIdentity | None:
        key = self.keys.get(kiosk_id)
        return KioskIdentity(kiosk_id, key.public_key().public_bytes_raw(), VENUE) if key else None

    async def kiosk_presence(self, kiosk_id: str, *, here: bool, software: str) -> None:
        self.presences.append((kiosk_id, here))

    async def kiosk_devices(self, kiosk_id: str, devices: list[DeviceCard]) -> None:
        self.devices.append((kiosk_id, devices))

    async def agent_devices(self, call_id: str, devices: list[DeviceCard]) -> None:
        self.devices.append((call_id, devices))

    async def lobby(self, kiosk_id: str, told: frozenset[str]) -> list[ServiceCard]:
        free = "free" if told else "closed"
        card = {"service_id": "s1", "partner": "CAF", "label": "Aide", "availability": free}
        return [ServiceCard.model_validate(card)]

    async def present_code(self, kiosk_id: str, code: str, language: str) -> Ticket:
        if code not in self.tickets:
            raise SignalingError("code_unknown", "no such code", field="code")
        return self.tickets[code]

    async def call_service(
        self, kiosk_id: str, service_id: str, language: str, told: frozenset[str]
    ) -> Ticket:
        if told and service_id in self.tickets:
            return self.tickets[service_id]
        raise SignalingError("service_closed", "nobody is there", field="service_id")

    async def place(self, call_id: str, told: frozenset[str]) -> PlaceCard:
        return PlaceCard(agent_told=bool(told), people_before=self.people_before, wait_minutes=None)

    async def admit(self, identity: BrowserIdentity, call_id: str) -> Ticket:
        await asyncio.sleep(0)
        return next(t for t in self.tickets.values() if t.call_id == call_id)

    async def may_answer(self, identity: BrowserIdentity, call_id: str) -> bool:
        return True

    async def help_wanted(self, kiosk_id: str, *, wanted: bool) -> str:
        return "0102"

    async def may_subscribe(self, identity: BrowserIdentity, topic: str) -> bool:
        return topic != "secret"

    async def record(self, fact: CallFact) -> None:
        if self.record_gate is not None:
            await self.record_gate.wait()
        self.facts.append(fact)

    async def record_report(self, call_id: str, report: CallReport) -> None:
        self.reports.append(report)

    async def unfinished_calls(self) -> list[UnfinishedCall]:
        last = {fact.call_id: fact for fact in self.facts}
        return [
            UnfinishedCall(t, last[t.call_id], None)
            for t in self.tickets.values()
            if t.call_id in last and last[t.call_id].state != "ended"
        ]


class Client:
    """One end of a WebSocket; `until` reads on to the message that is wanted."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.seen: list[dict[str, Any]] = []

    async def send(self, type_: str, **fields: Any) -> None:
        await self.socket.send_json({"type": type_, **fields})

    async def next(self, timeout_s: float = 20) -> dict[str, Any]:
        message: dict[str, Any] = await self.socket.receive_json(timeout=timeout_s)
        self.seen.append(message)
        return message

    async def until(self, type_: str, timeout_s: float = 20, **fields: Any) -> dict[str, Any]:
        async with asyncio.timeout(timeout_s):
            while True:
                message = await self.next(timeout_s)
                if message["type"] == type_ and fields.items() <= message.items():
                    return message

    async def answer_pings(self) -> None:
        """Until the call ends."""
        while (message := await self.next())["type"] != "ended":
            if message["type"] == "ping":
                await self.send("pong", n=message["n"])

    async def until_state(self, state: str, timeout_s: float = 20) -> dict[str, Any]:
        async with asyncio.timeout(timeout_s):
            while True:
                message = await self.until("call_state", timeout_s)
                if message["call"]["state"] == state:
                    call: dict[str, Any] = message["call"]
                    return call

    async def closed(self, timeout_s: float = 20) -> int | None:
        """Read to the end. Returns the close code."""
        async with asyncio.timeout(timeout_s):
            while True:
                frame = await self.socket.receive()
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self.seen.append(frame.json())
                elif frame.type is not aiohttp.WSMsgType.BINARY:
                    return self.socket.close_code


@dataclass
class Lab:
    """A served hub and the means to connect to it."""

    hub: FakeHub
    signaling: SignalingServer
    server: TestServer
    session: aiohttp.ClientSession

    async def kiosk(self, key_of: str = "k1", **changes: Any) -> Client:
        """A kiosk that proves itself; `changes` spoil the proof."""
        client = await self.knock()
        challenge = await client.next()
        await client.send("prove", **(self.proof(key_of, challenge["nonce"]) | changes))
        return client

    async def knock(self, **headers: str) -> Client:
        socket = await self.session.ws_connect(self.server.make_url(KIOSK_PATH), headers=headers)
        return Client(socket)

    def proof(self, kiosk_id: str, nonce: str) -> dict[str, Any]:
        signature = self.hub.keys[kiosk_id].sign(proof_text(ORIGIN, kiosk_id, nonce))
        text = base64.urlsafe_b64encode(signature).decode().rstrip("=")
        return {"version": 1, "kiosk_id": kiosk_id, "signature": text, "software": "test"}

    async def page(self, person: str = "ana", tab: str = "t1", *, version: int = 1) -> Client:
        self.hub.sessions[f"session-{person}"] = person
        socket = await self.session.ws_connect(
            self.server.make_url(STAFF_PATH),
            headers={"Origin": ORIGIN, "Cookie": f"session=session-{person}"},
        )
        client = Client(socket)
        await client.send("hello", version=version, tab_id=tab)
        return client

    async def arrived(self, code: str = "1", **names: Any) -> tuple[Client, Client]:
        """A kiosk whose citizen waits, and the agent's page that knows of it."""
        self.hub.tickets[code] = ticket(**names)
        kiosk, page = await self.kiosk(), await self.page()
        await page.until("welcome_browser")
        await kiosk.until("welcome_kiosk")
        await kiosk.send("present_code", code=code)
        await kiosk.until_state("waiting")
        await page.until_state("waiting")
        return kiosk, page

    async def connected(self) -> tuple[Client, Client]:
        """A call whose media flows both ways, by what its ends say."""
        kiosk, page = await self.arrived()
        await page.send("admit", call_id="c1")
        await page.until("negotiate", generation=1)
        await page.send("offer", call_id="c1", generation=1, sdp=SDP)
        await kiosk.until("offer", generation=1)
        await kiosk.send("answer", call_id="c1", generation=1, sdp=SDP)
        await page.until("answer", generation=1)
        for end in (kiosk, page):
            await end.send("media", call_id="c1", generation=1, flowing=True)
        for end in (kiosk, page):
            await end.until_state("connected")
        return kiosk, page


@asynccontextmanager
async def lab(hub: FakeHub | None = None, *, lines: LineDesk | None = None, **settings: Any):
    hub = hub or FakeHub()
    if not hub.keys:
        hub.add_kiosk("k1")
    app = web.Application()
    signaling = SignalingServer(
        hub,
        SignalingSettings(hub_origin=ORIGIN, browser_origins=frozenset({ORIGIN}), **settings),
        lines=lines,
    )
    signaling.mount(app)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        yield Lab(hub, signaling, server, session)


async def eventually(condition, timeout_s: float = 20) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  what is awaited has no event to wait on
            await asyncio.sleep(0.01)
