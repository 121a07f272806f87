"""Twenty processes want the same: a room, a series, rooms of fifteen venues at once, a move."""

from __future__ import annotations

import random
from datetime import date, time, timedelta

import pytest
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases
from racer import WEEKS, Step, race, weeks_apart
from room_world import Rooms, furnish, new_rooms

from visiohub.booking.rooms import book
from visiohub.booking.rooms.changes import move
from visiohub.booking.rooms.forms import BookingForm, SeriesForm, WhenForm
from visiohub.domain.model import Room
from visiohub.domain.occupancy import Resource, ResourceKind
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases

RACERS = 20
FIRST, STEPS = DAY + timedelta(days=1), 4


def steps_of(rooms: Rooms, fifteen: list[Room], own: str, n: int) -> list[Step]:
    """`own` is the id of a booking of this racer, the `n`-th. Half of them share one account."""
    ids = tuple(room.id for room in fifteen)
    who = {"membership_id": (rooms.account if n % 2 else rooms.paid).id}

    def books(uow: UnitOfWork, day: date) -> None:
        when = {"day": day, "starts": time(8), "ends": time(9)}
        book.book(uow, BookingForm(room_ids=ids[:1], **when, **who), rooms.coworker, NOW)

    def books_series(uow: UnitOfWork, day: date) -> None:
        when = {"day": day, "starts": time(9), "ends": time(10)}
        rule = f"FREQ=WEEKLY;COUNT={WEEKS}"
        form = SeriesForm(room_ids=ids[:1], rule=rule, **when, **who)
        book.book_series(uow, form, rooms.coworker, NOW)

    def books_fifteen(uow: UnitOfWork, day: date) -> None:
        when = {"day": day, "starts": time(10), "ends": time(11)}
        mixed = tuple(random.Random(own).sample(ids, len(ids)))
        book.book(uow, BookingForm(room_ids=mixed, **when, **who), rooms.coworker, NOW)

    def moves(uow: UnitOfWork, day: date) -> None:
        form = WhenForm(room_ids=ids[:1], day=day, starts=time(14), ends=time(15))
        version = uow.bookings.get(own).version
        move(uow, own, form, version, rooms.coordinator, NOW)

    return [books, books_series, books_fifteen, moves]


def one_wins_each(world: World, rounds: int) -> None:
    rooms = furnish(world)
    *fifteen, apart = new_rooms(world)
    assert len({room.venue_id for room in fifteen}) == 15
    own = [
        rooms.book(day=FIRST + timedelta(days=7 * n), rooms=(apart,)).booking.id
        for n in range(RACERS)
    ]
    racers = [steps_of(rooms, fifteen, mine, n) for n, mine in enumerate(own)]
    outcomes = race(world.hub, weeks_apart(FIRST, rounds), racers)
    for each, said_of_it in outcomes.items():
        assert sorted(said_of_it) == ["taken"] * (RACERS - 1) + ["won"], each
    assert len(outcomes) == rounds * STEPS
    assert len(world.see(lambda uow: uow.bookings.list())) == RACERS + rounds * (1 + WEEKS + 1)
    resources = [Resource(ResourceKind.ROOM, room.id) for room in (*fifteen, apart)]
    always = NOW, NOW + timedelta(days=700)
    taken = world.see(lambda uow: uow.occupancies.between(resources, *always))
    assert len(taken) == RACERS + rounds * (1 + WEEKS + len(fifteen))  # none is lost, none doubled


def test_one_of_twenty_processes_gets_the_rooms(world: World) -> None:
    one_wins_each(world, rounds=1)


@pytest.mark.slow
def test_one_of_twenty_processes_gets_the_rooms_fifty_times(world: World) -> None:
    one_wins_each(world, rounds=50)
