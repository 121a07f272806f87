"""The goals of a run as a page for the docs, of the same figures as the table. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bench.results import Figure

_HEAD = """\
| line | goal | asked | kiosk | Chromium | ratio | |
|---|---|---|---|---|---|---|
"""


def goals_page(figures: Iterable[Figure]) -> str:
    """A Markdown table with a row for each goal, then how many of those judged were kept."""
    rows = list(figures)
    judged = [one for one in rows if one.limit]
    kept = sum(one.holds for one in judged)
    rest = f"; {len(rows) - len(judged)} not judged" if len(rows) > len(judged) else ""
    return f"{_HEAD}{''.join(map(_row, rows))}\n{kept} of {len(judged)} goals kept{rest}.\n"


def _row(figure: Figure) -> str:
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
    return f"| {' | '.join(cell.strip().replace('|', '/') for cell in cells)} |\n"


def _verdict(figure: Figure) -> str:
    """What has no limit was asked beside Chromium, of whom no call was measured."""
    if not figure.limit:
        return "not judged"
    return "kept" if figure.holds else "**missed**"


def _told(value: float | None, unit: str) -> str:
    return "never" if value is None else f"{value:.4g} {unit}"
