"""When a whole picture is made: seldom on a thin line, and once for many requests. Pure.

Sources: RFC 4585 §6.3.1 (PLI), RFC 5104 §4.3.1 (FIR): a sender answers as its rate control allows.
"""

from __future__ import annotations

_LEAST_S, _MOST_S = 0.3, 4.0
_COST = 3.0
"""A whole picture's time on the line, so often, is the least between two."""
_ASSUMED_OCTETS = 4_000


class KeyframeThrottle:
    """Merges requests; spaces whole pictures by what they cost at the rate in force."""

    def __init__(self) -> None:
        self._wanted = True  # the first picture is a whole one
        self._made_at: float | None = None
        self._octets = float(_ASSUMED_OCTETS)
        self._last_octets = 0

    def request(self, now: float, round_trip_s: float | None, video_bit_s: float) -> bool:
        """A PLI or FIR came; whether it is granted.

        What was asked before the last whole picture could have been seen, its time on the line and
        a round trip, is answered by it.
        """
        if self._made_at is not None:
            leaving_s = self._last_octets * 8 / max(1.0, video_bit_s)
            if now - self._made_at <= leaving_s + (round_trip_s or 0.0):
                return False
        self._wanted = True
        return True

    def needed(self) -> None:
        """The encoder's picture is of no use without a whole one, whatever was just sent."""
        self._wanted = True

    def due(self, now: float, video_bit_s: float) -> bool:
        """Whether the next picture is to be a whole one."""
        at = self.deadline(video_bit_s)
        return at is not None and now >= at

    def deadline(self, video_bit_s: float) -> float | None:
        """From when on the next picture is to be a whole one; None: nobody asked."""
        if not self._wanted:
            return None
        if self._made_at is None:
            return float("-inf")
        return self._made_at + self.spacing_s(video_bit_s)

    def spacing_s(self, video_bit_s: float) -> float:
        """The least time between two whole pictures at this rate."""
        seconds = self._octets * 8 / max(1.0, video_bit_s)
        return min(_MOST_S, max(_LEAST_S, _COST * seconds))

    def made(self, now: float, octets: int) -> None:
        """A whole picture of so many octets left the encoder, asked for or not."""
        self._wanted = False
        self._made_at = now
        self._last_octets = octets
        self._octets += 0.5 * (octets - self._octets)
