"""Private feeds: what they tell, to whom, and read back by vobject and by Radicale."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from calendars import read
from hub_world import NOW, World
from postgresql_server import on_both_databases
from room_world import at, furnish

from visiohub.booking import appointments, connections, feeds
from visiohub.booking.rooms import attendance, changes, no_shows
from visiohub.domain.connections import FeedKind
from visiohub.domain.model import CancelledBy
from visiohub.errors import NotAllowed, NotFound
from visiohub.notify.ics import calendar

pytestmark = on_both_databases
WORDS = feeds.Words("Visio-rendez-vous", "Réservation de salle")


def made(world: World, kind: FeedKind, subject: str, by: Any) -> str:
    token: str = world.do(connections.make_feed, kind, subject, by, NOW).secret
    return token


def view(world: World, token: str) -> feeds.FeedView:
    found: feeds.FeedView = world.see(feeds.feed_view, token, WORDS, NOW)
    return found


def uids(world: World, token: str) -> set[str]:
    return {event.uid for event in view(world, token).events}


def test_each_tells_its_own(world: World) -> None:
    mine = world.book("09:30", agent_id=world.agent.id).appointment_id
    beside = world.book("10:00", kiosk_id=world.beside.id).appointment_id
    far = world.book("10:00", kiosk_id=world.far.id, agent_id=world.colleague.id).appointment_id
    agent = made(world, FeedKind.PERSON, world.agent.id, world.agent)
    room = made(world, FeedKind.ROOM, world.kiosk.room_id, world.reception)
    venue = made(world, FeedKind.VENUE, world.venue.id, world.reception)
    assert far
    assert uids(world, agent) == uids(world, room) == {f"appointment-{mine}@visiohub"}
    assert uids(world, venue) == {f"appointment-{mine}@visiohub", f"appointment-{beside}@visiohub"}
    (event,) = read(calendar(view(world, agent).events)).vevent_list
    assert event.summary.value == "Visio-rendez-vous"
    assert (event.dtstart.value.hour, event.dtstart.value.minute) == (9, 30)
    text = calendar(view(world, venue).events).decode()
    assert "Logement" not in text
    assert "D. R." not in text
    assert "CAF" not in text


def test_a_change_raises_the_sequence_and_what_is_cancelled_goes(world: World) -> None:
    booked = world.book("09:30", agent_id=world.agent.id)
    token = made(world, FeedKind.PERSON, world.agent.id, world.agent)
    (before,) = view(world, token).events
    assert view(world, token) == view(world, token)
    form = appointments.MoveForm(
        kiosk_id=world.kiosk.id, day=NOW.date(), time=before.starts.time().replace(hour=10)
    )
    later = NOW + timedelta(minutes=5)
    world.do(appointments.move, booked.appointment_id, form, 1, world.reception, later)
    (after,) = view(world, token).events
    assert (after.uid, after.sequence) == (before.uid, before.sequence + 1)
    assert (before.changed_at, after.changed_at) == (NOW, later)
    by = CancelledBy.AGENT
    world.do(appointments.cancel, booked.appointment_id, by, 2, world.reception, later)
    assert view(world, token).events == ()


def test_the_sequence_rises_when_one_room_of_two_is_given_up(world: World) -> None:
    rooms = furnish(world)
    rooms.terms(rooms.room.id, needs_approval=True)
    booked = rooms.book(rooms=(rooms.room, rooms.far))
    asked, there = sorted(booked.rooms, key=lambda room: room.room_id != rooms.room.id)
    world.do(changes.approve, asked.id, 1, world.reception, NOW)
    tokens = {
        made(world, FeedKind.PERSON, rooms.coworker.id, rooms.coworker),
        made(world, FeedKind.VENUE, world.elsewhere.id, world.admin),
        made(world, FeedKind.ROOM, rooms.far.id, world.admin),
    }

    def sequence() -> int:
        (one,) = {event.sequence for token in tokens for event in view(world, token).events}
        return one

    seen = [sequence()]
    world.do(attendance.check_in, there.id, 1, world.admin, at(9))
    seen.append(sequence())
    assert world.do(no_shows.release, booked.booking.id, at(9, 16), NOW) == 1
    seen.append(sequence())
    assert seen == sorted(set(seen))


def test_only_who_may_read_it_gets_a_feed(world: World) -> None:
    for kind, subject, by in (
        (FeedKind.PERSON, world.agent.id, world.colleague),
        (FeedKind.PERSON, world.agent.id, world.admin),
        (FeedKind.ROOM, world.kiosk.room_id, world.agent),
        (FeedKind.VENUE, world.elsewhere.id, world.reception),
    ):
        with pytest.raises(NotAllowed):
            made(world, kind, subject, by)
    with pytest.raises(NotFound):
        made(world, FeedKind.ROOM, "nowhere", world.admin)


def test_it_opens_until_it_is_revoked_or_its_maker_may_no_longer(world: World) -> None:
    token = made(world, FeedKind.VENUE, world.venue.id, world.reception)
    assert world.see(feeds.feed_language, token) == "fr"
    assert world.see(feeds.feed_language, token + "x") is None
    (feed,) = world.see(connections.own_feeds, world.reception)
    assert token not in str(vars(feed))
    with pytest.raises(NotFound):
        world.do(connections.revoke_feed, feed.id, world.agent, NOW)

    def moved(uow: Any) -> None:
        uow.persons.get(world.reception.id).venue_ids = (world.elsewhere.id,)

    world.do(moved)
    assert world.see(feeds.feed_language, token) is None
    world.do(connections.revoke_feed, feed.id, world.reception, NOW)
    assert world.see(connections.own_feeds, world.reception) == []
    with pytest.raises(NotFound):
        world.do(connections.revoke_feed, feed.id, world.reception, NOW)
