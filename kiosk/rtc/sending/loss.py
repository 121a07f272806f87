"""What loss says about the rate. Pure.

Source: draft-ietf-rmcat-gcc-02 §6, with one thing added: a line that loses 2 % of everything
whatever is sent must not be mistaken for a full one. Loss seen while nothing stands in the
bottleneck's buffer is learnt as the line's own and taken off before the draft's rule is applied.
"""

from __future__ import annotations

from collections import deque

_WINDOW_S = 1.0
_FEWEST_PACKETS = 20
_LONGEST_S = 4.0
_HIGH, _LOW = 0.10, 0.02
_RISE = 1.05
_STEP_S = 0.3
"""Between two decreases, beside the round trip (§6)."""
_LEARN_S = 8.0
_MOST_INHERENT = 0.08
_EMPTY_S = 0.04
"""A queue shorter than this loses nothing."""


class LossController:
    """An upper bound for the rate, from the share of packets lost."""

    def __init__(self, start_bit_s: float) -> None:
        self.bit_s = start_bit_s
        self._seen: deque[tuple[float, int, int]] = deque()
        self.ratio = 0.0
        """Lost of what was sent in the last second or more, 0 to 1."""
        self.inherent = 0.0
        """What the line loses by itself, 0 to 1."""
        self._decreased_at = float("-inf")
        self._last_at: float | None = None

    def update(
        self, now: float, arrived: int, lost: int, queue_s: float | None, round_trip_s: float
    ) -> None:
        """Packets of which became known how they fared; queue and round trip in seconds.

        `lost` is below zero where more turned up after all than were newly missed: on a line that
        does not keep the order, what is overtaken counts as lost until it comes.
        """
        elapsed = 0.0 if self._last_at is None else min(1.0, now - self._last_at)
        self._last_at = now
        self._seen.append((now, arrived, lost))
        packets = sum(a + b for _, a, b in self._seen)
        while self._seen and self._old(now, packets):
            _, a, b = self._seen.popleft()
            packets -= a + b
        if packets < _FEWEST_PACKETS:
            return
        self.ratio = max(0.0, sum(b for _, _, b in self._seen) / packets)
        if queue_s is not None and queue_s < _EMPTY_S:
            wish = min(self.ratio, _MOST_INHERENT)
            self.inherent += (wish - self.inherent) * min(1.0, elapsed / _LEARN_S)
        self._judge(now, elapsed, packets, round_trip_s)

    def follow(self, bit_s: float) -> None:
        """The rate in force is so much: the bound stays within a doubling of it."""
        self.bit_s = min(self.bit_s, 2 * bit_s)

    def raise_to(self, bit_s: float) -> None:
        """A probe has shown that so much arrives."""
        self.bit_s = max(self.bit_s, bit_s)

    def break_off(self) -> None:
        """After an outage: what was lost in it says nothing about the rate."""
        self._seen.clear()
        self._last_at = None

    def _old(self, now: float, packets: int) -> bool:
        at, a, b = self._seen[0]
        if at < now - _LONGEST_S:
            return True
        return at < now - _WINDOW_S and packets - a - b >= _FEWEST_PACKETS

    def _judge(self, now: float, elapsed: float, packets: int, round_trip_s: float) -> None:
        own = max(0.0, self.ratio - self.inherent)
        # One lost packet of twenty is no five per cent: leave out what chance alone explains.
        chance = 2 * (max(self.inherent, 0.01) / packets) ** 0.5
        if own - chance > _HIGH:
            if now - self._decreased_at > _STEP_S + round_trip_s:
                self._decreased_at = now
                self.bit_s *= 1 - 0.5 * own
        elif own - chance < _LOW:
            self.bit_s *= _RISE ** (elapsed / max(0.05, round_trip_s))
