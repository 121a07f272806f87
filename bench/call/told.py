"""A run of calls as its JSON tells it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.call.figures import Measured
from bench.line_words import line_in_words
from bench.lines import SCENARIOS, Scenario
from bench.results import Figure


@dataclass(frozen=True)
class Asked:
    """What the run was asked for."""

    lines: Mapping[str, str]
    """What each line is, by its name."""
    pairs: int
    seconds: float
    """Length of a call where nothing happens to the line."""
    clip: str
    """The film's name; empty: the default."""


@dataclass(frozen=True)
class Run:
    """All calls of a run, and what they came to."""

    asked: Asked
    figures: Sequence[Figure]
    """Its goals."""
    calls: Sequence[Measured]
    taken_at: datetime
    cores: int

    @property
    def lines(self) -> list[Scenario]:
        """Of the list, or in the words of `--line`."""
        return [
            SCENARIOS[name] if name in SCENARIOS else line_in_words(f"{name}:{_words(what)}")
            for name, what in self.asked.lines.items()
        ]


def run_told(told: Mapping[str, Any]) -> Run:
    """Of `bench/out/call.json`. KeyError or TypeError where it is nothing of the kind."""
    return Run(
        Asked(**told["raw"]["asked"]),
        [Figure(**one) for one in told["figures"]],
        [Measured(**one) for one in told["raw"]["calls"]],
        datetime.fromisoformat(told["taken_at"]),
        told["cores"],
    )


def _words(what: str) -> str:
    return what.replace(", ", ",")
