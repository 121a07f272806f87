"""What is held for the waiting list is no free room on a planning."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hub_world import DAY, NOW, World
from waiting_world import TEN, entry_of, fill, free, join, serve

from visiohub.booking import waiting
from visiohub.booking.planning import doors
from visiohub.booking.planning.moves import moving
from visiohub.booking.planning.read import planning, rooms_at
from visiohub.booking.planning.views import Entry, EntryKind, Lane
from visiohub.booking.secrets import new_token
from visiohub.domain.booking import PlaceRules
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.model import Person
from visiohub.errors import NotFound
from visiohub.storage.uow import UnitOfWork
from visiohub.web.planning_grid import grid

TOMORROW = DAY + timedelta(days=1)


def lane(world: World, by: Person) -> Lane:
    """The kiosk's room at the other venue, tomorrow."""

    def read(uow: UnitOfWork) -> Lane:
        shown = rooms_at(uow, [world.elsewhere.id])
        found = planning(uow, shown, [TOMORROW], by, NOW)
        return next(one for one in found.lanes if one.kiosk_id == world.far.id)

    one: Lane = world.see(read)
    return one


def test_an_offer_is_drawn_while_it_is_held(world: World) -> None:
    appointment_id, key = fill(world), new_token()
    entry = join(world, key)
    free(world, appointment_id)
    assert lane(world, world.agent).entries == []
    serve(world, NOW)
    offer = entry_of(world, entry).offer

    (drawn,) = lane(world, world.agent).entries
    assert (drawn.kind, drawn.id, drawn.starts_at) == (EntryKind.OFFER, entry.id, TEN)
    assert (drawn.who, drawn.initials, drawn.until) == ("CAF", "F. B.", offer.until)
    assert (drawn.opens, drawn.movable) == (True, False)
    with pytest.raises(NotFound):
        world.see(moving, EntryKind.OFFER, entry.id, world.agent)

    world.do(waiting.decline, entry.id, key, NOW)
    assert lane(world, world.agent).entries == []


def test_each_reads_of_an_offer_what_is_theirs(world: World) -> None:
    appointment_id = fill(world)
    join(world, new_token())
    free(world, appointment_id)
    serve(world, NOW)

    def drawn(by: Person) -> Entry:
        (entry,) = lane(world, by).entries
        return entry

    hidden, watched = drawn(world.stranger), drawn(world.admin)
    assert (hidden.who, hidden.initials, hidden.until) == ("", "", None)
    assert (watched.who, watched.opens) == ("CAF", False)  # the waiting list is not theirs


def test_the_door_is_taken_while_an_offer_is_held_and_names_nobody(world: World) -> None:
    def shown() -> str:
        moments = world.see(doors.door_view, token, TEN).moments
        assert not any(hidden in repr(moments) for hidden in ("F. B.", "CAF", "Logement"))
        return str(moments[0].state)

    token = world.do(doors.give_address, world.far.room_id, world.admin, NOW)
    appointment_id, key = fill(world), new_token()
    entry = join(world, key)
    free(world, appointment_id)
    assert shown() == "free"
    serve(world, NOW)
    assert shown() == "taken"
    world.do(waiting.decline, entry.id, key, NOW)
    assert shown() == "free"


def test_the_buffers_of_what_is_offered_are_kept(world: World) -> None:
    def buffered(uow: UnitOfWork) -> None:
        room_id = world.far.room_id
        kept = PlaceRules(room_id, world.elsewhere.id, room_id)
        kept.limits = Limits(buffer_after=timedelta(minutes=15))
        uow.place_rules.add(kept)

    world.do(buffered)
    appointment_id = fill(world)
    join(world, new_token())
    free(world, appointment_id)
    serve(world, NOW)
    shown = lane(world, world.agent)
    over = TEN + timedelta(minutes=30)
    assert list(shown.buffers) == [(over, over + timedelta(minutes=15))]
    found = world.see(
        lambda u: planning(u, rooms_at(u, [world.elsewhere.id]), [TOMORROW], world.agent, NOW)
    )
    cells = [cell for row in grid(found, 15, NOW).rows for cell in row if cell.entries]
    assert [(str(cell.at), str(cell.ends)) for cell in cells] == [("10:00:00", "10:30:00")]
