"""How many copies of the picture's packets leave unasked. Pure.

A packet that is asked for again comes a round trip later. Where the way is long and loses much,
one or another is always being waited for and the picture stands; there the same octets are worth
more as copies sent at once, and a plainer picture that moves. The trade is that of hybrid NACK and
FEC (Holmer, Shemer, Paniconi, "Handling packet loss in WebRTC", ICIP 2013); copies travel as
retransmissions do (RFC 4588), which every browser takes, and parity over pictures of one or two
packets would be no smaller.
"""

from __future__ import annotations

_MOST = 2
_HIDDEN_S = 0.15
"""A wait of so much passes in the far end's jitter buffer."""
_STANDS, _STANDS_LITTLE = 0.15, 0.05
"""Share of the time in which something is waited for: more copies above, fewer when they would
keep it below."""
_PARTLY_FILLED = 15.0
"""Packets a second that pictures need beyond full ones."""
_PACKET_BITS = 9600.0
_LEAST_BIT_S = 80_000.0
"""What has to be left to the picture itself."""
_LEARN_S = 2.0
_EMPTY_S = 0.04
"""A queue shorter than this loses nothing: what is lost meanwhile the way loses by itself."""
_CHANGE_AFTER_S = 2.0


class CopyRule:
    """Learns what the way loses by itself; `copies` is in force."""

    def __init__(self) -> None:
        self.copies = 0
        """Of each packet of the picture, beside the first."""
        self._loss = 0.0
        self._last_at: float | None = None
        self._changed_at = float("-inf")

    def update(
        self,
        now: float,
        loss_ratio: float,
        queue_s: float | None,
        round_trip_s: float,
        picture_bit_s: float,
    ) -> None:
        """What feedback says: lost of late, 0 to 1, what stands in the bottleneck, the round trip
        of an empty line; and what the picture and its copies may take of the line."""
        elapsed = 0.0 if self._last_at is None else min(1.0, now - self._last_at)
        self._last_at = now
        if queue_s is not None and queue_s < _EMPTY_S:
            self._loss += (loss_ratio - self._loss) * min(1.0, elapsed / _LEARN_S)
        if now - self._changed_at < _CHANGE_AFTER_S:
            return
        wish = self._wish(round_trip_s, picture_bit_s)
        if wish != self.copies:
            self.copies = wish
            self._changed_at = now

    def residual(self, loss_ratio: float) -> float:
        """What is lost with all its copies, of what is lost at all."""
        return float(loss_ratio ** (self.copies + 1))

    def _wish(self, round_trip_s: float, bit_s: float) -> int:
        most = max(0, min(_MOST, int(bit_s / _LEAST_BIT_S) - 1))
        for copies in range(most):
            limit = _STANDS_LITTLE if copies < self.copies else _STANDS
            if self._stands(copies, round_trip_s, bit_s) < limit:
                return copies
        return most

    def _stands(self, copies: int, round_trip_s: float, bit_s: float) -> float:
        """Share of the time in which a lost packet is waited for."""
        packets = _PARTLY_FILLED + bit_s / _PACKET_BITS / (1 + copies)
        return packets * self._loss ** (copies + 1) * max(0.0, round_trip_s - _HIDDEN_S)
