"""What the equipment was used for, from the database."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases
from room_world import at, furnish, release_unused

from signaling.ports import CallFact
from visiohub.booking import appointments, arrivals, calls, territory, upkeep
from visiohub.booking.forms import PartnerForm
from visiohub.booking.rooms import attendance
from visiohub.booking.usage import By, UseReport, use_report
from visiohub.domain.calendar.opening import Closure, OpeningRules
from visiohub.domain.model import CancelledBy

pytestmark = on_both_databases

WEEK = timedelta(days=7)
START = at(0, day=DAY)


def report(world: World, by: By = By.VENUE, days: float = 7, **more: str) -> UseReport:
    end = START + timedelta(days=days)
    made: UseReport = world.see(use_report, by, START, end, end, **more)
    return made


def hours(span: timedelta) -> float:
    return span / timedelta(hours=1)


def held(world: World, time: str) -> None:
    """A visio of 20 minutes."""
    booked = world.book(time)
    starts = world.appointment(booked.appointment_id).starts_at
    ticket = world.do(arrivals.present_code, world.kiosk.id, booked.code, "fr", starts)
    world.do(calls.admit, world.agent.id, ticket.call_id, starts)
    for state, minutes, reason in (("connected", 5, None), ("ended", 25, "hung_up_by_agent")):
        when = starts + timedelta(minutes=minutes)
        world.do(calls.record_fact, CallFact(ticket.call_id, when, state, 0, end_reason=reason))


def test_rooms_kiosks_venues_and_weeks_tell_one_story(world: World) -> None:
    held(world, "10:00")
    world.book("11:00")
    gone = world.book("11:30")
    world.do(
        appointments.cancel, gone.appointment_id, CancelledBy.RECEPTION, 1, world.reception, NOW
    )
    world.do(upkeep.settle_unmet, NOW + timedelta(hours=6))
    by_venue = report(world)
    here, elsewhere = by_venue.lines
    assert (here.name, hours(here.use.open), hours(elsewhere.use.open)) == ("Guillestre", 80, 40)
    assert (hours(here.use.taken), hours(here.use.idle)) == (1, 79)
    assert (here.use.appointments, here.use.no_shows, here.use.calls) == (2, 1, 1)
    assert here.use.call_time == timedelta(minutes=20)
    assert (here.use.journeys, here.use.journeys_unknown) == (0, 1)
    for by in By:
        made = report(world, by)
        assert made.whole == by_venue.whole
        if by is not By.KIOSK:
            assert sum(line.use.appointments for line in made.lines) == 2
            assert sum((line.use.open for line in made.lines), timedelta()) == made.whole.open
    assert [line.monday for line in report(world, By.WEEK, 8).lines] == [DAY, DAY + WEEK]
    kiosks = {line.name: line.use.appointments for line in report(world, By.KIOSK).lines}
    assert kiosks == {"Borne 1": 2, "Borne 2": 0, "Borne 3": 0}
    only = report(world, venue_id=world.elsewhere.id)
    assert [line.name for line in only.lines] == ["Serres"]


def test_what_is_to_come_is_not_idle(world: World) -> None:
    held(world, "10:00")
    end = START + WEEK
    so_far = world.see(use_report, By.VENUE, START, end, at(12, day=DAY))
    assert hours(so_far.lines[0].use.open) == 8  # two rooms, 8 to 12
    before = world.see(use_report, By.VENUE, START, end, START - WEEK)
    assert (before.whole.open, before.whole.appointments) == (timedelta(), 0)


def test_journeys_are_counted_to_the_partners_office(world: World) -> None:
    partner = world.partner
    form = PartnerForm(
        name=partner.name, short_name="CAF", phone=partner.phone, latitude=44.6, longitude=7.2
    )
    world.do(territory.update, partner.id, form, partner.version, world.admin, NOW)
    held(world, "10:00")
    use = report(world).whole
    assert (use.journeys, use.journeys_unknown) == (1, 0)
    # 0.6 degrees of longitude at 44.6 degrees north: 47.5 km straight, 61.8 by road
    assert Decimal(123) < use.km < Decimal(125)
    assert use.eur == (use.km * Decimal("0.556")).quantize(Decimal("0.01"))


def test_bookings_of_rooms_and_closures(world: World) -> None:
    rooms = furnish(world)
    booked = rooms.book("09:00", "11:00")
    world.do(attendance.check_in, booked.rooms[0].id, 1, world.admin, at(9))
    rooms.book("13:00", "15:00")
    release_unused(world, at(13, 15))
    rooms.terms(
        rooms.room.id,
        rules=OpeningRules(closures=(Closure(at(15), at(16, 30), "Travaux"),)),
    )
    lines = {line.name: line.use for line in report(world, By.ROOM).lines}
    use = lines[rooms.room.name]
    assert hours(use.open) == 38.5  # 5 days of 8 hours less the closure
    assert (hours(use.taken), hours(use.used)) == (2.25, 2)  # the no-show held it 15 minutes
    assert (use.bookings, use.no_shows) == (2, 1)
    assert lines[rooms.beside.name].bookings == 0


def test_days_are_the_territorys(world: World) -> None:
    assert date(2026, 11, 23) == DAY
    assert hours(report(world, days=1).whole.open) == 24
