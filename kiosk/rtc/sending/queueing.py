"""How long packets stand in the bottleneck's buffer. Pure.

The least one-way delay of the last moments, over the least in many seconds, is what stands in
front of every packet: bursts and jitter pass through a minimum, a standing queue does not (the
insight of CoDel, RFC 8289 §3). It says in one feedback what a slope needs a second for on a line
of twenty packets a second, and it says how much there is to drain.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from kiosk.rtc.sending.ledger import Sent

WINDOW_S = 0.1
"""Of arrivals, in which the least delay stands for all."""
_FEWEST = 3
"""Packets in the window, however long it takes on a thin line."""
_MOST_HELD = 1_000
"""Packets; more do not come in the window, unless the far end's clock stands still."""
_BASE_SLICE_S = 2.0
_BASE_SLICES = 15
"""30 s of memory: a clock that drifts by 100 ppm moves by 3 ms in it."""
_MOST_S = 30.0
"""A delay that is further off is another clock."""
_SAMPLE_S = 0.1
_JITTER_GAIN = 1 / 32
_JITTER_FREE_S = 0.010
"""What the sender's own filling and draining makes."""
_MOST_KINK_S = 0.15
_SLACK_PER_JITTER = 2.5
_MOST_SLACK_S = 0.2


class QueueMeter:
    """Standing queue in seconds, from transport-wide feedback."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, float, int]] = deque(maxlen=_MOST_HELD)
        self._slices: deque[tuple[float, float, float]] = deque(maxlen=_BASE_SLICES)
        self._standing: float | None = None
        self._own_s = 0.0
        self._samples: deque[tuple[float, float]] = deque(maxlen=3)
        self._jitter_s = 0.0

    def add(self, packets: Sequence[Sent], bit_s: float = math.inf) -> None:
        """Packets that arrived, in the order of sending; what the line is taken to carry."""
        for packet in packets:
            if packet.arrived_at is not None:
                self._note(packet.arrived_at, packet.arrived_at - packet.at, packet.octets)
        if len(self._recent) >= _FEWEST:
            self._standing = min(delay for _, delay, _ in self._recent)
            self._own_s = min(octets for _, _, octets in self._recent) * 8 / bit_s
            self._note_base(self._recent[-1][0], self._standing)
            self._note_jitter(self._recent[-1][0], self._standing)

    def break_off(self) -> None:
        """Forget the last moments, not the way's length: after an outage."""
        self._recent.clear()
        self._samples.clear()
        self._standing = None

    def rebase(self) -> None:
        """The way has another length: what stands now is none of a queue."""
        self._slices.clear()
        if self._standing is not None:
            self._slices.append((self._recent[-1][0], self._standing, self._own_s))

    @property
    def standing_s(self) -> float | None:
        """What every recent packet waited at least; None while too few have been seen.

        A packet's own time on the wire grows when the line thins (speech takes 10 ms at 150
        kbit/s, 47 at 30). That is no queue, though it lasts, so what it grew by is taken off.
        """
        if self._standing is None:
            return None
        _, base_s, own_s = min(self._slices, key=lambda entry: entry[1])
        return self._standing - base_s - max(0.0, self._own_s - own_s)

    @property
    def slack_s(self) -> float:
        """What of it may be the way's jitter and no queue."""
        return min(_MOST_SLACK_S, _SLACK_PER_JITTER * max(0.0, self._jitter_s - _JITTER_FREE_S))

    def _note(self, arrived_at: float, delay_s: float, octets: int) -> None:
        if self._recent and abs(delay_s - self._recent[-1][1]) > _MOST_S:
            self._slices.clear()
            self.break_off()
        self._recent.append((arrived_at, delay_s, octets))
        while len(self._recent) > _FEWEST and self._recent[0][0] < arrived_at - WINDOW_S:
            self._recent.popleft()

    def _note_jitter(self, at: float, delay_s: float) -> None:
        """A queue grows and shrinks along lines, jitter makes kinks: the second difference."""
        if self._samples and abs(at - self._samples[-1][0]) < _SAMPLE_S:
            return
        self._samples.append((at, delay_s))
        if len(self._samples) == 3:
            (_, first), (_, middle), (_, last) = self._samples
            kink = min(_MOST_KINK_S, abs(middle - (first + last) / 2))
            self._jitter_s += (kink - self._jitter_s) * _JITTER_GAIN

    def _note_base(self, at: float, delay_s: float) -> None:
        """The least of what stood: a single packet that slipped through is no measure."""
        if self._slices and abs(at - self._slices[-1][0]) < _BASE_SLICE_S:
            begun, least_s, _ = self._slices[-1]
            if delay_s < least_s:
                self._slices[-1] = (begun, delay_s, self._own_s)
        else:
            self._slices.append((at, delay_s, self._own_s))
        while self._slices[0][0] < at - _BASE_SLICE_S * _BASE_SLICES:
            self._slices.popleft()
