"""Twenty processes and one slot of a counter: one citizen has it, confirms it, moves to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from coming_days import workdays
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases
from racer import Step, race

from visiohub.booking.appointments import confirm
from visiohub.booking.online import OnlineForm, book_online, move_online
from visiohub.booking.secrets import new_token
from visiohub.domain.occupancy import ResourceKind, seats
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases

RACERS = 20
BOOKED_AT, MOVED_TO = time(9), time(14)
"""UTC."""


def steps_of(world: World, number: int) -> list[Step]:
    """All book online, confirm what came of it, then move an appointment of their own to one slot.

    Two kiosks are free there each time: it is the counter's one seat that is wanted.
    """

    def books(uow: UnitOfWork, day: date) -> None:
        form = OnlineForm(
            service_id=world.service.id,
            venue_id=world.venue.id,
            starts_at=datetime.combine(day, BOOKED_AT, UTC),
        )
        book_online(uow, form, new_token(), f"192.0.2.{number}", NOW)

    def confirms(uow: UnitOfWork, day: date) -> None:
        starts_at = datetime.combine(day, BOOKED_AT, UTC)
        [booked] = uow.appointments.between(starts_at, starts_at + timedelta(seconds=1))
        confirm(uow, booked.id, 1, None, NOW)

    def moves(uow: UnitOfWork, day: date) -> None:
        starts_at = datetime.combine(day, MOVED_TO, UTC)
        own = uow.appointments.get(f"own {number}")
        move_online(uow, own.id, world.venue.id, starts_at, own.version, None, NOW)

    return [books, confirms, moves]


def one_wins_each(world: World, rounds: int) -> None:
    days = workdays(DAY, max(rounds, RACERS))
    counter = world.counter(opens=time(8), closes=time(17), rule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")
    for number, day in enumerate(days[:RACERS]):
        made = world.book("16:00", day=day, kiosk_id=world.far.id).appointment_id
        world.do(rename, made, f"own {number}")
    outcomes = race(world.hub, days[:rounds], [steps_of(world, n) for n in range(RACERS)])
    assert len(outcomes) == rounds * 3
    for each, said_of_it in outcomes.items():
        assert sorted(said_of_it) == ["taken"] * (RACERS - 1) + ["won"], each
    kept = world.see(lambda uow: uow.appointments.list())
    assert len(kept) == RACERS + rounds  # none is lost
    seated = sorted((a.starts_at, a.id) for a in kept if a.seat_id)
    assert len(seated) > rounds  # those that were booked, and the own of each who ever won a move
    always = NOW, NOW + timedelta(days=1000)
    taken = world.see(lambda uow: uow.occupancies.between(seats(counter.id, 1), *always))
    assert [(o.starts_at, o.owner.id) for o in taken] == seated
    assert {o.resource.kind for o in taken} == {ResourceKind.SEAT}


def rename(uow: UnitOfWork, made: str, name: str) -> None:
    """Racers are processes: they know their own by its name."""
    appointment = uow.appointments.get(made)
    uow.appointments.remove(appointment)
    uow.flush()
    fields = {k: v for k, v in vars(appointment).items() if not k.startswith("_")}
    uow.appointments.add(type(appointment)(**{**fields, "id": name}))


def test_one_of_twenty_processes_gets_the_counter(world: World) -> None:
    one_wins_each(world, rounds=1)


@pytest.mark.slow
def test_one_of_twenty_processes_gets_the_counter_fifty_times(world: World) -> None:
    one_wins_each(world, rounds=50)
