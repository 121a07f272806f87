"""What receiver reports say of one stream, whatever its numbers are."""

from __future__ import annotations

from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtpPacket

from kiosk.rtc.wrap import nearest

_MOST_JITTER = 0xFFFFFFFF


class KioskStreamStatistics(StreamStatistics):
    """aiortc's counts, whose jitter does not take a wrap of RTP time for a delay of hours.

    Beyond 32 bits it could not be written into a report, and aiortc sends no more reports after
    one that could not be written (RFC 3550 §6.4.1).
    """

    def add(self, packet: RtpPacket) -> None:
        """One packet."""
        if self._last_timestamp is not None:
            self._last_timestamp = nearest(self._last_timestamp, 32, packet.timestamp)
        super().add(packet)

    @property
    def jitter(self) -> int:
        """In units of the stream's clock; 32 bits."""
        return min(_MOST_JITTER, super().jitter)
