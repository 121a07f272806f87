"""Does media flow? Pure: packets and `now` in, changes out."""

from __future__ import annotations

from typing import Literal

Change = Literal["flowing", "silent"]

SILENT_AFTER_S = 1.5
"""Seconds without any RTP packet before the far end counts as silent."""


class Watchdog:
    """Watches one connection; times are seconds of a monotonic clock.

    Before the first packet it is neither flowing nor silent: a connection being set up is the
    business of its own time limit.
    """

    def __init__(self, silent_after_s: float = SILENT_AFTER_S) -> None:
        self._silent_after = silent_after_s
        self._last: float | None = None
        self.flowing = False

    def packet(self, now: float) -> Change | None:
        """An RTP packet arrived; says `flowing` when it is the first, also after a silence."""
        self._last = now
        if self.flowing:
            return None
        self.flowing = True
        return "flowing"

    def check(self, now: float) -> Change | None:
        """Time passed; says `silent` once when nothing came for too long."""
        if self.flowing and self._last is not None and now >= self._last + self._silent_after:
            self.flowing = False
            return "silent"
        return None

    def deadline(self) -> float | None:
        """When `check` must be called next, or None while there is nothing to watch."""
        if not self.flowing or self._last is None:
            return None
        return self._last + self._silent_after
