"""What was sent lately, and how short the way is when nothing stands in it. Pure."""

from __future__ import annotations

from collections import deque

_HISTORY_S = 3.0
_ROUND_TRIPS_S = 30.0


class Traffic:
    """Octets over the last moments."""

    def __init__(self) -> None:
        self._sent: deque[tuple[float, int]] = deque()

    def add(self, now: float, octets: int) -> None:
        """So many left."""
        self._sent.append((now, octets))
        while self._sent[0][0] < now - _HISTORY_S:
            self._sent.popleft()

    def bit_s(self, end: float, window_s: float = 1.0) -> float:
        """Bit/s in the window before `end`."""
        octets = 0
        for at, size in reversed(self._sent):  # asked for with every packet, mostly of the newest
            if at <= end - window_s:
                break
            octets += size if at <= end else 0
        return 8 * octets / window_s


class LeastTrip:
    """The least round trip of the last half minute, in seconds."""

    def __init__(self, assumed_s: float) -> None:
        self._assumed_s = assumed_s
        self._least: deque[tuple[float, float]] = deque()

    def add(self, now: float, trip_s: float) -> None:
        """One more was measured."""
        while self._least and self._least[-1][1] >= trip_s:
            self._least.pop()
        self._least.append((now, trip_s))
        while self._least[0][0] < now - _ROUND_TRIPS_S:
            self._least.popleft()

    @property
    def seconds(self) -> float:
        """As assumed before the first."""
        return self._least[0][1] if self._least else self._assumed_s
