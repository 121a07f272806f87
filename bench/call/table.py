"""The figures of each line beside Chromium's, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table

from bench.call.figures import DIRECTIONS, Measured
from bench.call.goals import PEER, calls_of, medians
from bench.lines import Scenario


def table(calls: Sequence[Measured], scenario: Scenario) -> Table:
    """Of one line."""
    made = Table(
        "figure", "kiosk", PEER, "ratio", "kiosk", PEER, "ratio",
        title=f"{scenario.name}: {scenario.what}; "
        f"medians; {held(calls, scenario)}; left: kiosk sends, right: office sends",
    )  # fmt: skip
    for cells in rows(calls, scenario):
        made.add_row(*cells)
    return made


def held(calls: Sequence[Measured], scenario: Scenario) -> str:
    """How many calls were held to the end."""
    ours, peers = (
        f"{sum(one.held for one in those)} of {len(those)}"
        for those in (calls_of(calls, scenario.name, "kiosk"), calls_of(calls, scenario.name, PEER))
    )
    return f"calls held to the end: {ours} and {peers}"


def rows(calls: Sequence[Measured], scenario: Scenario) -> Iterator[Sequence[str]]:
    """Each figure's name, then medians of the kiosk and of Chromium, and their ratio: the kiosk
    sends, the office sends."""
    columns = [
        medians(calls, scenario.name, kind, way) for way in DIRECTIONS for kind in ("kiosk", PEER)
    ]
    for name in dict.fromkeys(name for column in columns for name in column):
        values = [column.get(name) for column in columns]
        cells = [name]
        for ours, peers in (values[:2], values[2:]):
            cells += [_cell(ours), _cell(peers), _ratio(ours, peers)]
        yield cells


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if abs(value) < 10 else f"{value:.0f}"


def _ratio(ours: float | None, peers: float | None) -> str:
    return "" if ours is None or not peers else f"{ours / peers:.2f}"
