"""A request for a whole picture while one is on its way: its lost parts can still be asked for."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from aiortc.rtp import RtpPacket

from kiosk.rtc.attach import install
from kiosk.rtc.attach.resending import Resending
from kiosk.rtc.attach.sender import KioskSender
from kiosk.rtc.attach.sending import PictureSource
from kiosk.rtc.sending.pictures import PictureCourse

BIT_S, ROUND_TRIP_S = 128_000.0, 0.1


@pytest.mark.parametrize(("age_s", "resent"), [(0.2, 2), (5.0, 0)])
async def test_repairs_stay_until_another_whole_picture_is_made(age_s: float, resent: int) -> None:
    """6,000 octets take 375 ms of 128 kbit/s."""
    install()
    now = asyncio.get_running_loop().time()
    sender = KioskSender.__new__(KioskSender)
    sender._resending = Resending(SimpleNamespace(_RTCRtpSender__rtx_payload_type=None))
    for number in range(10):
        packet = RtpPacket(97, 0, number, 0, 1, bytes(500))
        sender._resending.left(packet, 560, now - 0.2 + 0.02 * number)
    source = PictureSource.__new__(PictureSource)
    source.course = PictureCourse("vp8")
    source.course._keyframes.made(now - age_s, 6000)
    sender._source = source
    sender._RTCRtpSender__transport = SimpleNamespace(
        uplink=SimpleNamespace(
            control=SimpleNamespace(round_trip_s=ROUND_TRIP_S),
            target=lambda: SimpleNamespace(video_bit_s=BIT_S),
        )
    )
    sender._send_keyframe()
    asked = sender._resending.asked_for([4, 5], lambda _octets: True, ROUND_TRIP_S, now)
    assert len(asked) == resent
