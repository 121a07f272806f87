"""A run as a page for the docs: its goals, then the medians of each line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bench.call.curves import measured_on
from bench.call.goals import PEER
from bench.call.table import held, rows
from bench.call.told import Run
from bench.results import Figure

_GOALS = """\
| line | goal | asked | kiosk | Chromium | ratio | |
|---|---|---|---|---|---|---|
"""
_MEDIANS = f"""\
| | kiosk, up | {PEER}, up | ratio | kiosk, down | {PEER}, down | ratio |
|---|---|---|---|---|---|---|
"""


def page(run: Run) -> str:
    """All of it; the curves lie beside it."""
    return "\n".join([_head(run), goals_table(run.figures), *_lines(run)])


def goals_table(figures: Iterable[Figure]) -> str:
    """A row for each goal, then how many of those judged were kept."""
    told = list(figures)
    judged = [one for one in told if one.limit]
    kept = sum(one.holds for one in judged)
    rest = f"; {len(told) - len(judged)} not judged" if len(told) > len(judged) else ""
    return f"{_GOALS}{''.join(map(_goal, told))}\n{kept} of {len(judged)} goals kept{rest}.\n"


def _head(run: Run) -> str:
    asked = run.asked
    return f"""\
# Calls on thin lines: the run of {run.taken_at:%-d %B %Y}

Written by `python -m bench call`. What the figures mean and what was seen: [calls.md](../calls.md).

- Lines: {", ".join(asked.lines)}.
- Pairs on each: {asked.pairs}, of a call of the kiosk and one of {PEER} in its place.
- Length of a call: {asked.seconds:g} s, where the line has none of its own.
- Clip: {asked.clip or "the default, a talking head"}.
- Processors: {run.cores}.

## Goals
"""


def _lines(run: Run) -> Iterator[str]:
    yield """\
## Medians
Up: the kiosk's side sends, the office shows; down: the other way. A ratio below 1 is less than
Chromium's. What the processor did is told under up.
"""
    for line in run.lines:
        yield f"### {line.name}\n{line.what}; {held(run.calls, line)}.\n"
        yield _MEDIANS + "".join(map(_row, rows(run.calls, line)))
        if measured_on(run.calls, line):
            yield f"![{line.name}](call-{line.name}.svg)\n"


def _goal(figure: Figure) -> str:
    line, _, goal = figure.what.partition(": ")
    ratio = f"{figure.ours / figure.peers:.2f}" if figure.ours is not None and figure.peers else ""
    cells = (
        line,
        goal,
        figure.limit or "-",
        _told(figure.ours, figure.unit),
        _told(figure.peers, figure.unit) if figure.peer else "",
        ratio,
        _verdict(figure),
    )
    return _row(cells)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.strip().replace('|', '/') for cell in cells)} |\n"


def _verdict(figure: Figure) -> str:
    """What has no limit was asked beside Chromium, of whom no call was measured."""
    if not figure.limit:
        return "not judged"
    return "kept" if figure.holds else "**missed**"


def _told(value: float | None, unit: str) -> str:
    return "never" if value is None else f"{value:.4g} {unit}"
