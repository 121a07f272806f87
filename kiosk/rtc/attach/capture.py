"""When what a track gives was captured."""

from __future__ import annotations

import time
from typing import Protocol, runtime_checkable

from aiortc import MediaStreamTrack


@runtime_checkable
class CaptureClock(Protocol):
    """A track that knows when its samples were captured."""

    timestamp: int
    """Of what `recv` gave last, by the clock of its RTP packets."""

    def captured_at(self, timestamp: int) -> float:
        """`time.monotonic()` of the capture of what bears this RTP timestamp, less its offset."""


class CaptureClocks:
    """The clock of the present track, if it has one."""

    def __init__(self) -> None:
        self._clock_of: tuple[MediaStreamTrack | None, CaptureClock | None] = None, None

    def of(self, track: MediaStreamTrack | None) -> CaptureClock | None:
        """This track's."""
        known, clock = self._clock_of
        if known is not track:  # asking what a track can takes long, for each packet
            clock = track if isinstance(track, CaptureClock) else None
            self._clock_of = track, clock
        return clock

    def age_s(self, track: MediaStreamTrack | None, timestamp: int) -> float:
        """How long ago what bears this timestamp was captured; 0 where nobody knows."""
        clock = self.of(track)
        return 0.0 if clock is None else max(0.0, time.monotonic() - clock.captured_at(timestamp))
