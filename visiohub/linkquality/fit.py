"""A straight line through arrivals: its slope, and how far they are from being one. Pure.

The slope is Theil's and Sen's (Sen, JASA 63, 1968): the median over all pairs, so that a few late
packets do not move it. `turns` are whole and increasing, `times` are seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

_LEAST_GAPS = 3


def theil_sen(turns: Sequence[int], times: Sequence[float]) -> float:
    """Seconds a turn; StatisticsError for fewer than two."""
    return median(
        (times[j] - times[i]) / (turns[j] - turns[i])
        for i in range(len(times))
        for j in range(i + 1, len(times))
    )


def unevenness(turns: Sequence[int], times: Sequence[float], turn_s: float) -> float:
    """The arrivals' widest distance along the line, as a share of the time that all took."""
    offsets = [time - turn_s * turn for turn, time in zip(turns, times, strict=True)]
    return (max(offsets) - min(offsets)) / (turn_s * (turns[-1] - turns[0]))


def bent(
    turns: Sequence[int], times: Sequence[float], turn_s: float, at: int, tolerance: float
) -> bool:
    """Whether the slopes before and behind this place differ by more than uneven arrivals explain.

    `tolerance` is relative; with too few on either side nothing is bent.
    """
    gaps = min(at, len(times) - at)
    if gaps < _LEAST_GAPS:
        return False
    all_turns = turns[-1] - turns[0]
    most = max(tolerance, unevenness(turns, times, turn_s) * all_turns / gaps / 2)
    first = theil_sen(turns[: at + 1], times[: at + 1])
    return abs(theil_sen(turns[at:], times[at:]) - first) > most * turn_s
