"""Packets that were sent again and come late: a receiver with nobody behind it that decodes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiortc import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket, wrap_rtx

from kiosk.rtc.attach import receiving
from kiosk.rtc.attach.receiving import KioskReceiver
from kiosk.rtc.backlog import CATCHES_UP_S, MOST_WAITING

WHOLE, PART = b"\x10\x00\x00\x00", b"\x10\x01\x00\x00"
"""VP8 (RFC 7741 section 4.2): a descriptor, and a picture that is whole or not."""
EVERY_S = 0.040


class Received:
    """Pictures of one packet each, and what the receiver made of them, in virtual time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(receiving, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(KioskReceiver, "_arm", lambda _receiver, _deadline: None)  # real time
        transport: Any = SimpleNamespace(state="new", _stats_id="transport")
        self.receiver: Any = KioskReceiver("video", transport)
        self.receiver._RTCRtpReceiver__codecs = {
            96: RTCRtpCodecParameters("video/VP8", 90_000, payloadType=96),
            97: RTCRtpCodecParameters("video/rtx", 90_000, None, 97, parameters={"apt": 96}),
        }
        self.receiver._RTCRtpReceiver__rtx_ssrc = {8: 7}
        self.receiver.pictures.round_trip(0.6)
        self.undecoded = self.receiver._RTCRtpReceiver__decoder_queue

    async def come(self, number: int, *, again: bool = False) -> None:
        payload = PART if number else WHOLE
        packet = RtpPacket(96, 1, number, number * 3600, 7, payload)
        if again:
            packet = wrap_rtx(packet, 97, number, 8)
        await self.receiver._handle_rtp_packet(packet, round(self.now * 1000))

    def said(self, name: str) -> int:
        return int(self.receiver.pictures.statistics()[name])


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Received:
    return Received(monkeypatch)


async def test_pictures_that_a_late_packet_sets_free_at_once_are_decoded(
    received: Received,
) -> None:
    count = MOST_WAITING + 5
    for number in range(count):
        if number != 1:
            await received.come(number)
        received.now += EVERY_S
    assert received.undecoded.qsize() == 1
    await received.come(1, again=True)  # the second try: 2.25 round trips late
    assert received.undecoded.qsize() == count
    assert received.said("pliCount") == 0
    received.now += CATCHES_UP_S + EVERY_S
    await received.come(count)
    assert received.undecoded.qsize() == 0, "who decodes is too slow"
    assert received.said("pliCount") == 1


async def test_what_is_sent_again_begins_nothing(received: Received) -> None:
    for number in range(300):
        await received.come(number)
        received.undecoded.get_nowait()
        received.now += EVERY_S
    for number in (10, 11, 12):  # they had come
        await received.come(number, again=True)
    assert received.undecoded.empty()
    await received.come(300)
    assert received.undecoded.qsize() == 1
    assert received.said("pliCount") == received.said("nackCount") == 0
