"""Lines are graded by windows of five minutes; what passes a limit becomes an alert."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from visiohub.booking import announce
from visiohub.booking.lines.call_losses import losses_of_calls
from visiohub.booking.secrets import new_id
from visiohub.domain import hours
from visiohub.domain.line import (
    Figures,
    LineAlert,
    LineHabits,
    LineMaintenance,
    LineState,
    ModemFigures,
    TrainResult,
)
from visiohub.domain.line_figures import together
from visiohub.domain.model import Kiosk
from visiohub.domain.modem_readings import margin
from visiohub.linkquality.grader import LineGrader, Window
from visiohub.linkquality.grading import Grade, Level, surely_lost
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork

WINDOW = timedelta(minutes=5)
SETTLED = timedelta(minutes=2)
"""Kiosks tell each minute when it is over: a window is complete after so long."""
LOOKS_BACK = timedelta(hours=1)
"""What is older, since the hub was away, is kept and no longer graded."""
RETRAINS_OF = timedelta(hours=24)
SILENT = timedelta(minutes=10)
"""A line of which nothing was heard for so long has no grade, whatever it had."""
OUTAGE = "outage"
TOPIC = "lines"


@dataclass
class Graders:
    """Each line's grader as of its last window; the hub keeps one for as long as it runs."""

    known: dict[str, tuple[datetime, LineGrader]] = field(default_factory=dict)

    def of(self, line_id: str, kept: LineHabits | None) -> LineGrader:
        """The one of that window, else one that goes on from what is kept: a unit of work that
        was begun anew grades nothing twice."""
        until, grader = self.known.pop(line_id, (None, None))
        here = kept is not None and until == kept.graded_until
        # where they differ, what some rules knew was voided
        if grader and kept and here and grader.state()["watches"] == kept.watches:
            return grader
        grader = LineGrader()
        if kept is not None:
            grader.restore({"habits": kept.habits, "watches": kept.watches})
        return grader


def grade_lines(uow: UnitOfWork, now: datetime, graders: Graders) -> int:
    """Grade all windows that are complete; how many alerts changed."""
    states = uow.linkquality.states.of_active_lines()
    kept = uow.linkquality.habits.by_ids([state.id for state in states])
    end = _floor(now - SETTLED)
    begins = {state.id: _begin(kept.get(state.id), end) for state in states}
    start = min(begins.values(), default=end)
    if start >= end:
        return 0
    series = uow.linkquality.series
    numbers = [state.number for state in states]
    figures = series.figures_of_all(start, end, Resolution.MINUTES, numbers)
    maintenances = uow.linkquality.maintenances.between([s.id for s in states], start, end)
    zones = _zones(uow, states)
    calls = losses_of_calls(uow, start, end)
    changed = 0
    for state in states:
        before, begin = kept.get(state.id), begins[state.id]
        if begin >= end:
            continue
        grader = graders.of(state.id, before)
        line = _Line(
            state,
            grader,
            hours.zone_of(zones[state.id]),
            figures.get(state.number, ()),
            series.trains(state.number, begin, end),
            series.modem(state.number, begin, end),
            partial(series.retrains, state.number),
            [one for one in maintenances if one.line_id == state.id],
            calls.get(state.id, ()),
        )
        while begin < end:
            changed += sum(note(uow, state.id, *c, begin + WINDOW) for c in line.grade(begin))
            begin += WINDOW
        graders.known[state.id] = (end, grader)
        _remember(uow, state, before, grader, end)
    if changed:
        uow.changed(TOPIC)
    return changed


def outages(uow: UnitOfWork, out: Mapping[str, bool], now: datetime) -> int:
    """Lines that fell silent (True), or came back, by their id; how many of that were news.

    During maintenance nothing is raised.
    """
    news = 0
    maintained = {m.line_id for m in uow.linkquality.maintenances.between(list(out), now, now)}
    for line_id, is_out in out.items():
        state = uow.linkquality.states.of(line_id)
        if (state.out_since is not None) == is_out or (is_out and line_id in maintained):
            continue
        state.out_since = now if is_out else None
        if is_out:
            state.grade = Grade.BAD
        news += note(uow, line_id, OUTAGE, Level.ALARM if is_out else Level.FINE, 0.0, now)
    if news:
        uow.changed(TOPIC)
    return news


class _Line:
    """One line's windows."""

    def __init__(
        self,
        state: LineState,
        grader: LineGrader,
        zone: ZoneInfo,
        minutes: Sequence[Figures],
        trains: Sequence[TrainResult],
        modem: Sequence[ModemFigures],
        retrains: Callable[[datetime, datetime], int | None],
        maintenances: Sequence[LineMaintenance],
        calls: Sequence[tuple[datetime, float]],
    ) -> None:
        self._state = state
        self._grader = grader
        self._zone = zone
        self._minutes = minutes
        self._trains = trains
        self._modem = modem
        self._retrains = retrains
        self._maintenances = maintenances
        self._calls = calls

    def grade(self, begin: datetime) -> list[tuple[str, Level, float]]:
        """What changed in the window that begins then: rule, level, value."""
        end = begin + WINDOW
        local = begin.astimezone(self._zone)
        maintenance = any(m.starts_at < end and m.ends_at > begin for m in self._maintenances)
        rows = [row for row in self._minutes if begin <= row.at < end]
        there = together(begin, [row for row in rows if not row.out])
        # A call fills the line by itself: its own statistics speak for these minutes.
        in_call = any(row.in_call for row in rows)
        changes = self._grader.window(
            local, window_of(there), in_use=in_call, maintenance=maintenance
        )
        found = [(change.rule, change.after, change.value) for change in changes]
        for train in self._trains:
            if begin <= train.at < end and train.kbit_s is not None and not train.in_call:
                change = self._grader.train(local, train.way, train.kbit_s, maintenance=maintenance)
                if change:
                    found.append((f"capacity_{train.way}", change.after, change.value))
        for reading in self._modem:
            if begin <= reading.at < end:
                changes = self._grader.modem(
                    local,
                    margin(reading.up_snr_db, reading.down_snr_db),
                    self._retrains(reading.at - RETRAINS_OF, reading.at),
                    maintenance=maintenance,
                )
                found += [(change.rule, change.after, change.value) for change in changes]
        for ended_at, lost in self._calls:
            if begin <= ended_at < end and (c := self._grader.call(lost, maintenance=maintenance)):
                found.append((c.rule, c.after, c.value))
        return found


def window_of(merged: Figures) -> Window:
    """The grader's figures of some minutes; jitter is that of the worse direction."""
    spreads = [
        high - low
        for high, low in ((merged.up_p95, merged.up_p5), (merged.down_p95, merged.down_p5))
        if high is not None and low is not None
    ]
    return Window(
        loss=surely_lost(merged.lost, merged.sent),
        jitter_ms=max(spreads, default=None),
        delay_ms=merged.rtt_p95,
    )


def note(
    uow: UnitOfWork,
    line_id: str,
    rule: str,
    level: Level,
    value: float,
    at: datetime,
    *,
    kiosk: Kiosk | None = None,
) -> bool:
    """Raise, change or clear the rule's alert, of one kiosk if it is named; whether that was
    news."""
    alert = uow.linkquality.alerts.standing_of(line_id, rule, kiosk.id if kiosk else None)
    if alert is None:
        if level is Level.FINE:
            return False
        alert = LineAlert(new_id(), line_id, rule, level, value, at, at)
        if kiosk is not None:
            alert.kiosk_id, alert.kiosk_name = kiosk.id, kiosk.name
        uow.linkquality.alerts.add(alert)
    elif alert.level is level:
        return False
    else:
        alert.value, alert.changed_at = value, at
        if level is Level.FINE:
            alert.cleared_at = at  # its level stays: how bad it was
        else:
            alert.level = level
    uow.flush()
    announce.of_line_alert(uow, alert, at)
    return True


def _begin(before: LineHabits | None, end: datetime) -> datetime:
    """Where a line's grading goes on; no sooner than it looks back."""
    # Windows that lie ahead were graded before the hub's clock was set back.
    if before is None or before.graded_until > end + WINDOW:
        return end - WINDOW
    return max(before.graded_until, end - LOOKS_BACK)


def _remember(
    uow: UnitOfWork,
    state: LineState,
    before: LineHabits | None,
    grader: LineGrader,
    until: datetime,
) -> None:
    told = grader.state()
    if before is None:
        uow.linkquality.habits.add(LineHabits(state.id, until, told["habits"], told["watches"]))
    else:
        before.graded_until = until
        before.watches = told["watches"]
        if before.habits != told["habits"]:  # once an hour
            before.habits = told["habits"]
    state.grades = {name: str(grade) for name, grade in grader.grades().items()}
    silent = state.heard_at is None or until - state.heard_at > SILENT
    grade = grader.grade
    if grade is not Grade.MAINTENANCE and silent:
        grade = Grade.NO_DATA
    elif grade is Grade.NO_DATA:
        grade = Grade.UNKNOWN
    state.grade = Grade.BAD if state.out_since else grade


def _zones(uow: UnitOfWork, states: Iterable[LineState]) -> dict[str, str]:
    lines = uow.lines.by_ids([state.id for state in states])
    venues = uow.venues.by_ids([line.venue_id for line in lines.values()])
    return {line.id: venues[line.venue_id].time_zone for line in lines.values()}


def _floor(at: datetime) -> datetime:
    seconds = int(at.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(WINDOW.total_seconds()), UTC)
