"""No time is offered that line, outside calendar or clock would refuse; staff may say it goes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hub_world import DAY, NOW, World, free_day
from postgresql_server import on_both_databases

from visiohub.booking import assignment, online, slots
from visiohub.booking.appointments import move
from visiohub.booking.forms import MoveForm
from visiohub.booking.imports import run
from visiohub.booking.online import OnlineForm
from visiohub.booking.planning.moves import WishForm
from visiohub.booking.planning.moves import move as move_in_planning
from visiohub.booking.planning.views import EntryKind
from visiohub.booking.search import first_free
from visiohub.booking.search_places import Near
from visiohub.booking.secrets import new_token
from visiohub.booking.views import WhyNot
from visiohub.domain.connections import Despite, OutsideCalendar
from visiohub.domain.line import TrainResult, Way
from visiohub.domain.model import AuditEntry, OpeningRange
from visiohub.errors import BusyElsewhere, LineFull, TimeHappensTwice
from visiohub.linkquality.budget import Picture
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases


def measure(world: World, up_kbit_s: float) -> None:
    """Three trains each way on the first venue's line; 8,000 kbit/s down."""

    def measured(uow: UnitOfWork) -> None:
        line = uow.lines.of_venue(world.venue.id)
        assert line is not None
        state = uow.linkquality.states.of(line.id)
        for hour in range(3):
            seen = NOW - timedelta(hours=hour + 1)
            rows = [
                TrainResult(seen, way, kbit_s, None, 0.01, 0, 61, 1228, 61, 0, in_call=False)
                for way, kbit_s in ((Way.UP, up_kbit_s), (Way.DOWN, 8000.0))
            ]
            uow.linkquality.series.add_trains([(state.number, row) for row in rows])

    world.do(measured)


def receive(world: World, *agents: Any) -> None:
    for agent in agents:
        world.hold(agent_id=agent.id, opens=time(0), closes=time(0))


def offered(world: World, start: datetime = NOW, now: datetime = NOW) -> dict[str, list[datetime]]:
    """Of the next three hours, by venue."""
    near = [Near(world.venue), Near(world.elsewhere)]
    found = world.see(first_free, world.service, near, start, start + timedelta(hours=3), now, 100)
    return {v.near.venue.name: [slot.starts_at for slot in v.slots] for v in found}


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """A time of Paris in winter."""
    return datetime.combine(day, time(hour - 1, minute), UTC)


def busy(world: World, *spans: tuple[datetime, datetime]) -> None:
    def block(uow: UnitOfWork) -> None:
        uow.outside_calendars.add(OutsideCalendar(world.agent.id, "https://cal.example/a.ics"))
        uow.flush()
        uow.outside_calendars.block(world.agent.id, spans)

    world.do(block)


def test_a_line_with_room_for_one_offers_no_second(world: World) -> None:
    measure(world, 520.0)
    receive(world, world.agent, world.colleague)
    world.book("10:00", agent_id=world.agent.id)
    found = offered(world)
    near_ten = [at(9, 45), at(10), at(10, 15)]
    assert not set(near_ten) & set(found["Guillestre"])
    assert {at(9, 30), at(10, 30)} <= set(found["Guillestre"])
    assert set(near_ten) <= set(found["Serres"])


def test_a_line_with_room_for_two_offers_both(world: World) -> None:
    measure(world, 1000.0)
    receive(world, world.agent, world.colleague)
    world.book("10:00", agent_id=world.agent.id)
    assert at(10) in offered(world)["Guillestre"]


def test_staff_see_which_times_take_a_smaller_picture(world: World) -> None:
    measure(world, 520.0)
    world.book("10:00")

    def of(**wish: Any) -> Any:
        ids = world.service.id, world.beside.id
        return world.see(free_day, *ids, DAY, NOW, slots.Wish(**wish))

    assert at(10) not in of().times
    assert at(10) in of().smaller
    chosen = of(picture=Picture.NONE)
    assert at(10) in chosen.times
    assert chosen.smaller == ()
    world.book("10:00", kiosk_id=world.beside.id, picture=Picture.NONE)


def test_staff_are_told_why_a_time_cannot_be_had(world: World) -> None:
    measure(world, 520.0)
    busy(world, (at(13), at(14)))
    world.book("10:00", agent_id=world.agent.id)

    def of(kiosk_id: str, **wish: Any) -> Any:
        args = world.service.id, kiosk_id, DAY, NOW, slots.Wish(**wish)
        return world.see(free_day, *args).refused

    assert of(world.kiosk.id)[at(10)] is WhyNot.PLACE
    assert of(world.kiosk.id)[at(8)] is WhyNot.PAST
    beside = world.beside.id
    assert of(beside, picture=Picture.STANDARD)[at(10)] is WhyNot.LINE
    mine = of(beside, agent_id=world.agent.id)
    assert (mine[at(10)], mine[at(13)]) == (WhyNot.AGENT, WhyNot.AWAY)
    assert at(14) not in mine


def test_a_citizen_who_moves_is_held_to_the_line_and_told_so(world: World) -> None:
    measure(world, 520.0)
    receive(world, world.agent, world.colleague)
    world.book("10:00", agent_id=world.agent.id)
    form = OnlineForm(service_id=world.service.id, venue_id=world.venue.id, starts_at=at(11))
    booked = world.do(online.book_online, form, new_token(), "192.0.2.1", NOW)
    with pytest.raises(LineFull):
        world.do(online.move_online, booked.appointment_id, world.venue.id, at(10), 1, None, NOW)


def test_a_move_is_not_in_its_own_way_on_the_line(world: World) -> None:
    measure(world, 520.0)
    booked = world.book("10:00")
    wish = slots.Wish(picture=Picture.STANDARD, moved=booked.appointment_id)
    ids = world.service.id, world.beside.id
    assert at(10, 15) in world.see(free_day, *ids, DAY, NOW, wish).times
    form = MoveForm(kiosk_id=world.beside.id, day=DAY, time=time(10, 15))
    world.do(move, booked.appointment_id, form, 1, world.reception, NOW)


def noted(world: World, appointment_id: str, action: str) -> AuditEntry:
    """What the audit trail says of it."""
    [entry] = world.see(lambda uow: uow.audit.list(subject=appointment_id, action=action))
    return entry


def test_an_outside_calendar_holds_staff_back_until_they_say_that_it_goes(world: World) -> None:
    busy(world, (at(10), at(11)))
    mine = {"agent_id": world.agent.id}
    ids = world.service.id, world.kiosk.id
    seen = world.see(free_day, *ids, DAY, NOW, slots.Wish(agent_id=world.agent.id))
    assert not {at(9, 45), at(10, 45)} & set(seen.times)
    assert {at(9, 30), at(11)} <= set(seen.times)
    with pytest.raises(BusyElsewhere) as refused:
        world.book("10:15", **mine)
    assert refused.value.field == "despite_calendar"
    booked = world.book("10:15", **mine, despite_calendar=Despite.AGENT_AGREES)
    form = MoveForm(kiosk_id=world.kiosk.id, day=DAY, time=time(10, 30))
    with pytest.raises(BusyElsewhere):
        world.do(move, booked.appointment_id, form, 1, world.reception, NOW)
    room_id = world.see(lambda uow: uow.kiosks.get(world.kiosk.id)).room_id
    wish = {"room_id": room_id, "day": DAY, "time": time(10, 30)}
    move_it = move_in_planning, EntryKind.APPOINTMENT, booked.appointment_id
    with pytest.raises(BusyElsewhere):
        world.do(*move_it, WishForm(**wish), 1, world.reception, NOW)
    agreed = WishForm(**wish, despite_calendar=Despite.AGENT_AGREES)
    world.do(*move_it, agreed, 1, world.reception, NOW)
    made = noted(world, booked.appointment_id, "appointment.book")
    assert (made.person_id, made.at) == (world.reception.id, NOW)
    assert made.after["despite_calendar"] == "agent_agrees"
    assert made.after["overruled"] == ["2026-11-23T09:15:00+00:00/2026-11-23T09:45:00+00:00"]
    moved = noted(world, booked.appointment_id, "appointment.move")
    assert moved.after["overruled"] == ["2026-11-23T09:30:00+00:00/2026-11-23T10:00:00+00:00"]


def test_an_appointment_is_given_to_a_busy_agent_in_words_only(world: World) -> None:
    busy(world, (at(10), at(11)))
    booked = world.book("10:00")
    give = assignment.assign, booked.appointment_id, world.agent.id, 1, world.reception, NOW
    with pytest.raises(BusyElsewhere):
        world.do(*give)
    world.do(*give, despite_calendar=Despite.URGENT)
    assert world.appointment(booked.appointment_id).agent_id == world.agent.id
    given = noted(world, booked.appointment_id, "appointment.assign")
    assert given.after["despite_calendar"] == "urgent"


def open_always(world: World) -> datetime:
    """The first venue; now is the evening before the clock goes back."""

    def opened(uow: UnitOfWork) -> None:
        week = tuple(OpeningRange(day, time(0), time(0)) for day in range(7))
        uow.venues.get(world.venue.id).opening = week

    world.do(opened)
    world.venue = world.see(lambda uow: uow.venues.get(world.venue.id))
    return datetime(2027, 10, 30, 20, tzinfo=UTC)


def test_no_hour_that_the_clock_shows_twice_is_offered_or_booked_online(world: World) -> None:
    now = open_always(world)
    receive(world, world.agent)
    midnight = datetime(2027, 10, 30, 22, tzinfo=UTC)
    starts = offered(world, midnight + timedelta(hours=1), now)["Guillestre"]
    shown = [f"{start.astimezone(ZoneInfo('Europe/Paris')):%H:%M}" for start in starts]
    assert shown == ["01:00", "01:15", "01:30", "01:45"]
    for hour in (0, 1):  # the first and the second 2:30
        starts_at = datetime(2027, 10, 31, hour, 30, tzinfo=UTC)
        form = OnlineForm(service_id=world.service.id, venue_id=world.venue.id, starts_at=starts_at)
        with pytest.raises(TimeHappensTwice):
            world.do(online.book_online, form, new_token(), "192.0.2.1", now)


def test_a_table_with_an_hour_that_the_clock_shows_twice_is_refused_in_words(world: World) -> None:
    now = open_always(world)
    heads = "Lieu;Borne;Organisme;Service;Jour;Heure;Agent;Initiales;Téléphone"
    lines = [f"Guillestre;Borne 1;CAF;Logement;31/10/2027;{hour};;;" for hour in ("2:30", "3:30")]
    table = "\r\n".join([heads, *lines]).encode("cp1252")
    report = world.see(run.check, "appointments", table, now)
    assert [(p.line, p.code) for p in report.problems] == [(2, "time_happens_twice")]
    assert "deux fois" in report.problems[0].says
