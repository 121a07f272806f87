"""When the far end's REMB changes what the encoder aims at. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

_WINDOW_S = 1.0
_RAISE_EVERY_S = 3.0
"""Each change of aim costs a key frame (aiortc opens the encoder anew): raise seldom."""
_RAISE_MOST = 1.3


@dataclass(frozen=True)
class Limits:
    """Bounds of one encoder, in bit/s."""

    least: int = 60_000
    start: int = 500_000
    most: int = 1_500_000

    def capped(self, most: int) -> Limits:
        """The same, never above `most`."""
        most = max(most, self.least)
        return replace(self, start=min(self.start, most), most=most)


class Aim:
    """The bit rate an encoder aims at.

    Chromium's REMB follows what arrives: for a still picture it says 24 kbit/s although the line
    could carry more. So it lowers the aim only when it is below what was really sent.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._sent: deque[tuple[float, int]] = deque()
        self._raised_at = float("-inf")
        self.bit_s = limits.start

    def sent(self, octets: int, now: float) -> None:
        """A frame of this size left the encoder."""
        self._sent.append((now, octets))
        while self._sent and self._sent[0][0] < now - _WINDOW_S:
            self._sent.popleft()

    def remb(self, bit_s: int, now: float) -> int:
        """The far end estimates that so much can arrive (draft-alvestrand-rmcat-remb §2.2)."""
        wish = max(self._limits.least, min(bit_s, self._limits.most))
        if wish < self.bit_s:
            if bit_s < self.sending(now):
                self.bit_s = wish
        elif wish > self.bit_s and now - self._raised_at >= _RAISE_EVERY_S:
            self._raised_at = now
            self.bit_s = min(wish, int(self.bit_s * _RAISE_MOST))
        return self.bit_s

    def sending(self, now: float) -> float:
        """What left in the last second, in bit/s."""
        return 8 * sum(octets for at, octets in self._sent if at >= now - _WINDOW_S) / _WINDOW_S
