"""Speech that leaves twice: where it is worth it, and what leaves then."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiortc.rtp import RtpPacket
from closed_loop import LINES, Case, Loop
from virtual_loop import VirtualLoop

from kiosk.rtc.attach.uplink import Uplink
from kiosk.rtc.line import Line
from kiosk.rtc.sending.budget import Budget
from kiosk.rtc.sending.pacer import Kind
from kiosk.rtc.sending.speech_twice import SpeechTwice

AMPLE = 1_700_000.0


class Wire:
    """A transport that notes what it is given; what is encrypted looks as before."""

    relay_octets = 0

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def sealed(self, clear: bytes) -> bytes:
        return clear

    async def send_sealed(self, sealed: bytes) -> None:
        self.sent.append(sealed)


class Voice:
    """A stream whose packets are their payloads."""

    numbered = True
    pads = False

    def __init__(self) -> None:
        self.left_octets: list[int] = []
        self.repeats: list[bytes] = []

    def written(self, packet: RtpPacket, _number: int | None) -> bytes:
        return packet.payload

    def left(self, _packet: RtpPacket, _kind: Kind, octets: int, _now: float) -> None:
        self.left_octets.append(octets)

    def repeated(self, packet: RtpPacket, octets: int) -> None:
        assert octets == len(packet.payload)
        self.repeats.append(packet.payload)

    def padding(self, _octets: int) -> RtpPacket:
        raise AssertionError("it has no place for padding")


def spoken(*, twice: bool) -> tuple[Wire, Voice, Uplink, float]:
    """Three pieces of speech and two pictures went out."""
    loop, wire, voice = VirtualLoop(), Wire(), Voice()

    async def speak() -> Uplink:
        transport: Any = wire
        uplink = Uplink(transport, Line())
        uplink.control._twice.on = twice
        uplink.control._answers.feedback(asyncio.get_running_loop().time())
        uplink.join(voice)
        for piece in (b"one", b"two", b"three"):
            uplink.put(Kind.SOUND, voice, [RtpPacket(payload=piece)])
            uplink.put(Kind.VIDEO, voice, [RtpPacket(payload=b"picture")])
            await asyncio.sleep(0.02)
        uplink.close()
        return uplink

    try:
        uplink = loop.run_until_complete(speak())
        return wire, voice, uplink, loop.time()
    finally:
        loop.close()


def test_each_piece_of_speech_follows_the_next_once_more_and_counts_once() -> None:
    wire, voice, uplink, now = spoken(twice=True)
    speech = [packet for packet in wire.sent if packet != b"picture"]
    assert speech == [b"one", b"two", b"one", b"three", b"two"]
    assert len(voice.left_octets) == 6, "what RTP's own reports count"
    assert voice.repeats == [b"one", b"two"]
    assert uplink.control.next_number == 6, "feedback is asked for each packet once"
    assert uplink.control._limit.reports_bit_s(now) > 0, "the budget pays for it"


def test_a_clean_line_carries_each_piece_once() -> None:
    wire, _, _, _ = spoken(twice=False)
    assert [packet for packet in wire.sent if packet != b"picture"] == [b"one", b"two", b"three"]


@pytest.mark.parametrize("name", LINES)
def test_only_a_wide_line_that_loses_much_by_itself_is_worth_it(name: str) -> None:
    loop = Loop(LINES[name], Budget(AMPLE, LINES[name].up * 1000))
    loop.run(30)
    assert loop.control.speech_twice(30) == (name == "lossy1")


def test_it_begins_within_seconds() -> None:
    loop = Loop(LINES["lossy1"], Budget(AMPLE, 1_000_000))
    loop.run(12)
    assert loop.control.speech_twice(12)


def test_a_full_modem_is_no_reason() -> None:
    """What a buffer loses that is too small for the line would be lost twice as often."""
    shallow = Case(1000, 8000, 15, 3, 0, 6_000)
    loop = Loop(shallow, Budget(AMPLE, 1_000_000))
    loop.run(30)
    assert not loop.control.speech_twice(30)


def test_a_dead_line_and_one_without_feedback_get_it_once() -> None:
    loop = Loop(LINES["lossy1"], Budget(AMPLE, 1_000_000))
    loop.run(12)
    assert not loop.control.speech_twice(17), "nothing has come for 5 s"
    loop.control._break_off()
    assert not loop.control.speech_twice(12), "and once it is back it is learnt anew"


def test_where_the_far_end_wants_little_there_is_no_room() -> None:
    loop = Loop(LINES["lossy1"], Budget(AMPLE, 1_000_000))
    loop.run(12)
    loop.control.remb(128_000, 12)
    loop.run(14)
    assert not loop.control.speech_twice(14)


def test_it_neither_begins_nor_ends_at_once() -> None:
    rule, seen = SpeechTwice(), []
    steps = [(0.009, 1e6), (0.01, 5.9e5), (0.01, 6e5), (0.005, 5.5e5), (0.005, 5.3e5), (0.005, 1e6),
             (0.01, 1e6), (0.003, 1e6)]  # fmt: skip
    for inherent, bit_s in steps:
        rule.update(inherent, bit_s)
        seen.append(rule.on)
    assert seen == [False, False, True, True, False, False, True, False]
