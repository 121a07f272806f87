"""What was sent, in the names of W3C webrtc-stats that aiortc lacks or counts otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kiosk.rtc.coding import CodedPicture
from kiosk.rtc.sending.pacer import Kind


@dataclass
class Outbound:
    """Counts of one outgoing stream, with all that leaves again or pads, in its RTX stream too."""

    packets: int = 0
    octets: int = 0
    """Of payload."""
    header_octets: int = 0
    """Of RTP headers and padding."""
    resent_packets: int = 0
    resent_octets: int = 0
    frames: int = 0
    whole: int = 0
    encode_s: float = 0.0
    size: tuple[int, int] | None = None
    nacks: int = 0
    requests: int = 0
    """For whole pictures (PLI)."""
    full_requests: int = 0
    """The same by FIR."""

    def coded(self, picture: CodedPicture, seconds: float) -> None:
        """One picture left the encoder after so long."""
        self.frames += 1
        self.whole += picture.whole
        self.encode_s += seconds
        self.size = (picture.width, picture.height)

    def left(self, kind: Kind, octets: int) -> None:
        """One packet with so many octets of payload left."""
        self.packets += 1
        self.octets += octets
        if kind.repeats:
            self.resent_packets += 1
            self.resent_octets += octets

    def entries(self, kind: str, target_bit_s: float, limited_by: str) -> dict[str, Any]:
        """Fields of an `outbound-rtp` entry; aiortc's own counts are the sender report's, without
        RTX."""
        entries: dict[str, Any] = {
            "packetsSent": self.packets,
            "bytesSent": self.octets,
            "headerBytesSent": self.header_octets,
            "targetBitrate": round(target_bit_s),
            "retransmittedPacketsSent": self.resent_packets,
            "retransmittedBytesSent": self.resent_octets,
            "nackCount": self.nacks,
        }
        if kind == "video":
            entries |= {
                "framesEncoded": self.frames,
                "keyFramesEncoded": self.whole,
                "totalEncodeTime": round(self.encode_s, 3),
                "pliCount": self.requests,
                "firCount": self.full_requests,
                "qualityLimitationReason": limited_by,
            }
            if self.size is not None:
                entries |= {"frameWidth": self.size[0], "frameHeight": self.size[1]}
        return entries
