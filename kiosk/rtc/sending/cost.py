"""How much of the time between two pictures encoding them takes. Pure."""

from __future__ import annotations

from collections import deque

MOST_SHARE = 0.5
"""Of the time between two pictures that encoding may take on average, waiting for a processor
included: the odd late picture costs nothing on a thin line, falling behind does."""
_WINDOW = 60
_SETTLE = 20
"""Pictures before anything is concluded: the first ones wait for threads and caches."""


class EncodingCost:
    """Of the last pictures of one kind."""

    def __init__(self) -> None:
        self._shares: deque[float] = deque(maxlen=_WINDOW)
        self._seen = 0

    def add(self, share: float) -> None:
        """A picture took so much of the time until the next."""
        self._seen += 1
        if self._seen > _SETTLE:
            self._shares.append(share)

    def clear(self) -> None:
        """What follows is of another kind."""
        self._shares.clear()
        self._seen = 0

    @property
    def share(self) -> float | None:
        """The mean; None before enough was seen."""
        return sum(self._shares) / _WINDOW if len(self._shares) == _WINDOW else None

    @property
    def too_much(self) -> bool:
        """The processor falls behind, or is about to."""
        return (self.share or 0.0) > MOST_SHARE
