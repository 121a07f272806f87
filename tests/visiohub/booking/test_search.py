"""First free slots: kiosk, room and agent or seat together; what is booked online."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases

from visiohub.booking import arrivals, assignment, calls, limits, online, permanences
from visiohub.booking.appointments import cancel, move
from visiohub.booking.forms import MoveForm
from visiohub.booking.online import OnlineForm
from visiohub.booking.permanences import AbsenceForm
from visiohub.booking.rooms.places import read_places
from visiohub.booking.search import AHEAD, VenueSlots, first_free
from visiohub.booking.search_places import Near, around, point_of
from visiohub.booking.search_rooms import AN_HOUR, VenueRooms, free_rooms
from visiohub.booking.secrets import new_token
from visiohub.domain.booking import PlaceRules
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import Closure, OpeningRules
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.calendar.sharing import Profile, SharedWindow, Sharing
from visiohub.domain.connections import Despite
from visiohub.domain.model import CancelledBy, OpeningRange
from visiohub.domain.occupancy import Owner, OwnerKind, ResourceKind
from visiohub.domain.permanence import Permanence
from visiohub.errors import AgentBusy, InThePast, SlotTaken, TooManyAttempts, VisiohubError
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases
WEEKLY = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"


def hold(world: World, **fields: Any) -> Permanence:
    """An agent's mornings from today on, unless told otherwise."""
    return world.hold(**{"closes": time(11), "rule": WEEKLY, **fields})


def counter(world: World, seats: int, **fields: Any) -> Permanence:
    return hold(world, agent_id=None, name="Guichet", seats=seats, **fields)


def searched(world: World, each: int = 3, start: datetime = NOW) -> dict[str, list[str]]:
    """Local times of the first slots, by venue."""
    near = [Near(world.venue), Near(world.elsewhere)]
    found: list[VenueSlots] = world.see(
        first_free, world.service, near, start, start + AHEAD, NOW, each
    )
    return {
        v.near.venue.name: [f"{s.starts_at + timedelta(hours=1):%d %H:%M}" for s in v.slots]
        for v in found
    }


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """A time of Paris in winter."""
    return datetime.combine(day, time(hour - 1, minute), UTC)


def take(world: World, starts_at: datetime, key: str = "", **fields: Any) -> Any:
    form = OnlineForm(
        **{
            "service_id": world.service.id,
            "venue_id": world.venue.id,
            "starts_at": starts_at,
            "initials": "D. R.",
            **fields,
        }
    )
    return world.do(online.book_online, form, key or new_token(), "192.0.2.1", NOW)


def held_by(world: World, appointment_id: str) -> set[ResourceKind]:
    owner = Owner(OwnerKind.APPOINTMENT, appointment_id)
    return {o.resource.kind for o in world.see(lambda uow: uow.occupancies.of(owner))}


def test_nobody_receives_nothing_is_offered(world: World) -> None:
    assert searched(world) == {}


def test_an_agents_window_within_the_venues_hours(world: World) -> None:
    hold(world, venue_ids=(world.venue.id,))
    assert searched(world) == {"Guillestre": ["23 10:00", "23 10:15", "23 10:30"]}
    assert searched(world, each=4)["Guillestre"][3] == "24 10:00"
    assert searched(world, start=at(10, 20))["Guillestre"][0] == "23 10:30"


def test_what_is_taken_of_kiosk_room_or_agent_is_not_offered(world: World) -> None:
    hold(world)
    world.book("10:00", kiosk_id=world.kiosk.id)
    both = Despite.AGENT_AGREES
    world.book("10:00", kiosk_id=world.far.id, agent_id=world.agent.id, despite_calendar=both)
    found = searched(world, each=1)
    assert found == {"Guillestre": ["23 10:30"], "Serres": ["23 10:30"]}


def test_an_appointment_without_agent_will_need_one(world: World) -> None:
    hold(world)
    world.book("10:15", kiosk_id=world.far.id)
    assert searched(world, each=1)["Guillestre"] == ["24 10:00"]
    hold(world, agent_id=world.colleague.id)
    assert searched(world, each=1)["Guillestre"] == ["23 10:00"]


def test_an_absence_and_an_excluded_day(world: World) -> None:
    hold(world, excluded=(date(2026, 11, 25),))
    absent = AbsenceForm(holder_id=world.agent.id, first_day=DAY, last_day=date(2026, 11, 24))
    absence = world.do(permanences.add_absence, absent, world.partner.id, world.agent, NOW)
    assert searched(world, each=1)["Guillestre"] == ["26 10:00"]
    world.do(permanences.end_absence, absence.id, world.agent, NOW)
    assert searched(world, each=1)["Guillestre"] == ["23 10:00"]


def test_months_ahead_is_found_when_all_before_is_taken(world: World) -> None:
    hold(world, first_day=date(2027, 1, 11), rule="FREQ=MONTHLY;BYDAY=2MO")
    found = world.see(first_free, world.service, [Near(world.venue)], NOW, NOW + AHEAD, NOW, 5)
    assert [s.starts_at for s in found[0].slots] == [
        at(10, m, date(2027, 1, 11)) for m in (0, 15, 30)
    ]


def test_two_halves_of_two_seats_are_no_whole_one(world: World) -> None:
    guichet = counter(world, seats=2)
    take(world, at(10))
    take(world, at(10, 15))  # overlaps the first: the other seat
    assert searched(world, each=1)["Serres"] == ["23 10:30"]
    seats = world.see(lambda uow: [a.seat_id for a in uow.appointments.list()])
    assert seats == [f"{guichet.id}/1", f"{guichet.id}/2"]


def test_booked_online_by_nobody_but_the_citizen(world: World) -> None:
    counter(world, seats=1)
    key = new_token()
    first = take(world, at(10), key)
    appointment = world.appointment(first.appointment_id)
    assert (appointment.created_by, appointment.agent_id) == (None, None)
    assert held_by(world, appointment.id) == {
        ResourceKind.KIOSK, ResourceKind.ROOM, ResourceKind.SEAT
    }  # fmt: skip
    again = take(world, at(10), key)
    assert again.appointment_id == first.appointment_id
    assert again.qr_text == first.qr_text
    with pytest.raises(SlotTaken):
        take(world, at(10))
    with pytest.raises(InThePast):
        take(world, NOW - timedelta(minutes=15))
    with pytest.raises(SlotTaken):
        take(world, at(10, 40))  # off the grid


def test_a_cancelled_seat_is_offered_again_and_a_moved_one_holds_nobody_twice(
    world: World,
) -> None:
    counter(world, seats=1)
    first = take(world, at(10))
    there = MoveForm(kiosk_id=world.kiosk.id, day=DAY, time=time(10, 30))
    moved = world.do(move, first.appointment_id, there, 1, world.reception, NOW)
    assert ResourceKind.SEAT in held_by(world, moved.id)
    assert searched(world, each=1)["Serres"] == ["23 10:00"]
    world.do(cancel, moved.id, CancelledBy.CITIZEN, moved.version, world.reception, NOW)
    assert held_by(world, moved.id) == set()


def test_late_assignment(world: World) -> None:
    counter(world, seats=2)
    one, two = take(world, at(10)), take(world, at(10, 15))
    given = world.do(assignment.assign, one.appointment_id, world.agent.id, 1, world.colleague, NOW)
    assert held_by(world, given.id) == {
        ResourceKind.KIOSK, ResourceKind.ROOM, ResourceKind.AGENT, ResourceKind.SEAT
    }  # fmt: skip
    with pytest.raises(AgentBusy):
        world.do(assignment.assign, two.appointment_id, world.agent.id, 1, world.colleague, NOW)
    with pytest.raises(VisiohubError, match="unknown_reference"):
        world.do(assignment.assign, two.appointment_id, world.stranger.id, 1, world.colleague, NOW)


def test_who_admits_at_the_counter_is_the_agent(world: World) -> None:
    counter(world, seats=1)
    booked = take(world, at(10))
    when = at(9, 58)
    kiosk_id = world.appointment(booked.appointment_id).kiosk_id
    ticket = world.do(arrivals.present_code, kiosk_id, booked.qr_text, "fr", when)
    world.do(calls.admit, world.colleague.id, ticket.call_id, when)
    assert world.appointment(booked.appointment_id).agent_id == world.colleague.id


def test_many_from_one_address_wait(world: World) -> None:
    counter(world, seats=1)
    for _ in range(online.MOST_AN_HOUR):
        with pytest.raises(InThePast):
            take(world, NOW - timedelta(hours=1))
        world.do(limits.count_try, online.PUBLIC_BOOKING, "192.0.2.1", NOW)
    with pytest.raises(TooManyAttempts):
        take(world, at(10))


def test_places_by_name_postcode_and_coordinates(world: World) -> None:
    for text in ("guillestre", "GUILL", "05600", "Guillestre (05600)", "44.6, 6.6"):
        point = world.see(point_of, text)
        assert (point.latitude, point.longitude) == (44.6, 6.6), text
    assert world.see(point_of, "Brest") is None
    assert world.see(point_of, " ") is None
    near = world.see(around, world.see(point_of, "44.6, 6.7"), 30)
    assert [round(n.km, 1) for n in near] == [10.3, 10.3]
    assert world.see(around, world.see(point_of, "44.6, 7.6"), 30) == []


def close(world: World, place_id: str, room_id: str | None = None, **fields: Any) -> None:
    """Rules of a venue, or of a room in it."""
    venue_id = world.venue.id
    world.do(lambda uow: uow.place_rules.add(PlaceRules(place_id, venue_id, room_id, **fields)))


def test_closures_of_venue_and_room_and_windows_of_professionals(world: World) -> None:
    hold(world)
    close(world, world.venue.id, rules=OpeningRules(closures=(Closure(NOW, at(10, 30), "Panne"),)))
    assert searched(world, each=1)["Guillestre"] == ["23 10:30"]
    assert searched(world, each=1)["Serres"] == ["23 10:00"]
    kept = OpeningRules(closures=(Closure(NOW, at(18), "Travaux"),))
    close(world, world.kiosk.room_id, world.kiosk.room_id, rules=kept)
    world.book("10:30", kiosk_id=world.beside.id)
    assert searched(world, each=1)["Guillestre"] == ["24 10:00"]


def test_a_window_kept_for_professionals_opens_when_it_is_released(world: World) -> None:
    hold(world)
    eight, noon = (datetime.combine(DAY, time(hour)) for hour in (8, 12))
    mornings = Recurrence(eight, noon, ZoneInfo("Europe/Paris"), parse_rule("FREQ=DAILY"))
    half_a_day = SharedWindow(mornings, Profile.PROFESSIONAL, timedelta(hours=12))
    for kiosk in (world.kiosk, world.beside):
        close(world, kiosk.room_id, kiosk.room_id, sharing=Sharing((half_a_day,)))
    assert searched(world, each=3)["Guillestre"] == ["23 10:00", "23 10:15", "23 10:30"]
    found = searched(world, each=1, start=at(12))
    assert (found["Guillestre"], found["Serres"]) == ([], ["24 10:00"])


def test_when_a_room_is_next_free_for_an_hour(world: World) -> None:
    world.book("09:15", kiosk_id=world.kiosk.id)
    ranges = tuple(OpeningRange(day, time(0), time(0)) for day in range(7))
    world.do(lambda uow: setattr(uow.venues.get(world.elsewhere.id), "opening", ranges))
    with world.hub.reading() as uow:
        near = [Near(uow.venues.get(v.id)) for v in (world.venue, world.elsewhere)]
        here, there = free_rooms(uow, near, NOW + timedelta(minutes=7))
    assert told(here) == {"Salle Borne 1": (at(9, 45), False), "Salle Borne 2": (at(9, 15), True)}
    assert told(there) == {"Salle Borne 3": (at(9, 15), True)}  # open day and night
    assert all(room.span and room.span[1] - room.span[0] == AN_HOUR for room in here.rooms)


def told(venue: VenueRooms) -> dict[str, tuple[datetime | None, bool]]:
    """When each room is next free, and whether it is said to be free now."""
    return {free.room.name: (free.span and free.span[0], free.now) for free in venue.rooms}


def rooms_found(world: World, now: datetime) -> VenueRooms:
    with world.hub.reading() as uow:
        (found,) = free_rooms(uow, [Near(uow.venues.get(world.venue.id))], now)
    return found


@pytest.mark.parametrize(
    ("limits", "starts", "length"),
    [
        (Limits(notice=timedelta(hours=2)), at(12, 30), 60),
        (Limits(horizon_days=0), at(9, 15), 60),
        (Limits(step=timedelta(minutes=30)), at(9, 30), 60),
        (Limits(longest=timedelta(minutes=45)), at(9, 15), 45),
        (Limits(shortest=timedelta(hours=3)), at(12, 30), 180),
        (Limits(shortest=timedelta(hours=5)), None, 0),
    ],
)
def test_a_room_is_next_free_when_it_could_be_booked(
    world: World, limits: Limits, starts: datetime | None, length: int
) -> None:
    close(world, world.kiosk.room_id, world.kiosk.room_id, limits=limits)
    now = NOW + timedelta(minutes=7)
    free = next(r for r in rooms_found(world, now).rooms if r.room.id == world.kiosk.room_id)
    assert free.span == (starts and (starts, starts + timedelta(minutes=length)))
    assert free.now is (starts is not None and not limits.notice and starts < at(10))
    with world.hub.reading() as uow:
        (place,) = read_places(uow, [free.room.id])
        assert free.span is None or not place.against(Profile.PROFESSIONAL, *free.span, now)


def test_beyond_the_horizon_no_room_is_free(world: World) -> None:
    close(world, world.venue.id, limits=Limits(horizon_days=0))
    assert set(told(rooms_found(world, at(15, 45))).values()) == {(None, False)}


def test_buffers_of_the_room_stay_free_too(world: World) -> None:
    quarter, half = timedelta(minutes=15), timedelta(minutes=30)
    limits = Limits(buffer_before=half, buffer_after=quarter)
    close(world, world.kiosk.room_id, world.kiosk.room_id, limits=limits)
    world.book("09:00", kiosk_id=world.kiosk.id)
    world.book("11:00", kiosk_id=world.kiosk.id)
    told_now = told(rooms_found(world, at(9, 31)))
    assert told_now["Salle Borne 1"] == (at(12, 30), False)
    assert told_now["Salle Borne 2"] == (at(9, 45), True)


def test_free_now_is_not_said_between_two_that_have_it(world: World) -> None:
    world.book("09:30", kiosk_id=world.kiosk.id)
    assert told(rooms_found(world, at(9, 5)))["Salle Borne 1"] == (at(10), False)


@pytest.mark.parametrize("seats", [0, 1])
def test_who_moves_alone_is_not_in_their_own_way(world: World, seats: int) -> None:
    counter(world, seats) if seats else hold(world)
    booked = take(world, at(10), venue_id=world.elsewhere.id)  # the only kiosk there
    appointment = world.appointment(booked.appointment_id)
    mine = world.see(
        first_free, world.service, [Near(world.elsewhere)], NOW, at(12), NOW, 5, appointment
    )
    assert [s.starts_at for s in mine[0].slots] == [at(10), at(10, 15), at(10, 30)]
    there = world.elsewhere.id, at(10, 15)
    moved = world.do(online.move_online, appointment.id, *there, 1, None, NOW)
    assert (moved.starts_at, moved.ends_at) == (at(10, 15), at(10, 45))
    assert held_by(world, moved.id) >= {ResourceKind.KIOSK, ResourceKind.ROOM}


def test_who_moves_alone_keeps_the_length_that_staff_gave(world: World) -> None:
    def longer(uow: UnitOfWork) -> None:
        uow.services.get(world.service.id).longest_minutes = 60

    world.do(longer)
    hold(world, closes=time(12))
    long = world.book("10:00", duration_minutes=60).appointment_id
    there = world.venue.id, at(11)
    moved = world.do(online.move_online, long, *there, 1, None, NOW)
    assert (moved.starts_at, moved.ends_at) == (at(11), at(12))
    with pytest.raises(SlotTaken):  # half an hour is left, not one
        world.do(online.move_online, long, world.venue.id, at(11, 30), 2, None, NOW)
