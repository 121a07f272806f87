"""Windows become grades and alerts: what passes a limit, what is maintained, what is not told."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases

from visiohub.booking import territory
from visiohub.booking.forms import LineForm
from visiohub.booking.lines.grades import WINDOW, Graders, grade_lines, note, outages
from visiohub.booking.lines.modems import forget_access
from visiohub.domain import hours
from visiohub.domain.line import (
    CallMinute,
    Figures,
    LineHabits,
    LineMaintenance,
    ModemFigures,
    TrainResult,
    Way,
)
from visiohub.domain.line_orders import LineModem, Snmp
from visiohub.domain.model import Call
from visiohub.linkquality.grader import LineGrader, Window
from visiohub.linkquality.grading import Grade, Level
from visiohub.storage.line_series import Resolution

SEED = 20_261_121
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Line:
    """The world's line, whose minutes go by."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.random = Random(SEED)
        self.graders = Graders()
        self.now = NOW
        self.down_kbit_s = 8000.0
        self.loss = 0.0
        self.rtt = 40.0
        self.silent = False
        self.calling = range(0)
        """Minutes of the hour with a call."""
        self.call_loss = (0.0, 0.0)
        """Of probes beside it, up and down."""
        self.hub_away = range(0)
        """Minutes of the hour in which nobody answers; in the first and the last one some do."""

        def begin(uow: Any) -> tuple[str, int]:
            line = uow.lines.of_venue(world.venue.id)
            return line.id, uow.linkquality.states.of(line.id).number

        self.id, self.number = world.do(begin)

    def hours(self, hours: float) -> None:
        """Graded by the hour: what a look back covers."""
        end = self.now + hours * HOUR
        while self.now < end:
            self.world.do(self._hour, self.now)
            self.now += HOUR
            self.world.do(grade_lines, self.now + 2 * MINUTE, self.graders)

    def _hour(self, uow: Any, begin: datetime) -> None:
        series, state = uow.linkquality.series, uow.linkquality.states.get(self.id)
        if not self.silent:
            rows = [(self.number, self._minute(begin + n * MINUTE)) for n in range(60)]
            series.add_figures(rows, Resolution.MINUTES)
            state.heard_at = begin + 59 * MINUTE
        kbit_s = self.down_kbit_s * self.random.uniform(0.995, 1.005)
        for way in Way:
            train = TrainResult(begin, way, kbit_s, None, 0.01, 0, 61, 1228, 61, 0, in_call=False)
            series.add_trains([(self.number, train)])

    def _minute(self, at: datetime) -> Figures:
        sent = 20
        lost = sum(self.random.random() < self.loss for _ in range(sent))
        if at.minute in self.calling:
            up, down = (
                sum(self.random.random() < loss for _ in range(12)) for loss in self.call_loss
            )
            return Figures(at, in_call=1, sent=12, lost=up + down, lost_up=up, lost_down=down)
        if at.minute in self.hub_away:
            lost = 12 if at.minute in {self.hub_away[0], self.hub_away[-1]} else sent
            return Figures(at, sent=sent, lost=lost, lost_up=lost, out=1, loss_runs=1)
        rtt = self.rtt + self.random.uniform(-3, 3)
        return Figures(
            at, sent=sent, lost=lost, rtt_p5=rtt - 5, rtt_p50=rtt, rtt_p95=rtt + 6, rtt_p99=rtt + 9,
            up_p5=0.0, up_p50=2.0, up_p95=6.0, up_p99=9.0,
            down_p5=0.0, down_p50=2.0, down_p95=6.0, down_p99=9.0,
        )  # fmt: skip

    @property
    def alerts(self) -> dict[str, Level]:
        standing = self.world.see(lambda uow: uow.linkquality.alerts.standing(self.id))
        return {alert.rule: alert.level for alert in standing}

    @property
    def grade(self) -> Grade:
        grade: Grade = self.world.see(lambda uow: uow.linkquality.states.get(self.id)).grade
        return grade


@pytest.fixture
def line(world: World) -> Line:
    """A line whose habits of four days are known."""
    made = Line(world)
    grader = LineGrader()
    for window in range(4 * 288):
        at = (NOW - timedelta(days=4) + window * WINDOW).astimezone(hours.zone_of("Europe/Paris"))
        grader.window(at, Window(loss=0.0, jitter_ms=6.0, delay_ms=46.0))
        if window % 12 == 0:
            for way in Way:
                grader.train(at, way, made.down_kbit_s)
    told = grader.state()
    habits = LineHabits(made.id, NOW, told["habits"], told["watches"])
    world.do(lambda uow: uow.linkquality.habits.add(habits))
    made.hours(2)
    assert made.alerts == {}
    assert made.grade is Grade.GOOD
    return made


def test_a_line_that_lost_15_percent_is_told_and_cleared_when_it_is_back(line: Line) -> None:
    line.down_kbit_s *= 0.85
    line.hours(3)
    assert line.alerts == {"capacity_down": Level.WARNING, "capacity_up": Level.WARNING}
    assert line.grade is Grade.FAIR
    line.down_kbit_s /= 0.85
    line.hours(6)
    assert line.alerts == {}
    assert line.grade is Grade.GOOD


def test_loss_is_told_and_what_is_silent_has_no_grade(line: Line) -> None:
    line.loss = 0.08
    line.hours(1)
    assert line.alerts == {"loss": Level.ALARM}
    assert line.grade is Grade.BAD
    line.silent = True
    line.hours(1)
    assert line.grade is Grade.NO_DATA
    assert line.alerts == {"loss": Level.ALARM}  # no data clears nothing


def test_a_hub_that_was_away_finds_no_loss_when_it_is_back(line: Line) -> None:
    """For a quarter of an hour, and for minutes, twice: kiosks went on and nobody answered."""
    for line.hub_away in (range(7, 24), range(31, 34), range(32, 35)):
        line.hours(1)
        assert line.alerts == {}
        assert line.grade is Grade.GOOD
    line.hub_away, line.loss = range(0), 0.08
    line.hours(1)
    assert line.alerts == {"loss": Level.ALARM}


def test_during_maintenance_nothing_is_raised(line: Line) -> None:
    def plan(uow: Any) -> None:
        end = line.now + 3 * HOUR
        uow.linkquality.maintenances.add(
            LineMaintenance("m1", line.id, line.now, end, "filtre", None)
        )

    line.world.do(plan)
    line.loss, line.down_kbit_s = 0.1, 4000.0
    line.hours(2)
    assert line.alerts == {}
    assert line.grade is Grade.MAINTENANCE
    assert line.world.do(outages, {line.id: True}, line.now) == 0


def test_a_hub_that_was_restarted_goes_on_where_it_was(line: Line) -> None:
    line.loss = 0.08
    line.hours(1)
    line.graders = Graders()
    line.hours(1)
    assert line.alerts == {"loss": Level.ALARM}
    history = line.world.see(
        lambda uow: uow.linkquality.alerts.between(line.id, NOW, line.now + HOUR)
    )
    assert [alert.rule for alert in history] == ["loss"]  # not raised again


def test_a_hub_s_clock_that_was_ahead_for_once_ends_no_grading(line: Line) -> None:
    """All windows up to next year were graded, as it seems."""
    line.world.do(grade_lines, line.now + timedelta(days=400), line.graders)
    assert line.grade is Grade.NO_DATA
    line.loss = 0.08
    line.hours(2)
    assert line.alerts == {"loss": Level.ALARM}
    assert line.grade is Grade.BAD


def test_a_unit_of_work_that_is_begun_anew_grades_nothing_twice(line: Line) -> None:
    line.loss = 0.08
    line.world.do(line._hour, line.now)
    for _ in range(3):
        with line.world.hub.uow() as uow:  # and is never committed
            grade_lines(uow, line.now + 12 * MINUTE, line.graders)
    assert line.world.do(grade_lines, line.now + 12 * MINUTE, line.graders) == 0  # two of five


def test_an_outage_is_bad_whatever_the_rules_say(line: Line) -> None:
    assert line.world.do(outages, {line.id: True}, line.now) == 1
    assert line.world.do(outages, {line.id: True}, line.now + MINUTE) == 0
    assert line.grade is Grade.BAD
    assert line.alerts == {"outage": Level.ALARM}
    assert line.world.do(outages, {line.id: False}, line.now + 2 * MINUTE) == 1
    line.hours(1)
    assert line.alerts == {}
    assert line.grade is Grade.GOOD


def standing_alerts(line: Line, *rules: str) -> None:
    """As though its modem and its trains had raised them."""
    for rule in rules:
        line.world.do(note, line.id, rule, Level.WARNING, 4.0, line.now)


def test_a_modem_that_nobody_reads_any_more_has_no_alert(line: Line) -> None:
    def known(uow: Any) -> None:
        kept = uow.linkquality.habits.get(line.id)
        kept.watches = kept.watches | {"snr": [Level.WARNING, 0]}
        uow.linkquality.modems.add(LineModem(line.id, "192.0.2.1", 161, Snmp.V2C, "", "", "", ""))

    line.world.do(known)
    standing_alerts(line, "snr", "retrains", "loss")
    line.world.do(forget_access, line.id, line.world.admin, line.now)
    assert line.alerts == {"loss": Level.WARNING}
    line.hours(1)
    assert line.grade is Grade.GOOD  # of its rules; the alert of the loss was made up


def test_a_hub_that_begins_anew_knows_the_line_as_before(line: Line) -> None:
    """Nothing came yet of the first five minutes: the kiosks are coming back."""
    line.hours(1)
    assert line.grade is Grade.GOOD
    began_anew = Graders()
    line.world.do(grade_lines, line.now + WINDOW + 2 * MINUTE, began_anew)
    assert line.grade is Grade.GOOD
    known = line.world.see(lambda uow: uow.linkquality.states.get(line.id)).grades
    assert known["delay"] == known["capacity_up"] == Grade.GOOD
    line.world.do(grade_lines, line.now + 4 * WINDOW + 2 * MINUTE, began_anew)
    assert line.grade is Grade.NO_DATA  # it stayed silent


def test_another_contract_begins_the_capacity_anew(line: Line) -> None:
    before = Figures(NOW - 48 * HOUR, minutes=15)
    line.world.do(
        lambda uow: uow.linkquality.series.put_figures([(line.number, before)], Resolution.QUARTERS)
    )
    line.down_kbit_s /= 2
    line.hours(4)
    assert line.alerts == {"capacity_down": Level.ALARM, "capacity_up": Level.ALARM}

    def edit(uow: Any, **facts: Any) -> None:
        kept = uow.lines.get(line.id)
        values = {name: getattr(kept, name) for name in LineForm.model_fields} | facts
        territory.update(uow, line.id, LineForm(**values), kept.version, None, line.now)

    line.world.do(edit)
    assert len(line.alerts) == 2  # nothing was changed
    line.world.do(edit, down_kbit_s=4000)
    assert line.alerts == {}
    line.hours(6)
    assert line.alerts == {}
    assert line.grade is Grade.GOOD


def call(line: Line, name: str, minutes: int, *, down: float, up: float) -> None:
    """One that began five minutes after the hour; its kiosk lost `down`, its agent `up`."""

    def keep(uow: Any) -> None:
        began = line.now + 5 * MINUTE
        facts = {"kiosk_id": line.world.kiosk.id, "language": "fr", "arrived_at": began}
        uow.calls.add(
            Call(name, **facts, service_id=None, appointment_id=None, state="ended",
                 ended_at=began + minutes * MINUTE)
        )  # fmt: skip
        uow.flush()
        for minute in range(minutes):
            for end, lost in (("kiosk", down), ("agent", up)):
                told = CallMinute(name, end, began + minute * MINUTE, 6, 90, 90, lost, 40, 0)
                uow.linkquality.call_minutes.put(told)

    line.world.do(keep)


@on_both_databases
def test_calls_that_lose_packets_on_the_line_are_told(line: Line) -> None:
    line.calling, line.call_loss = range(5, 13), (0.1, 0.0)
    for number in range(3):
        assert line.alerts == {}
        call(line, f"short-{number}", 2, down=0.0, up=0.3)
        call(line, f"long-{number}", 8, down=0.0, up=0.1)
        line.hours(1)
    assert line.alerts == {"call_loss": Level.ALARM}
    assert line.grade is Grade.BAD
    line.call_loss = (0.0, 0.0)
    for number in range(5):
        call(line, f"good-{number}", 8, down=0.001, up=0.0)
        line.hours(1)
    assert line.alerts == {}


def test_what_calls_lose_elsewhere_is_not_told_of_the_line(line: Line) -> None:
    """In the agent's network; the other way than the line's probes; while nobody measured."""
    line.calling = range(5, 13)
    for number in range(5):
        call(line, f"agent-{number}", 8, down=0.1, up=0.2)
        line.hours(1)
    line.call_loss = (0.0, 0.1)
    for number in range(5):
        call(line, f"other-way-{number}", 8, down=0.0, up=0.2)
        line.hours(1)
    line.silent = True
    for number in range(5):
        call(line, f"unmeasured-{number}", 8, down=0.2, up=0.2)
        line.hours(1)
    told = line.world.see(lambda uow: uow.linkquality.alerts.between(line.id, NOW, line.now))
    assert not [alert for alert in told if alert.rule == "call_loss"]


def test_a_modem_that_counts_errors_confirms_what_calls_lose(line: Line) -> None:
    line.silent = True
    for number in range(3):
        rows = [
            (line.number, ModemFigures(line.now + minute * MINUTE, "adsl2", down_errored_s=errored))
            for minute, errored in ((5, 0), (9, 24))
        ]
        line.world.do(lambda uow, rows=rows: uow.linkquality.series.add_modem(rows))
        call(line, f"noise-{number}", 8, down=0.2, up=0.0)
        line.hours(1)
    assert line.alerts == {"call_loss": Level.ALARM}
