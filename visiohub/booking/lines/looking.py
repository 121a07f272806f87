"""What pages show of lines: all of them, worst first, and one with its figures by time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from visiohub.booking.lines.capacity import Capacity, capacity_of
from visiohub.domain import hours
from visiohub.domain.hours import Span
from visiohub.domain.line import (
    DayOfModem,
    DayOfTrains,
    Figures,
    LineAlert,
    LineMaintenance,
    LineNote,
    LineState,
    LineTerms,
    ModemFigures,
    TrainResult,
)
from visiohub.domain.model import Call, Line, Venue
from visiohub.linkquality.budget import Both
from visiohub.linkquality.grading import Grade, Level
from visiohub.linkquality.ledger import allowance
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork

MINUTES_UP_TO = timedelta(days=2)
QUARTERS_UP_TO = timedelta(days=31)
TRAIN_HOLDS = timedelta(hours=3)
"""A rate is taken to hold until the next train, but not for longer."""
_PAYLOAD = 1448 / 1500
"""Of a packet of TCP with time stamps (RFC 7323), as NDT7's are."""
READING_HOLDS = timedelta(minutes=20)


class Standing(StrEnum):
    """How a line stands for whoever looks after it, the worst first."""

    OUT = "out"
    BAD = "bad"
    NO_DATA = "no_data"
    """Was measured, and fell silent."""
    FAIR = "fair"
    UNKNOWN = "unknown"
    """Is measured, and not graded yet."""
    GOOD = "good"
    MAINTENANCE = "maintenance"
    NEVER = "never"
    """No kiosk has measured it yet."""

    @property
    def needs_somebody(self) -> bool:
        """Whether a technician has something to do."""
        return self in {Standing.OUT, Standing.BAD, Standing.NO_DATA, Standing.FAIR}


_RANK = {standing: rank for rank, standing in enumerate(Standing)}
_RAISED = {Level.ALARM: Standing.BAD, Level.WARNING: Standing.FAIR, Level.FINE: Standing.GOOD}


@dataclass(frozen=True)
class LineRow:
    """One line of the list; `state` None: never measured."""

    line: Line
    venue: Venue
    state: LineState | None
    alerts: Sequence[LineAlert]
    """Standing, the newest first."""

    @property
    def grade(self) -> Grade:
        """The line's."""
        return self.state.grade if self.state else Grade.NO_DATA

    @property
    def standing(self) -> Standing:
        """The worse of the line's own state and of the alerts that stand: a bad look before an
        appointment is none of its grade's rules. Works, and silence, are states of their own."""
        graded = self._graded
        if graded in {Standing.MAINTENANCE, Standing.NO_DATA}:
            return graded
        return min(
            [graded, *(_RAISED[alert.level] for alert in self.alerts)], key=_RANK.__getitem__
        )

    @property
    def _graded(self) -> Standing:
        """The grade, with what it leaves out: an outage, and a line that nobody measures."""
        if self.state is None:
            return Standing.NEVER
        if self.state.grade is Grade.MAINTENANCE:
            return Standing.MAINTENANCE
        if self.state.out_since is not None:
            return Standing.OUT
        if self.state.grade is Grade.NO_DATA and self.state.heard_at is None:
            return Standing.NEVER
        return Standing(self.state.grade)

    @property
    def since(self) -> datetime | None:
        """Since when it stands so, as far as that is known."""
        if self.state is None:
            return None
        match self.standing:
            case Standing.OUT:
                return self.state.out_since
            case Standing.NO_DATA:
                return self.state.heard_at
            case Standing.BAD | Standing.FAIR:
                return min((alert.raised_at for alert in self.alerts), default=None)
        return None


@dataclass(frozen=True)
class ProbeUse:
    """Octets of IP that probes put on the line today (the venue's day), and may."""

    up: int
    down: int
    allowed_up: int
    allowed_down: int
    beyond: int = 0
    """Both ways, by measurements of speed that somebody ordered in spite of them."""


@dataclass(frozen=True)
class LineView:
    """One line now."""

    row: LineRow
    terms: LineTerms
    capacity: Capacity
    """On the wire."""
    probes: ProbeUse


@dataclass(frozen=True)
class LineHistory:
    """One line from `start` up to `end`."""

    start: datetime
    end: datetime
    resolution: Resolution
    figures: Sequence[Figures]
    trains: Sequence[TrainResult]
    modem: Sequence[ModemFigures]
    """Both from before `start`, as far as they may hold then; empty where the resolution is days:
    then by day."""
    trains_by_day: Sequence[DayOfTrains]
    modem_by_day: Sequence[DayOfModem]
    alerts: Sequence[LineAlert] = ()
    maintenances: Sequence[LineMaintenance] = ()
    notes: Sequence[LineNote] = ()
    calls: Sequence[Call] = ()
    """Of the venue's kiosks, the newest first."""


def list_lines(uow: UnitOfWork) -> Sequence[LineRow]:
    """All active lines, the worst first, then by town and venue."""
    lines = uow.lines.list(active=True)
    venues = uow.venues.by_ids([line.venue_id for line in lines])
    states = uow.linkquality.states.by_ids([line.id for line in lines])
    alerts: dict[str, list[LineAlert]] = {}
    for alert in uow.linkquality.alerts.standing():
        alerts.setdefault(alert.line_id, []).append(alert)
    rows = [
        LineRow(line, venues[line.venue_id], states.get(line.id), alerts.get(line.id, []))
        for line in lines
    ]
    return sorted(
        rows,
        key=lambda row: (_RANK[row.standing], row.venue.town, row.venue.name, row.line.id),
    )


def show_line(uow: UnitOfWork, line_id: str, now: datetime) -> LineView:
    """One line now. Raises NotFound."""
    line = uow.lines.get(line_id)
    venue = uow.venues.get(line.venue_id)
    state = uow.linkquality.states.find(line.id)
    alerts = uow.linkquality.alerts.standing(line.id)
    terms = uow.linkquality.terms.of(line)
    capacity = capacity_of(uow, line, now)
    spent, beyond = spent_today(uow, line, now), _moved_today(uow, line, now, beyond_budget=True)
    allowed = octets_a_day(terms, capacity)
    probes = ProbeUse(
        int(spent.up),
        int(spent.down),
        allowed_up=int(allowed.up),
        allowed_down=int(allowed.down),
        beyond=int(beyond.up + beyond.down),
    )
    return LineView(LineRow(line, venue, state, alerts), terms, capacity, probes)


def spent_today(uow: UnitOfWork, line: Line, now: datetime) -> Both:
    """Octets of IP of the venue's day that probes, and measurements of speed, put on the line."""
    spent = _moved_today(uow, line, now, beyond_budget=False)
    state = uow.linkquality.states.find(line.id)
    if state is None:
        return spent
    up, down = uow.linkquality.series.octets(state.number, *_today(uow, line, now))
    return spent + Both(down=down, up=up)


def _moved_today(uow: UnitOfWork, line: Line, now: datetime, *, beyond_budget: bool) -> Both:
    start, _ = _today(uow, line, now)
    runs = [
        run
        for run in uow.linkquality.speeds.since(line.id, start)
        if run.beyond_budget == beyond_budget
    ]
    down, up = sum(run.moved_down for run in runs), sum(run.moved_up for run in runs)
    return Both(down=on_line(down), up=on_line(up))


def on_line(payload: int) -> float:
    """Octets of IP that carry so many of NDT7."""
    return payload / _PAYLOAD


def _today(uow: UnitOfWork, line: Line, now: datetime) -> Span:
    zone = hours.zone_of(uow.venues.get(line.venue_id).time_zone)
    return hours.day_span(hours.local_day(now, zone), zone)


def measured(uow: UnitOfWork, line_id: str, start: datetime, end: datetime) -> LineHistory:
    """What was measured in that time, as fine as its length allows, without what happened
    meanwhile: a year has thousands of calls. Raises NotFound."""
    line = uow.lines.get(line_id)
    state = uow.linkquality.states.find(line.id)
    number = state.number if state else 0  # no line has this one
    resolution = resolution_of(end - start)
    by_day = resolution is Resolution.DAYS
    series = uow.linkquality.series
    return LineHistory(
        start,
        end,
        resolution,
        series.figures(number, start, end, resolution),
        () if by_day else series.trains(number, start - TRAIN_HOLDS, end),
        () if by_day else series.modem(number, start - READING_HOLDS, end),
        series.trains_by_day(number, start, end) if by_day else (),
        series.modem_by_day(number, start, end) if by_day else (),
    )


def history(uow: UnitOfWork, line_id: str, start: datetime, end: datetime) -> LineHistory:
    """All that is kept of that time, as fine as its length allows. Raises NotFound."""
    line = uow.lines.get(line_id)
    kiosks = [kiosk.id for kiosk in uow.kiosks.at_venue(line.venue_id)]
    return replace(
        measured(uow, line_id, start, end),
        alerts=uow.linkquality.alerts.between(line.id, start, end),
        maintenances=uow.linkquality.maintenances.between([line.id], start, end),
        notes=uow.linkquality.notes.between(line.id, start, end),
        calls=uow.calls.between(start, end, kiosk_ids=kiosks),
    )


def resolution_of(span: timedelta) -> Resolution:
    """Of a plot of so much time: some thousand points at most."""
    if span <= MINUTES_UP_TO:
        return Resolution.MINUTES
    return Resolution.QUARTERS if span <= QUARTERS_UP_TO else Resolution.DAYS


def octets_a_day(terms: LineTerms, capacity: Capacity) -> Both:
    """What probes may put on the line in each direction a day."""
    if terms.probe_octets_a_day is not None:
        return Both(terms.probe_octets_a_day, terms.probe_octets_a_day)
    return Both(down=allowance(capacity.last.down), up=allowance(capacity.last.up))
