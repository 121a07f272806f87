"""Sender reports that tell when a sample was captured: the far end joins lips and voice by them."""

from __future__ import annotations

import time
from typing import Any, Protocol, runtime_checkable

from aiortc import clock
from aiortc.rtcrtpsender import RTCRtpSender


@runtime_checkable
class CaptureClock(Protocol):
    """A track that knows when its samples were captured."""

    def captured_at(self, timestamp: int) -> float:
        """`time.monotonic()` of the capture of what bears this RTP timestamp, less its offset."""


class KioskSender(RTCRtpSender):
    """RTP time is paired with the capture's NTP time (RFC 3550 section 6.4.1).

    aiortc pairs it with the instant of sending: whatever picture and sound spend in encoders and
    queues would differ, and the far end would show them that much apart.
    """

    _captured_ntp = 0
    _reported_ntp = 0

    async def _next_encoded_frame(self, codec: Any) -> Any:
        track = self.track
        encoded = await super()._next_encoded_frame(codec)
        if encoded is not None:
            age_s = 0.0
            if isinstance(track, CaptureClock):
                age_s = max(0.0, time.monotonic() - track.captured_at(encoded.timestamp))
            self._captured_ntp = clock.current_ntp_time() - round(age_s * 2**32)
        return encoded

    @property
    def _RTCRtpSender__ntp_timestamp(self) -> int:  # noqa: N802 (aiortc's own mangled name)
        return self._reported_ntp

    @_RTCRtpSender__ntp_timestamp.setter
    def _RTCRtpSender__ntp_timestamp(self, _sent_at: int) -> None:  # noqa: N802
        # aiortc sets this and the packet's RTP timestamp together, with no other task between
        self._reported_ntp = self._captured_ntp
