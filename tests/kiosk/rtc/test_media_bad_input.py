"""Far ends that send what makes no sense, and keep to SRTP: one defect each that this once was."""

from __future__ import annotations

import asyncio
import os
import struct
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pylibsrtp
import pytest
from aiortc import RTCRtpCodecParameters
from aiortc.rtp import (
    RtcpByePacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtpPacket,
)
from two_ends import Call

from kiosk.rtc import attach
from kiosk.rtc.attach.arrivals import KioskStreamStatistics
from kiosk.rtc.attach.receiving import KioskReceiver
from kiosk.rtc.attach.sources import MOST_SOURCES, BoundedSession
from kiosk.rtc.far import FarEnd
from kiosk.rtc.line import Line
from kiosk.rtc.order import VideoOrder


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    made = Call()
    yield made
    await made.close()


def far_transport(call: Call) -> Any:
    return call.ends[-1].connection.getSenders()[0].transport


async def test_a_source_that_says_bye_and_sends_again_is_seen(call: Call) -> None:
    """Chromium says BYE when its camera rests (`replaceTrack(null)`)."""
    end = await call.connect(1)
    await call.kiosk.until(lambda: call.kiosk.numbers and call.kiosk.sounds)
    sources = [sender._ssrc for sender in end.connection.getSenders()]
    await far_transport(call)._send_rtp(bytes(RtcpByePacket(sources)))
    await asyncio.sleep(0.2)
    seen = len(call.kiosk.numbers)
    await call.kiosk.until(lambda: len(call.kiosk.numbers) >= seen + 10)


async def test_a_report_from_before_it_was_asked_for_is_no_round_trip(call: Call) -> None:
    await call.connect(1)
    pc: Any = call.session._generations[1].connection
    senders = pc.getSenders()
    await call.far.until(lambda: all(s._RTCRtpSender__lsr for s in senders))
    for sender in senders:
        answer = RtcpReceiverInfo(
            sender._ssrc, 0, 0, 0, 0, lsr=sender._RTCRtpSender__lsr, dlsr=0xFFFFFFFF
        )
        await far_transport(call)._send_rtp(bytes(RtcpRrPacket(1, [answer])))
    await asyncio.sleep(0.2)
    assert 0 <= (attach.round_trip_s(pc) or 0.0) < 1
    assert all(0 <= (sender._RTCRtpSender__rtt or 0.0) < 1 for sender in senders)


async def test_a_round_trip_is_the_last_reports_whatever_the_clock_on_the_wall_says(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    await call.connect(1)
    pc: Any = call.session._generations[1].connection
    sender = pc.getSenders()[0]
    await call.far.until(lambda: sender._RTCRtpSender__lsr)
    lsr = sender._RTCRtpSender__lsr

    async def answered() -> float:
        answer = RtcpReceiverInfo(sender._ssrc, 0, 0, 0, 0, lsr=lsr, dlsr=1)
        await sender._handle_rtcp_packet(RtcpRrPacket(1, [answer]))
        return float(sender._RTCRtpSender__rtt)

    set_forward = SimpleNamespace(time=lambda: time.time() + 300)
    monkeypatch.setattr("aiortc.rtcrtpsender.time", set_forward)
    assert 0 < await answered() < 10
    for trip_s in (50.0, 5.0):
        sender._trips._left[lsr] = asyncio.get_running_loop().time() - trip_s
        assert trip_s - 0.01 < await answered() < trip_s + 5


async def test_repairs_count_on_the_round_trip_as_it_is_now(call: Call) -> None:
    await call.connect(1)
    pc: Any = call.session._generations[1].connection
    (transport,) = attach._transports(pc)
    connection = attach._connection(transport)
    transport.uplink.control.round_trip_s = connection.round_trip_s = None
    assert attach.round_trip_s(pc) is None
    connection.round_trip_s = 0.8  # of seconds ago, when somebody sent a file
    assert attach.round_trip_s(pc) == 0.8
    transport.uplink.control.round_trip_s = 0.06
    assert attach.round_trip_s(pc) == 0.06
    connection.round_trip_s = 0.04  # without the far end's wait
    assert attach.round_trip_s(pc) == 0.04
    transport.uplink.control.round_trip_s = 0.9  # a download has filled the modem since
    assert attach.round_trip_s(pc) == 0.9


def sessions() -> tuple[pylibsrtp.Session, BoundedSession]:
    key = os.urandom(30)
    out = pylibsrtp.Policy(key=key, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    into = pylibsrtp.Policy(key=key, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND)
    return pylibsrtp.Session(out), BoundedSession(pylibsrtp.Session(into))


def test_a_far_end_has_so_many_sources_and_no_more() -> None:
    out, into = sessions()

    def packet(number: int, source: int) -> bytes:
        return out.protect(struct.pack("!BBHLL", 0x80, 96, number, 0, source) + b"media")

    for source in range(3 * MOST_SOURCES):  # nobody's: they take no place
        sealed = bytes(packet(1, source))
        with pytest.raises(pylibsrtp.Error):
            into.unprotect(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    for source in range(100, 100 + MOST_SOURCES):
        assert into.unprotect(packet(1, source)).endswith(b"media")
    with pytest.raises(pylibsrtp.Error, match="one source too many"):
        into.unprotect(packet(1, 99))
    assert into.unprotect(packet(2, 100)).endswith(b"media")
    report = bytes(RtcpRrPacket(100))
    assert into.unprotect_rtcp(out.protect_rtcp(report)) == report
    with pytest.raises(pylibsrtp.Error, match="one source too many"):
        into.unprotect_rtcp(out.protect_rtcp(bytes(RtcpRrPacket(98))))


async def test_a_far_end_that_begins_anew_many_times_is_heard_each_time() -> None:
    transport: Any = SimpleNamespace(state="new", _stats_id="transport")
    receiver: Any = KioskReceiver("audio", transport)
    opus = RTCRtpCodecParameters("audio/opus", 48_000, channels=2, payloadType=111)
    receiver._RTCRtpReceiver__codecs = {111: opus}
    far = FarEnd(lambda _picture: None)
    receiver.connect(far, lambda: None, Line())
    for source in range(1, 41):
        for number in range(3):
            packet = RtpPacket(111, 0, number, number * 960, source, b"\xfc\xff\xfe")
            await receiver._handle_rtp_packet(packet, 0)
        assert far.sound.ssrc == source
        assert len(receiver._RTCRtpReceiver__remote_streams) <= 8
        seen = receiver.statistics()
        assert (seen["ssrc"], seen["packetsReceived"], seen["packetsLost"]) == (source, 3, 0)
    if receiver._timer is not None:
        receiver._timer.cancel()


def test_jitter_fits_into_a_report_whatever_the_times(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(time=lambda: next(instants))
    monkeypatch.setattr("aiortc.rtcrtpreceiver.time", clock)

    def jitter(times: list[int]) -> int:
        nonlocal instants
        instants = iter(range(1_000_000, 2_000_000, 1_000))
        statistics = KioskStreamStatistics(90_000)
        for number, at in enumerate(times):
            statistics.add(RtpPacket(sequence_number=number, timestamp=at & 0xFFFFFFFF))
        bytes(RtcpReceiverInfo(1, 0, 0, 0, statistics.jitter, 0, 0))
        return statistics.jitter

    instants = iter(())
    jitter([0, 0x7FFFFFFF, 0xFFFFFFFF] * 200)
    assert jitter([0xFFFFFFFF - 90_000_000 + 90_000_000 * n for n in range(5)]) == 0, "a wrap"


def test_whole_pictures_without_end_do_not_hold_the_loop() -> None:
    order = VideoOrder(lambda _packet: True)
    began = time.thread_time()
    for number in range(1, 2_000):
        packet = SimpleNamespace(sequence_number=number, timestamp=7, marker=0, payload=b"x")
        assert not order.add(packet, 0.0)
    assert time.thread_time() - began < 2, "seconds of the processor; it was minutes"
