"""Figures of minutes put together to those of a quarter of an hour or a day. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from visiohub.domain.line import Figures

_SUMS = (
    "minutes",
    "in_call",
    "out",
    "sent",
    "lost",
    "lost_up",
    "lost_down",
    "loss_runs",
    "octets_up",
    "octets_down",
)
_SPREADS = ("rtt", "up", "down")


def together(at: datetime, rows: Sequence[Figures]) -> Figures:
    """Of these stretches, as the one that begins at `at`; figures of none are of no minutes."""
    sums = {name: sum(getattr(row, name) for row in rows) for name in _SUMS}
    longest = max((row.longest_run for row in rows), default=0)
    merged = replace(Figures(at), **sums, longest_run=longest)
    ways: dict[str, Any] = {
        f"{spread}_{name}": how(rows, f"{spread}_{name}")
        for spread in _SPREADS
        for name, how in _HOW.items()
    }
    return replace(merged, **ways)


def _least(rows: Sequence[Figures], name: str) -> float | None:
    return min((value for value, _ in _known(rows, name)), default=None)


def _greatest(rows: Sequence[Figures], name: str) -> float | None:
    return max((value for value, _ in _known(rows, name)), default=None)


def _mean(rows: Sequence[Figures], name: str) -> float | None:
    """By the probes that were answered."""
    known = _known(rows, name)
    weight = sum(answered for _, answered in known)
    return sum(value * answered for value, answered in known) / weight if weight else None


def _known(rows: Sequence[Figures], name: str) -> list[tuple[float, int]]:
    return [
        (value, row.sent - row.lost) for row in rows if (value := getattr(row, name)) is not None
    ]


_HOW: dict[str, Callable[[Sequence[Figures], str], float | None]] = {
    "p5": _least,
    "p50": _mean,
    "p95": _mean,
    "p99": _greatest,
}
