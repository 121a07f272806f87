"""The buffers of a room are kept beside appointments, too, whatever their service wants."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hub_world import DAY, NOW, World, free_day
from postgresql_server import on_both_databases
from room_world import furnish

from visiohub.booking import assignment, online, permanences, slots, territory
from visiohub.booking.appointments import move
from visiohub.booking.forms import MoveForm, ServiceForm
from visiohub.booking.online import OnlineForm
from visiohub.booking.permanences import PermanenceForm
from visiohub.booking.planning.read import planning
from visiohub.booking.rooms.refusals import NotBookable
from visiohub.booking.search import AHEAD, first_free
from visiohub.booking.search_places import Near
from visiohub.booking.secrets import new_token
from visiohub.domain.booking import PlaceRules
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.occupancy import Owner, OwnerKind, ResourceKind
from visiohub.errors import RoomTaken, SlotTaken

pytestmark = on_both_databases
TEN, TWENTY = timedelta(minutes=10), timedelta(minutes=20)


def at(hour: int, minute: int = 0) -> datetime:
    """A time of Paris in winter."""
    return datetime.combine(DAY, time(hour - 1, minute), UTC)


def kept_free(world: World, of_venue: timedelta = timedelta()) -> None:
    """Ten minutes before and twenty after each use of the room of the kiosk at Serres; or what its
    venue says, where that is more."""
    venue_id, room_id = world.elsewhere.id, world.far.room_id
    own = Limits(buffer_before=TEN, buffer_after=TWENTY)
    rules = (
        PlaceRules(room_id, venue_id, room_id, limits=own),
        PlaceRules(venue_id, venue_id, limits=Limits(buffer_after=of_venue)),
    )
    for one in rules:
        world.do(lambda uow, one=one: uow.place_rules.add(one))


def receives(world: World) -> None:
    form = PermanenceForm(
        partner_id=world.partner.id, agent_id=world.agent.id, service_ids=(world.service.id,),
        first_day=DAY, opens=time(8), closes=time(17), rule="FREQ=DAILY",
    )  # fmt: skip
    world.do(permanences.add, form, world.admin, NOW)


def offered(world: World, until: datetime) -> list[str]:
    near = [Near(world.elsewhere)]
    found = world.see(first_free, world.service, near, NOW, NOW + AHEAD, NOW, 100)
    return [
        f"{s.starts_at + timedelta(hours=1):%H:%M}" for s in found[0].slots if s.ends_at <= until
    ]


def free(world: World, before: str, **wish: str) -> list[str]:
    day = world.see(free_day, world.service.id, world.far.id, DAY, NOW, slots.Wish(**wish))
    told = [f"{start + timedelta(hours=1):%H:%M}" for start in day.times]
    return [one for one in told if one < before]


def held(world: World, appointment_id: str) -> dict[ResourceKind, tuple[datetime, datetime]]:
    owner = Owner(OwnerKind.APPOINTMENT, appointment_id)
    found = world.see(lambda uow: uow.occupancies.of(owner))
    return {o.resource.kind: (o.starts_at, o.ends_at) for o in found}


@pytest.mark.parametrize("minutes", [20, 30], ids=["of the room", "of the venue, which is more"])
def test_what_is_offered_is_what_the_database_takes(world: World, minutes: int) -> None:
    receives(world)
    kept_free(world, of_venue=timedelta(minutes=minutes))
    booked = world.book("10:30", kiosk_id=world.far.id, agent_id=world.agent.id)
    assert held(world, booked.appointment_id) == {
        ResourceKind.ROOM: (at(10, 20), at(11, minutes)),
        ResourceKind.KIOSK: (at(10, 30), at(11)),
        ResourceKind.AGENT: (at(10, 30), at(11)),
    }
    # half an hour and what is kept after it end before 10:20; ten minutes before what comes later
    after_20 = ["09:00", "09:15", "09:30", "11:30"]
    assert offered(world, at(12)) == (after_20 if minutes == 20 else ["09:00", "09:15"])
    assert free(world, "12:00") == offered(world, at(12))
    for quarter in range(9 * 4, 11 * 4 + 3):
        start = f"{quarter // 4:02}:{quarter % 4 * 15:02}"
        if start not in offered(world, at(12)) and start != "10:30":
            with pytest.raises(RoomTaken if abs(quarter - 42) > 1 else SlotTaken):
                world.book(start, kiosk_id=world.far.id)
    form = OnlineForm(service_id=world.service.id, venue_id=world.elsewhere.id, starts_at=at(9, 15))
    world.do(online.book_online, form, new_token(), "192.0.2.1", NOW)
    # its own place and its own buffers are not in the way of the one that is moved
    assert "10:45" in free(world, "12:00", moved=booked.appointment_id)
    to = MoveForm(kiosk_id=world.far.id, day=DAY, time=time(10, 45))
    world.do(move, booked.appointment_id, to, 1, world.reception, NOW)


def test_the_longer_buffer_counts(world: World) -> None:
    form = ServiceForm(
        partner_id=world.partner.id, name="Logement", duration_minutes=30,
        buffer_before_minutes=30, buffer_after_minutes=5,
    )  # fmt: skip
    world.do(territory.update, world.service.id, form, world.service.version, world.admin, NOW)
    kept_free(world)
    booked = world.book("11:00", kiosk_id=world.far.id)
    assert held(world, booked.appointment_id) == {
        ResourceKind.ROOM: (at(10, 30), at(11, 50)),
        ResourceKind.KIOSK: (at(10, 30), at(11, 35)),
    }


def test_a_buffer_that_comes_later_moves_nothing_that_is_booked(world: World) -> None:
    first, second = (
        world.book(t, kiosk_id=world.far.id).appointment_id for t in ("10:00", "10:30")
    )
    kept_free(world)
    world.do(assignment.assign, first, world.agent.id, 1, world.colleague, NOW)
    taken = held(world, first)
    assert taken[ResourceKind.ROOM] == taken[ResourceKind.AGENT] == (at(10), at(10, 30))
    to = MoveForm(kiosk_id=world.far.id, day=DAY, time=time(9, 30))
    with pytest.raises(RoomTaken):  # it would end at 10:00, and keep the room up to 10:20
        world.do(move, second, to, 1, world.reception, NOW)


def test_who_books_the_room_meets_them_and_sees_them(world: World) -> None:
    rooms = furnish(world)
    kept_free(world)
    appointment = world.book("10:00", kiosk_id=world.far.id).appointment_id
    room = world.see(lambda uow: uow.rooms.get(world.far.room_id))
    with pytest.raises((RoomTaken, NotBookable)):
        rooms.book("10:45", "11:45", rooms=(room,), day=DAY)
    rooms.book("11:00", "12:00", rooms=(room,), day=DAY)
    lanes = world.see(planning, [room], [DAY], world.admin, NOW).lanes
    drawn = [(at(9, 50), at(10)), (at(10, 30), at(10, 50))]
    assert [span for lane in lanes for span in lane.buffers][:2] == drawn
    assert held(world, appointment)[ResourceKind.ROOM] == (at(9, 50), at(10, 50))
