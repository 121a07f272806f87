"""Numbers that came already (RFC 4303 §3.4.3's sliding window). Pure."""

from __future__ import annotations

WIDTH = 1024
"""Numbers behind the highest one that can still be told apart."""


class ReplayWindow:
    """A bitmap of the last WIDTH numbers; what lies behind it counts as seen."""

    def __init__(self) -> None:
        self._highest = -1
        self._bits = 0

    def seen(self, number: int) -> bool:
        """Whether this number came before, or is too old to tell."""
        behind = self._highest - number
        return behind >= 0 and (behind >= WIDTH or bool(self._bits >> behind & 1))

    def add(self, number: int) -> None:
        """It came now."""
        ahead = number - self._highest
        if ahead > 0:
            self._bits = 1 if ahead >= WIDTH else (self._bits << ahead | 1) & (1 << WIDTH) - 1
            self._highest = number
        elif ahead > -WIDTH:
            self._bits |= 1 << -ahead
