"""What is known of a line before a call, and where sending begins by it. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

KEEP_OF_KNOWN = 0.85
"""The start rate as a share of what the line is known to carry."""
START_UNKNOWN_BIT_S = 300_000.0
_HELD_DOUBLES_S, _HELD_DOUBLES_MOST = 60.0, 10.0
"""A thin moment passes: what a connection held then counts twice as much after this, and so on for
ten times, when it says nothing any more."""
LEAST_BIT_S = 30_000.0
"""Speech at 16 kbit/s in 60 ms packets with its overhead: below it a call makes no sense."""


@dataclass(frozen=True)
class Budget:
    """What is known of the line's direction before the first packet, in bit/s of the line."""

    most_bit_s: float
    """Never above this (the hub's CallBudget)."""
    known_bit_s: float | None = None
    """What the line was measured to carry; None: unknown."""
    held_bit_s: float | None = None
    """What the last connection held, which says where to begin and not where to end; None: there
    was none."""
    held_ago_s: float = 0.0
    picture_most_bit_s: float = math.inf
    """What the picture may take of it; 0: none."""
    speech_most_bit_s: float = math.inf
    """What the sound's encoder may make, packets' overhead not included."""

    @property
    def start_bit_s(self) -> float:
        """Where to begin."""
        wish = START_UNKNOWN_BIT_S if self.known_bit_s is None else KEEP_OF_KNOWN * self.known_bit_s
        if self.held_bit_s is not None:
            held = KEEP_OF_KNOWN * self.held_bit_s
            if held < wish:
                doubled = min(_HELD_DOUBLES_MOST, self.held_ago_s / _HELD_DOUBLES_S)
                wish = min(wish, held * 2**doubled)
            elif self.known_bit_s is None:
                wish = held
        return min(self.most_bit_s, max(LEAST_BIT_S, wish))

    @property
    def is_known(self) -> bool:
        """The start is what the line or the budget gives, not a guess."""
        known = self.known_bit_s is not None or self.held_bit_s is not None
        return known or self.start_bit_s == self.most_bit_s

    @property
    def probe_bit_s(self) -> float:
        """Probes never ask for more than this."""
        return min(self.most_bit_s, self.known_bit_s or self.most_bit_s)
