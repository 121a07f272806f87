"""When the windows of counters change, who sits there is counted on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases
from waiting_world import join

from visiohub.booking import online, permanences, waiting, waiting_offers
from visiohub.booking.appointments import cancel
from visiohub.booking.permanences import AbsenceForm
from visiohub.booking.secrets import new_token
from visiohub.domain.model import CancelledBy
from visiohub.domain.permanence import Permanence
from visiohub.errors import SlotTaken

pytestmark = on_both_databases
TOMORROW = DAY + timedelta(days=1)
TEN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""Of Paris, tomorrow."""
HALF_PAST = TEN + timedelta(minutes=30)


def change(world: World, kept: Permanence, **fields: Any) -> None:
    new = world.permanence(**{"agent_id": None, "name": "Guichet", **fields})
    world.do(permanences.change, kept.id, new, kept.version, world.admin, NOW)


def end(world: World, kept: Permanence, last_day: date) -> None:
    world.do(permanences.end, kept.id, last_day, kept.version, world.admin, NOW)


def take(world: World, starts_at: datetime) -> str:
    """A citizen does, wherever a kiosk is free."""
    for venue in (world.venue, world.elsewhere):
        wanted = online.OnlineForm(
            service_id=world.service.id, venue_id=venue.id, starts_at=starts_at, initials="D. R."
        )
        try:
            booked = world.do(online.book_online, wanted, new_token(), "192.0.2.1", NOW)
        except SlotTaken:
            continue
        return str(booked.appointment_id)
    raise SlotTaken


def seat_of(world: World, appointment_id: str) -> str | None:
    seat_id: str | None = world.appointment(appointment_id).seat_id
    return seat_id


def test_a_new_window_instead_of_the_old_sells_no_seat_twice(world: World) -> None:
    old = world.counter()
    booked = take(world, TEN)
    end(world, old, DAY)
    assert seat_of(world, booked) is None
    new = world.counter(first_day=TOMORROW, closes=time(11))
    assert seat_of(world, booked) == f"{new.id}/1"
    with pytest.raises(SlotTaken):
        take(world, TEN)
    take(world, HALF_PAST)


def test_fewer_seats_hold_those_who_sat_on_the_others(world: World) -> None:
    kept = world.counter(seats=2)
    first, second = take(world, TEN), take(world, TEN)
    alone = take(world, HALF_PAST)
    assert seat_of(world, second) == f"{kept.id}/2"
    change(world, kept, seats=1)
    assert [seat_of(world, one) for one in (first, second, alone)] == [
        f"{kept.id}/1", None, f"{kept.id}/1"
    ]  # fmt: skip
    for starts_at in (TEN, HALF_PAST):
        with pytest.raises(SlotTaken):
            take(world, starts_at)


def test_one_on_a_seat_that_is_gone_takes_another_that_is_free(world: World) -> None:
    kept = world.counter(seats=2)
    first, second = take(world, TEN), take(world, TEN)
    world.do(cancel, first, CancelledBy.CITIZEN, 1, None, NOW)
    change(world, kept, seats=1)
    assert seat_of(world, second) == f"{kept.id}/1"
    with pytest.raises(SlotTaken):
        take(world, TEN)


def test_who_has_nobody_is_not_put_to_an_absent_counter(world: World) -> None:
    old = world.counter()
    booked = take(world, TEN)
    other = world.counter(name="Autre guichet")
    away = AbsenceForm(holder_id=other.id, first_day=TOMORROW, last_day=TOMORROW)
    world.do(permanences.add_absence, away, world.partner.id, world.admin, NOW)
    end(world, old, DAY)
    assert seat_of(world, booked) is None


def test_an_offer_goes_along_to_the_new_window(world: World) -> None:
    old = world.counter()
    key = new_token()
    entry = join(world, key, venue_ids=(world.venue.id,))
    due = waiting_offers.Due(entry.id, world.venue.id, TEN)
    world.do(waiting_offers.make_offer, due, NOW)
    end(world, old, DAY)
    new = world.counter(first_day=TOMORROW)
    with pytest.raises(SlotTaken):
        take(world, TEN)
    booked = world.do(waiting.accept, entry.id, key, NOW)
    assert seat_of(world, booked.appointment_id) == f"{new.id}/1"


def test_the_trail_says_that_a_seat_was_changed(world: World) -> None:
    kept = world.counter()
    booked = take(world, TEN)
    end(world, kept, DAY)
    [said] = world.see(lambda uow: uow.audit.list(subject=booked, action="appointment.seat"))
    assert (said.before["seat_id"], said.after["seat_id"]) == (f"{kept.id}/1", None)
    assert said.person_id == world.admin.id
