"""From what was shown, and when, to latency, rate and freezes. Pure.

All instants are seconds since 1970 on the one clock of both ends.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite
from statistics import fmean, median

from kiosk.rtc.freezes import FreezeMeter

_NEAR = 30
"""So many marks before are looked at for the nearest one."""
_AHEAD_S = 0.25
"""A busy page tells late when something was captured: it may then seem shown before that."""


@dataclass(frozen=True)
class Shown:
    """One picture as it came on the screen."""

    at: float
    number: int | None
    """None: it could not be read for sure."""
    width: int = 640
    height: int = 360


class Loop:
    """When each place of a clip in a loop was before the camera or the microphone.

    `marks` are (instant, place in seconds) of some of them, in order of time: a source that slips
    is followed.
    """

    def __init__(self, marks: Sequence[tuple[float, float]], length_s: float) -> None:
        if not marks:
            raise ValueError("nothing tells when the source began")
        self._marks = sorted(marks)
        self._instants = [at for at, _ in self._marks]
        self._length = length_s

    def captured(self, place_s: float, seen_at: float) -> float:
        """The last instant before `seen_at` at which this place was captured.

        What is seen later than the loop's length after it was captured looks early: `bench.lines`
        has the lines on which that happens refused.
        """
        last = bisect_left(self._instants, seen_at)
        near = self._marks[max(0, last - _NEAR) : last + 1] or self._marks[-1:]
        found = []
        for at, place in near:
            first = at + place_s - place
            captured = first + (seen_at + _AHEAD_S - first) // self._length * self._length
            found.append((abs(captured - at), captured))
        return min(found)[1]


@dataclass(frozen=True)
class Window:
    """A stretch of a call."""

    start: float
    end: float

    def __contains__(self, at: float) -> bool:
        return self.start <= at < self.end

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start


def latencies(
    shown: Sequence[Shown], camera: Loop, window: Window, rate: float
) -> list[tuple[float, float]]:
    """(instant, seconds from captured to shown) of each picture whose number could be read."""
    found = []
    before = None
    for one in shown:
        if one.number is None or one.number == before or one.at not in window:
            continue
        before = one.number
        found.append((one.at, one.at - camera.captured(one.number / rate, one.at)))
    return found


def new_pictures(shown: Sequence[Shown], window: Window) -> list[Shown]:
    """Those in the window that differ from the one before, as far as their numbers tell."""
    return [one for one in _new(shown) if one.at in window]


def frames_per_second(shown: Sequence[Shown], camera: Loop, window: Window, rate: float) -> float:
    """New pictures a second, of the time in which the camera took them.

    Between the first picture of the window and the last lies a whole number of the camera's own
    intervals, whatever the way did to the instants at which they were shown: where none of 25 a
    second is missing this is 25, neither a little more nor less. What is missing at the window's
    edges counts, but for the one picture that may fall over each.
    """
    seen = new_pictures(shown, window)
    taken = [
        camera.captured(one.number / rate, one.at) for one in seen if one.number is not None
    ]  # fmt: skip
    span = taken[-1] - taken[0] + 1 / rate if taken else 0.0
    return len(seen) / max(span, window.seconds - 2 / rate)


def frozen_share(shown: Sequence[Shown], window: Window) -> float:
    """Share of the window in freezes, of 1.

    A freeze that reaches over the window's edge counts with the part that is in it; so does one
    that never ends, and all that follows the only picture that ever came.
    """
    return covered(freezes(shown, window.end), window)


def freezes(shown: Sequence[Shown], until: float) -> list[Window]:
    """Freezes as W3C webrtc-stats defines them, and the time before the first picture."""
    instants = [one.at for one in _new(shown) if one.at < until]
    if not instants:
        return [Window(-inf, until)]
    meter, found = FreezeMeter(), [Window(-inf, instants[0])]
    for before, at in pairwise([*instants, until]):
        count = meter.count
        if before == instants[0]:
            meter.frame(before)
        meter.frame(at)
        if meter.count > count or len(instants) == 1:
            found.append(Window(before, at))
    return found


def covered(stretches: Sequence[Window], window: Window) -> float:
    """Share of the window that lies in them, of 1; they do not overlap."""
    inside = (min(one.end, window.end) - max(one.start, window.start) for one in stretches)
    return sum(max(0.0, seconds) for seconds in inside) / window.seconds


def _new(shown: Sequence[Shown]) -> list[Shown]:
    """Pictures that differ from the one before, as far as their numbers tell."""
    first = [*shown[:1]]
    return first + [
        b for a, b in pairwise(shown) if b.number is None or b.number != a.number
    ]  # fmt: skip


def settled_after(
    samples: Sequence[tuple[float, float]], since: float, limit: float
) -> float | None:
    """Seconds from `since` until samples stay at or below `limit`; None when they never do."""
    later = [(at, value) for at, value in samples if at >= since]
    over = [at for at, value in later if value > limit]
    if not later or (over and over[-1] == later[-1][0]):
        return None
    return over[-1] - since if over else 0.0


def first_after(instants: Sequence[float], since: float) -> float | None:
    """Seconds from `since` to the first instant after it; None without one."""
    return next((at - since for at in sorted(instants) if at > since), None)


def per_second(
    samples: Sequence[tuple[float, float]],
    start: float,
    seconds: int,
    reduce: Callable[[Sequence[float]], float] = fmean,
) -> list[float | None]:
    """One value for each second from `start`; None where nothing was seen."""
    bins: list[list[float]] = [[] for _ in range(seconds)]
    for at, value in samples:
        if 0 <= (index := int(at - start)) < seconds and at >= start:
            bins[index].append(value)
    return [reduce(each) if each else None for each in bins]


def shares_per_second(
    stretches: Sequence[Window], start: float, seconds: int
) -> list[float | None]:
    """Percent of each second from `start` that lies in them."""
    each = (Window(start + second, start + second + 1) for second in range(seconds))
    return [min(100.0, 100 * covered(stretches, one)) for one in each]


def middle(values: Sequence[float | None]) -> float | None:
    """The median of those that are there."""
    there = [value for value in values if value is not None]
    return median(there) if there else None


def middle_with_never(values: Sequence[float | None], *, high_is_good: bool) -> float | None:
    """The median of all, None being worse than any value; None when that is the median."""
    never = -inf if high_is_good else inf
    if not values:
        return None
    found = median(never if value is None else value for value in values)
    return found if isfinite(found) else None
