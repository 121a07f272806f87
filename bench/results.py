"""What a benchmark hands back, the table it makes, the JSON it leaves."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

OUT = Path(__file__).parent / "out"


@dataclass(frozen=True)
class Figure:
    """One measured figure beside what it is compared with."""

    what: str
    ours: float
    unit: str
    at_most: float | None = None
    peer: str = ""
    """Who did the same in the same run; empty when nobody does."""
    peers: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it is within its limit."""
        return self.at_most is None or self.ours <= self.at_most


@dataclass(frozen=True)
class Result:
    """The figures of one benchmark."""

    bench: str
    figures: tuple[Figure, ...]
    raw: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """Single measurements behind the figures, for the JSON alone."""

    def write(self, folder: Path = OUT) -> Path:
        """Leave the figures as JSON, with the machine they were taken on."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.bench}.json"
        path.write_text(
            json.dumps(
                {
                    **asdict(self),
                    "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
                    "cores": os.cpu_count(),
                    "load": os.getloadavg()[0],
                    "python": platform.python_version(),
                },
                indent=2,
            ),
            "utf-8",
        )
        return path


def percentile(values: list[float], share: float) -> float:
    """The value below which this share (0..1) of the values lies; ValueError without values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def show(results: list[Result], console: Console) -> None:
    """All figures in one table."""
    table = Table("benchmark", "figure", "ours", "at most", "peer", "peer's", "")
    for result in results:
        for figure in result.figures:
            table.add_row(
                result.bench,
                figure.what,
                f"{figure.ours:.4g} {figure.unit}",
                "" if figure.at_most is None else f"{figure.at_most:.4g} {figure.unit}",
                figure.peer,
                "" if figure.peers is None else f"{figure.peers:.4g} {figure.unit}",
                "" if figure.at_most is None else "ok" if figure.holds else "TOO MUCH",
            )
    console.print(table)
