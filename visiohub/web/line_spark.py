"""A line's last day as a small picture: smoke, median, losses below, cuts and silences. Pure.

One scale for all lines (look/LOOK.md): delays up to TOP_MS, more is cut off at the top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from visiohub.domain.line import Figures

STEP = 4
HEIGHT = 32
BASE = 32
BELOW = 8
TOP_MS = 300.0
TALK_MS = 150.0
"""Above it people cut each other off (ITU-T G.114)."""


@dataclass(frozen=True)
class Spark:
    """Paths of an SVG of WIDTH by HEIGHT + BELOW; empty ones are not drawn."""

    width: int
    smoke: str
    """5 to 95 of a hundred probes."""
    core: str
    """25 to 75."""
    median: str
    lost: str
    cut: str
    silent: str
    limit_y: int


def spark(day: Sequence[Figures | None]) -> Spark:
    """Slots of one length, the oldest first; None was not measured."""
    smoke, core, median, lost, cut, silent = [], [], [], [], [], []
    before: int | None = None
    for n, figures in enumerate(day):
        x = n * STEP
        here: int | None = None
        if figures is None or not figures.minutes:
            silent.append(f"M{x} {BASE}h{STEP}")
        else:
            smoke.append(_band(x, figures.rtt_p5, figures.rtt_p95))
            core.append(_band(x, figures.rtt_p25, figures.rtt_p75))
            if figures.rtt_p50 is not None:
                here = _y(figures.rtt_p50)
                median.append(f"h{STEP}" if here == before else _to(x, here, before))
            if 2 * figures.out >= figures.minutes:
                cut.append(f"M{x} 0h{STEP}V{BASE}h-{STEP}z")
            elif figures.sent and (depth := _depth(figures.lost / figures.sent)):
                lost.append(f"M{x} {BASE + 2}h{STEP}v{depth}h-{STEP}z")
        before = here
    return Spark(
        STEP * len(day), "".join(smoke), "".join(core), "".join(median), "".join(lost),
        "".join(cut), "".join(silent), _y(TALK_MS),
    )  # fmt: skip


def _band(x: int, low: float | None, high: float | None) -> str:
    if low is None or high is None or _y(low) == _y(high):
        return ""
    return f"M{x} {_y(high)}h{STEP}V{_y(low)}h-{STEP}z"


def _to(x: int, here: int, before: int | None) -> str:
    return f"M{x} {here}h{STEP}" if before is None else f"V{here}h{STEP}"


def _y(ms: float) -> int:
    return BASE - round(min(ms, TOP_MS) / TOP_MS * HEIGHT)


def _depth(loss: float) -> int:
    """From a half percent on; six percent and more are full."""
    if loss < 0.005:
        return 0
    return max(1, round(min(loss, 0.06) / 0.06 * (BELOW - 2)))
