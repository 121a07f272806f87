"""A line's month beside its contract, from what is kept of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.booking.lines.grades import OUTAGE
from visiohub.domain import hours
from visiohub.domain.line import LineAlert, LineMaintenance, Way
from visiohub.domain.model import Line, Venue
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
class LineMonth:
    """One line, one month; days are the venue's."""

    line: Line
    venue: Venue
    month: Month
    report: ContractReport
    since: datetime | None = None
    """The line became another after the month's begin: what was measured before is not counted."""


def line_month(uow: UnitOfWork, line_id: str, month: Month, now: datetime) -> LineMonth:
    """Trains on the idle line, outages and how much was measured. Raises NotFound."""
    line = uow.lines.get(line_id)
    venue = uow.venues.get(line.venue_id)
    zone = hours.zone_of(venue.time_zone)
    begin = hours.day_span(month.first(), zone)[0]
    end = hours.day_span(month.last(), zone)[1]
    agreed = uow.linkquality.terms.of(line)
    framing = agreed.wrapping.framing
    state = uow.linkquality.states.find(line.id)
    number = state.number if state else 0  # no line has this one
    changed = state.known_since if state else None
    since = min(max(begin, changed or begin), end)
    series = uow.linkquality.series
    standing = uow.linkquality.alerts.between(line.id, since, end)
    outages = [alert for alert in standing if alert.rule == OUTAGE]
    # an outage counts whole, so works of its part in other months do, too
    first = min([since, *(alert.raised_at for alert in outages)])
    works = uow.linkquality.maintenances.between([line.id], first, max(end, now))
    excused = [*_not_operators(outages), *_announced(works)]
    samples: dict[Way, list[Sample]] = {way: [] for way in Way}
    for train in series.trains(number, since, end):
        if train.kbit_s is None or train.in_call or any(one.holds(train.at) for one in excused):
            continue
        on_wire = framing.wire_kbit_s(train.kbit_s, train.octets)
        samples[train.way].append(Sample(hours.local_day(train.at, zone), on_wire))
    restoration = agreed.restoration_hours
    terms = Terms(
        line.operator,
        line.down_kbit_s,
        line.up_kbit_s,
        agreed.guaranteed_down_kbit_s,
        agreed.guaranteed_up_kbit_s,
        None if restoration is None else timedelta(hours=restoration),
    )
    return LineMonth(
        line,
        venue,
        month,
        report(
            terms,
            since,
            end,
            now,
            down=samples[Way.DOWN],
            up=samples[Way.UP],
            outages=[
                Outage(max(alert.raised_at, changed or alert.raised_at), alert.cleared_at)
                for alert in outages
                if alert.not_operators is None
            ],
            answered_minutes=_answered(uow, number, since, end),
            excused=excused,
        ),
        changed if since > begin else None,
    )


def _not_operators(outages: Iterable[LineAlert]) -> Iterator[Excused]:
    for one in outages:
        if one.not_operators is not None:
            yield Excused(one.raised_at, one.cleared_at, one.not_operators, works=False)


def _announced(works: Iterable[LineMaintenance]) -> Iterator[Excused]:
    for one in works:
        yield Excused(one.starts_at, one.ends_at, one.reason, works=True)


def _answered(uow: UnitOfWork, number: int, begin: datetime, end: datetime) -> int:
    """Minutes in which probes came back; of months whose quarters of an hour are forgotten, by
    days of UTC."""
    series = uow.linkquality.series
    for resolution in (Resolution.QUARTERS, Resolution.DAYS):
        rows = series.figures(number, begin, end, resolution)
        if rows:
            return sum(row.minutes - row.out for row in rows)
    return 0
