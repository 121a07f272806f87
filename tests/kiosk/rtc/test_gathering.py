"""STUN and TURN servers: late ones are handed out late, dead ones delay nothing."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import aioice
import pytest
from aioice import stun, turn
from two_ends import Call

from kiosk.rtc import Failed, Gathered, attach
from kiosk.rtc.attach.gathering import GatheringConnection
from kiosk.rtc.generation import Generation
from kiosk.rtc.ice import TurnServer
from signaling.protocol.cards import IceServer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class StunServer(asyncio.DatagramProtocol):
    """Answers binding requests when allowed, always with the same address."""

    def __init__(self) -> None:
        self.allowed = asyncio.Event()
        self.waiting: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(data, addr))
        self.waiting.add(task)
        task.add_done_callback(self.waiting.discard)

    async def _answer(self, data: bytes, addr: tuple[str, int]) -> None:
        await self.allowed.wait()
        request = stun.parse_message(data)
        response = stun.Message(request.message_method, stun.Class.RESPONSE, request.transaction_id)
        response.attributes["XOR-MAPPED-ADDRESS"] = ("198.51.100.7", 4242)
        self.transport.sendto(bytes(response), addr)


@pytest.fixture
async def stun_server() -> AsyncIterator[StunServer]:
    server = StunServer()
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: server, local_addr=("0.0.0.0", 0))
    yield server
    for task in server.waiting:
        task.cancel()
    server.transport.close()


async def offer_of(call: Call) -> str:
    end = Generation(1, call.far_devices, show=call.far.show, on_event=call.far.told)
    call.ends.append(end)
    return await end.offer()


async def test_servers_that_do_not_answer_delay_nothing_and_late_ones_are_handed_out(
    stun_server: StunServer,
) -> None:
    port = stun_server.transport.get_extra_info("sockname")[1]
    call = Call()
    try:
        offer = await offer_of(call)
        servers = [
            IceServer(urls=[f"stun:127.0.0.1:{port}"]),
            IceServer(urls=[f"turn:127.0.0.1:{port}"], username="u", credential="c"),
        ]
        began = time.monotonic()
        answer = await call.session.answer(1, offer, servers)
        assert time.monotonic() - began < 0.3
        assert "typ host" in answer
        assert "198.51.100.7" not in answer
        await call.ends[0].accept(answer)
        await call.kiosk.until(lambda: call.kiosk.numbers)
        assert call.kiosk.pictures[0][0] - began < 2, "the call does not wait for them either"
        stun_server.allowed.set()
        await call.kiosk.until(lambda: isinstance(call.kiosk.events[-1][1], Gathered))
        found = call.kiosk.events[-1][1]
        assert isinstance(found, Gathered)
        assert found.generation == 1
        assert found.candidate.startswith("candidate:")
        assert "198.51.100.7 4242 typ srflx" in found.candidate
    finally:
        await call.close()


@pytest.fixture
async def coturn(tmp_path: Path) -> AsyncIterator[tuple[int, int]]:
    """Debian's coturn on loopback: its plain and its TLS port."""
    program = shutil.which("turnserver")
    assert program, "install Debian's coturn: make system-packages"
    plain, tls = free_port(), free_port()
    key = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
        *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        *("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await key.wait() == 0
    server = await asyncio.create_subprocess_exec(
        *(program, "-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--lt-cred-mech"),
        *(f"--listening-port={plain}", f"--tls-listening-port={tls}", "--realm=test"),
        *("--user=u:c", "--allow-loopback-peers", "--no-cli", "--log-file=stdout"),
        *(f"--cert={tmp_path}/cert.pem", f"--pkey={tmp_path}/key.pem", "--no-dtls"),
        *(f"--pidfile={tmp_path}/pid", f"--userdb={tmp_path}/db"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", plain)
            except OSError:
                await asyncio.sleep(0.05)  # until it listens
            else:
                writer.close()
                break
    yield plain, tls
    server.terminate()
    await server.wait()


@pytest.mark.coturn
@pytest.mark.parametrize("way", ["udp", "tcp", "tls", "fallback"])
async def test_a_call_by_relay_alone(
    coturn: tuple[int, int], way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, tls = coturn
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    monkeypatch.setattr("kiosk.rtc.attach.gathering.tls_context", lambda: trusting)
    dead = free_port()
    urls = {
        "udp": [f"turn:127.0.0.1:{plain}"],
        "tcp": [f"turn:127.0.0.1:{plain}?transport=tcp"],
        "tls": [f"turns:localhost:{tls}?transport=tcp"],
        "fallback": [f"turn:127.0.0.1:{dead}", f"turn:127.0.0.1:{plain}?transport=tcp"],
    }[way]
    call = Call(relay_only=True)
    try:
        offer = await offer_of(call)
        began = time.monotonic()
        answer = await call.session.answer(
            1, offer, [IceServer(urls=urls, username="u", credential="c")]
        )
        assert time.monotonic() - began < (3 if way == "fallback" else 1)
        assert "typ relay" in answer
        assert "typ host" not in answer
        await call.ends[0].accept(answer)
        await call.kiosk.until(lambda: len(call.kiosk.numbers) > 5)
        await call.far.until(lambda: len(call.far.numbers) > 5)
        await call.session.look()
        assert call.session.report()["relayed"] is True
        current = call.session._current
        assert current is not None
        (transport,) = attach._transports(current.connection)
        octets = {"udp": 4, "tcp": 30, "tls": 52, "fallback": 30}[way]
        assert transport.uplink._framing.relay_octets == octets
    finally:
        await call.close()


@pytest.mark.coturn
async def test_coturn_renews_what_it_relays_by(
    coturn: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.rtc.attach.renewal.RENEW_AFTER_S", 0.2)
    monkeypatch.setattr("kiosk.rtc.attach.renewal.LOOK_EVERY_S", 0.1)
    bind = turn.TurnClientMixin.channel_bind
    granted: list[int] = []

    async def seen(self: turn.TurnClientMixin, channel: int, peer: tuple[str, int]) -> None:
        await bind(self, channel, peer)
        granted.append(channel)

    monkeypatch.setattr(turn.TurnClientMixin, "channel_bind", seen)
    server = IceServer(urls=[f"turn:127.0.0.1:{coturn[0]}"], username="u", credential="c")
    call = Call(relay_only=True)
    try:
        answer = await call.session.answer(1, await offer_of(call), [server])
        await call.ends[0].accept(answer)
        await call.far.until(lambda: len(granted) > 5 * len({*granted}) > 0)
        shown = len(call.far.numbers)
        await call.far.until(lambda: len(call.far.numbers) > shown + 5)
    finally:
        await call.close()


class Relay:
    """What a TURN server gave, until it is given back."""

    def __init__(self, number: int) -> None:
        self.candidate = aioice.Candidate("1", 1, "udp", 1, "192.0.2.1", number, "relay")
        self.transport = self
        self.closed = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("hung_up", [False, True])
async def test_a_relay_that_came_too_late_is_given_back(
    monkeypatch: pytest.MonkeyPatch, hung_up: bool
) -> None:
    """Its allocation would be refreshed for as long as the kiosk runs."""
    monkeypatch.setattr("kiosk.rtc.attach.gathering.TURN_STEP_S", 0.0)
    relays: list[Relay] = []
    asked, answered = asyncio.Semaphore(0), asyncio.Event()

    class Gathering(GatheringConnection):
        async def _allocate(self, _component: int, server: TurnServer) -> tuple[object, Relay]:
            relay = Relay(server.port)
            relays.append(relay)
            asked.release()
            await answered.wait()
            return relay.candidate, relay

    connection = Gathering(ice_controlling=False)
    connection.turn_servers = [TurnServer("t", n, "udp", "u", "c") for n in (1, 2)]
    relaying = asyncio.create_task(connection._relay(1))
    async with asyncio.timeout(20):
        for _ in connection.turn_servers:
            await asked.acquire()
        answered.set()  # both come at once
        await asyncio.sleep(0)
        if hung_up:
            relaying.cancel()
        await asyncio.wait({relaying})
        await asyncio.sleep(0)
    kept = [relay for relay in relays if not relay.closed]
    assert kept == connection._protocols
    assert len(kept) == (0 if hung_up else 1)


async def test_relay_alone_without_any_relay_fails_and_does_not_hang(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kiosk.rtc.generation.CONNECT_WITHIN_S", 0.2)
    call = Call(relay_only=True)
    try:
        answer = await call.session.answer(1, await offer_of(call), [])
        assert "a=candidate" not in answer
        await call.kiosk.until(lambda: call.kiosk.events)
        assert [event for _, event in call.kiosk.events] == [Failed(1)]
    finally:
        await call.close()
