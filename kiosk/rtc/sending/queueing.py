"""How long packets stand in the bottleneck's buffer. Pure.

The least one-way delay of the last moments, over the least in many seconds, is what stands in
front of every packet: bursts and jitter pass through a minimum, a standing queue does not (the
insight of CoDel, RFC 8289 §3). It says in one feedback what a slope needs a second for on a line
of twenty packets a second, and it says how much there is to drain.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from kiosk.rtc.sending.ledger import Sent

WINDOW_S = 0.15
"""In which the least delay stands for all; a video frame's burst is over within it."""
_BASE_SLICE_S = 2.0
_BASE_SLICES = 15
"""30 s of memory: a clock that drifts by 100 ppm moves by 3 ms in it."""
_FEWEST = 3
_MOST_S = 30.0
"""A delay that is further off is another clock."""


class QueueMeter:
    """Standing queue in seconds, from transport-wide feedback."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, float]] = deque()
        self._slices: deque[tuple[float, float]] = deque(maxlen=_BASE_SLICES)
        self._newest_s = 0.0

    def add(self, packets: Sequence[Sent]) -> None:
        """Packets that arrived, in the order of sending."""
        for packet in packets:
            if packet.arrived_at is None:
                continue
            delay_s = packet.arrived_at - packet.at
            base = self._base()
            if base is not None and abs(delay_s - base) > _MOST_S:
                self.restart()
                base = None
            self._recent.append((packet.at, delay_s))
            self._newest_s = delay_s
            self._note_base(packet.at, delay_s)
        while self._recent and self._recent[0][0] < self._recent[-1][0] - WINDOW_S:
            self._recent.popleft()
        while len(self._slices) > 1 and self._slices[0][0] < self._slices[-1][0] - (
            _BASE_SLICE_S * _BASE_SLICES
        ):
            self._slices.popleft()

    def restart(self) -> None:
        """Forget everything: the way or the clock is another."""
        self._recent.clear()
        self._slices.clear()

    def break_off(self) -> None:
        """Forget the last moments, not the way's length: after an outage."""
        self._recent.clear()

    @property
    def standing_s(self) -> float | None:
        """What every recent packet waited at least; None while too few have been seen."""
        base = self._base()
        if base is None or len(self._recent) < _FEWEST:
            return None
        return min(delay for _, delay in self._recent) - base

    @property
    def newest_s(self) -> float:
        """What the newest packet waited, bursts and jitter included."""
        base = self._base()
        return 0.0 if base is None else self._newest_s - base

    def _base(self) -> float | None:
        return min((delay for _, delay in self._slices), default=None)

    def _note_base(self, at: float, delay_s: float) -> None:
        if self._slices and at - self._slices[-1][0] < _BASE_SLICE_S:
            begun, least = self._slices[-1]
            self._slices[-1] = (begun, min(least, delay_s))
        else:
            self._slices.append((at, delay_s))
