"""A run of calls as its JSON tells it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from bench.call.figures import DIRECTIONS, Measured
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
    lines: Sequence[Scenario]
    figures: Sequence[Figure]
    """Its goals."""
    calls: Sequence[Measured]
    taken_at: datetime
    cores: int


@dataclass(frozen=True)
class _Raw:
    asked: Asked
    calls: list[Measured]


@dataclass(frozen=True)
class _Told:
    """The JSON, as `Result.told` makes it."""

    bench: Literal["call"]
    figures: list[Figure]
    raw: _Raw
    taken_at: datetime
    cores: int


_TOLD = TypeAdapter(_Told)


def run_told(octets: bytes) -> Run:
    """Of `bench/out/call.json`. ValueError says what it lacks."""
    try:
        told = _TOLD.validate_json(octets)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from None
    asked, calls = told.raw.asked, told.raw.calls
    _check(calls)
    lines = [_line(name, what) for name, what in asked.lines.items()]
    return Run(asked, lines, told.figures, calls, told.taken_at, told.cores)


def _check(calls: Sequence[Measured]) -> None:
    """Each has figures of both ways; those that could be measured have the same curves."""
    measured = [call for call in calls if not call.failed]
    for way in DIRECTIONS:
        if any(way not in call.figures for call in calls) or any(
            way not in call.course for call in measured
        ):
            raise ValueError("a call has no figures or curves of both ways")
        if len({frozenset(call.course[way]) for call in measured}) > 1:
            raise ValueError("a call has other curves than the rest")


def _line(name: str, what: str) -> Scenario:
    """Of the list, or in the words of `--line`."""
    return SCENARIOS.get(name) or line_in_words(f"{name}:{what.replace(', ', ',')}")
