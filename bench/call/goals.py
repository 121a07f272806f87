"""What the kiosk is to reach, beside Chromium in its place in the same run. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.call.figures import (
    AV1_SHARE,
    DIRECTIONS,
    STAYS_UP,
    Direction,
    Figures,
    Measured,
)
from bench.call.measure import middle_with_never
from bench.lines import SCENARIOS
from bench.results import Figure

PEER = "Chromium"
_HIGH_IS_GOOD = frozenset({"SSIM", "pictures/s", "picture's width, px", AV1_SHARE, STAYS_UP})
_MOST = 50.0
"""Percent."""
_PLAIN = ("sdsl2", "adsl1", "adsl512", "adsl256", "readsl128", "lossy1")


@dataclass(frozen=True)
class Goal:
    """One figure on some lines: within a bound of its own, or within a share of Chromium's."""

    lines: Sequence[str]
    figure: str
    directions: Sequence[Direction] = DIRECTIONS
    at_most: float | None = None
    at_least: float | None = None
    at_most_of_peers: float | None = None
    at_least_of_peers: float | None = None
    at_most_of_peers_with_av1: float | None = None
    """In place of `at_most_of_peers` where most of the call was sent as AV1."""


GOALS = (
    Goal(tuple(SCENARIOS), "first picture, ms", at_most_of_peers=1.0),
    Goal(tuple(SCENARIOS), "latency p95, ms", at_most_of_peers=1.0),
    Goal(_PLAIN, "SSIM", at_least_of_peers=1.0),
    Goal(("adsl256",), "SSIM", ("up",), at_least=0.94),
    Goal(("readsl128",), "SSIM", ("up",), at_least=0.92),
    Goal(tuple(SCENARIOS), "frozen, %", at_most=0.0),
    Goal(("readsl128",), "pictures/s", ("up",), at_least=12),
    Goal(("adsl256",), "pictures/s", ("up",), at_least=20),
    # a picture may fall into the next second: half a picture of 25 is not a loss
    Goal(("sdsl2", "adsl1", "adsl512", "lossy1"), "pictures/s", ("up",), at_least=24.5),
    Goal(_PLAIN, "sound concealed or silent, %", at_most_of_peers=1.0),
    Goal(("lossy1",), "sound concealed or silent, %", at_most=0.5),
    Goal(("step",), "latency back under 400 ms after, s", ("up",), at_most=3.0),
    Goal(("upload",), "pictures/s", ("up",), at_least=15),
    Goal(("upload",), "sound concealed or silent, %", ("up",), at_most=1.0),
    Goal(("cut",), "picture back after, s", at_most=1.0),
    Goal(("cut",), "sound back after, s", at_most=1.0),
    Goal(("harsh",), "gaps over 400 ms a minute", at_most=1.0),
    Goal(
        _PLAIN,
        "CPU, share of a core",
        ("up",),
        at_most_of_peers=0.5,
        at_most_of_peers_with_av1=1.0,
    ),
)


def calls_of(calls: Sequence[Measured], scenario: str, kind: str) -> list[Measured]:
    """Those of one kind on one line."""
    return [one for one in calls if (one.scenario, one.kind) == (scenario, kind)]


def medians(calls: Sequence[Measured], scenario: str, kind: str, way: Direction) -> Figures:
    """Each figure's median over the calls of one kind on one line; what never came is the worst."""
    those = [one.figures[way] for one in calls_of(calls, scenario, kind)]
    names = dict.fromkeys(name for figures in those for name in figures)
    return {
        name: middle_with_never(
            [figures.get(name) for figures in those], high_is_good=name in _HIGH_IS_GOOD
        )
        for name in names
    }


def judged(calls: Sequence[Measured], lines: Sequence[str], pairs: int) -> Iterator[Figure]:
    """Whether all calls asked for are there and held, then each goal on each of the lines."""
    for line in lines:
        ours, peers = (calls_of(calls, line, kind) for kind in ("kiosk", PEER))
        there = sum(not one.failed for one in (*ours, *peers))
        yield Figure(f"{line}: calls measured", there, "", at_least=2 * pairs)
        yield Figure(
            f"{line}: calls held to the end", sum(one.held for one in ours), "",
            None, PEER, sum(one.held for one in peers), at_least=pairs,
        )  # fmt: skip
    for goal in GOALS:
        for line in (name for name in goal.lines if name in lines):
            for way in goal.directions:
                yield _judged(goal, calls, line, way)


def _judged(goal: Goal, calls: Sequence[Measured], line: str, way: Direction) -> Figure:
    figures = medians(calls, line, "kiosk", way)
    ours, at_most_of_peers = figures.get(goal.figure), goal.at_most_of_peers
    if goal.at_most_of_peers_with_av1 is not None and (figures.get(AV1_SHARE) or 0) > _MOST:
        at_most_of_peers = goal.at_most_of_peers_with_av1
    peers = medians(calls, line, PEER, way).get(goal.figure)
    at_most, at_least = goal.at_most, goal.at_least
    if at_most_of_peers is not None or goal.at_least_of_peers is not None:
        if peers is None:
            at_least = 0.0  # Chromium's never came: ours has to
        elif at_most_of_peers is not None:
            at_most = peers * at_most_of_peers
        elif goal.at_least_of_peers is not None:
            at_least = peers * goal.at_least_of_peers
    what, _, unit = goal.figure.rpartition(", ")
    return Figure(
        f"{line} {way}: {what or goal.figure}", ours, unit if what else "",
        at_most, PEER, peers, at_least,
    )  # fmt: skip
