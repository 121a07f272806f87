"""The kiosk's sender: reports tell the capture, and nothing is sent again in vain."""
# ruff: noqa: SLF001 - reaching into private parts is what this package is for

from __future__ import annotations

import time
from typing import Any, Protocol, cast, runtime_checkable

from aiortc import clock
from aiortc.rtcrtpsender import RTCRtpSender


@runtime_checkable
class CaptureClock(Protocol):
    """A track that knows when its samples were captured."""

    def captured_at(self, timestamp: int) -> float:
        """`time.monotonic()` of the capture of what bears this RTP timestamp, less its offset."""


class KioskSender(RTCRtpSender):
    """aiortc's sender with two differences.

    RTP time is paired with the capture's NTP time (RFC 3550 section 6.4.1), where aiortc takes
    the instant of sending: whatever picture and sound spend in encoders and queues would differ,
    and the far end would show them that much apart.

    Whoever asks for a whole picture has no use for parts of older ones. After a cut a browser
    asks for hundreds of lost packets (RFC 4585 section 6.2.1); sent again, they would fill the
    modem's buffer in front of the whole picture, for seconds.
    """

    _captured_ntp = 0
    _reported_ntp = 0

    def _send_keyframe(self) -> None:
        cast("Any", self)._RTCRtpSender__rtp_history.clear()
        super()._send_keyframe()

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
