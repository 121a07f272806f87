from __future__ import annotations

import asyncio
import functools

import aioice.ice
import aiortc.rtcdtlstransport
import pytest
from aioice import stun
from aiortc.rtcicetransport import RTCIceGatherer, RTCIceTransport

from kiosk.rtc import attach
from kiosk.rtc.attach import checks, connection
from kiosk.rtc.attach.connection import KioskConnection
from kiosk.rtc.attach.transport import KioskDtlsTransport
from kiosk.rtc.errors import AttachError


def test_the_libraries_are_those_this_was_written_for() -> None:
    attach.self_check()


def test_a_changed_signature_is_found_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def query_consent(self: object, patience: float) -> None:
        pass

    monkeypatch.setattr(aioice.ice.Connection, "query_consent", query_consent)
    with pytest.raises(AttachError, match=r"Connection.query_consent takes self patience") as found:
        attach.self_check()
    assert found.value.code == "libraries_changed"


def test_a_part_that_is_gone_is_found_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(aioice.ice, "relayed_candidate")
    with pytest.raises(AttachError, match=r"aioice.ice.relayed_candidate is gone"):
        attach.self_check()


def test_a_private_name_no_longer_used_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def rewritten() -> None:
        pass

    changed = [(rewritten, ("_RTCRtpReceiver__jitter_buffer",))]
    monkeypatch.setattr(checks, "_NAMES_USED", changed)
    with pytest.raises(AttachError, match="rewritten no longer uses _RTCRtpReceiver__jitter"):
        attach.self_check()


def test_another_minor_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_VERSIONS", {"aiortc": "1.15"})
    with pytest.raises(AttachError, match=r"aiortc is 1\.16\.\d+, not 1\.15\.\*"):
        attach.self_check()


class FarEnd:
    """Answers consent requests after a while, or never: stands for a StunProtocol."""

    def __init__(self, answer_after_s: float | None, password: bytes) -> None:
        self.transactions: dict[bytes, connection._ConsentCheck] = {}
        self._after = answer_after_s
        self._password = password
        self.asked = 0

    def send_stun(self, request: stun.Message, addr: tuple[str, int]) -> None:
        self.asked += 1
        if self._after is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(self._after, self._answer, request.transaction_id, addr)

    def _answer(self, identifier: bytes, addr: tuple[str, int]) -> None:
        response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, identifier)
        response.add_message_integrity(self._password)
        if identifier in self.transactions:
            self.transactions[identifier].response_received(response, addr)

    async def close(self) -> None:
        pass


async def consent_with(
    monkeypatch: pytest.MonkeyPatch, answer_after_s: float | None, password: bytes = b"p" * 22
) -> tuple[KioskConnection, FarEnd, asyncio.Task[None]]:
    """Consent at a hundredth of its times: asked every 50 ms, lasting 300 ms."""
    monkeypatch.setattr(aioice.ice, "CONSENT_INTERVAL", 0.05)
    monkeypatch.setattr(connection, "CONSENT_LASTS_S", 0.3)
    made = KioskConnection(ice_controlling=False)
    made.remote_username, made.remote_password = "user", "p" * 22
    far = FarEnd(answer_after_s, password)
    remote = aioice.Candidate("1", 1, "udp", 1, "192.0.2.9", 9, "host")
    remote._network_host = remote.host
    far.local_candidate = remote
    made._nominated[1] = aioice.ice.CandidatePair(far, remote)
    return made, far, asyncio.create_task(made.query_consent())


async def test_late_answers_keep_consent_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    _made, far, task = await consent_with(monkeypatch, 0.2)  # far longer than the interval
    done, _ = await asyncio.wait({task}, timeout=1.2)
    assert not done
    assert far.asked > 10
    task.cancel()
    await asyncio.wait({task})
    assert not far.transactions, "nothing is left waiting"


@pytest.mark.parametrize(("after", "password"), [(None, b"p" * 22), (0.0, b"forged" * 4)])
async def test_without_valid_answers_consent_ends(
    monkeypatch: pytest.MonkeyPatch, after: float | None, password: bytes
) -> None:
    made, _far, task = await consent_with(monkeypatch, after, password)
    await asyncio.wait_for(task, 2)
    assert made._closed


async def two_connections() -> tuple[KioskConnection, KioskConnection]:
    """Gathered on this machine, each told of the other's secrets, no candidate exchanged."""
    ends = KioskConnection(ice_controlling=True), KioskConnection(ice_controlling=False)
    for end, other in (ends, ends[::-1]):
        await end.gather_candidates()
        end.remote_username, end.remote_password = other.local_username, other.local_password
    return ends


async def test_a_nominated_pair_is_noticed_without_the_next_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "CHECK_EVERY_S", 3600.0)  # there is no next check
    browser, kiosk = await two_connections()
    await browser.add_remote_candidate(kiosk.local_candidates[0])
    async with asyncio.timeout(20):
        await asyncio.gather(browser.connect(), kiosk.connect())
        await browser.send(b"media")
        assert await kiosk.recv() == b"media"
    await asyncio.gather(browser.close(), kiosk.close())


async def test_the_first_pair_that_works_carries_data_before_any_is_nominated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser, kiosk = await two_connections()
    asked = functools.partial(KioskConnection.build_request, browser)

    def not_nominating(pair: aioice.ice.CandidatePair, *, nominate: bool) -> stun.Message:
        del nominate
        return asked(pair, nominate=False)

    monkeypatch.setattr(browser, "build_request", not_nominating)
    assert kiosk.in_use() is None
    await browser.add_remote_candidate(kiosk.local_candidates[0])
    async with asyncio.timeout(20):
        await asyncio.gather(browser.connect(), kiosk.connect())
        assert not kiosk._nominated
        assert kiosk.in_use() is kiosk._check_list[0]
        await kiosk.send(b"first")
        assert await browser.recv() == b"first"
        pair = browser._check_list[0]
        pair.protocol.send_stun(_signed(browser, asked(pair, nominate=True)), pair.remote_addr)
        await asyncio.wait_for(kiosk._checking or asyncio.sleep(0), 5)  # ends with the nomination
        assert kiosk._nominated
        assert await browser.recv() == b"first", "said again, since nobody had answered"
        await browser.send(b"then")
        assert await kiosk.recv() == b"then"
    await asyncio.gather(browser.close(), kiosk.close())
    with pytest.raises(ConnectionError):
        await kiosk.send(b"late")


def _signed(end: KioskConnection, request: stun.Message) -> stun.Message:
    request.add_message_integrity((end.remote_password or "").encode())
    return request


class Way:
    """One way to the far end, dead at first: stands for a StunProtocol."""

    def __init__(self, priority: int) -> None:
        self.local_candidate = aioice.Candidate("1", 1, "udp", priority, "192.0.2.1", 9, "host")
        self.asked, self.works = asyncio.Event(), asyncio.Event()

    async def request(
        self, request: stun.Message, addr: tuple[str, int], integrity_key: bytes
    ) -> tuple[stun.Message, tuple[str, int]]:
        del integrity_key
        self.asked.set()
        await self.works.wait()
        return request, addr

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("first", ["relay", "direct"])
async def test_a_better_pair_than_the_nominated_one_may_still_be_nominated(first: str) -> None:
    ways = {"direct": Way(2), "relay": Way(1)}
    kiosk = KioskConnection(ice_controlling=False)
    kiosk.remote_username, kiosk.remote_password = "user", "p" * 22
    kiosk._protocols = [*ways.values()]
    await kiosk.add_remote_candidate(aioice.Candidate("1", 1, "udp", 1, "192.0.2.9", 9, "host"))
    nominating = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    nominating.attributes |= {"PRIORITY": 1, "USE-CANDIDATE": None}
    async with asyncio.timeout(20):
        connecting = asyncio.create_task(kiosk.connect())
        await asyncio.gather(*(way.asked.wait() for way in ways.values()))
        for name in sorted(ways, key=lambda name: name != first):
            ways[name].works.set()
            kiosk.check_incoming(nominating, ("192.0.2.9", 9), ways[name])
            pair = kiosk._find_pair(ways[name], kiosk._remote_candidates[0])
            await asyncio.wait([pair.task])
            await asyncio.gather(connecting, kiosk._checking)
    assert kiosk.in_use().protocol is ways["direct"]
    await kiosk.close()


async def test_a_connection_that_cannot_be_made_says_so() -> None:
    browser, kiosk = await two_connections()
    await kiosk.add_remote_candidate(None)  # the last one, and there was none
    async with asyncio.timeout(20):
        with pytest.raises(ConnectionError):
            await kiosk.connect()
        closed = asyncio.create_task(browser.connect())
        await asyncio.sleep(0)
        await browser.close()
        with pytest.raises(ConnectionError):
            await closed
    await kiosk.close()


async def test_one_bad_packet_does_not_end_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    attach.install()
    certificate = aiortc.rtcdtlstransport.RTCCertificate.generateCertificate()
    ice = RTCIceTransport(RTCIceGatherer(iceServers=[]))
    transport = KioskDtlsTransport(ice, [certificate])
    arriving = [b"", b"\x80", b"\xff" * 3, b"\x16" + bytes(40)]

    async def receive() -> bytes:
        if not arriving:
            raise ConnectionError
        return arriving.pop(0)

    monkeypatch.setattr(ice, "_recv", receive)
    transport.encrypted = True
    transport._RTCDtlsTransport__handshake_done = True
    while arriving:
        await transport._recv_next()
    with pytest.raises(ConnectionError):
        await transport._recv_next()
    await ice.stop()
