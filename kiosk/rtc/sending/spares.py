"""Whether speech carries spare copies of the packet before (in-band FEC). Pure."""

from __future__ import annotations

_MEMORY_S = 30.0
_CLEAN = 0.002
"""Losses below this need no spare copies."""
_MOST_LOSS = 0.25
"""Beyond, libopus would spend most on copies."""


class SpareCopies:
    """Remembers the far end's losses: copies from the start, and as long as packets are lost."""

    def __init__(self) -> None:
        self._loss = 0.0
        self._lossy_at: float | None = None

    def lost(self, ratio: float, now: float) -> None:
        """A receiver report's fraction lost, 0 to 1 (RFC 3550 §6.4.1)."""
        if self._lossy_at is None:
            self._lossy_at = now  # before the first report losses are assumed
        self._loss += (ratio - self._loss) * (0.5 if ratio > self._loss else 0.1)
        if ratio > _CLEAN:
            self._lossy_at = now

    def loss_ratio(self, claim: float, now: float) -> float:
        """What `opus.Encoder.tune` is told: 0, or enough for copies at a step with this claim."""
        if self._lossy_at is not None and now - self._lossy_at >= _MEMORY_S:
            return 0.0
        return min(_MOST_LOSS, max(claim, self._loss))
