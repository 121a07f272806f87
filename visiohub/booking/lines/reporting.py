"""A line's month beside its contracts, from what is kept of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.booking.lines.contracts import contracts_of
from visiohub.booking.lines.grades import OUTAGE
from visiohub.domain import hours
from visiohub.domain.hours import Span
from visiohub.domain.line import LineAlert, LineMaintenance, Way
from visiohub.domain.line_contract import LineContract, in_force
from visiohub.domain.model import Line, LineKind, Venue
from visiohub.domain.tariff.months import Month
from visiohub.linkquality.contract import (
    ContractReport,
    Excused,
    Outage,
    Sample,
    Terms,
    report,
)
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True)
class MonthPart:
    """What there was while one contract was in force."""

    kind: LineKind
    report: ContractReport


@dataclass(frozen=True)
class LineMonth:
    """One line, one month; days are the venue's."""

    line: Line
    venue: Venue
    month: Month
    begin: datetime
    parts: Sequence[MonthPart]
    """One for each contract that was in force in the month, in order of time."""
    since: datetime | None = None
    """The line became another after the month's begin, and the contract that it had is not known:
    what was measured before is not counted."""

    @property
    def report(self) -> ContractReport:
        """By the month's last contract."""
        return self.parts[-1].report


def line_month(uow: UnitOfWork, line_id: str, month: Month, now: datetime) -> LineMonth:
    """Trains on the idle line, outages and how much was measured. Raises NotFound."""
    line = uow.lines.get(line_id)
    venue = uow.venues.get(line.venue_id)
    zone = hours.zone_of(venue.time_zone)
    begin = hours.day_span(month.first(), zone)[0]
    end = hours.day_span(month.last(), zone)[1]
    contracts = contracts_of(uow, line)
    spans = [(one, _within(one, (begin, end))) for one in contracts]
    inside = [(one, span) for one, span in spans if span[0] < span[1]]
    known_since = contracts[0].since
    return LineMonth(
        line,
        venue,
        month,
        begin,
        [
            MonthPart(one.kind, _report(uow, contracts, one, span, venue, now))
            for one, span in inside or spans[-1:]
        ],
        known_since if known_since is not None and known_since > begin else None,
    )


def _within(contract: LineContract, month: Span) -> Span:
    """When it was in force in the month; nothing of it where it was not."""
    begin, end = month
    since = min(max(begin, contract.since or begin), end)
    return since, max(since, min(end, contract.until or end))


def _report(
    uow: UnitOfWork,
    contracts: Sequence[LineContract],
    contract: LineContract,
    span: Span,
    venue: Venue,
    now: datetime,
) -> ContractReport:
    begin, end = span
    line_id, framing = contract.line_id, contract.wrapping.framing
    state = uow.linkquality.states.find(line_id)
    number = state.number if state else 0  # no line has this one
    standing = uow.linkquality.alerts.between(line_id, begin, end)
    outages = [alert for alert in standing if alert.rule == OUTAGE]
    # an outage counts whole, so works of its part in other months do, too
    first = min([begin, *(alert.raised_at for alert in outages)])
    works = uow.linkquality.maintenances.between([line_id], first, max(end, now))
    excused = [*_not_operators(outages), *_announced(works)]
    samples: dict[Way, list[Sample]] = {way: [] for way in Way}
    zone = hours.zone_of(venue.time_zone)
    for train in uow.linkquality.series.trains(number, begin, end):
        if train.kbit_s is None or train.in_call or any(one.holds(train.at) for one in excused):
            continue
        on_wire = framing.wire_kbit_s(train.kbit_s, train.octets)
        samples[train.way].append(Sample(hours.local_day(train.at, zone), on_wire))
    known_since = contracts[0].since
    return report(
        Terms(
            contract.operator,
            contract.down_kbit_s,
            contract.up_kbit_s,
            contract.guaranteed_down_kbit_s,
            contract.guaranteed_up_kbit_s,
            _restoration(contract),
        ),
        begin,
        end,
        now,
        down=samples[Way.DOWN],
        up=samples[Way.UP],
        outages=[_of(alert, known_since) for alert in outages if alert.not_operators is None],
        promised=lambda at: _restoration(in_force(contracts, at)),
        answered_minutes=_answered(uow, number, begin, end, now),
        excused=excused,
    )


def _restoration(contract: LineContract) -> timedelta | None:
    hours = contract.restoration_hours
    return None if hours is None else timedelta(hours=hours)


def _of(alert: LineAlert, known_since: datetime | None) -> Outage:
    """An outage, whole; of what was before all known contracts nothing is held against anybody."""
    return Outage(max(alert.raised_at, known_since or alert.raised_at), alert.cleared_at)


def _not_operators(outages: Iterable[LineAlert]) -> Iterator[Excused]:
    for one in outages:
        if one.not_operators is not None:
            yield Excused(one.raised_at, one.cleared_at, one.not_operators, works=False)


def _announced(works: Iterable[LineMaintenance]) -> Iterator[Excused]:
    for one in works:
        yield Excused(one.starts_at, one.ends_at, one.reason, works=True)


def _answered(uow: UnitOfWork, number: int, begin: datetime, end: datetime, now: datetime) -> int:
    """Minutes in which probes came back; where quarters of an hour begin to be forgotten, by days
    of UTC."""
    kept_from = now - timedelta(days=uow.settings.keep_line_quarters_days)
    order = [Resolution.QUARTERS, Resolution.DAYS]
    for resolution in order if begin >= kept_from else order[::-1]:
        rows = uow.linkquality.series.figures(number, begin, end, resolution)
        if rows:
            return sum(row.minutes - row.out for row in rows)
    return 0
