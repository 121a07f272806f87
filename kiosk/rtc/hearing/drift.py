"""Two clocks that do not run alike: by how much, and samples to match. Pure: `now` comes in.

A sender's or a sound card's crystal is off by up to 100 ppm; an hour of 200 ppm is 720 ms.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from kiosk.rtc.hearing.decoding import Sound

MOST_PPM = 500.0
"""More than this is no crystal; a line whose delay creeps, perhaps."""

_BLOCK_S = 5.0
_BLOCKS = 60
_FEWEST = 12
"""A minute, before anything is said."""
_APART = 4
"""Blocks between two that are compared."""
_STEP_S = 0.015
"""A delay that moves this much from one block to the next is another way, not a clock."""


class ClockDrift:
    """How much faster than ours a clock runs that is seen through varying delays.

    The least delay of each block of time lies on a line whose slope is the drift; the median of
    the slopes between blocks (Theil-Sen) does not mind some that were disturbed.
    """

    def __init__(self) -> None:
        self._blocks: deque[tuple[float, float]] = deque(maxlen=_BLOCKS)
        self._began: float | None = None
        self._least = (0.0, float("inf"))
        self.ppm = 0.0
        """Positive: the other clock is fast."""

    def note(self, their_s: float, now: float) -> None:
        """Their clock's time as it is seen at our `now`, both in seconds."""
        if self._began is None:
            self._began = now
        if now - self._began >= _BLOCK_S:
            self._close(now)
        if now - their_s < self._least[1]:
            self._least = (now, now - their_s)

    def restart(self) -> None:
        """Their clock jumped; what was learnt of its rate stays."""
        self._blocks.clear()
        self._began = None
        self._least = (0.0, float("inf"))

    def _close(self, now: float) -> None:
        if self._blocks and now - self._blocks[-1][0] < 3 * _BLOCK_S:
            passed = self._least[0] - self._blocks[-1][0]
            expected = self._blocks[-1][1] - self.ppm * 1e-6 * passed
            if abs(self._least[1] - expected) > _STEP_S:
                self._blocks.clear()
        elif self._blocks:
            self._blocks.clear()  # silent for long: the way may be another
        self._blocks.append(self._least)
        self._began, self._least = now, (0.0, float("inf"))
        if len(self._blocks) >= _FEWEST:
            at, delay = np.array(self._blocks).T
            first, second = np.triu_indices(len(at), _APART)
            slope = float(np.median((delay[second] - delay[first]) / (at[second] - at[first])))
            self.ppm = max(-MOST_PPM, min(MOST_PPM, -slope * 1e6))


class Resampler:
    """Sound made shorter or longer by parts per million: cubic interpolation, without a seam.

    Catmull-Rom through four samples: errors below -55 dB up to 4 kHz, where speech is.
    """

    def __init__(self) -> None:
        self._tail: Sound | None = None
        self._at = 1.0  # place of the next output sample within tail + block

    def process(self, sound: Sound, ppm: float) -> Sound:
        """About len / (1 + ppm/1e6) samples; positive ppm plays faster."""
        if self._tail is None:
            self._tail = np.repeat(sound[:1], 3, axis=0)
        joined = np.concatenate([self._tail, sound])
        step = 1 + ppm * 1e-6
        last = len(joined) - 2  # the sample after and the one after that are needed
        count = max(0, int(np.ceil((last - self._at) / step)))
        places = self._at + step * np.arange(count)
        whole = places.astype(np.int64)
        part = (places - whole).astype(np.float32)
        if sound.ndim == 2:
            part = part[:, None]
        a, b, c, d = (joined[whole + offset] for offset in (-1, 0, 1, 2))
        keep = len(joined) - 3
        self._tail = joined[keep:]
        self._at = self._at + step * count - keep
        bend = 2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a)
        return np.asarray(b + 0.5 * part * (c - a + part * bend), np.float32)
