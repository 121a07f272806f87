"""Booked rooms are approved, moved and cancelled, and who pays then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases
from room_world import GRID, TOMORROW, Rooms, at, furnish, owed, release_unused, state, to

from visiohub.booking.rooms import accounts, attendance, changes, lists, printing, statements
from visiohub.booking.rooms.refusals import BookingChanged, TooLateToMove
from visiohub.booking.rooms.writing import Booked
from visiohub.booking.territory import retire
from visiohub.domain.booking import RoomState
from visiohub.domain.model import Room
from visiohub.domain.tariff.months import Month
from visiohub.errors import EditedMeanwhile, NotAllowed, NotFound, RoomTaken, StillInUse
from visiohub.storage.uow import UnitOfWork


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


def test_the_venue_agrees(rooms: Rooms) -> None:
    rooms.terms(rooms.room.id, needs_approval=True)
    booked = rooms.book()
    (room,) = booked.rooms
    assert room.state is RoomState.REQUESTED
    with pytest.raises(RoomTaken):  # it holds its time while the venue thinks
        rooms.book()
    world = rooms.world
    (waiting,) = world.see(lists.waiting_for_answer, world.reception)
    assert waiting.row.booked.id == room.id
    with pytest.raises(NotAllowed):
        world.do(changes.approve, room.id, 1, rooms.coworker, NOW)
    with pytest.raises(EditedMeanwhile):
        world.do(changes.approve, room.id, 7, world.reception, NOW)
    world.do(changes.approve, room.id, 1, world.reception, NOW)
    assert state(rooms, booked) == [RoomState.CONFIRMED]
    with pytest.raises(BookingChanged):
        world.do(changes.refuse, room.id, 2, world.reception, NOW)


def test_one_venue_refuses_and_all_is_free_again(rooms: Rooms) -> None:
    rooms.terms(rooms.room.id, needs_approval=True)
    booked = rooms.book(rooms=(rooms.room, rooms.far))
    (asked,) = (r for r in booked.rooms if r.state is RoomState.REQUESTED)
    rooms.world.do(changes.refuse, asked.id, 1, rooms.world.reception, NOW)
    assert state(rooms, booked) == [RoomState.CANCELLED, RoomState.REFUSED]
    assert owed(rooms) == 0
    rooms.book(rooms=(rooms.room, rooms.far))


def test_once_somebody_came_nothing_of_it_is_cancelled(rooms: Rooms) -> None:
    world = rooms.world
    booked = rooms.book(rooms=(rooms.room, rooms.beside))
    assert world.see(lists.show, booked.booking.id, rooms.coworker).may_cancel(at(9))
    world.do(attendance.check_in, booked.rooms[0].id, 1, world.reception, at(9))
    owes = owed(rooms)
    for by in (rooms.coworker, world.reception):
        with pytest.raises(BookingChanged):
            world.do(changes.cancel, booked.booking.id, 1, by, at(9))
    assert not world.see(lists.show, booked.booking.id, rooms.coworker).may_cancel(at(9))
    assert state(rooms, booked) == [RoomState.CHECKED_IN, RoomState.CONFIRMED]
    assert owed(rooms) == owes


def test_once_somebody_came_what_was_asked_for_is_not_refused_but_lapses(rooms: Rooms) -> None:
    world = rooms.world
    rooms.terms(rooms.room.id, needs_approval=True)
    booked = rooms.book(rooms=(rooms.room, rooms.far))
    asked, agreed = sorted(booked.rooms, key=lambda r: r.state is not RoomState.REQUESTED)
    assert world.see(lists.venue_row, asked.id, world.reception).whole.may_refuse()
    world.do(attendance.check_in, agreed.id, 1, rooms.coordinator, at(8, 50))
    with pytest.raises(BookingChanged):
        world.do(changes.refuse, asked.id, 1, world.reception, at(8, 51))
    assert not world.see(lists.venue_row, asked.id, world.reception).whole.may_refuse()
    assert release_unused(world, at(9, 15)) == 1
    assert state(rooms, booked) == [RoomState.CANCELLED, RoomState.CHECKED_IN]


def test_moving_frees_the_old_time_and_makes_the_price_anew(rooms: Rooms) -> None:
    booked = rooms.book("09:00", "11:00")
    form = to("13:00", "16:00", rooms=(rooms.beside,), day=TOMORROW + timedelta(days=1))
    with pytest.raises(EditedMeanwhile) as refused:
        rooms.world.do(changes.move, booked.booking.id, form, 9, rooms.coworker, NOW)
    assert refused.value.params["kept"].id == booked.booking.id
    moved = rooms.world.do(changes.move, booked.booking.id, form, 1, rooms.coworker, NOW)
    assert moved.booking.version == 2
    assert owed(rooms) == Decimal("12.00")
    rooms.book("09:00", "11:00")
    with pytest.raises(RoomTaken):
        rooms.book("15:00", "16:00", rooms=(rooms.beside,), day=TOMORROW + timedelta(days=1))


def test_at_a_move_each_booked_room_stays_in_its_room(rooms: Rooms) -> None:
    booked = rooms.book(rooms=(rooms.room, rooms.beside, rooms.far))
    was = {one.id: one.room_id for one in booked.rooms}
    wanted = (rooms.far, rooms.beside, rooms.room)
    for order, version in ((wanted, 1), (wanted[::-1], 2)):
        form = to("13:00", "15:00", rooms=order)
        moved = rooms.world.do(changes.move, booked.booking.id, form, version, rooms.coworker, NOW)
        assert {one.id: one.room_id for one in moved.rooms} == was


def test_a_move_onto_another_changes_nothing(rooms: Rooms) -> None:
    rooms.book("13:00", "16:00")
    booked = rooms.book("09:00", "11:00")
    form = to("14:00", "15:00", rooms=(rooms.room,))
    with pytest.raises(RoomTaken):
        rooms.world.do(changes.move, booked.booking.id, form, 1, rooms.coworker, NOW)
    kept = rooms.world.see(lists.show, booked.booking.id, rooms.coworker)
    assert (kept.booking.starts_at, kept.booking.version) == (at(9), 1)
    assert owed(rooms) == Decimal("22.00")


def test_late_only_the_venue_moves(rooms: Rooms) -> None:
    booked = rooms.book("09:00", "11:00")
    form = to("13:00", "15:00", rooms=(rooms.room,))
    late = at(10, day=DAY)  # 23 hours before
    with pytest.raises(TooLateToMove):
        rooms.world.do(changes.move, booked.booking.id, form, 1, rooms.coworker, late)
    rooms.world.do(changes.move, booked.booking.id, form, 1, rooms.world.reception, late)


@pytest.mark.parametrize(("hour", "stays"), [(9, "0.00"), (10, "5.00")])
def test_a_cancellation_costs_what_its_rule_says(rooms: Rooms, hour: int, stays: str) -> None:
    booked = rooms.book("09:00", "11:00", now=at(9, day=DAY))
    now = at(hour, day=DAY)
    row = rooms.world.see(lists.show, booked.booking.id, rooms.coworker)
    (said,) = row.if_cancelled(now)
    _, (settled,) = rooms.world.do(changes.cancel, booked.booking.id, 1, rooms.coworker, now)
    assert said == settled
    assert settled.totals.total == Decimal(stays)
    assert owed(rooms) == Decimal(stays)
    rooms.book("09:00", "11:00", now=now)
    with pytest.raises(BookingChanged):
        rooms.world.do(changes.cancel, booked.booking.id, 2, rooms.coworker, now)


def pays(rooms: Rooms, organisation_id: str | None) -> None:
    """From now on, for the account that the organisation of `rooms` paid for."""
    version = rooms.world.see(lambda u: u.memberships.get(rooms.paid.id)).version
    form = accounts.MembershipForm(
        person_id=rooms.coworker.id, profile="member", organisation_id=organisation_id
    )
    change = accounts.update_membership
    rooms.world.do(change, rooms.paid.id, form, version, rooms.coordinator, NOW)


def owed_by(rooms: Rooms) -> dict[str | None, Decimal]:
    """By organisation, None: the account itself."""
    owes: dict[str | None, Decimal] = {}
    for line in rooms.world.see(lambda u: u.charges.list()):
        owes[line.organisation_id] = owes.get(line.organisation_id, Decimal(0)) + line.amount.total
    return owes


@on_both_databases
@pytest.mark.parametrize("alone", [False, True], ids=["another_organisation", "alone"])
def test_what_is_given_back_goes_to_who_was_charged(world: World, alone: bool) -> None:
    rooms = furnish(world, grid=replace(GRID, tariffs=(replace(GRID.tariffs[0], page=Decimal(1)),)))
    first = rooms.organisation.id
    form = accounts.OrganisationForm(name="Autre", contact="X", email="x@autre.example")
    other = world.do(accounts.create_organisation, form, rooms.coordinator, NOW)
    now_pays = None if alone else other.id
    booked = rooms.book(membership_id=rooms.paid.id)
    moving = rooms.book("13:00", "15:00", membership_id=rooms.paid.id)
    pays(rooms, now_pays)
    world.do(printing.count_pages, moving.rooms[0].id, 40, world.reception, NOW)
    printed = owed_by(rooms)[now_pays]
    assert printed > 10  # more than the room: it counts for nothing there
    world.do(changes.cancel, booked.booking.id, 1, rooms.coworker, NOW)
    assert owed_by(rooms) == {first: Decimal("10.00"), now_pays: printed}
    earlier = to("13:00", "14:00", rooms=(rooms.room,))
    world.do(changes.move, moving.booking.id, earlier, 1, rooms.coworker, NOW)
    assert owed_by(rooms) == {first: Decimal(0), now_pays: printed + 5}
    pays(rooms, first)
    world.do(changes.cancel, moving.booking.id, 2, rooms.coworker, NOW)
    assert owed_by(rooms) == {first: Decimal(0), now_pays: printed}


def test_a_cancelled_half_day_goes_back_onto_the_pass(rooms: Rooms) -> None:
    world = rooms.world
    world.do(accounts.sell_pass, rooms.account.id, "ten", rooms.coordinator, NOW)
    booked = rooms.book("08:00", "12:00", day=TOMORROW + timedelta(days=2))
    world.do(changes.cancel, booked.booking.id, 1, rooms.coworker, NOW)
    standing = world.see(lambda uow: uow.memberships.get(rooms.account.id)).standing
    assert (standing.passes[0].left, standing.uses) == (10, 0)


def test_a_move_draws_from_a_pass_only_what_was_drawn_from_one(rooms: Rooms) -> None:
    world, there = rooms.world, TOMORROW + timedelta(days=2)
    world.do(accounts.sell_pass, rooms.account.id, "ten", rooms.coordinator, NOW)
    sold = owed(rooms)

    def left() -> int:
        standing = world.see(lambda uow: uow.memberships.get(rooms.account.id)).standing
        return int(standing.passes[0].left)

    def moved(booked: Booked, starts: str, ends: str, **fields: Any) -> None:
        form = to(starts, ends, rooms=(rooms.room,), day=there).model_copy(update=fields)
        version = world.see(lambda uow: uow.bookings.get(booked.booking.id)).version
        world.do(changes.move, booked.booking.id, form, version, rooms.coworker, NOW)

    paid = rooms.book("08:00", "12:00", day=there, uses_passes=False)
    moved(paid, "13:00", "16:30")
    assert (left(), owed(rooms) - sold) == (10, Decimal("12.00"))
    drawn = rooms.book("08:00", "12:00", day=there)
    moved(drawn, "08:30", "12:00")
    assert (left(), owed(rooms) - sold) == (9, Decimal("12.00"))
    moved(paid, "13:00", "16:30", uses_passes=True)
    assert (left(), owed(rooms) - sold) == (8, Decimal("0.00"))


def test_nobody_sees_or_changes_what_is_anothers(rooms: Rooms) -> None:
    booked = rooms.book()
    stranger = rooms.world.agent
    with pytest.raises(NotFound):
        rooms.world.see(lists.show, booked.booking.id, stranger)
    with pytest.raises(NotAllowed):
        rooms.world.do(changes.cancel, booked.booking.id, 1, stranger, NOW)
    assert rooms.world.see(lists.own_bookings, stranger, NOW, at(23)) == []
    (own,) = rooms.world.see(lists.own_bookings, rooms.coworker, NOW, at(23))
    assert own.rooms[0].room.name == "Réunion"


def test_an_organisation_pays_for_its_people_in_one_statement(rooms: Rooms) -> None:
    world, month = rooms.world, Month(2026, 11)
    rooms.book("08:00", "09:00", membership_id=rooms.paid.id)
    rooms.book("09:00", "10:00", membership_id=rooms.paid.id, rooms=(rooms.far,))
    rooms.book("09:00", "10:00")  # the coworker pays this one
    made = world.see(statements.statement_of, rooms.organisation.id, month, rooms.coordinator)
    assert made.totals.total == Decimal("10.00")
    assert [part.name for part in made.by_venue] == ["Guillestre", "Serres"]
    assert [part.name for part in made.by_person] == ["coworker"]
    own = world.see(statements.statement_of, rooms.account.id, month, rooms.coworker)
    assert own.totals.total == Decimal("5.00")
    with pytest.raises(NotAllowed):
        world.see(statements.statement_of, rooms.organisation.id, month, rooms.coworker)
    every = world.see(statements.statements_of_month, month, rooms.coordinator)
    assert [s.payer.name for s in every] == ["coworker", "Fédération"]


def test_a_month_that_is_over_stays_as_it_was_sent(rooms: Rooms) -> None:
    last = date(2026, 11, 30)
    (room,) = rooms.book("16:00", "16:30", day=last).rooms
    assert room.quote.totals.total == Decimal(5)
    free_of_charge = room.cancellation.__class__(0, Decimal(0), Decimal(0))

    def forgiven(uow: Any) -> None:
        uow.booked_rooms.get(room.id).cancellation = free_of_charge

    rooms.world.do(forgiven)
    assert release_unused(rooms.world, at(16, 15, day=last)) == 1
    see, month = rooms.world.see, Month(2026, 11)
    sent = see(statements.statement_of, rooms.account.id, month, rooms.coworker)
    assert sent.totals.total == 0
    december = at(9, day=date(2026, 12, 1))
    rooms.world.do(attendance.check_in, room.id, 2, rooms.world.reception, december)
    assert see(statements.statement_of, rooms.account.id, month, rooms.coworker) == sent
    later = see(statements.statement_of, rooms.account.id, Month(2026, 12), rooms.coworker)
    assert later.totals.total == Decimal("5.00")


def test_every_change_is_in_the_audit(rooms: Rooms) -> None:
    booked = rooms.book()
    rooms.world.do(changes.cancel, booked.booking.id, 1, rooms.coworker, NOW)
    kept = rooms.world.see(lambda uow: uow.audit.list(subject=booked.booking.id))
    written = {entry.action: entry for entry in kept}
    assert set(written) == {"booking.book", "booking.cancel"}
    cancelled = written["booking.cancel"]
    assert cancelled.person_id == rooms.coworker.id
    room_id = rooms.room.id
    assert cancelled.before == {"rooms": {room_id: "confirmed"}, "charged": {room_id: "10.00"}}
    assert cancelled.after == {
        "rooms": {room_id: "cancelled"}, "charged": {}, "cancelled_by_venue": False,
    }  # fmt: skip


def test_a_room_with_bookings_to_come_is_not_retired(rooms: Rooms) -> None:
    booked = rooms.book()
    admin = rooms.world.admin
    for thing in (rooms.room, rooms.world.venue):
        with pytest.raises(StillInUse):
            rooms.world.do(retire, type(thing), thing.id, 1, admin, NOW)
    rooms.world.do(changes.cancel, booked.booking.id, 1, rooms.coworker, NOW)
    rooms.world.do(retire, Room, rooms.room.id, 1, admin, NOW)


def test_on_a_closed_account_only_the_venue_moves_and_its_person_cancels(rooms: Rooms) -> None:
    one, other = rooms.book(), rooms.book("13:00", "14:00")

    def close(uow: UnitOfWork) -> None:
        uow.memberships.get(rooms.account.id).active = False

    rooms.world.do(close)
    owes = owed(rooms)
    there = to("14:00", "16:00", rooms=(rooms.room,))
    with pytest.raises(NotAllowed):
        rooms.world.do(changes.move, one.booking.id, there, 1, rooms.coworker, NOW)
    assert owed(rooms) == owes
    rooms.world.do(changes.move, one.booking.id, there, 1, rooms.coordinator, NOW)
    rooms.world.do(changes.cancel, other.booking.id, 1, rooms.coworker, NOW)
