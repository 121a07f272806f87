"""What a receiver report says of each stream of one sender, its repairs' and padding's included."""

from __future__ import annotations

from types import SimpleNamespace

from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket

from kiosk.rtc.attach import install
from kiosk.rtc.attach.sender import KioskSender

OWN, AGAIN, OTHERS = 1, 2, 3


def block(ssrc: int, highest: int) -> RtcpReceiverInfo:
    return RtcpReceiverInfo(ssrc, 0, 0, highest, 0, 0, 0)


def test_how_far_each_has_come_is_told_and_the_rest_of_the_media_s_alone() -> None:
    """While the window is closed padding alone leaves, and it tells that the line is alive."""
    install()
    reached: list[tuple[int, int]] = []
    told: list[tuple[float, float | None]] = []
    sender = KioskSender.__new__(KioskSender)
    sender._ssrc, sender._rtx_ssrc, sender._source = OWN, AGAIN, None
    sender._private, sender._RTCRtpSender__rtt = sender, 0.9
    uplink = SimpleNamespace(
        reached=lambda *which: reached.append(which), report=lambda *said: told.append(said)
    )
    sender._RTCRtpSender__transport = SimpleNamespace(uplink=uplink)
    report = RtcpRrPacket(9, [block(OWN, 70_000), block(AGAIN, 5), block(OTHERS, 6)])
    sender._take_reports(report, None)
    sender._take_reports(report, 0.06)
    assert reached == 2 * [(OWN, 70_000), (AGAIN, 5)]
    assert told == [(0.0, None), (0.0, 0.06)], "an old round trip is no new one"
