"""Faults told by their signature in the figures: typed values, put into words elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Literal

_FALL_DB = 3.0
_LEAST_RETRAINS = 3
_BEFORE = timedelta(hours=24)
_LEAST_READINGS = 4
_FULL = 0.85
_OURS = 0.5
_FULL_FOR = timedelta(minutes=10)
_BELOW = 0.9
_BELOW_DAYS = 3


@dataclass(frozen=True)
class SnrFell:
    """The modem's margin fell and it lost its line again and again: line or filter, no congestion.

    `fell_db` is against the day before `at`; `retrains` are those since.
    """

    at: datetime
    fell_db: float
    retrains: int


@dataclass(frozen=True)
class LineFull:
    """A direction was full for a while with more of others' traffic than of ours."""

    direction: Literal["down", "up"]
    begin: datetime
    end: datetime
    others_share: float


@dataclass(frozen=True)
class BelowContract:
    """Each day's capacity has been below the contract's rate: so many days, by this share."""

    direction: Literal["down", "up"]
    days: int
    below: float


Signature = SnrFell | LineFull | BelowContract


@dataclass(frozen=True)
class ModemReading:
    """A modem's state at one time; `retrains` are those since the reading before, None: unknown."""

    at: datetime
    snr_db: float | None
    retrains: int | None


@dataclass(frozen=True)
class MinuteUse:
    """One minute of one direction in kbit/s on the wire."""

    at: datetime
    total: float
    ours: float


def snr_fell(readings: Sequence[ModemReading]) -> SnrFell | None:
    """The clearest fall of the margin that lasts to the newest reading; readings by time.

    It is looked for at each reading that is well below the one before; what is unknown is skipped.
    """
    known = [(reading, reading.snr_db) for reading in readings if reading.snr_db is not None]
    best: SnrFell | None = None
    for place in range(_LEAST_READINGS, len(known)):
        if known[place - 1][1] - known[place][1] < _FALL_DB:
            continue
        at = known[place][0].at
        before = [snr_db for reading, snr_db in known[:place] if at - reading.at <= _BEFORE]
        since = [snr_db for _, snr_db in known[place:]]
        if len(before) < _LEAST_READINGS or median(before) - since[0] < _FALL_DB:
            continue
        fell = median(before) - median(since)
        retrains = sum(r.retrains or 0 for r in readings if r.at >= at)
        if fell >= _FALL_DB and retrains >= _LEAST_RETRAINS and (not best or fell > best.fell_db):
            best = SnrFell(at, round(fell, 1), retrains)
    return best


def line_full(
    minutes: Sequence[MinuteUse], capacity_kbit_s: float, direction: Literal["down", "up"]
) -> list[LineFull]:
    """Each stretch of ten minutes and more in which others filled the line; minutes by time.

    A minute that is missing ends a stretch. Empty where the capacity is not known.
    """
    if capacity_kbit_s <= 0:
        return []
    found: list[LineFull] = []
    stretch: list[MinuteUse] = []
    for minute in [*minutes, None]:
        full = minute is not None and minute.total >= _FULL * capacity_kbit_s
        follows = minute and stretch and minute.at - stretch[-1].at <= timedelta(minutes=1)
        if stretch and not (full and follows):
            found += _stretch(stretch, direction)
            stretch = []
        if minute is not None and full:
            stretch.append(minute)
    return found


def may_fill(others_kbit_s: float, capacity_kbit_s: float) -> bool:
    """Whether a minute of a LineFull may have no more than this of others' traffic: who has none
    such needs no closer look."""
    return others_kbit_s >= _OURS * _FULL * capacity_kbit_s


def below_contract(
    days: Sequence[tuple[date, float]], contract_kbit_s: float, direction: Literal["down", "up"]
) -> BelowContract | None:
    """Whether the newest days, each with its median capacity, lie a tenth and more below.

    `days` by time; a day without a figure is left out and neither counts nor breaks the row.
    Capacity and contract are both on the wire, or both of IP.
    """
    row: list[float] = []
    for _, capacity in reversed(days):
        if capacity > _BELOW * contract_kbit_s:
            break
        row.append(capacity)
    if len(row) < _BELOW_DAYS:
        return None
    return BelowContract(direction, len(row), round(1 - median(row) / contract_kbit_s, 2))


def _stretch(minutes: Sequence[MinuteUse], direction: Literal["down", "up"]) -> list[LineFull]:
    end = minutes[-1].at + timedelta(minutes=1)
    total = sum(minute.total for minute in minutes)
    others = 1 - sum(minute.ours for minute in minutes) / total
    if end - minutes[0].at < _FULL_FOR or others < _OURS:
        return []
    return [LineFull(direction, minutes[0].at, end, round(others, 2))]
