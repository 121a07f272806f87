"""Figures of minutes put together to those of a quarter of an hour or a day. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from visiohub.domain.line import CallMinute, Figures
from visiohub.linkquality import histogram

_SUMS = ("minutes", "in_call", "out", "octets_up", "octets_down")
_OF_THE_LINE = ("sent", "lost", "lost_up", "lost_down", "loss_runs")
_SPREADS = ("rtt", "up", "down")
_SHARES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99}


def together(at: datetime, rows: Sequence[Figures]) -> Figures:
    """Of these stretches, as the one that begins at `at`; figures of none are of no minutes.

    Losses of a stretch without the line in which nobody answered are left out: the hub was away, or
    the line was out, and that is counted as such.
    """
    sums = {name: sum(getattr(row, name) for row in rows) for name in _SUMS}
    rows = [row for row in rows if row.out < row.minutes or row.lost < row.sent]
    sums |= {name: sum(getattr(row, name) for row in rows) for name in _OF_THE_LINE}
    longest = max((row.longest_run for row in rows), default=0)
    merged = replace(Figures(at), **sums, longest_run=longest)
    ways: dict[str, Any] = {
        f"{spread}_{name}": how(rows, f"{spread}_{name}")
        for spread in _SPREADS
        for name, how in _HOW.items()
    }
    packed = [row.rtt_counts for row in rows if row.rtt_p50 is not None]
    if packed and None not in packed:
        ways |= counted(histogram.merge(histogram.unpack(one) for one in packed if one))
    return replace(merged, **ways)


def counted(counts: Mapping[int, int]) -> dict[str, Any]:
    """Fields of `Figures` by counts of two-way delays (linkquality.histogram); none of none."""
    if not counts:
        return {}
    found = histogram.percentiles(counts, list(_SHARES.values()))
    named = {f"rtt_{name}": ms for name, ms in zip(_SHARES, found, strict=True)}
    return named | {"rtt_counts": histogram.pack(counts)}


def with_report(before: CallMinute | None, told: CallMinute) -> CallMinute:
    """A minute of a call with one report more: means over its reports."""
    if before is None:
        return told
    reports = before.reports + told.reports

    def mean(old: float, new: float) -> float:
        return (old * before.reports + new * told.reports) / reports

    known = [one.rtt_ms for one in (before, told) if one.rtt_ms is not None]
    both = before.rtt_ms is not None and told.rtt_ms is not None
    return replace(
        told,
        reports=reports,
        sent_kbit_s=mean(before.sent_kbit_s, told.sent_kbit_s),
        received_kbit_s=mean(before.received_kbit_s, told.received_kbit_s),
        loss_ratio=mean(before.loss_ratio, told.loss_ratio),
        freezes_per_minute=mean(before.freezes_per_minute, told.freezes_per_minute),
        rtt_ms=mean(known[0], known[1]) if both else next(iter(known), None),
    )


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
