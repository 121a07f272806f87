"""What is sent for feedback's sake alone, on a loop whose clock is the test's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiortc.rtp import RtpPacket
from virtual_loop import VirtualLoop

from kiosk.rtc.attach.uplink import Uplink
from kiosk.rtc.line import Line
from kiosk.rtc.sending.framing import Framing
from kiosk.rtc.sending.pacer import Kind
from kiosk.rtc.sending.twcc import TICK_S, Feedback


class Far:
    """The transport, and the far end behind it, which answers what is numbered."""

    relay_octets = 0

    def __init__(self) -> None:
        self.sent: list[tuple[float, int]] = []
        self.answers: Callable[[int], None] | None = None

    def sealed(self, clear: bytes) -> bytes:
        return clear

    async def send_sealed(self, sealed: bytes) -> None:
        number = int.from_bytes(sealed[:4], "big")
        self.sent.append((asyncio.get_running_loop().time(), number))
        if self.answers is not None:
            self.answers(number)


class Camera:
    numbered = pads = True

    def __init__(self) -> None:
        self.octets: list[int] = []

    def written(self, packet: RtpPacket, number: int | None) -> bytes:
        return (number or 0).to_bytes(4, "big") + packet.payload

    def left(self, _packet: RtpPacket, _kind: Kind, octets: int, _now: float) -> None:
        self.octets.append(octets)

    def padding(self, octets: int) -> RtpPacket:
        return RtpPacket(payload=bytes(octets))


async def one_picture_then_none(far: Far, seconds: float) -> None:
    transport: Any = far
    uplink, camera = Uplink(transport, Line()), Camera()
    loop = asyncio.get_running_loop()

    def answer(number: int) -> None:
        arrived = round(loop.time() / TICK_S)
        feedback = Feedback(1, 1, number, number & 0xFF, (arrived,))
        loop.call_later(0.04, uplink.feedback, feedback)

    far.answers = answer
    uplink.join(camera)
    uplink.put(Kind.VIDEO, camera, [RtpPacket(payload=bytes(500))])
    await asyncio.sleep(seconds)
    uplink.close()


def test_where_sound_has_no_numbers_a_picture_that_waits_is_not_the_end_of_feedback() -> None:
    """Firefox numbers no sound: a call whose picture waited for the line to empty got no feedback
    any more, so it never heard that the line was empty."""
    loop, far = VirtualLoop(), Far()
    try:
        begun = loop.time()
        loop.run_until_complete(one_picture_then_none(far, 10.0))
    finally:
        loop.close()
    late = [at - begun for at, _ in far.sent if at - begun > 5.0]
    assert 8 <= len(late) <= 12, late


@pytest.mark.parametrize("relay_octets", [0, 52])
def test_what_a_relay_adds_is_counted(relay_octets: int) -> None:
    loop, far, camera = VirtualLoop(), Far(), Camera()

    async def one_picture() -> Uplink:
        transport: Any = far
        uplink = Uplink(transport, Line())
        uplink.join(camera)
        far.relay_octets = relay_octets  # a relay was found
        uplink.put(Kind.VIDEO, camera, [RtpPacket(payload=bytes(500))])
        await asyncio.sleep(0.01)
        uplink.close()
        return uplink

    try:
        uplink = loop.run_until_complete(one_picture())
    finally:
        loop.close()
    assert camera.octets[0] == 504 + 28 + relay_octets
    target = uplink.control.target(loop.time())
    relayed = Framing(relay_octets=relay_octets)
    assert target.sound_bit_s == target.sound.line_bit_s(relayed)
    assert target.sound_bit_s + target.video_bit_s <= target.total_bit_s


def test_a_burst_that_is_called_off_in_its_middle_sends_no_more_padding() -> None:
    loop, far, camera = VirtualLoop(), Far(), Camera()

    async def called_off() -> tuple[int, int]:
        transport: Any = far
        uplink = Uplink(transport, Line())
        uplink.join(camera)
        uplink.put(Kind.VIDEO, camera, [RtpPacket(payload=bytes(500))])
        await asyncio.sleep(0.01)
        before = len(far.sent)
        uplink.control.prober.cancel()  # as when a queue is found
        await asyncio.sleep(0.5)
        after = len(far.sent)
        uplink.close()
        return before, after

    try:
        before, after = loop.run_until_complete(called_off())
    finally:
        loop.close()
    assert before > 1, "the picture and some padding"
    assert after == before
