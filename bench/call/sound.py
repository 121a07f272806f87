"""Where a piece of what was heard is in what was said. Pure: arrays in, instants out.

Sound is mono at 8 kHz here. A piece of 0.3 s is looked for in the whole loop by normalised
cross-correlation; the sound is the same nowhere twice, so the peak tells its place, whatever an
encoder, a jitter buffer or a gain did to it. What has no peak was lost or concealed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from bench.call.measure import Loop, Window

RATE = 8000
THIN = 6
PIECE_S = 0.3
HOP_S = 0.1
_LEAST_SCORE = 0.4
_RIVAL_AWAY_S = 0.05
"""Further away than this, past a few periods of the voice, nothing may match nearly as well."""
_RIVAL_BELOW = 0.85
_STEP_S = 0.02
_SILENT = 0.1
"""Below so much of the usual loudness a step of 20 ms is silence; the source never is."""
_STEADY_S = 1.0
_ANCHOR_S = 0.25

Pcm = npt.NDArray[np.int16]


def thin(pcm: Pcm) -> Pcm:
    """48 kHz to 8 kHz by the mean of six samples."""
    whole = pcm[: len(pcm) // THIN * THIN].reshape(-1, THIN)
    return np.asarray(whole.mean(axis=1), np.int16)


@dataclass(frozen=True)
class Recording:
    """Sound with some instants: `marks` are (instant, number of the sample that sounded then).

    A mark may be late, by the mood of whoever took it, and is never early.
    """

    samples: Pcm
    marks: Sequence[tuple[float, int]]

    def instants(self) -> tuple[list[int], list[float]]:
        """Sample numbers, and for each the instant of sample 0 as counted from there."""
        epochs = [at - number / RATE for at, number in self.marks]
        times = [at for at, _ in self.marks]
        steady = []
        for index, at in enumerate(times):
            first = bisect_right(times, at - _STEADY_S)
            last = bisect_right(times, at + _STEADY_S)
            steady.append(min(epochs[first:last], default=epochs[index]))
        return [number for _, number in self.marks], steady

    def pieces(self, window: Window | None = None) -> list[tuple[float, Pcm]]:
        """(instant of its first sample, 0.3 s) at every 0.1 s."""
        if not self.marks:
            return []
        numbers, epochs = self.instants()
        length, found = round(PIECE_S * RATE), []
        for start in range(0, len(self.samples) - length, round(HOP_S * RATE)):
            index = max(0, bisect_right(numbers, start) - 1)
            at = epochs[index] + start / RATE
            if window is None or at in window:
                found.append((at, self.samples[start : start + length]))
        return found


class Source:
    """What is said, in a loop."""

    def __init__(self, pcm: Pcm) -> None:
        """`pcm` is one loop at 8 kHz."""
        self.length_s = len(pcm) / RATE
        length = round(PIECE_S * RATE)
        self._size = len(pcm)
        whole = np.concatenate((pcm, pcm[:length])).astype(np.float64)
        self._spectrum = np.fft.rfft(pcm.astype(np.float64))
        energy = np.concatenate(([0.0], np.cumsum(whole**2)))
        self._norms = np.sqrt(energy[length : length + self._size] - energy[: self._size]) + 1.0

    def place(self, piece: Pcm) -> float | None:
        """Where the piece begins, in seconds of the loop; None when it is nowhere for sure."""
        x = piece.astype(np.float64)
        norm = float(np.sqrt(np.dot(x, x)))
        if norm < 1.0:
            return None
        spectrum = np.fft.rfft(x, self._size)
        match = np.fft.irfft(self._spectrum * np.conj(spectrum), self._size)
        scores = match / (self._norms * norm)
        best = int(np.argmax(scores))
        score = float(scores[best])
        near = round(_RIVAL_AWAY_S * RATE)
        scores[np.arange(best - near, best + near + 1) % self._size] = 0
        if score < _LEAST_SCORE or float(scores.max()) > _RIVAL_BELOW * score:
            return None
        return best / RATE


def microphone(said: Recording, source: Source) -> Loop:
    """When each place of the loop was said, from a recording at the microphone."""
    marks = [(at, source.place(piece)) for at, piece in said.pieces()]
    return Loop([(at, place) for at, place in marks if place is not None], source.length_s)


def latencies(
    heard: Recording, said: Loop, source: Source, window: Window
) -> list[tuple[float, float | None]]:
    """(instant, seconds from mouth to ear) of each piece; None for one that was not recognised."""
    found: list[tuple[float, float | None]] = []
    for at, piece in heard.pieces(window):
        place = source.place(piece)
        found.append((at, None if place is None else at - said.captured(place, at)))
    return found


def silences(heard: Recording, window: Window) -> list[tuple[float, float]]:
    """(start, seconds) of each stretch of silence; what was never played counts as silence."""
    if not heard.marks:
        return [(window.start, window.seconds)]
    numbers, epochs = heard.instants()
    step = round(_STEP_S * RATE)
    count = len(heard.samples) // step
    steps = heard.samples[: count * step].reshape(count, step).astype(np.float64)
    loudness = np.sqrt((steps**2).mean(axis=1))
    usual = float(np.median(loudness[loudness > 0])) if loudness.any() else 1.0
    quiet = []
    last = window.start
    for index in range(count):
        start = index * step
        at = epochs[max(0, bisect_right(numbers, start) - 1)] + start / RATE
        if at not in window:
            continue
        if at - last > _ANCHOR_S:  # nothing was played at all
            quiet += [(gap, True) for gap in np.arange(last + _STEP_S, at, _STEP_S)]
        quiet.append((at, bool(loudness[index] < _SILENT * usual)))
        last = at
    if window.end - last > _ANCHOR_S:
        quiet += [(gap, True) for gap in np.arange(last + _STEP_S, window.end, _STEP_S)]
    runs = []
    for silent, group in groupby(quiet, key=lambda one: one[1]):
        members = [at for at, _ in group]
        if silent:
            runs.append((float(members[0]), len(members) * _STEP_S))
    return runs
