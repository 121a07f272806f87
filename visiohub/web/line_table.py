"""What a line's plots show, as figures by stretches of time, for tables. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from visiohub.booking.lines.looking import LineHistory
from visiohub.domain.line import (
    DayOfModem,
    DayOfTrains,
    Figures,
    ModemFigures,
    TrainResult,
    Way,
)
from visiohub.domain.line_contract import LineContract, in_force
from visiohub.domain.line_figures import together
from visiohub.linkquality.cells import Framing
from visiohub.linkquality.train import PACKET_OCTETS
from visiohub.storage.line_series import Resolution
from visiohub.web.line_modem import ModemSpan, modem_span

T = TypeVar("T", Figures, TrainResult, ModemFigures, DayOfTrains, DayOfModem)
MOST_ROWS = 26
_STEPS = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1),
    timedelta(hours=3), timedelta(hours=6), timedelta(days=1), timedelta(days=7),
    timedelta(days=15),
)  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """Figures of a part of the time; None is not known. Rates are on the wire, the least ones."""

    start: datetime
    end: datetime
    measured: float
    """Share of its minutes."""
    delay_ms: float | None
    delay_high_ms: float | None
    """95 of 100 probes were faster."""
    lost: float | None
    out_minutes: int
    up_kbit_s: float | None
    down_kbit_s: float | None
    modem: ModemSpan

    @property
    def known(self) -> bool:
        """Whether it has any figure."""
        return bool(self.measured or self.up_kbit_s or self.down_kbit_s or self.modem.known)


def whole(seen: LineHistory, contracts: Sequence[LineContract]) -> Stretch:
    """All of it as one; `contracts` are the line's, in order of time: each rate is put on the wire
    as it was agreed then."""
    return _stretch(seen, contracts, seen.start, seen.end)


def stretches(seen: LineHistory, contracts: Sequence[LineContract]) -> Sequence[Stretch]:
    """Up to MOST_ROWS parts of one length, the oldest first; those without any figure, too."""
    span = seen.end - seen.start
    step = next((step for step in _STEPS if span / step <= MOST_ROWS), _STEPS[-1])
    if seen.resolution is Resolution.DAYS:
        step = max(step, timedelta(days=1))
    found, start = [], seen.start
    while start < seen.end:
        found.append(_stretch(seen, contracts, start, min(start + step, seen.end)))
        start += step
    return found


def _stretch(
    seen: LineHistory, contracts: Sequence[LineContract], start: datetime, end: datetime
) -> Stretch:
    merged = together(start, _between(seen.figures, start, end))
    minutes = (end - start) / timedelta(minutes=1)
    return Stretch(
        start,
        end,
        min(merged.minutes / minutes, 1.0) if minutes else 0.0,
        merged.rtt_p50,
        merged.rtt_p95,
        _share(merged),
        merged.out,
        _least_rate(seen, contracts, Way.UP, start, end),
        _least_rate(seen, contracts, Way.DOWN, start, end),
        modem_span(_within(seen, start, end)),
    )


def _within(
    seen: LineHistory, start: datetime, end: datetime
) -> Sequence[ModemFigures] | Sequence[DayOfModem]:
    if seen.resolution is Resolution.DAYS:
        return _between(seen.modem_by_day, start, end)
    return _between(seen.modem, start, end)


def _share(merged: Figures) -> float | None:
    return merged.lost / merged.sent if merged.sent else None


def _least_rate(
    seen: LineHistory,
    contracts: Sequence[LineContract],
    way: Way,
    start: datetime,
    end: datetime,
) -> float | None:
    rates = [
        _framing(contracts, train.at).wire_kbit_s(train.kbit_s, train.octets)
        for train in _between(seen.trains, start, end)
        if train.way is way and not train.in_call and train.kbit_s is not None
    ]
    rates += [
        _framing(contracts, day.at).wire_kbit_s(day.least_kbit_s, PACKET_OCTETS)
        for day in _between(seen.trains_by_day, start, end)
        if day.way is way
    ]
    return min(rates, default=None)


def _framing(contracts: Sequence[LineContract], at: datetime) -> Framing:
    return in_force(contracts, at).wrapping.framing


def _between(rows: Sequence[T], start: datetime, end: datetime) -> Sequence[T]:
    """Those of the time from `start` up to `end`; rows are in order of time."""
    return rows[
        bisect_left(rows, start, key=lambda row: row.at) : bisect_left(
            rows, end, key=lambda row: row.at
        )
    ]
