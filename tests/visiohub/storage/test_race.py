"""Twenty processes and one slot: one wins, the others are told that it is taken."""

from __future__ import annotations

import multiprocessing
from collections import defaultdict
from datetime import date, timedelta

import pytest
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases
from racer import ROOMS, Race, run

pytestmark = on_both_databases

RACERS = 20


def workdays(count: int) -> list[date]:
    days = (DAY + timedelta(days=n) for n in range(1, 2 * count + 7))
    return [day for day in days if day.weekday() < 5][:count]


def one_wins_each(world: World, rounds: int) -> None:
    days = workdays(max(rounds, RACERS))
    own = [
        world.book("09:00", day=day, kiosk_id=world.beside.id).appointment_id
        for day in days[:RACERS]
    ]
    race = Race(
        settings=world.hub.settings.model_copy(update={"database_busy_timeout_s": 60}),
        service_id=world.service.id,
        kiosk_id=world.kiosk.id,
        by=world.reception,
        days=tuple(days[:rounds]),
        now=NOW,
    )
    world.hub.engine.dispose()  # an open connection must not be carried over a fork
    processes = multiprocessing.get_context("fork")
    start, said = processes.Barrier(RACERS), processes.Queue()
    racers = [processes.Process(target=run, args=(race, mine, start, said)) for mine in own]
    for racer in racers:
        racer.start()
    outcomes = defaultdict(list)
    for _ in range(RACERS * rounds * 3):
        step, day, outcome = said.get(timeout=120)
        outcomes[step, day].append(outcome)
    for racer in racers:
        racer.join(30)
        racer.close()
    said.close()
    for each, said_of_it in outcomes.items():
        assert sorted(said_of_it) == ["taken"] * (RACERS - 1) + ["won"], each
    assert len(outcomes) == rounds * 3
    kept = world.see(lambda uow: uow.appointments.list())
    assert len(kept) == RACERS + rounds  # none is lost
    always = NOW, NOW + timedelta(days=1000)
    taken = world.see(lambda uow: uow.occupancies.between(ROOMS, *always))
    assert len(taken) == len(ROOMS) * rounds
    assert len({o.owner for o in taken}) == rounds  # nobody has a part of them


def test_one_of_twenty_processes_gets_the_slot(world: World) -> None:
    one_wins_each(world, rounds=1)


@pytest.mark.slow
def test_one_of_twenty_processes_gets_the_slot_fifty_times(world: World) -> None:
    one_wins_each(world, rounds=50)
