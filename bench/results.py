"""What a benchmark hands back, the table it makes, the JSON it leaves."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

OUT = Path(__file__).parent / "out"


@dataclass(frozen=True)
class Figure:
    """One measured figure beside what it is compared with."""

    what: str
    ours: float | None
    """None: it never came, which is within no limit."""
    unit: str
    at_most: float | None = None
    peer: str = ""
    """Who did the same in the same run; empty when nobody does."""
    peers: float | None = None
    at_least: float | None = None

    @property
    def limit(self) -> str:
        """Its limit in words; empty when there is none."""
        if self.at_least is not None:
            return f">= {self.at_least:.4g} {self.unit}"
        return "" if self.at_most is None else f"<= {self.at_most:.4g} {self.unit}"

    @property
    def holds(self) -> bool:
        """Whether it is within its limit."""
        if not self.limit:
            return True
        if self.ours is None:
            return False
        high = self.at_most is None or self.ours <= self.at_most
        return high and (self.at_least is None or self.ours >= self.at_least)


@dataclass(frozen=True)
class Result:
    """The figures of one benchmark."""

    bench: str
    figures: tuple[Figure, ...]
    raw: Mapping[str, Any] = field(default_factory=dict)
    """Single measurements behind the figures, for the JSON alone."""

    def told(self) -> dict[str, Any]:
        """The JSON's form: the figures, when they were taken, and on what machine."""
        return {
            **asdict(self),
            "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0],
            "python": platform.python_version(),
        }

    def write(self, folder: Path = OUT) -> Path:
        """Leave the figures as JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.bench}.json"
        path.write_text(json.dumps(self.told(), indent=2), "utf-8")
        return path


def percentile(values: list[float], share: float) -> float:
    """The value below which this share (0..1) of the values lies; ValueError without values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def show(results: list[Result], console: Console) -> None:
    """All figures in one table."""
    table = Table("benchmark", "figure", "ours", "goal", "peer", "peer's", "")
    for result in results:
        for figure in result.figures:
            table.add_row(
                result.bench,
                figure.what,
                "never" if figure.ours is None else f"{figure.ours:.4g} {figure.unit}",
                figure.limit,
                figure.peer,
                "" if figure.peers is None else f"{figure.peers:.4g} {figure.unit}",
                "" if not figure.limit else "ok" if figure.holds else "MISSED",
            )
    console.print(table)
