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
    losses: list[float] = []
    sender = KioskSender.__new__(KioskSender)
    sender._ssrc, sender._rtx_ssrc, sender._source = OWN, AGAIN, None
    sender._private, sender._RTCRtpSender__rtt = sender, None
    uplink = SimpleNamespace(
        reached=lambda *told: reached.append(told), report=lambda lost, _trip: losses.append(lost)
    )
    sender._RTCRtpSender__transport = SimpleNamespace(uplink=uplink)
    sender._take_reports(RtcpRrPacket(9, [block(OWN, 70_000), block(AGAIN, 5), block(OTHERS, 6)]))
    assert reached == [(OWN, 70_000), (AGAIN, 5)]
    assert losses == [0.0]
