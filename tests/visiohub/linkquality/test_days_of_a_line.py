"""Days of an ordinary ADSL line through the database: no false alert, and true ones in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from hub_world import NOW, World
from line_days import HOUR, MINUTE, PARIS, LineDays
from lived_days import LivedDays

from kiosk.probes.schedule import TrainSchedule
from visiohub.booking.lines.checks import RULE
from visiohub.domain.line import LineHabits
from visiohub.linkquality.grader import LineGrader, Window
from visiohub.linkquality.grading import Grade, Level
from visiohub.linkquality.sender import SessionSender
from visiohub.web.line_desk import WATCH_S, LineDesk

LATEST = timedelta(hours=2)
SEED = 20_261_121


def known(world: World, begin: datetime, seed: int) -> LineDays:
    """A line of which four days are known, so that a test needs none of them."""
    days, grader, chance = LineDays(world, begin, seed), LineGrader(), Random(seed)
    for window in range(4 * 288, 0, -1):
        local = (begin - window * 5 * MINUTE).astimezone(PARIS)
        grader.window(local, Window(loss=0.0, jitter_ms=6.0, delay_ms=46.0))
        if window % 12 == 0:
            for way, kbit_s in days.kbit_s.items():
                grader.train(local, way, kbit_s * chance.gauss(1, 0.003))
    told = grader.state()
    habits = LineHabits(days.id, begin, told["habits"], told["watches"])
    world.do(lambda uow: uow.linkquality.habits.add(habits))
    for way, schedule in days.schedules.items():
        schedule = TrainSchedule(days.kbit_s[way], 0, schedule.uniform, 0.0)
        schedule.accepted = [days.kbit_s[way]] * 3
        days.schedules[way] = schedule
    return days


def no_false_alert(world: World, days: int, seed: int) -> None:
    """A look finds, and tells, that others fill the line just before a visio: nothing else."""
    line = LivedDays(world, NOW, seed)
    line.run(timedelta(days=days))
    busy = [at for at, load in line.looks if load > 0.5]
    false = [
        (rule, at)
        for rule, at in line.all_alerts()
        if rule != RULE or not any(look <= at <= look + HOUR for look in busy)
    ]
    assert false == [], f"seed {seed}"
    quiet = [at for at, load in line.looks if not load]
    assert min(len(line.looks), line.calls, line.restarts, line.turns, len(quiet)) > 0
    numbers = sum(kbit_s is not None for _, _, kbit_s in line.trains)
    told = len(line.all_alerts())
    print(
        f"seed {seed}: {days} days, {len(line.trains)} trains, {numbers} with a number; "
        f"{len(line.looks)} looks, {len(busy)} beside much traffic, {told} told; {line.calls} "
        f"visios, {line.restarts} restarts, {line.turns} turns of the kiosks"
    )


def test_five_days_of_an_ordinary_line_raise_no_false_alert(world: World) -> None:
    no_false_alert(world, 5, SEED)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_thirty_days_of_an_ordinary_line_raise_no_false_alert(world: World, seed: int) -> None:
    no_false_alert(world, 30, seed)


@pytest.mark.parametrize("seed", range(5))
def test_fifteen_percent_less_are_found_within_two_hours_of_idle_time(
    world: World, seed: int
) -> None:
    evening = NOW.replace(hour=18)
    line, way = known(world, evening, seed), ("down", "up")[seed % 2]
    line.run(HOUR + seed * 10 * MINUTE, step=10 * MINUTE)
    assert line.alerts == {}
    dropped, line.kbit_s[way] = line.now, 0.85 * line.kbit_s[way]
    while not line.alerts and line.now < dropped + 2 * LATEST:
        line.run(5 * MINUTE, step=5 * MINUTE)
    assert line.alerts == {f"capacity_{way}": Level.WARNING}, f"seed {seed}"
    found_after = line.now - dropped
    print(f"seed {seed}: {way} found after {found_after}")
    assert found_after <= LATEST, f"seed {seed}"
    assert world.see(lambda uow: uow.linkquality.states.get(line.id)).grade is Grade.FAIR


@pytest.mark.parametrize("in_call", [False, True])
async def test_an_outage_is_found_within_thirty_seconds(
    world: World, monkeypatch: pytest.MonkeyPatch, in_call: bool
) -> None:
    """Twenty cuts at any moment of the heartbeat and of the hub's watch."""
    chance = Random(SEED)
    desk = LineDesk(world.hub)
    desk.serve("127.0.0.1", 0)
    try:
        assert await desk.probe_session(world.kiosk.id)
        now = heard = 0.0
        sender = SessionSender(1, chance.random, now)
        sender.in_call = in_call
        monkeypatch.setattr(desk.server, "silent_s", lambda: {world.kiosk.id: now - heard})
        monkeypatch.setattr(world.hub, "clock", lambda: NOW + timedelta(seconds=now))

        async def until(end: float, *, alive: bool) -> list[str]:
            """The hub looks each five seconds; the rules of the alerts that stand at the end."""
            nonlocal now, heard
            while now < end:
                now += WATCH_S
                while sender.deadline <= now:
                    at = sender.deadline
                    assert sender.send(at, at)
                    if alive:
                        heard = at
                        sender._unanswered.clear()
                await desk.watch(NobodyThere())  # type: ignore[arg-type]
            standing = world.see(lambda uow: uow.linkquality.alerts.standing())
            return [alert.rule for alert in standing]

        slowest = 0.0
        for cut in range(20):
            assert await until(now + 60, alive=True) == [], f"seed {SEED}, before cut {cut}"
            began = now + chance.random() * WATCH_S
            while sender.deadline <= began:  # the last that pass
                heard = sender.deadline
                sender.send(heard, heard)
                sender._unanswered.clear()
            while await until(now + WATCH_S, alive=False) == []:
                assert now - began <= 30, f"seed {SEED}, cut {cut}"
            slowest = max(slowest, now - began)
        print(f"seed {SEED}: slowest of 20 outages after {slowest:.1f} s, in a call: {in_call}")
        assert slowest <= 30
    finally:
        await desk.close()


class NobodyThere:
    """Signaling without kiosks: none takes over."""

    def present_kiosks(self) -> set[str]:
        return set()

    async def budgets_changed(self, budgets: object) -> None:
        """No call is on."""
