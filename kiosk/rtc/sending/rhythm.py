"""Which of a camera's pictures are taken, so that they follow each other evenly. Pure.

13 pictures a second of a camera's 25 are every second one with one more each second, of 30 two
gaps of 67 ms and one of 100: a step's rate is bent to the camera's own, or to a half, a third of
it, where that is near.
"""

from __future__ import annotations

import statistics
from collections import deque

USUAL = 25.0
"""Pictures a second of a camera that is not known yet."""
_LESS, _MORE = 0.9, 1.2
"""How far a step's rate may be bent: beyond, its pictures would be others than the rate is for."""
_MEASURED, _SPAN = 26, 4
"""Pictures, and intervals of which the time is taken together: one that waits for the encoder makes
its own interval longer and the next shorter. The median does not mind some that were left out."""
_ANOTHER = 0.05
"""A camera whose rate is off by more of it has another one: in the dark, most slow down."""
_SLOWEST = 8.0
"""Of a slower camera pictures are made as small as of this one: the line should not be filled by
each for longer."""
_EARLY = 0.3
"""A picture that comes by so much of the interval too early is taken: cameras jitter."""
_FOLLOWS = 1 / 4
"""Of what a picture is off its time, what the next one's is moved: a camera's clock is not ours."""


class Rhythm:
    """Shown each picture of one camera; `now` in seconds never runs backwards."""

    def __init__(self) -> None:
        self._camera = USUAL
        self._seen: deque[float] = deque(maxlen=_MEASURED)
        self.due_at = float("-inf")
        """When the next picture is wanted."""

    def seen(self, now: float) -> None:
        """The camera gave a picture."""
        self._seen.append(now)
        if len(self._seen) == _MEASURED:
            seen = [*self._seen]
            spans = [later - at for at, later in zip(seen, seen[_SPAN:], strict=False)]
            rate = _SPAN / max(1e-3, statistics.median(spans))
            if abs(rate - self._camera) > _ANOTHER * self._camera:
                self._camera = max(1.0, float(round(rate)))
                self._seen.clear()  # a change costs the encoder quality: one by a window at most

    def rate(self, wished: float) -> float:
        """Pictures a second to aim at where so many are wished for."""
        even = self._even(wished)
        return wished if even is None else max(even, min(wished, _SLOWEST))

    def due(self, now: float, wished: float) -> bool:
        """Whether this picture is to be taken."""
        even = self._even(wished)
        early = _EARLY / wished if even is None else 0.5 / self._camera
        return now >= self.due_at - early

    def taken(self, now: float, wished: float) -> None:
        """It was; the next one is due an interval later."""
        interval = 1 / self.rate(wished)
        at = max(self.due_at, now - interval)
        if self._even(wished) is not None:
            at += _FOLLOWS * (now - at)
        self.due_at = at + interval

    def _even(self, wished: float) -> float | None:
        """The camera's rate where it is less, or the part of it that is near; None: none is."""
        every = max(1, int(self._camera / (_LESS * wished)))
        rate = self._camera / every
        return rate if rate <= _MORE * wished else None
