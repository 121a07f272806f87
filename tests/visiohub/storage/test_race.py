"""Twenty processes and one slot: one wins, the others are told that it is taken."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta

import pytest
from coming_days import workdays
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases
from racer import Step, race

from visiohub.booking.appointments import book, move
from visiohub.booking.forms import AppointmentForm, MoveForm
from visiohub.domain.occupancy import Occupancy, Owner, OwnerKind, Resource, ResourceKind
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases

RACERS = 20
BOOKED_AT, MOVED_TO = time(10), time(14)
ROOMS = tuple(Resource(ResourceKind.ROOM, f"room {n}") for n in range(15))


def steps_of(world: World, own: str) -> list[Step]:
    """All book 10:00, then all move an appointment of their own to 14:00, then all want 15 rooms
    together, each racer naming them in an order of its own. `own` is an appointment's id."""
    by, place = world.reception, {"service_id": world.service.id, "kiosk_id": world.kiosk.id}

    def books(uow: UnitOfWork, day: date) -> None:
        book(uow, AppointmentForm(**place, day=day, time=BOOKED_AT), by, NOW)

    def moves(uow: UnitOfWork, day: date) -> None:
        form = MoveForm(kiosk_id=place["kiosk_id"], day=day, time=MOVED_TO)
        version = uow.appointments.get(own).version
        move(uow, own, form, version, by, NOW)

    def takes_rooms(uow: UnitOfWork, day: date) -> None:
        starts_at, ends_at = (datetime.combine(day, time(hour), UTC) for hour in (9, 11))
        owner = Owner(OwnerKind.BOOKING, f"{own} {day}")
        rooms = random.Random(own).sample(ROOMS, len(ROOMS))
        uow.occupancies.hold(Occupancy(room, starts_at, ends_at, owner) for room in rooms)

    return [books, moves, takes_rooms]


def one_wins_each(world: World, rounds: int) -> None:
    days = workdays(DAY, max(rounds, RACERS))
    own = [
        world.book("09:00", day=day, kiosk_id=world.beside.id).appointment_id
        for day in days[:RACERS]
    ]
    outcomes = race(world.hub, days[:rounds], [steps_of(world, mine) for mine in own])
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
