"""What the kiosk is to reach, beside Chromium in its place in the same run. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from bench.call.figures import (
    AV1_SHARE,
    DIRECTIONS,
    STAYS_UP,
    Direction,
    Figures,
    Measured,
)
from bench.call.measure import middle_with_never
from bench.lines import Scenario
from bench.results import Figure

PEER = "Chromium"
_HIGH_IS_GOOD = frozenset({"SSIM", "pictures/s", "picture's width, px", AV1_SHARE, STAYS_UP})
_MOST = 50.0
"""Percent."""
_SMOOTH_KBIT_S = 128
Which = Callable[[Scenario], bool]


def _every(_line: Scenario) -> bool:
    return True


def _plain(line: Scenario) -> bool:
    return line.is_plain


def _smooth(line: Scenario) -> bool:
    return line.up_kbit_s >= _SMOOTH_KBIT_S


def _carries(least: float, below: float = inf) -> Which:
    """Plain lines of such a rate upwards; one that counts cells carries less than it says."""
    return lambda line: (
        line.is_plain and line.profile.up.cell_tax == "none" and least <= line.up_kbit_s < below
    )


def _loses_up_to_2_percent(line: Scenario) -> bool:
    """Each packet by itself."""
    up = line.profile.up
    return line.is_plain and 0.01 <= up.loss_ratio <= 0.02 and up.loss_burst == 1


@dataclass(frozen=True)
class Goal:
    """One figure on lines of some kind: within a bound of its own, or a share of Chromium's."""

    on: Which
    """Of which lines it is asked."""
    figure: str
    directions: Sequence[Direction] = DIRECTIONS
    at_most: float | None = None
    at_least: float | None = None
    at_most_of_peers: float | None = None
    at_least_of_peers: float | None = None
    at_most_of_peers_with_av1: float | None = None
    """In place of `at_most_of_peers` where most of the call was sent as AV1."""


GOALS = (
    Goal(_every, "first picture, ms", at_most_of_peers=1.0),
    Goal(_every, "latency p95, ms", at_most_of_peers=1.0),
    Goal(_plain, "SSIM", at_least_of_peers=1.0),
    Goal(_carries(256, 512), "SSIM", ("up",), at_least=0.94),
    Goal(_carries(128, 256), "SSIM", ("up",), at_least=0.92),
    Goal(_smooth, "frozen, %", at_most=0.0),
    Goal(_carries(128, 256), "pictures/s", ("up",), at_least=12),
    Goal(_carries(256, 512), "pictures/s", ("up",), at_least=20),
    Goal(_carries(512), "pictures/s", ("up",), at_least=25),
    Goal(_plain, "sound concealed or silent, %", at_most_of_peers=1.0),
    Goal(_loses_up_to_2_percent, "sound concealed or silent, %", at_most=0.5),
    Goal(lambda line: line.step_s is not None, "latency back under 400 ms after, s", ("up",),
         at_most=3.0),
    Goal(lambda line: line.upload_s is not None, "pictures/s", ("up",), at_least=15),
    Goal(lambda line: line.upload_s is not None, "sound concealed or silent, %", ("up",),
         at_most=1.0),
    Goal(lambda line: line.cut_s is not None, "picture back after, s", at_most=1.0),
    Goal(lambda line: line.cut_s is not None, "sound back after, s", at_most=1.0),
    Goal(lambda line: line.is_harsh, "gaps over 400 ms a minute", at_most=1.0),
    Goal(_plain, "CPU, share of a core", ("up",), at_most_of_peers=0.5,
         at_most_of_peers_with_av1=1.0),
)  # fmt: skip


def calls_of(calls: Sequence[Measured], scenario: str, kind: str) -> list[Measured]:
    """Those of one kind on one line."""
    return [one for one in calls if (one.scenario, one.kind) == (scenario, kind)]


def medians(calls: Sequence[Measured], scenario: str, kind: str, way: Direction) -> Figures:
    """Each figure's median over the calls of one kind on one line; what never came is the worst.

    A call of Chromium's that could not be measured says nothing of Chromium and is left out.
    """
    those = [
        one.figures[way]
        for one in calls_of(calls, scenario, kind)
        if kind != PEER or not one.failed
    ]  # fmt: skip
    names = dict.fromkeys(name for figures in those for name in figures)
    return {
        name: middle_with_never(
            [figures.get(name) for figures in those], high_is_good=name in _HIGH_IS_GOOD
        )
        for name in names
    }


def judged(calls: Sequence[Measured], lines: Sequence[Scenario], pairs: int) -> Iterator[Figure]:
    """Whether all calls asked for are there and held, then each goal on each of the lines."""
    for line in (scenario.name for scenario in lines):
        ours, peers = (calls_of(calls, line, kind) for kind in ("kiosk", PEER))
        there = sum(not one.failed for one in (*ours, *peers))
        yield Figure(f"{line}: calls measured", there, "", at_least=2 * pairs)
        yield Figure(
            f"{line}: calls held to the end", sum(one.held for one in ours), "",
            None, PEER, sum(one.held for one in peers), at_least=pairs,
        )  # fmt: skip
    for goal in GOALS:
        for scenario in filter(goal.on, lines):
            for way in goal.directions:
                yield _judged(goal, calls, scenario.name, way)


def _judged(goal: Goal, calls: Sequence[Measured], line: str, way: Direction) -> Figure:
    """Without a limit where ours came and no call of Chromium's was measured: it is not judged."""
    figures = medians(calls, line, "kiosk", way)
    ours, at_most_of_peers = figures.get(goal.figure), goal.at_most_of_peers
    if goal.at_most_of_peers_with_av1 is not None and (figures.get(AV1_SHARE) or 0) > _MOST:
        at_most_of_peers = goal.at_most_of_peers_with_av1
    of_peers = medians(calls, line, PEER, way)
    peers = of_peers.get(goal.figure)
    at_most, at_least = goal.at_most, goal.at_least
    if at_most_of_peers is not None and peers is not None:
        at_most = peers * at_most_of_peers
    elif goal.at_least_of_peers is not None and peers is not None:
        at_least = peers * goal.at_least_of_peers
    elif at_most is None and at_least is None and (of_peers or ours is None):
        at_least = 0.0  # Chromium's never came: ours has to
    what, _, unit = goal.figure.rpartition(", ")
    return Figure(
        f"{line} {way}: {what or goal.figure}", ours, unit if what else "",
        at_most, PEER, peers, at_least,
    )  # fmt: skip
