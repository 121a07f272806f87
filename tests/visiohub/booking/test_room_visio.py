"""The visio of a booking: its rooms call from their kiosks, who booked answers, one at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hub_world import World
from room_world import Rooms, at, furnish, release_unused

from signaling.session.facts import CallFact
from visiohub.booking import arrivals, calls, topics
from visiohub.booking.forms import CallFilter
from visiohub.booking.rooms import visio
from visiohub.booking.rooms.writing import Booked
from visiohub.domain.booking import RoomState
from visiohub.errors import CallTaken, NotAllowed, NotFound, ServiceClosed, ServiceUnknown
from visiohub.storage.room_tables import bookings

NINE = at(9)
SOON = NINE - timedelta(minutes=10)
"""From then on the rooms may call."""


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


@pytest.fixture
def booked(rooms: Rooms) -> Booked:
    """Three rooms at once: two with a kiosk, one without."""
    with rooms.world.hub.reading() as uow:
        with_kiosks = [uow.rooms.get(k.room_id) for k in (rooms.world.kiosk, rooms.world.far)]
    return rooms.book(visio=True, rooms=(*with_kiosks, rooms.room), by=rooms.coordinator)


def room_of(booked: Booked, world: World, kiosk: Any) -> Any:
    return next(r for r in booked.rooms if r.room_id == kiosk.room_id)


def offered(world: World, kiosk: Any, now: datetime, *told: str) -> list[Any]:
    cards: list[Any] = world.see(arrivals.lobby, kiosk.id, frozenset(told), now)
    return [card for card in cards if card.partner == visio.LABEL]


def call(world: World, booked: Booked, kiosk: Any, now: datetime) -> Any:
    room = room_of(booked, world, kiosk)
    return world.do(arrivals.call_service, kiosk.id, room.id, "fr", frozenset(), now)


def test_the_kiosk_offers_it_in_its_time_and_in_its_room_alone(
    rooms: Rooms, booked: Booked
) -> None:
    world = rooms.world
    assert offered(world, world.kiosk, SOON - timedelta(seconds=1)) == []
    (card,) = offered(world, world.kiosk, SOON)
    assert (card.label, card.availability) == ("coworker", "wait")
    (card,) = offered(world, world.kiosk, SOON, rooms.coordinator.id)
    assert (card.service_id, card.availability) == (room_of(booked, world, world.kiosk).id, "free")
    assert offered(world, world.beside, SOON) == []
    assert offered(world, world.kiosk, at(11)) == []
    with pytest.raises(ServiceClosed):
        call(world, booked, world.kiosk, SOON - timedelta(seconds=1))
    room = room_of(booked, world, world.kiosk)
    with pytest.raises(ServiceClosed):
        world.do(arrivals.call_service, world.beside.id, room.id, "fr", frozenset(), NINE)
    with pytest.raises(ServiceUnknown):
        world.do(arrivals.call_service, world.kiosk.id, "none", "fr", frozenset(), NINE)


def test_a_booking_without_visio_offers_nothing(rooms: Rooms) -> None:
    world = rooms.world
    with world.hub.reading() as uow:
        room = uow.rooms.get(world.kiosk.room_id)
    booking = rooms.book(rooms=(room,)).booking
    assert offered(world, world.kiosk, NINE) == []
    with pytest.raises(NotFound):
        world.see(visio.show, booking.id, rooms.coworker, NINE)


def test_who_booked_answers_and_nobody_else(rooms: Rooms, booked: Booked) -> None:
    world = rooms.world
    ticket = call(world, booked, world.kiosk, NINE)
    topic = f"booking:{booked.booking.id}"
    assert {topic, f"reception:{world.venue.id}"} <= world.topics
    assert ticket.person_ids == {rooms.coworker.id, rooms.coordinator.id}
    assert (ticket.partner, ticket.service, ticket.citizen) == (visio.LABEL, "coworker", "")
    assert ticket.until == at(11)
    place = world.see(arrivals.place, ticket.call_id, frozenset({rooms.coworker.id}), NINE)
    assert (place.agent_told, place.people_before) == (True, 0)
    for stranger in (world.agent, world.reception, world.admin):
        with pytest.raises(NotAllowed):
            world.do(calls.admit, stranger.id, ticket.call_id, NINE)
        assert not world.see(calls.may_answer, stranger.id, ticket.call_id)
        assert not world.see(topics.may_subscribe, stranger.id, topic)
    assert world.see(topics.may_subscribe, rooms.coordinator.id, topic)
    world.do(calls.admit, rooms.coordinator.id, ticket.call_id, NINE)
    with pytest.raises(CallTaken):
        world.do(calls.admit, rooms.coworker.id, ticket.call_id, NINE)


def test_the_page_shows_every_room_and_the_record_the_call(rooms: Rooms, booked: Booked) -> None:
    world = rooms.world
    ticket = call(world, booked, world.far, NINE)
    found = world.see(visio.show, booked.booking.id, rooms.coordinator, NINE)
    assert found.is_open
    states = {s.row.room.id: (s.kiosk is not None, s.call and s.call.state) for s in found.sides}
    assert states == {
        world.kiosk.room_id: (True, None),
        world.far.room_id: (True, "waiting"),
        rooms.room.id: (False, None),
    }
    with pytest.raises(NotFound):
        world.see(visio.show, booked.booking.id, world.agent, NINE)
    world.do(calls.admit, rooms.coordinator.id, ticket.call_id, NINE)
    over = CallFact(
        call_id=ticket.call_id, at=NINE + timedelta(minutes=5), state="ended", generation=1,
        person_id=rooms.coordinator.id, end_reason="hung_up_by_agent",
    )  # fmt: skip
    world.do(calls.record_fact, over)
    wanted = CallFilter(start=datetime(2026, 11, 24, tzinfo=UTC), end=at(23))
    (row,) = world.see(calls.list_calls, wanted)
    assert (row.partner, row.service, row.agent) == (visio.LABEL, "coworker", "coordinator")
    assert row.place.kiosk_id == world.far.id
    again = call(world, booked, world.far, NINE + timedelta(minutes=6))
    assert again.call_id != ticket.call_id


def test_who_calls_came_so_the_room_is_not_given_back(rooms: Rooms, booked: Booked) -> None:
    world = rooms.world
    call(world, booked, world.kiosk, SOON)
    assert release_unused(world, NINE + timedelta(minutes=15)) == 2
    kept = {r.room_id: r.state for r in world.see(lambda u: u.booked_rooms.list())}
    assert kept[world.kiosk.room_id] is RoomState.CHECKED_IN
    assert kept[world.far.room_id] is RoomState.NO_SHOW
    with pytest.raises(ServiceClosed):  # given back: no longer theirs
        call(world, booked, world.far, NINE + timedelta(minutes=16))


def test_a_restart_takes_the_call_up_and_the_record_outlives_the_booking(
    rooms: Rooms, booked: Booked
) -> None:
    world = rooms.world
    ticket = call(world, booked, world.kiosk, NINE)
    (unfinished,) = world.see(calls.unfinished_calls, NINE)
    assert unfinished.ticket.person_ids == ticket.person_ids
    assert world.see(calls.may_admit) == {ticket.call_id: ticket.person_ids}
    world.do(lambda uow: uow.personal.delete_before(bookings.c.ends_at, at(23)))
    wanted = CallFilter(start=datetime(2026, 11, 24, tzinfo=UTC), end=at(23))
    (row,) = world.see(calls.list_calls, wanted)
    assert (row.partner, row.service) == (visio.LABEL, "")
    assert world.see(calls.may_admit) == {ticket.call_id: frozenset()}
