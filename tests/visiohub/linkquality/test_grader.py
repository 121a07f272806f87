"""A line's grade over days, in virtual time. Seeds are in the tests' names."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from kiosk.probes.schedule import TrainSchedule
from visiohub.linkquality import grading
from visiohub.linkquality.baseline import Baseline, hour_of_week
from visiohub.linkquality.delays import summary
from visiohub.linkquality.grader import LineGrader, Window
from visiohub.linkquality.grading import Change, Grade, Level, Rule, Watch, surely_lost
from visiohub.linkquality.train import idle_train
from visiohub.linkquality.verdict import Verdict

MONDAY = datetime(2026, 11, 2)  # noqa: DTZ001 - local time of a venue
FIVE = timedelta(minutes=5)


def binomial(chance: random.Random, of: int, share: float) -> int:
    return sum(chance.random() < share for _ in range(of))


def ordinary(begin: datetime, days: int, seed: int) -> Iterator[tuple[datetime, Window]]:
    """An ADSL line: 0.3 % of loss, and offices that fill it for hours on each working day."""
    chance = random.Random(seed)
    for step in range(days * 288):
        local = begin + step * FIVE
        working = local.weekday() < 5 and local.hour in (9, 10, 11, 14, 15)
        load = chance.uniform(0.5, 1.0) if working and chance.random() < 0.8 else 0.0
        sent = round(chance.gauss(100, 10))
        lost = binomial(chance, sent, 0.003 + 0.015 * load)
        jitter = chance.uniform(2, 8) + 140 * load * chance.uniform(0.7, 1.0)
        yield local, Window(surely_lost(lost, sent), jitter, 28 + 1.1 * jitter)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("first_day", [0, 5])
def test_thirty_days_of_an_ordinary_line_raise_nothing(seed: int, first_day: int) -> None:
    grader, chance = LineGrader(), random.Random(seed)
    begin = MONDAY + timedelta(days=first_day)
    for local, window in ordinary(begin, 30, seed):
        assert grader.window(local, window) == [], f"seed {seed}, {local}"
        if local.minute == 0:
            for way, kbit_s in (("down", 6_800.0), ("up", 700.0)):
                train = kbit_s * (1 + chance.gauss(0, 0.01))
                assert grader.train(local, way, train) is None, f"seed {seed}, {local}"
        if local.minute % 15 == 0:
            assert grader.modem(local, chance.gauss(8, 0.4), 0) == []
    assert grader.grade is Grade.GOOD


@pytest.mark.parametrize("seed", range(20))
def test_a_drop_of_fifteen_percent_is_found_within_two_hours_of_idle_time(seed: int) -> None:
    grader, chance = LineGrader(), random.Random(seed)
    schedule = TrainSchedule(700, 0, chance.random, begun=0.0)

    def next_train(kbit_s: float) -> Change | None:
        """At the time that the kiosk's schedule gives it."""
        at, kbit_s = schedule.next_at, kbit_s * (1 + chance.gauss(0, 0.01))
        schedule.judged(idle_train(kbit_s, 0), Verdict(kbit_s, None, 0.01, 0, 61, 0), at)
        return grader.train(MONDAY + timedelta(seconds=at), "up", kbit_s)

    for _ in range(24 * 7):
        assert next_train(700) is None
    dropped, change = schedule.next_at - 3_600, None
    while change is None:
        last = schedule.next_at
        change = next_train(0.85 * 700)
    assert change
    assert (change.before, change.after) == (Level.FINE, Level.WARNING)
    assert last - dropped <= 7_200, f"seed {seed}"
    assert grader.grade is Grade.FAIR


def margins(begin: datetime, days: int, seed: int) -> Iterator[tuple[datetime, float]]:
    """Of a modem read each quarter of an hour: 2.5 dB less at night, all at once."""
    chance = random.Random(seed)
    for step in range(days * 96):
        local = begin + step * timedelta(minutes=15)
        night = 2.5 if local.hour >= 20 or local.hour < 6 else 0.0
        yield local, 12 - night + chance.gauss(0, 0.4)


@pytest.mark.parametrize("db_a_week", [0.5, 1.0, 3.0])
def test_a_margin_that_sinks_slowly_is_told_before_it_is_low(db_a_week: float) -> None:
    grader, seed = LineGrader(), 3
    for local, margin in margins(MONDAY, 28, seed):
        assert grader.modem(local, margin, 0) == [], f"seed {seed}, {local}"
    sinks = MONDAY + timedelta(days=28)
    for local, margin in margins(sinks, 140, seed):
        sunk = db_a_week * (local - sinks) / timedelta(days=7)
        if changes := grader.modem(local, margin - sunk, 0):
            break
    assert [(c.rule, c.after) for c in changes] == [("snr_fall", Level.WARNING)], f"seed {seed}"
    assert 2.0 <= sunk <= 6.0, f"seed {seed}: told after {sunk:.1f} dB"


def test_a_margin_that_falls_at_once_is_told_and_its_end_too() -> None:
    grader, seed = LineGrader(), 4
    for local, margin in margins(MONDAY, 7, seed):
        grader.modem(local, margin, 0)
    fell = [
        change
        for local, margin in margins(MONDAY + timedelta(days=7), 1, seed)
        for change in grader.modem(local, margin - (7 if 9 <= local.hour < 12 else 0), 0)
    ]
    levels = [change.after for change in fell if change.rule == "snr_fall"]
    assert (levels[0], levels[-1]) == (Level.ALARM, Level.FINE)


def test_what_is_worse_than_the_habit_is_found_in_a_busy_hour_too() -> None:
    grader = LineGrader()
    for local, window in ordinary(MONDAY, 21, 1):
        grader.window(local, window)
    at = MONDAY + timedelta(days=21, hours=10)
    raised = [
        change
        for step in range(4)
        for change in grader.window(at + step * FIVE, Window(0.08, 600, 900))
    ]
    assert {change.rule for change in raised} == {"loss", "jitter", "delay"}


def test_what_others_fill_is_not_the_lines_fault() -> None:
    grader = LineGrader()
    for local, window in ordinary(MONDAY, 10, 1):
        grader.window(local, window)
    at = MONDAY + timedelta(days=10, hours=3)
    for step in range(12):
        assert grader.window(at + step * FIVE, Window(0.1, 600, 900), in_use=True) == []


def test_an_alarm_that_stands_is_bad_while_nothing_new_is_known() -> None:
    grader = LineGrader()
    for local, window in ordinary(MONDAY, 10, 1):
        grader.window(local, window)
    grader.train(MONDAY, "down", 5_000)
    at = MONDAY + timedelta(days=10, hours=3)
    for step in range(4):
        grader.window(at + step * FIVE, Window(0.1, 600, 900))
    assert grader.grade is Grade.BAD
    for step in range(4, 10):  # a call of half an hour fills the line
        assert grader.window(at + step * FIVE, Window(0.1, 600, 900), in_use=True) == []
        assert grader.grade is Grade.BAD
    again = LineGrader()
    again.restore(json.loads(json.dumps(grader.state())))
    again.train(at, "down", 5_000)
    assert again.grade is Grade.BAD


def test_one_bad_call_is_no_fault_of_the_line_and_three_are() -> None:
    grader = LineGrader()
    assert [grader.call(loss) for loss in (0.0, 0.1, 0.004, 0.1, 0.0)] == [None] * 5
    change = grader.call(0.1)
    assert change
    assert (change.rule, change.after, grader.grade) == ("call_loss", Level.ALARM, Grade.BAD)
    cleared = [one for _ in range(5) if (one := grader.call(0.001))]
    assert [one.after for one in cleared] == [Level.FINE]


def test_maintenance_raises_nothing_and_teaches_nothing() -> None:
    grader = LineGrader()
    for hour in range(100):
        grader.train(MONDAY + timedelta(hours=hour), "down", 5_000)
    for hour in range(100, 110):
        at = MONDAY + timedelta(hours=hour)
        assert grader.train(at, "down", 1_000, maintenance=True) is None
    assert grader.grade is Grade.MAINTENANCE
    assert grader.train(MONDAY + timedelta(hours=111), "down", 5_000) is None
    assert grader.grade is Grade.GOOD


def test_a_restarted_hub_goes_on_where_it_was() -> None:
    grader, again = LineGrader(), LineGrader()
    for local, window in ordinary(MONDAY, 8, 1):
        grader.window(local, window)
        if local.minute == 0:
            grader.train(local, "down", 5_000)
    at = MONDAY + timedelta(days=8)
    for hour in range(2):
        assert grader.train(at + timedelta(hours=hour), "down", 4_000) is None
    again.restore(json.loads(json.dumps(grader.state())))
    raised = again.train(at + timedelta(hours=2), "down", 4_000)
    assert raised
    assert raised.after is Level.WARNING
    assert raised.value == pytest.approx(0.8)
    once_more = LineGrader()
    once_more.restore(json.loads(json.dumps(again.state())))
    assert once_more.train(at + timedelta(hours=3), "down", 4_000) is None
    assert once_more.window(at, Window(0.0, 5, 30)) == []


LIMITS = Rule("it", grading.Limit(10, 8), grading.Limit(20, 16))


def levels(watch: Watch, values: str) -> list[Change | None]:
    return [watch.observe(float(value)) for value in values.split()]


def test_three_of_five_raise_and_five_clear() -> None:
    watch = Watch(LIMITS)
    assert levels(watch, "11 1 11 1 1 1 11 1 11") == [None] * 9
    raised = watch.observe(11)
    assert raised == Change("it", Level.FINE, Level.WARNING, 11)
    assert levels(watch, "9 9 9 9 9 9 9 7 7 7 7") == [None] * 11
    assert watch.observe(7) == Change("it", Level.WARNING, Level.FINE, 7)


def test_an_alarm_eases_to_a_warning_first() -> None:
    watch = Watch(LIMITS)
    assert levels(watch, "25 25")[-1] is None
    assert watch.observe(25) == Change("it", Level.FINE, Level.ALARM, 25)
    assert watch.grade is Grade.BAD
    assert levels(watch, "12 12 12 12") == [None] * 4
    assert watch.observe(12) == Change("it", Level.ALARM, Level.WARNING, 12)
    assert watch.grade is Grade.FAIR


def test_no_data_is_neither_good_nor_the_end_of_an_alert() -> None:
    watch = Watch(LIMITS)
    assert watch.grade is Grade.NO_DATA
    levels(watch, "11 11 11")
    for _ in range(10):
        assert watch.observe(None) is None
    assert watch.grade is Grade.NO_DATA
    assert watch.level is Level.WARNING
    assert watch.observe(11) is None
    assert watch.grade is Grade.FAIR
    assert watch.observe(float("nan")) is None


def test_low_can_be_bad() -> None:
    assert grading.SNR_DB.level(4.9) is Level.WARNING
    assert grading.SNR_DB.level(2.9) is Level.ALARM
    assert grading.SNR_DB.level(6) is Level.FINE
    assert not grading.SNR_DB.is_over(Level.WARNING, 5.5)
    assert grading.SNR_DB.is_over(Level.WARNING, 6)
    assert grading.RETRAINS.level(3) is Level.WARNING
    assert grading.RETRAINS.level(10) is Level.ALARM


def test_the_worst_rule_is_the_lines_grade() -> None:
    assert grading.line_grade([]) is Grade.NO_DATA
    assert grading.line_grade([Grade.NO_DATA, Grade.GOOD]) is Grade.GOOD
    assert grading.line_grade([Grade.GOOD, Grade.FAIR]) is Grade.FAIR
    assert grading.line_grade([Grade.BAD, Grade.MAINTENANCE]) is Grade.MAINTENANCE


def test_loss_counts_once_it_is_sure() -> None:
    assert surely_lost(0, 0) is None
    assert surely_lost(0, 100) == 0
    one, three = surely_lost(1, 100), surely_lost(3, 100)
    assert one is not None
    assert three is not None
    assert one < 0.01 < three
    assert surely_lost(300, 10_000) == pytest.approx(0.03, abs=0.004)


def test_a_habit_is_one_of_its_hour() -> None:
    baseline = Baseline()
    for day in range(14):
        for hour in range(24):
            at = MONDAY + timedelta(days=day, hours=hour)
            baseline.observe(at, 100 if hour == 10 and at.weekday() == 0 else 10)
    monday = MONDAY + timedelta(days=14)
    assert baseline.usual(monday + timedelta(hours=4)) == 10
    assert baseline.usual_high(monday + timedelta(hours=10)) == 100
    assert baseline.usual_high(monday + timedelta(days=1, hours=10)) == 10
    assert Baseline().usual(monday) is None
    assert hour_of_week(MONDAY + timedelta(days=6, hours=23, minutes=59)) == 167


def test_a_window_of_probes_that_say_nothing_has_no_figure() -> None:
    assert Window.of(summary([], [])) == Window()
    assert Window.of(summary([1, 2], [])).delay_ms is None
