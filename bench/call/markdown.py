"""The goals of a run as a page for the docs, of the same figures as the table. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bench.results import Figure

_HEAD = """\
| line | goal | asked | kiosk | Chromium | ratio | |
|---|---|---|---|---|---|---|
"""


def goals_page(figures: Iterable[Figure]) -> str:
    """A Markdown table with a row for each goal, then how many of them were kept."""
    asked = [one for one in figures if one.limit]
    kept = sum(one.holds for one in asked)
    return f"{_HEAD}{''.join(map(_row, asked))}\n{kept} of {len(asked)} goals kept.\n"


def _row(figure: Figure) -> str:
    line, _, goal = figure.what.partition(": ")
    ratio = f"{figure.ours / figure.peers:.2f}" if figure.ours is not None and figure.peers else ""
    cells = (
        line,
        goal,
        figure.limit,
        _told(figure.ours, figure.unit),
        _told(figure.peers, figure.unit) if figure.peer else "",
        ratio,
        "kept" if figure.holds else "**missed**",
    )
    return f"| {' | '.join(cell.strip().replace('|', '/') for cell in cells)} |\n"


def _told(value: float | None, unit: str) -> str:
    return "never" if value is None else f"{value:.4g} {unit}"
