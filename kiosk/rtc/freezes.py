"""How often the far picture stood still. Pure."""

from __future__ import annotations

from collections import deque

_WINDOW = 30
_LEAST_S = 0.15


class FreezeMeter:
    """Counts freezes as W3C webrtc-stats defines `freezeCount`.

    A frame comes after a freeze when its interval is longer than three times the mean of the
    last 30 and longer than that mean plus 150 ms.
    """

    def __init__(self) -> None:
        self._intervals: deque[float] = deque(maxlen=_WINDOW)
        self._last: float | None = None
        self.frames = 0
        self.count = 0
        self.total_s = 0.0

    def frame(self, at: float) -> None:
        """A frame was decoded at `at`, in seconds."""
        self.frames += 1
        if self._last is not None:
            interval = at - self._last
            if self._intervals:
                mean = sum(self._intervals) / len(self._intervals)
                if interval > max(3 * mean, mean + _LEAST_S):
                    self.count += 1
                    self.total_s += interval
            self._intervals.append(interval)
        self._last = at
