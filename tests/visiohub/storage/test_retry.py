"""What another transaction was in the way of is begun anew; nobody hears of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases
from room_world import GRID, RULE

from visiohub.booking import territory
from visiohub.booking.forms import PersonForm
from visiohub.booking.rooms import prices
from visiohub.domain.booking import PriceList
from visiohub.domain.model import Attempt, Person, Role
from visiohub.domain.occupancy import Occupancy, Owner, OwnerKind, Resource, ResourceKind
from visiohub.errors import Busy, EditedMeanwhile, LastAdministrator
from visiohub.storage.engine import open_engine
from visiohub.storage.retry import committed
from visiohub.storage.uow import UnitOfWork

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@on_postgresql
def test_what_could_not_have_run_one_after_the_other_is_begun_anew(world: World) -> None:
    form = PersonForm(login="second", label="second", roles=frozenset({Role.ADMINISTRATOR}))
    second = world.do(territory.create, form, None, NOW)
    runs = 0

    def retire_while_the_other_does(uow: UnitOfWork) -> None:
        nonlocal runs
        runs += 1
        territory.retire(uow, Person, world.admin.id, 1, None, NOW)
        if runs == 1:  # both have seen two administrators
            world.do(territory.retire, Person, second.id, 1, None, NOW)

    with pytest.raises(LastAdministrator):
        committed(world.hub.uow, retire_while_the_other_does, within_s=10)
    assert runs == 2
    assert world.see(lambda uow: uow.persons.get(world.admin.id)).active


@on_postgresql
def test_of_two_first_saves_at_one_instant_the_later_is_a_lost_update(world: World) -> None:
    runs = 0

    def save_after_the_other(uow: UnitOfWork) -> None:
        nonlocal runs
        runs += 1
        uow.venues.list()  # what others keep from here on is not seen
        if runs == 1:
            theirs = PriceList(prices.TERRITORY, None, GRID, RULE)
            world.do(lambda other: other.price_lists.add(theirs))
        prices.save_prices(uow, None, GRID, RULE, 0, world.admin, NOW)

    with pytest.raises(EditedMeanwhile) as refused:
        committed(world.hub.uow, save_after_the_other, within_s=10)
    assert runs == 2
    assert refused.value.params["kept"].version == 1


@on_postgresql
def test_two_that_wait_for_each_other_both_get_through(world: World) -> None:
    meet = threading.Barrier(2)

    def held(room: str, hour: int) -> Occupancy:
        starts_at = NOW + timedelta(hours=hour)
        owner = Owner(OwnerKind.BOOKING, f"{hour}")
        ends_at = starts_at + timedelta(hours=1)
        return Occupancy(Resource(ResourceKind.ROOM, room), starts_at, ends_at, owner)

    def take(hour: int, first: str, then: str) -> None:
        runs = 0

        def work(uow: UnitOfWork) -> None:
            nonlocal runs
            runs += 1
            uow.occupancies.hold([held(first, hour)])
            if runs == 1:
                meet.wait(10)
            uow.occupancies.hold([held(then, hour)])  # two calls: their order is the caller's

        committed(world.hub.uow, work, within_s=10)

    other = threading.Thread(target=take, args=(2, "b", "a"))
    other.start()
    take(1, "a", "b")
    other.join(10)
    both = [Owner(OwnerKind.BOOKING, "1"), Owner(OwnerKind.BOOKING, "2")]
    assert len(world.see(lambda uow: uow.occupancies.of(*both))) == 4


@pytest.fixture
def hurried(world: World) -> Iterator[Callable[[], UnitOfWork]]:
    """Units of work that wait 50 ms for others."""
    settings = world.hub.settings
    engine = open_engine(settings.database, busy_timeout_s=0.05, connections=1)
    yield lambda: UnitOfWork(engine, settings)
    engine.dispose()


def try_it(uow: UnitOfWork) -> None:
    uow.attempts.add(Attempt("the same", "kind", "key", NOW))
    uow.flush()


@on_both_databases
def test_who_waited_long_enough_is_told_to_come_back(
    world: World, hurried: Callable[[], UnitOfWork]
) -> None:
    with world.hub.uow() as before:
        try_it(before)
        with pytest.raises(Busy) as busy:
            committed(hurried, try_it, within_s=0)
    assert busy.value.retry_after_s
    committed(hurried, try_it, within_s=0)


@on_both_databases
def test_what_was_committed_on_the_way_is_not_done_twice(
    world: World, hurried: Callable[[], UnitOfWork]
) -> None:
    runs = 0

    def in_two_parts(uow: UnitOfWork) -> None:
        nonlocal runs
        runs += 1
        uow.attempts.add(Attempt("first part", "kind", "key", NOW))
        uow.commit()
        with world.hub.uow() as before:
            try_it(before)
            try_it(uow)

    with pytest.raises(Busy):
        committed(hurried, in_two_parts, within_s=10)
    assert runs == 1
    kept = world.see(lambda uow: uow.attempts.list(kind="kind"))
    assert [attempt.id for attempt in kept] == ["first part"]
