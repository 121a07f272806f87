"""A line's capacity from one packet train's arrivals, or the reason why it stays unknown. Pure.

Packets that wait for the same line leave it as far apart as it takes for one of them, so the slope
of arrival time over their turns on the line is one packet's time. What spoils that is looked for
and named instead of being averaged in: a shaper's tokens let the head through at once, a full
buffer drops packets (which then take no turn), a busy sender lets the line run idle, others use
the line, the air shakes the arrivals. A train that cannot be believed has no capacity at all.

The slope is Theil's and Sen's (Sen, JASA 63, 1968): the median over all pairs, so that a few late
packets do not move it. Timestamps are the kernel's (SO_TIMESTAMPNS): those of a busy process may
be wrong by a factor.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from visiohub.linkquality.train import WORST_BURST_OCTETS, Train

_LEAST_ARRIVALS = 8
_LEAST_IN_CALL = 4
_LEAST_GAPS = 3
_BUSY = 0.5
"""A packet waited if it took this share of a packet's time longer than the quickest one."""
_BURST = 0.5
"""A shaper's tokens let packets through at least this much quicker; else others use the line."""
_MOST_UNEVEN = 0.07
"""The arrivals' widest distance from their line, as a share of the time they took."""
_MOST_UNEVEN_IN_CALL = 0.02
_MOST_BENT = 0.04
"""By so much may the slopes of the two halves differ."""
_CLEAR_GAP = 0.15
"""Up to this unevenness, a gap tells whether a lost packet took its turn."""
_MOST_ERROR = 0.025
_OVERFLOW = 3
"""So many packets lost in front of the line prove that they waited for it."""


class Doubt(StrEnum):
    """Why a train says nothing."""

    TOO_SHORT = "too_short"
    """Too few packets arrived."""
    BURST = "burst"
    """A shaper let so much through at once that too little is left, or may have."""
    SENDER = "sender"
    """The line ran idle: the sender was held up, or the train was slower than the line."""
    UNSTEADY = "unsteady"
    """The arrivals do not lie on one line: others use it, it changed, or the clock did."""


@dataclass(frozen=True)
class Arrival:
    """One packet: place in its train from 0, seconds of the sender's and of the receiver's clock.

    The clocks need not agree; `sent_s` is a monotonic clock's.
    """

    place: int
    sent_s: float
    at_s: float


@dataclass(frozen=True)
class Verdict:
    """What a train showed. `kbit_s` is the rate of IP in packets of the train's size.

    What the line carries below that, ATM cells included, is `visiohub.linkquality.cells`'.
    """

    kbit_s: float | None
    doubt: Doubt | None
    error: float | None
    """Bound of the relative error (95 %), where a slope could be taken at all."""
    burst_octets: int
    """What a shaper let through at once; 0 for none."""
    arrived: int
    overflowed: int
    """Packets that a full buffer in front of the line dropped, as far as the gaps tell."""


def judge(arrivals: Sequence[Arrival], train: Train, burst_octets: int | None = None) -> Verdict:
    """The verdict on a train; `burst_octets` as in `idle_train`. Never raises."""
    order = _ordered(arrivals, len(train.offsets_s))
    least = _LEAST_IN_CALL if train.in_call else _LEAST_ARRIVALS
    if len(order) < least:
        return Verdict(None, Doubt.TOO_SHORT, None, 0, len(order), 0)
    if any(after.place < before.place for before, after in _pairs(order)):
        return Verdict(None, Doubt.UNSTEADY, None, 0, len(order), 0)
    turns, unclear = _turns(order)
    head = 0 if train.in_call else _head(turns, [one.at_s for one in order])
    burst = head * train.octets
    slope = _slope(turns[head:], [one.at_s for one in order[head:]])
    if len(order) - head < least or slope <= 0:
        return Verdict(None, Doubt.BURST, None, burst, len(order), 0)
    if head > 1 and _slope(turns[:head], [one.at_s for one in order[:head]]) > _BURST * slope:
        return Verdict(None, Doubt.UNSTEADY, None, 0, len(order), 0)
    begin, end = _busy(order, head, slope)
    rest, turns = order[begin:end], turns[begin:end]
    if len(rest) < least:
        return Verdict(None, Doubt.SENDER, None, burst, len(order), 0)
    overflowed = rest[-1].place - rest[0].place - (turns[-1] - turns[0])

    def verdict(doubt: Doubt | None, slope: float = 0.0, error: float | None = None) -> Verdict:
        kbit_s = None if doubt else train.octets * 8 / slope / 1000
        return Verdict(kbit_s, doubt, error, burst, len(order), overflowed)

    times = [one.at_s for one in rest]
    slope = _slope(turns, times)
    if slope <= 0:
        return verdict(Doubt.UNSTEADY)
    front = sum(train.offsets_s[one.place] == 0 for one in rest)
    uneven = _unevenness(turns, times, slope)
    error = 3 * uneven / math.sqrt(len(rest)) + (unclear / turns[-1] if unclear else 0.0)
    if train.in_call:
        steady = uneven <= _MOST_UNEVEN_IN_CALL
    else:
        steady = (
            uneven <= _MOST_UNEVEN
            and error <= _MOST_ERROR
            and not _bent(turns, times, slope, len(rest) // 2)
            and not _bent(turns, times, slope, front)
        )
    if not steady:
        return verdict(Doubt.UNSTEADY, error=error)
    needed = WORST_BURST_OCTETS * (1 if head else 2)
    outlasted = overflowed >= _OVERFLOW or len(rest) * train.octets >= needed
    if burst_octets is None and not outlasted:
        return verdict(Doubt.BURST, error=error)
    return verdict(None, slope, error)


def _ordered(arrivals: Sequence[Arrival], packets: int) -> list[Arrival]:
    """Each place once, as they came; places outside the train and duplicates go."""
    first: dict[int, Arrival] = {}
    for arrival in sorted(arrivals, key=lambda one: one.at_s):
        if 0 <= arrival.place < packets:
            first.setdefault(arrival.place, arrival)
    return list(first.values())


def _pairs(order: Sequence[Arrival]) -> list[tuple[Arrival, Arrival]]:
    return list(itertools.pairwise(order))


def _turns(order: Sequence[Arrival]) -> tuple[list[int], int]:
    """Each arrival's turn on the line, and how many lost packets may or may not have had one.

    A packet that a full buffer dropped took no turn there; one that was lost behind the line did,
    and left a gap of its length. Where gaps are too uneven to tell, none is given a turn.
    """
    gaps = [after.at_s - before.at_s for before, after in _pairs(order)]
    late = gaps[len(gaps) // 2 :]
    usual = median(late)
    clear = usual > 0 and median(abs(gap - usual) for gap in late) <= _CLEAR_GAP * usual
    turns, taken, unclear = [0], 0, 0
    for (before, after), gap in zip(_pairs(order), gaps, strict=True):
        missing = after.place - before.place - 1
        own = min(missing, max(0, round(gap / usual) - 1)) if missing and clear else 0
        taken += own
        unclear += missing - own
        turns.append(turns[-1] + 1 + own)
    if not clear:
        return turns, unclear
    # With a full buffer in front, a longer gap beside a missing packet may have other causes.
    return turns, taken if unclear >= _OVERFLOW else 0


def _head(turns: Sequence[int], times: Sequence[float]) -> int:
    """How many packets came before the line was in charge: a token bucket's fill.

    The late half's line, drawn backwards, tells when packets would have come without tokens; those
    that came clearly later than that were not spaced by it.
    """
    middle = len(times) // 2
    slope = _slope(turns[middle:], times[middle:])
    offsets = [time - slope * turn for turn, time in zip(turns, times, strict=True)]
    usual = median(offsets[middle:])
    tolerance = max(_BUSY * slope, max(offsets[middle:]) - min(offsets[middle:]))
    head = 0
    while head < middle and offsets[head] - usual > tolerance:
        head += 1
    return head


def _busy(order: Sequence[Arrival], head: int, slope: float) -> tuple[int, int]:
    """The longest stretch behind the head in which each packet waited: the line never ran idle.

    Delays are compared with the train's least, so that the clocks' difference does not matter.
    """
    delays = [one.at_s - one.sent_s for one in order]
    least = min(delays) + _BUSY * slope
    longest, begin = (head, head), head
    for place in range(head, len(order) + 1):
        if place == len(order) or (delays[place] < least and place > 0):
            longest = max(longest, (begin, place), key=lambda stretch: stretch[1] - stretch[0])
            begin = place + 1
    return longest


def _slope(turns: Sequence[int], times: Sequence[float]) -> float:
    return median(
        (times[j] - times[i]) / (turns[j] - turns[i])
        for i in range(len(times))
        for j in range(i + 1, len(times))
    )


def _unevenness(turns: Sequence[int], times: Sequence[float], slope: float) -> float:
    offsets = [time - slope * turn for turn, time in zip(turns, times, strict=True)]
    return (max(offsets) - min(offsets)) / (slope * (turns[-1] - turns[0]))


def _bent(turns: Sequence[int], times: Sequence[float], slope: float, at: int) -> bool:
    """Whether the slopes before and behind this place differ by more than uneven arrivals explain.

    Others on the line show here: a front that leaves at once meets few of their packets.
    """
    gaps = min(at, len(times) - at)
    if gaps < _LEAST_GAPS:
        return False
    most = max(_MOST_BENT, _unevenness(turns, times, slope) * (turns[-1] - turns[0]) / gaps / 2)
    first, last = _slope(turns[: at + 1], times[: at + 1]), _slope(turns[at:], times[at:])
    return abs(last - first) > most * slope
