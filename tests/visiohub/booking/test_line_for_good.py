"""What changed for good: another contract, a new normal; and outages that nobody counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hub_world import NOW, World

from visiohub.booking import territory
from visiohub.booking.forms import LineForm
from visiohub.booking.lines import tending
from visiohub.booking.lines.capacity import capacity_of
from visiohub.booking.lines.faults import faults_of
from visiohub.booking.lines.grades import note
from visiohub.booking.lines.looking import show_line
from visiohub.booking.lines.probing import calls_beside, changed_lines, plan_of
from visiohub.booking.lines.reporting import line_month
from visiohub.booking.lines.speeds import end_by_hand
from visiohub.domain.line import Figures, LineAlert, LineHabits, TrainResult, Way
from visiohub.domain.line_orders import LineSpeed
from visiohub.domain.model import Line
from visiohub.domain.tariff.months import Month
from visiohub.errors import InvalidForm, NotFound
from visiohub.linkquality.budget import Both
from visiohub.linkquality.grader import LineGrader, Window
from visiohub.linkquality.grading import Level
from visiohub.linkquality.ledger import Ledger, Purpose
from visiohub.linkquality.signatures import BelowContract, Signature
from visiohub.storage.line_series import Resolution

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NORMAL = Window(loss=0.0, jitter_ms=5.0, delay_ms=40.0)


@pytest.fixture
def line(world: World) -> Line:
    found: Line = world.see(lambda uow: uow.lines.of_venue(world.venue.id))
    return found


def habits(world: World, line: Line) -> None:
    """Of four days of a line with 40 ms of delay."""
    grader = LineGrader()
    for window in range(4 * 288):
        grader.window(NOW - (4 * 288 - window) * 5 * MINUTE, NORMAL)
    told = grader.state()
    world.do(
        lambda uow: uow.linkquality.habits.add(
            LineHabits(line.id, NOW, told["habits"], told["watches"])
        )
    )


def raised(world: World, line: Line, rule: str = "delay") -> LineAlert:
    world.do(note, line.id, rule, Level.WARNING, 140.0, NOW)
    (alert,) = world.see(lambda uow: uow.linkquality.alerts.standing(line.id))
    found: LineAlert = alert
    return found


def standing(world: World) -> list[str]:
    return [one.rule for one in world.see(lambda uow: uow.linkquality.alerts.standing())]


def warned(world: World, line: Line, delay_ms: float) -> bool:
    """Whether a grader that goes on from what is kept raises this delay within two hours."""
    kept = world.see(lambda uow: uow.linkquality.habits.get(line.id))
    grader = LineGrader()
    grader.restore({"habits": kept.habits, "watches": kept.watches})
    window = Window(loss=0.0, jitter_ms=5.0, delay_ms=delay_ms)
    return any(grader.window(NOW + n * 5 * MINUTE, window) for n in range(24))


def edit(world: World, line: Line, **fields: Any) -> None:
    now = world.see(lambda uow: uow.lines.get(line.id))
    usual = {
        "venue_id": now.venue_id, "kind": now.kind, "operator": now.operator,
        "up_kbit_s": now.up_kbit_s, "down_kbit_s": now.down_kbit_s,
    }  # fmt: skip
    form = LineForm(**usual | fields)
    world.do(territory.update, line.id, form, now.version, world.admin, NOW)


def test_a_line_of_another_operator_is_known_from_now_on(world: World, line: Line) -> None:
    habits(world, line)
    raised(world, line)
    number = world.do(lambda uow: uow.linkquality.states.of(line.id).number)
    at = NOW - 30 * HOUR

    def trains(uow: Any) -> None:
        for way in Way:
            train = TrainResult(at, way, 500.0, None, 0.01, 0, 40, 1228, 40, 0, in_call=False)
            uow.linkquality.series.add_trains([(number, train)])
        uow.linkquality.states.of(line.id).burst_up_octets = 20_000

    world.do(trains)
    assert warned(world, line, 140.0)
    assert world.see(capacity_of, line, NOW).measured
    told = world.see(plan_of, world.kiosk.id, NOW)
    assert (told.burst_up_octets, told.known_since) == (20_000, None)
    after_a_holiday = world.see(plan_of, world.kiosk.id, NOW + timedelta(days=9))
    assert after_a_holiday.burst_up_octets is None, "nothing proves the contract"
    edit(world, line, operator="Un autre")
    assert standing(world) == []
    assert not warned(world, line, 140.0)
    assert not world.see(capacity_of, line, NOW).measured
    told = world.see(plan_of, world.kiosk.id, NOW)
    assert (told.burst_up_octets, told.known_since) == (None, NOW)
    assert world.see(changed_lines, {line.id: None}) == [line.id]
    assert world.see(changed_lines, {line.id: NOW}) == []


def test_what_an_alert_tells_may_be_how_things_are_now(world: World, line: Line) -> None:
    habits(world, line)
    alert = raised(world, line)
    assert warned(world, line, 140.0)
    world.do(tending.accept_as_normal, line.id, alert.id, world.admin, NOW + MINUTE)
    assert standing(world) == []
    assert not warned(world, line, 140.0)
    (entry,) = world.see(lambda uow: uow.audit.list(subject=line.id, action="line.new_normal"))
    assert entry.after == {"rule": "delay", "value": 140.0}


def test_a_limit_that_is_the_same_for_all_has_no_new_normal(world: World, line: Line) -> None:
    alert = raised(world, line, "retrains")
    with pytest.raises(InvalidForm):
        world.do(tending.accept_as_normal, line.id, alert.id, world.admin, NOW)
    with pytest.raises(NotFound):
        world.do(tending.accept_as_normal, "another", alert.id, world.admin, NOW)
    assert standing(world) == ["retrains"]


def hourly(world: World, line: Line, since: datetime, hours: int, down_kbit_s: float) -> None:
    """A train down the line in each of these hours."""

    def add(uow: Any) -> None:
        number = uow.linkquality.states.of(line.id).number
        for n in range(hours):
            at = since + n * HOUR
            train = TrainResult(
                at, Way.DOWN, down_kbit_s, None, 0.01, 0, 40, 1228, 40, 0, in_call=False
            )
            uow.linkquality.series.add_trains([(number, train)])

    world.do(add)


def test_what_was_measured_during_announced_works_is_not_counted(world: World, line: Line) -> None:
    begin = NOW - 4 * 24 * HOUR
    works = tending.MaintenanceForm(
        starts_at=begin + 24 * HOUR, ends_at=begin + 36 * HOUR, reason="Câble remplacé"
    )
    world.do(tending.plan_works, line.id, works, world.admin, begin)
    hourly(world, line, begin, 24, 8000.0)
    hourly(world, line, begin + 24 * HOUR, 12, 1000.0)
    hourly(world, line, begin + 36 * HOUR, 1, 7000.0)
    down = world.see(line_month, line.id, Month.of(NOW.date()), NOW).report.down
    assert down.trains == 25
    assert down.median_kbit_s is not None
    assert down.median_kbit_s > 8000


def test_what_was_measured_of_another_contract_is_not_held_against_this_one(
    world: World, line: Line
) -> None:
    hourly(world, line, NOW - 48 * HOUR, 30, 8000.0)
    for begin, end in ((-40, -38), (-2, 1)):  # the second one goes on while the operator changes
        world.do(note, line.id, "outage", Level.ALARM, 0.0, NOW + begin * HOUR)
        if end < 0:
            world.do(note, line.id, "outage", Level.FINE, 0.0, NOW + end * HOUR)
    month, later = Month.of(NOW.date()), NOW + 30 * HOUR
    before = world.see(line_month, line.id, month, NOW)
    assert (before.since, before.report.down.trains, len(before.report.outages)) == (None, 30, 2)
    edit(world, line, operator="Un autre", down_kbit_s=20_000)
    world.do(note, line.id, "outage", Level.FINE, 0.0, NOW + HOUR)
    hourly(world, line, NOW + HOUR, 24, 19_000.0)
    made = world.see(line_month, line.id, month, later)
    assert (made.since, made.report.begin, made.report.minutes) == (None, NOW, 30 * 60)
    assert (made.report.terms.operator, made.report.down.trains) == ("Un autre", 24)
    assert [(one.begin, one.out, one.lasted) for one in made.report.outages] == [
        (NOW, HOUR, 3 * HOUR)
    ]  # it began before, and lasted so long
    former, _ = (part.report for part in made.parts)
    assert (former.begin, former.end) == (made.begin, NOW)
    assert (former.terms.operator, former.down.trains) == (line.operator, 30)
    assert [one.lasted for one in former.outages] == [2 * HOUR, 3 * HOUR]
    old = world.see(line_month, line.id, month.preceding(), later)
    assert (len(old.parts), old.report.terms.operator) == (1, line.operator)
    next_one = world.see(line_month, line.id, month.following(), NOW + 40 * 24 * HOUR)
    assert (len(next_one.parts), next_one.report.terms.operator) == (1, "Un autre")


def test_a_line_was_not_below_a_contract_that_it_did_not_have_yet(world: World, line: Line) -> None:
    def found(now: datetime) -> Sequence[Signature]:
        def faults(uow: Any) -> Sequence[Signature]:
            state = uow.linkquality.states.get(line.id)
            return faults_of(uow, uow.lines.get(line.id), state, "Europe/Paris", now)

        signatures: Sequence[Signature] = world.see(faults)
        return signatures

    hourly(world, line, NOW - 96 * HOUR, 96, 7500.0)
    assert found(NOW) == []
    edit(world, line, down_kbit_s=20_000)
    assert found(NOW + HOUR) == []
    hourly(world, line, NOW + HOUR, 72, 7500.0)
    assert [type(one) for one in found(NOW + 74 * HOUR)] == [BelowContract]


def test_a_month_that_is_forgotten_in_part_is_counted_by_days(world: World, line: Line) -> None:
    """Its quarters of an hour are kept for 400 days: of the 23rd and later ones, not of before."""

    def fill(uow: Any) -> None:
        number, series = uow.linkquality.states.of(line.id).number, uow.linkquality.series
        days = [Figures(datetime(2026, 11, n, tzinfo=UTC), minutes=1440) for n in range(1, 31)]
        series.put_figures([(number, day) for day in days], Resolution.DAYS)
        series.put_figures([(number, Figures(NOW + HOUR, minutes=15))], Resolution.QUARTERS)

    world.do(fill)
    later = NOW + timedelta(days=400)
    report = world.see(line_month, line.id, Month.of(NOW.date()), later).report
    assert (report.answered_minutes, report.measured) == (43_200, 1.0)


def test_works_shorten_an_outage_even_where_they_lie_in_the_month_before(
    world: World, line: Line
) -> None:
    month = Month.of(NOW.date())
    begin = world.see(line_month, line.id, month, NOW).report.begin
    works = tending.MaintenanceForm(
        starts_at=begin - 5 * HOUR, ends_at=begin - HOUR, reason="Câble remplacé"
    )
    world.do(tending.plan_works, line.id, works, world.admin, begin - 24 * HOUR)
    world.do(note, line.id, "outage", Level.ALARM, 0.0, begin - 6 * HOUR)
    world.do(note, line.id, "outage", Level.FINE, 0.0, begin + HOUR)
    report = world.see(line_month, line.id, month, NOW).report
    assert [(one.out, one.lasted) for one in report.outages] == [(HOUR, 3 * HOUR)]
    assert report.excused == ()


def test_an_outage_that_is_not_the_operator_s_is_not_counted(world: World, line: Line) -> None:
    for begin, hours in ((NOW - 50 * HOUR, 5), (NOW - 20 * HOUR, 3)):
        world.do(note, line.id, "outage", Level.ALARM, 0.0, begin)
        world.do(note, line.id, "outage", Level.FINE, 0.0, begin + hours * HOUR)
    month = Month.of((NOW - 50 * HOUR).date())
    assert world.see(line_month, line.id, month, NOW).report.out == 8 * HOUR
    found = world.see(lambda uow: uow.linkquality.alerts.between(line.id, NOW - 60 * HOUR, NOW))
    first = min(found, key=lambda one: one.raised_at)
    form = tending.NotOperatorsForm(reason="Courant coupé à la mairie")
    world.do(tending.strike_outage, line.id, first.id, form, world.admin, NOW)
    works = tending.MaintenanceForm(
        starts_at=NOW + HOUR, ends_at=NOW + 3 * HOUR, reason="Câble remplacé"
    )
    world.do(tending.plan_works, line.id, works, world.admin, NOW)
    report = world.see(line_month, line.id, month, NOW + 2 * HOUR).report
    assert report.out == 3 * HOUR
    assert [(one.works, one.reason, one.end - one.begin) for one in report.excused if one.end] == [
        (False, "Courant coupé à la mairie", 5 * HOUR),
        (True, "Câble remplacé", HOUR),
    ]
    for _ in range(2):
        world.do(tending.count_outage, line.id, first.id, world.admin, NOW)
    assert world.see(line_month, line.id, month, NOW).report.out == 8 * HOUR
    entries = world.see(lambda uow: uow.audit.list(subject=line.id, action="line.not_operators"))
    assert {entry.after["reason"] for entry in entries} == {"Courant coupé à la mairie", None}
    assert len(entries) == 2
    other = raised(world, line)
    with pytest.raises(InvalidForm):
        world.do(tending.strike_outage, line.id, other.id, form, world.admin, NOW)


def test_the_day_s_octets_are_the_line_s_whoever_measured(world: World, line: Line) -> None:
    number = world.do(lambda uow: uow.linkquality.states.of(line.id).number)

    def spent(uow: Any) -> None:
        minute = Figures(NOW - HOUR, minutes=1, octets_up=3_000, octets_down=4_000)
        uow.linkquality.series.add_figures([(number, minute)], Resolution.MINUTES)
        for name, beyond in (("within", False), ("beyond", True)):
            run = LineSpeed(
                name, line.id, None, None, NOW, NOW + MINUTE, 9_000, 9_000, beyond_budget=beyond
            )
            uow.linkquality.speeds.add(run)

    world.do(spent)
    assert world.see(calls_beside, {line.id: world.kiosk.id}) == {world.kiosk.id}
    for name in ("within", "beyond"):
        world.do(end_by_hand, name, {"download": 1_448_000, "upload": 724_000}, NOW + MINUTE)
    assert world.see(calls_beside, {line.id: world.kiosk.id}) == frozenset()
    probes = world.see(show_line, line.id, NOW + MINUTE).probes
    assert (probes.up, probes.down, probes.beyond) == (753_000, 1_504_000, 2_250_000)
    told = world.see(plan_of, world.beside.id, NOW + MINUTE).spent
    assert (told.up, told.down) == (753_000, 1_504_000)
    assert world.see(plan_of, world.beside.id, NOW + 24 * HOUR).spent == Both(0, 0)


def test_what_others_spent_on_the_line_is_the_kiosk_s_own_too() -> None:
    ledger = Ledger(7_000_000, NOW.date())
    assert ledger.take(NOW, Purpose.TRAIN, 100_000)
    ledger.told(NOW, 6_999_900)
    assert ledger.left == 100
    assert not ledger.allows(NOW, Purpose.HEARTBEAT, 140)
    ledger.told(NOW, 50_000)  # less than is known here
    assert ledger.left == 100
    ledger.told(NOW + 24 * HOUR, 50_000)
    assert ledger.left == 6_950_000
