"""A device's sound on a time line of ours, though its crystal is off by up to 100 ppm. Pure."""

from __future__ import annotations

import numpy as np

from kiosk.devices.tone import CHUNK, Pcm
from kiosk.rtc.hearing.drift import MOST_PPM, Resampler

_LEFT_ALONE_S = 0.005
"""Seconds off the time line that nobody notices: the scheduler's mood must not be followed."""
_WEARS_OFF_S = 20.0
"""What is more goes in so many seconds to a third: 100 ppm stand 2 ms beyond what is left alone."""
_SMOOTH = 1 / 50
"""Each piece's share in what is believed: a second of pieces."""


class OnTime:
    """Pieces go in with their lateness; pieces of `CHUNK` samples come out, without a seam."""

    def __init__(self) -> None:
        self._resampler = Resampler()
        self._late_s = 0.0
        self._ready = np.zeros(0, np.float32)

    @property
    def held(self) -> int:
        """Samples that went in and did not come out."""
        return len(self._ready)

    def put(self, pcm: Pcm, late_s: float) -> None:
        """One more piece, captured so much after the time that its place says; in seconds."""
        self._late_s += (late_s - self._late_s) * _SMOOTH
        beyond_s = self._late_s - float(np.clip(self._late_s, -_LEFT_ALONE_S, _LEFT_ALONE_S))
        ppm = float(np.clip(-beyond_s / _WEARS_OFF_S * 1e6, -MOST_PPM, MOST_PPM))
        # always, and be it by 0 ppm: to begin or to end it in the midst of sound is a click
        sound = self._resampler.process(pcm.astype(np.float32), ppm)
        self._ready = np.concatenate([self._ready, sound])

    def take(self) -> Pcm | None:
        """The next piece; None: not yet."""
        if self.held < CHUNK:
            return None
        piece, self._ready = self._ready[:CHUNK], self._ready[CHUNK:]
        return np.clip(np.rint(piece), -32768, 32767).astype(np.int16)

    def clear(self) -> None:
        """What follows begins elsewhere on the time line."""
        self._late_s, self._ready = 0.0, self._ready[:0]
