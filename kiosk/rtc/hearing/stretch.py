"""Playing speech faster or slower without changing its pitch. Pure.

WSOLA by whole pitch periods, as NetEQ's accelerate and preemptive expand: one period is laid over
the next with a cross-fade, so that nothing jumps at either end (Verhelst & Roelands, "An overlap-
add technique based on waveform similarity", ICASSP 1993).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kiosk.rtc.hearing.decoding import Sound

RATE = 48000
SHORTEST = RATE * 25 // 10000
"""Samples: the period of 400 Hz."""
LONGEST = RATE * 15 // 1000
"""Samples: the period of 67 Hz."""
BLOCK = 2 * LONGEST
"""Samples that a block should have for every period to fit."""

_COARSE = 6
"""Searching begins at 8 kHz."""
_STEP = 4
"""And at places so many of its samples apart: 0.5 ms."""
_QUIET = 0.003
"""RMS (-50 dBFS) below which any cut goes unheard."""
_ALIKE = 0.85
"""Correlation of two periods from which a cut goes unheard (NetEQ: 0.9; fast: 0.5)."""
_ALIKE_FAST = 0.5


class _Period(NamedTuple):
    at: int
    length: int
    alike: float


def faster(sound: Sound, most: int, *, urgent: bool = False) -> Sound:
    """The block without some whole periods: at most `most` samples fewer.

    `urgent` removes several, and the first may be of periods that are less alike. The block comes
    back as it is where nothing in it can be left out unheard.
    """
    least_alike = _ALIKE_FAST if urgent else _ALIKE
    while most >= SHORTEST:
        found = _period(sound, most, least_alike)
        if found is None:
            break
        at, length, alike = found
        faded = _fade(sound[at : at + length], sound[at + length : at + 2 * length], alike)
        sound = np.concatenate([sound[:at], faded, sound[at + 2 * length :]])
        most -= length
        if not urgent:
            break
        least_alike = _ALIKE  # one rough cut a block
    return sound


def slower(sound: Sound, most: int, played: int = 0) -> Sound:
    """The block with one of its periods twice: at most `most` samples more.

    The first `played` samples are out already: they help to find a period and stay as they are.
    """
    found = _period(sound, most, _ALIKE, played)
    if found is None:
        return sound
    at, length, alike = found
    middle = at + length
    faded = _fade(sound[middle : middle + length], sound[at:middle], alike)
    return np.concatenate([sound[:middle], faded, sound[middle:]])


def _fade(a: Sound, b: Sound, alike: float) -> Sound:
    """From `a` to `b`; as loud in the middle as at the ends, however alike they are."""
    rising = np.linspace(0, 1, len(a), endpoint=False, dtype=np.float32)
    falling = 1 - rising
    power = rising**2 + falling**2 + 2 * rising * falling * max(0.0, alike)
    gain = (1 / np.sqrt(power)).astype(np.float32)
    if a.ndim == 2:
        rising, falling, gain = rising[:, None], falling[:, None], gain[:, None]
    return (gain * (falling * a + rising * b)).astype(np.float32)


def _period(sound: Sound, most: int, least_alike: float, fixed: int = 0) -> _Period | None:
    """The place where two neighbouring stretches of one length are most alike.

    The second of them lies behind the `fixed` first samples.
    """
    mono = sound if sound.ndim == 1 else sound.mean(axis=1, dtype=np.float32)
    longest = min(LONGEST, most, len(mono) // 2, len(mono) - fixed)
    if longest < SHORTEST:
        return None
    if float(np.sqrt(np.mean(mono * mono))) < _QUIET:
        return _Period(max(fixed - longest, (len(mono) - 2 * longest) // 2), longest, 0.0)
    best = _refined(mono, _coarse(mono, longest, fixed), longest, fixed)
    return best if best.alike >= least_alike else None


def _coarse(mono: Sound, longest: int, fixed: int) -> _Period:
    """All lags at once: one by one, this took a third of the loudspeaker's thread."""
    few = mono[: len(mono) // _COARSE * _COARSE].reshape(-1, _COARSE).mean(axis=1)
    size = len(few)
    lags = np.arange(SHORTEST // _COARSE, min(longest // _COARSE, size // 2) + 1)[:, None]
    starts = np.arange(0, size, _STEP)[None, :]
    padded = np.concatenate([few, np.zeros(lags[-1, 0] + 1, np.float32)])
    products = _sums(few * sliding_window_view(padded, size)[lags[:, 0]])
    squares = _sums(few * few)
    middles, ends = np.minimum(starts + lags, size), np.minimum(starts + 2 * lags, size)
    cross = np.take_along_axis(products, middles, axis=1) - products[:, starts[0]]
    first, second = squares[middles] - squares[starts], squares[ends] - squares[middles]
    # a floor, so that silence is alike
    alike = (cross + 1e-6) / np.sqrt((first + 1e-6) * (second + 1e-6))
    fits = (starts + 2 * lags <= size) & (starts + lags >= -(-fixed // _COARSE))
    alike = np.where(fits, alike, -1.0)
    tops = np.argmax(alike, axis=1)
    peaks = alike[np.arange(len(tops)), tops]
    best = _Period(0, SHORTEST, -1.0)
    for lag, top, peak in zip(lags[:, 0].tolist(), tops.tolist(), peaks.tolist(), strict=True):
        # a shorter period's multiple is as alike: take the longer only if it is truly better
        if peak > best.alike + 0.005:
            best = _Period(top * _STEP * _COARSE, lag * _COARSE, peak)
    return best


def _sums(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Running sums along the last axis, from 0."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values, axis=-1, dtype=np.float64, out=sums[..., 1:])
    return sums


def _refined(mono: Sound, rough: _Period, longest: int, fixed: int) -> _Period:
    best = _Period(rough.at, rough.length, -1.0)
    for length in range(rough.length - _COARSE, rough.length + _COARSE + 1):
        at = min(max(rough.at, fixed - length), len(mono) - 2 * length)
        if length < SHORTEST or length > longest or at < max(0, fixed - length):
            continue
        a, b = mono[at : at + length], mono[at + length : at + 2 * length]
        alike = float(np.dot(a, b) / np.sqrt(np.dot(a, a) * np.dot(b, b) + 1e-12))
        if alike > best.alike:
            best = _Period(at, length, alike)
    return best
