"""A month of a line beside what its contract says, to be sent to the operator. Pure.

All rates are on the wire in kbit/s, as contracts have them; what was not measured is said and never
counted as good or bad. The shares are of trains, which come hour by hour whatever the line does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median

KEPT_SHARE = 0.99
"""Of the time at which operators' contracts for SDSL promise the guaranteed rate."""
MEASURED_WITHIN = 0.02
"""A train is so far off at most (95 %): a line that gives just what is guaranteed would be below
in every second one, so that below is what is further below."""
_LEAST_TRAINS = 24
"""Fewer say nothing of a month."""
_LOW_DAY = 0.5
"""A day is below when more than this share of its trains is."""


@dataclass(frozen=True)
class Terms:
    """What was agreed; None: nothing was."""

    operator: str
    down_kbit_s: float
    up_kbit_s: float
    guaranteed_down_kbit_s: float | None = None
    guaranteed_up_kbit_s: float | None = None
    restoration: timedelta | None = None
    """Within which the operator mends a line that is out."""


@dataclass(frozen=True)
class Sample:
    """A train's rate on the wire; `day` is the venue's."""

    day: date
    kbit_s: float


@dataclass(frozen=True)
class Outage:
    """The line was out; `end` None: it still is."""

    begin: datetime
    end: datetime | None


@dataclass(frozen=True)
class Excused:
    """A time that is not counted: announced works, or an outage that is not the operator's."""

    begin: datetime
    end: datetime | None
    reason: str
    works: bool

    def holds(self, at: datetime) -> bool:
        """Whether this moment is of it."""
        return self.begin <= at and (self.end is None or at < self.end)


@dataclass(frozen=True)
class Direction:
    """One direction over the month. None: too few trains to say, or nothing was guaranteed."""

    contract_kbit_s: float
    guaranteed_kbit_s: float | None
    trains: int
    median_kbit_s: float | None = None
    low_kbit_s: float | None = None
    """Nine of ten trains were above."""
    of_contract: float | None = None
    """The median beside the contract's rate."""
    kept: float | None = None
    """Share of trains at the guaranteed rate or above it, as exactly as they tell."""
    days_below: tuple[date, ...] = ()
    """More than half of the day's trains were below what is guaranteed."""

    @property
    def is_kept(self) -> bool | None:
        """Whether the guaranteed rate was there as contracts promise."""
        return None if self.kept is None else self.kept >= KEPT_SHARE


@dataclass(frozen=True)
class Broken:
    """An outage inside the month, cut where the month begins or ends."""

    begin: datetime
    end: datetime
    over_at: datetime | None
    """When it was over, in this month or after it; None: it is not."""
    out: timedelta
    """Of this month; without what is excused."""
    lasted: timedelta
    """Of the whole outage, from its begin to its end or to now; without what is excused."""
    too_long: bool | None
    """Beyond the restoration time that was agreed when it began; None where none was."""


@dataclass(frozen=True)
class ContractReport:
    """One line, one month."""

    terms: Terms
    begin: datetime
    end: datetime
    down: Direction
    up: Direction
    outages: tuple[Broken, ...]
    answered_minutes: int
    """In which probes came back. Others are known as an outage's, or not at all."""
    minutes: int
    """Of the month, so far as it is over."""
    excused: tuple[Excused, ...] = ()
    """In order of time, cut where the month begins or ends."""

    @property
    def out(self) -> timedelta:
        """How long the line was out in this month."""
        return sum((one.out for one in self.outages), timedelta())

    @property
    def available(self) -> float | None:
        """Share of the known time in which the line was there; None where nothing is known."""
        known = self._known_minutes
        return self.answered_minutes / known if known else None

    @property
    def measured(self) -> float:
        """Share of the month that is known, from 0 to 1."""
        return min(1.0, self._known_minutes / self.minutes) if self.minutes else 0.0

    @property
    def _known_minutes(self) -> float:
        return self.answered_minutes + self.out / timedelta(minutes=1)


Promised = Callable[[datetime], timedelta | None]
"""The restoration time that was agreed at a moment; None: none was."""


def report(
    terms: Terms,
    begin: datetime,
    end: datetime,
    now: datetime,
    *,
    down: Sequence[Sample],
    up: Sequence[Sample],
    outages: Iterable[Outage],
    promised: Promised,
    answered_minutes: int,
    excused: Iterable[Excused] = (),
) -> ContractReport:
    """The month from `begin` to `end`; of one that is not over, what there is until `now`.

    An outage may have begun under another contract, and is judged by what was `promised` then.
    """
    until = min(end, max(now, begin))
    excused = list(excused)
    broken = _broken(_merged(outages, now), _merged(excused, now), begin, until, now, promised)
    return ContractReport(
        terms,
        begin,
        end,
        _direction(terms.down_kbit_s, terms.guaranteed_down_kbit_s, down),
        _direction(terms.up_kbit_s, terms.guaranteed_up_kbit_s, up),
        tuple(broken),
        answered_minutes,
        int((until - begin) / timedelta(minutes=1)),
        tuple(_cut(excused, begin, until)),
    )


def _cut(excused: Iterable[Excused], begin: datetime, until: datetime) -> Iterable[Excused]:
    for one in sorted(excused, key=lambda one: one.begin):
        end = min(one.end or until, until)
        if max(one.begin, begin) < end:
            yield replace(one, begin=max(one.begin, begin), end=end)


def _direction(contract: float, guaranteed: float | None, samples: Sequence[Sample]) -> Direction:
    if len(samples) < _LEAST_TRAINS:
        return Direction(contract, guaranteed, len(samples))
    rates = sorted(sample.kbit_s for sample in samples)
    middle = median(rates)
    kept: float | None = None
    days: tuple[date, ...] = ()
    if guaranteed is not None:
        kept = sum(not _is_below(rate, guaranteed) for rate in rates) / len(rates)
        days = tuple(_days_below(samples, guaranteed))
    low = rates[int(0.1 * len(rates))]
    return Direction(contract, guaranteed, len(rates), middle, low, middle / contract, kept, days)


def _is_below(kbit_s: float, guaranteed: float) -> bool:
    return kbit_s < (1 - MEASURED_WITHIN) * guaranteed


def _days_below(samples: Iterable[Sample], guaranteed: float) -> Iterable[date]:
    by_day: dict[date, list[bool]] = {}
    for sample in samples:
        by_day.setdefault(sample.day, []).append(_is_below(sample.kbit_s, guaranteed))
    return (day for day, low in sorted(by_day.items()) if sum(low) > _LOW_DAY * len(low))


_Span = tuple[datetime, datetime, bool]
"""Begin, end, whether it still goes on."""


def _merged(times: Iterable[Outage | Excused], now: datetime) -> list[_Span]:
    """In order of time; those that touch are one."""
    found: list[_Span] = []
    for one in sorted(times, key=lambda one: one.begin):
        begin, end, goes_on = one.begin, one.end or now, one.end is None
        if end <= begin:
            continue
        if found and begin <= found[-1][1]:
            first, last, still = found.pop()
            begin, end, goes_on = first, max(last, end), still or goes_on
        found.append((begin, end, goes_on))
    return found


def _broken(
    outages: Iterable[_Span],
    excused: Sequence[_Span],
    begin: datetime,
    until: datetime,
    now: datetime,
    promised: Promised,
) -> Iterable[Broken]:
    """Without those that are excused from their begin to their end."""
    for first, last, goes_on in outages:
        lasted = _counted(first, min(last, now), excused)
        if first < until and last > begin and lasted:
            since, end = max(first, begin), min(last, until)
            out = _counted(since, end, excused)
            restoration = promised(first)
            too_long = None if restoration is None else lasted > restoration
            over_at = None if goes_on else last
            yield Broken(since, end, over_at, out, lasted, too_long)


def _counted(begin: datetime, end: datetime, excused: Iterable[_Span]) -> timedelta:
    """What of this time is not excused."""
    none = timedelta()
    inside = (min(end, last) - max(begin, first) for first, last, _ in excused)
    return max(none, end - begin) - sum((max(none, one) for one in inside), none)
