"""A call's course, second by second, from what both ends noted. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import numpy as np

from bench.call import sound
from bench.call.clip import RATE
from bench.call.measure import Window, freezes, latencies, per_second, shares_per_second
from bench.call.noted import Noted, sound_totals
from bench.call.take import Taken

Ages = Sequence[tuple[float, float | None]]
"""(instant, seconds from mouth to ear) of what was heard; None: it was not recognised."""
Curve = list[float | None]
Course = dict[str, Curve]


def course(taken: Taken, sends: Noted, receives: Noted, way: str, ages: Ages) -> Course:
    """One direction, `up` or `down`; None where nothing was seen. The processor's is under `up`."""
    start, seconds = taken.pressed, int(taken.ended - taken.pressed)
    whole = Window(start, taken.ended)
    rates = [
        (b.at, (b.octets[way] - a.octets[way]) * 8 / 1000 / (b.at - a.at))
        for a, b in pairwise(taken.line)
    ]
    delays = [
        (at, late * 1000) for at, late in latencies(receives.shown, sends.camera, whole, RATE)
    ]
    pictures = [(one.at, 1.0) for one in receives.shown]
    heard = [(at, age * 1000) for at, age in ages if age is not None]
    curves: Course = {
        "rate, kbit/s": per_second(rates, start, seconds),
        "latency, ms": per_second(delays, start, seconds, median),
        "modem queue, ms": per_second(
            [(one.at, one.queue_ms[way]) for one in taken.line], start, seconds, max
        ),
        "pictures/s": [
            value or 0.0
            for value in per_second(pictures, start, seconds, lambda each: float(len(each)))
        ],
        "frozen, %": shares_per_second(freezes(receives.shown, taken.ended), start, seconds),
        "sound concealed or silent, %": _lost(receives, whole, seconds),
        "mouth to ear, ms": per_second(heard, start, seconds, median),
    }
    if way == "up":
        curves["processor, share of a core"] = _processor(taken, seconds)
    return curves


def _lost(receives: Noted, whole: Window, seconds: int) -> Curve:
    """The greater of what was silent and what the receiver says that it made up."""
    quiet = [Window(at, at + length) for at, length in sound.silences(receives.heard, whole)]
    silent = shares_per_second(quiet, whole.start, seconds)
    made_up = per_second(
        [  # told at the end of the second that it is of
            ((a.at + b.at) / 2, 100 * max(0, b.concealed - a.concealed) / (b.played - a.played))
            for a, b in pairwise(sound_totals(receives.stats))
            if b.played > a.played
        ],
        whole.start,
        seconds,
    )
    return [max(a or 0.0, b or 0.0) for a, b in zip(silent, made_up, strict=True)]


def _processor(taken: Taken, seconds: int) -> Curve:
    """Of all programs at the venue; one that ends takes what it had used with it."""
    if not taken.spent:
        return [None] * seconds
    edges = taken.pressed + np.arange(seconds + 1)
    used = np.interp(edges, [at for at, _ in taken.spent], [so_far for _, so_far in taken.spent])
    return [max(0.0, float(spent)) for spent in np.diff(used)]
