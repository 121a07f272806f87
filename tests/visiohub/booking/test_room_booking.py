"""Rooms are quoted and booked: alone, several at once, in series; refused with every reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases
from room_world import TOMORROW, Rooms, at, furnish

from visiohub.booking.rooms import accounts, book, choices, free
from visiohub.booking.rooms.forms import BookingForm, WhenForm
from visiohub.booking.rooms.refusals import DatesClash, NotBookable, NotSold, SeriesWrong
from visiohub.domain.booking import RoomState
from visiohub.domain.calendar.closed import ForClosure, OnExceptionalDay
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import Closure, ExceptionalDay, OpeningRules
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.calendar.sharing import Profile, SharedWindow, Sharing
from visiohub.domain.hours import zone_of
from visiohub.domain.tariff.grid import Unit
from visiohub.domain.tariff.quote import PassLine, SessionLine, UnitLine
from visiohub.errors import InvalidForm, NotAllowed, RoomTaken, TimeDoesNotExist


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


def test_the_price_comes_before_the_booking_with_how_it_was_made(rooms: Rooms) -> None:
    form = rooms.form("09:00", "11:00", visio=True)
    far_end = (48.8566, 2.3522)
    offer = rooms.world.see(book.quote, form, rooms.coworker, NOW, far_end=far_end, participants=2)
    (room,) = offer.rooms
    hours, session = room.quote.lines
    assert isinstance(hours, UnitLine)
    assert isinstance(session, SessionLine)
    assert not room.terms.has_kiosk
    assert (hours.count, hours.unit_price) == (2, Decimal(5))
    assert offer.totals.total == Decimal("59.00")
    assert offer.is_bookable
    assert offer.travel is not None
    assert offer.travel.km == offer.travel.km_one_way * 4
    assert offer.travel.is_worth_it
    booked = rooms.book("09:00", "11:00", visio=True)
    assert booked.rooms[0].quote.totals == offer.totals


@on_both_databases
def test_a_pass_pays_and_is_drawn_from(rooms: Rooms) -> None:
    world = rooms.world
    world.do(accounts.sell_pass, rooms.account.id, "ten", rooms.coordinator, NOW)
    booked = rooms.book("08:00", "12:00")
    (line,) = booked.rooms[0].quote.lines
    assert isinstance(line, PassLine)
    assert line.left == 9
    assert world.see(lambda uow: uow.memberships.get(rooms.account.id)).standing.passes[0].left == 9
    kept = world.see(book.quote, rooms.form("13:00", "14:00"), rooms.coworker, NOW)
    assert kept.totals.total == 0
    without = rooms.form("13:00", "14:00", uses_passes=False)
    assert world.see(book.quote, without, rooms.coworker, NOW).totals.total == Decimal(5)


@on_both_databases
def test_a_taken_room_is_a_clean_refusal(rooms: Rooms) -> None:
    rooms.book("09:00", "11:00")
    with pytest.raises(RoomTaken) as refused:
        rooms.book("10:00", "12:00")
    assert refused.value.params["resource_id"] == rooms.room.id
    offer = rooms.world.see(book.quote, rooms.form("10:00", "12:00"), rooms.coworker, NOW)
    assert [cause.code for cause in offer.rooms[0].causes] == ["room_taken"]
    rooms.book("11:00", "12:00")


@on_both_databases
def test_an_appointment_holds_its_room_against_bookings(rooms: Rooms) -> None:
    world = rooms.world
    world.book("10:00", day=TOMORROW)
    kiosk_room = world.see(lambda uow: uow.rooms.get(world.kiosk.room_id))
    with pytest.raises(RoomTaken):
        rooms.book("09:00", "11:00", rooms=(kiosk_room,))


@on_both_databases
def test_several_rooms_are_had_together_or_not_at_all(rooms: Rooms) -> None:
    rooms.book("10:00", "11:00", rooms=(rooms.far,))
    together = (rooms.room, rooms.beside, rooms.far)
    with pytest.raises(RoomTaken):
        rooms.book("09:00", "11:00", rooms=together)
    held = rooms.world.see(lambda uow: uow.bookings.list())
    assert len(held) == 1
    found = rooms.world.see(
        free.common_free,
        [room.id for room in together],
        rooms.account.id,
        timedelta(hours=2),
        at(9),
        at(18),
        rooms.coworker,
        NOW,
    )
    assert found[0] == (at(12, 30), at(14, 30))  # 11:00 to 12:00 is too short before lunch
    booked = rooms.book("12:30", "14:30", rooms=together)
    assert {room.room_id for room in booked.rooms} == {room.id for room in together}
    assert len(rooms.world.see(lambda uow: uow.bookings.list())) == 2


def test_one_room_twice_is_refused(rooms: Rooms) -> None:
    with pytest.raises(InvalidForm):
        rooms.book(rooms=(rooms.room, rooms.room))


def test_closed_hours_say_why(rooms: Rooms) -> None:
    with pytest.raises(NotBookable) as refused:
        rooms.book("17:00", "18:00")
    (cause,) = refused.value.causes[rooms.room.id]
    assert cause.code == "outside_hours"


def test_a_day_may_go_over_lunch(rooms: Rooms) -> None:
    parts = rooms.world.see(free.day_parts, rooms.room.id, TOMORROW)
    assert parts.day == (at(8), at(16, 30))
    assert parts.morning == (at(8), at(13))
    assert parts.afternoon == (at(13), at(16, 30))
    booked = rooms.book("08:00", "16:30")
    assert booked.rooms[0].quote.totals.total == Decimal(20)


@pytest.mark.parametrize("whose", ["venue", "room"])
def test_days_together_are_not_had_over_a_closed_one(rooms: Rooms, whose: str) -> None:
    wednesday, thursday = (TOMORROW + timedelta(days=n) for n in (1, 2))
    works = Closure.of_days(wednesday, wednesday, zone_of("Europe/Paris"), "Travaux")
    place_id = rooms.world.venue.id if whose == "venue" else rooms.room.id
    rooms.terms(place_id, rules=OpeningRules(closures=(works,)))
    with pytest.raises(NotBookable) as refused:
        rooms.book("14:00", "10:00", last_day=thursday)
    (cause,) = refused.value.causes[rooms.room.id]
    assert isinstance(cause, ForClosure)
    assert cause.reason == "Travaux"
    rooms.book("14:00", "10:00", day=thursday, last_day=thursday + timedelta(days=1))


@pytest.mark.parametrize("whose", ["venue", "room"])
def test_days_together_are_not_had_over_a_day_that_is_closed_as_an_exception(
    rooms: Rooms, whose: str
) -> None:
    wednesday, thursday = (TOMORROW + timedelta(days=n) for n in (1, 2))
    place_id = rooms.world.venue.id if whose == "venue" else rooms.room.id
    shorter = ExceptionalDay(wednesday, ((time(10), time(12)),), "Marché")
    rooms.terms(place_id, rules=OpeningRules(exceptions=(shorter,)))
    assert rooms.world.see(book.quote, long(rooms, thursday), rooms.coworker, NOW).is_bookable
    works = ExceptionalDay(wednesday, (), "Travaux")
    rooms.terms(place_id, rules=OpeningRules(exceptions=(works,)))
    with pytest.raises(NotBookable) as refused:
        rooms.world.do(book.book, long(rooms, thursday), rooms.coworker, NOW)
    assert refused.value.causes[rooms.room.id] == [OnExceptionalDay("Travaux")]
    rooms.book("14:00", "10:00", day=thursday, last_day=thursday + timedelta(days=1))


def long(rooms: Rooms, last_day: date) -> BookingForm:
    """From tomorrow afternoon to the morning of this day."""
    return rooms.form("14:00", "10:00", last_day=last_day)


@pytest.mark.parametrize(
    ("starts", "ends", "field"), [("02:30", "04:00", "starts"), ("01:00", "02:30", "ends")]
)
def test_a_time_that_the_clock_skips_is_none(
    rooms: Rooms, starts: str, ends: str, field: str
) -> None:
    with pytest.raises(TimeDoesNotExist) as refused:
        rooms.book(starts, ends, day=DAY.replace(year=2027, month=3, day=28))
    assert refused.value.field == field


def test_what_is_kept_for_others_opens_later(rooms: Rooms) -> None:
    window = Recurrence(
        at(8).astimezone(zone_of("Europe/Paris")).replace(tzinfo=None),
        at(12).astimezone(zone_of("Europe/Paris")).replace(tzinfo=None),
        zone_of("Europe/Paris"),
        parse_rule("FREQ=WEEKLY;BYDAY=TU"),
    )
    shared = SharedWindow(window, Profile.PUBLIC_SERVICE, timedelta(hours=12))
    rooms.terms(rooms.world.venue.id, sharing=Sharing((shared,)))
    with pytest.raises(NotBookable) as refused:
        rooms.book("09:00", "11:00")
    (cause,) = refused.value.causes[rooms.room.id]
    assert cause.code == "not_yet_open"
    assert cause.params["opens_at"] == at(20, day=DAY)
    rooms.book("09:00", "11:00", now=at(20, day=DAY))  # the instant itself is open


def test_buffers_keep_neighbours_apart(rooms: Rooms) -> None:
    rooms.terms(rooms.room.id, limits=Limits(buffer_after=timedelta(minutes=30)))
    rooms.book("09:00", "10:00")
    with pytest.raises(RoomTaken):
        rooms.book("10:00", "11:00")
    rooms.book("10:30", "11:00")


@on_both_databases
def test_a_series_answers_for_each_date(rooms: Rooms) -> None:
    world = rooms.world
    rooms.book("10:00", "11:00", day=TOMORROW + timedelta(days=7))
    form = rooms.series("FREQ=WEEKLY;COUNT=4")
    offer = world.see(book.quote_series, form, rooms.coworker, NOW)
    assert (len(offer.dates), offer.totals.total) == (4, Decimal(30))
    (clash,) = offer.clashes
    assert clash == (at(9) + timedelta(days=7), at(11) + timedelta(days=7))
    with pytest.raises(DatesClash) as refused:
        world.do(book.book_series, form, rooms.coworker, NOW)
    assert set(refused.value.clashes) == {clash}
    assert len(world.see(lambda uow: uow.bookings.list())) == 1
    only_free = rooms.series("FREQ=WEEKLY;COUNT=4", only_free=True)
    made = world.do(book.book_series, only_free, rooms.coworker, NOW)
    assert [b.booking.starts_at for b in made.booked] == [
        at(9) + timedelta(days=7 * n) for n in (0, 2, 3)
    ]
    assert {b.booking.series_id for b in made.booked} == {made.series_id}


def test_a_series_stays_at_its_hour_when_the_clock_changes(rooms: Rooms) -> None:
    day = DAY.replace(year=2027, month=3, day=23)
    form = rooms.series("FREQ=WEEKLY;COUNT=2", day=day)
    made = rooms.world.do(book.book_series, form, rooms.coworker, NOW)
    zone = zone_of("Europe/Paris")
    starts = [b.booking.starts_at for b in made.booked]
    assert starts[1] - starts[0] == timedelta(days=7, hours=-1)
    assert {start.astimezone(zone).time() for start in starts} == {time(9)}


def test_a_series_says_which_date_the_clock_shows_twice(rooms: Rooms) -> None:
    first = date(2027, 10, 24)
    sundays = [first + timedelta(days=7 * n) for n in range(3)]
    open_all_day = tuple(ExceptionalDay(d, ((time(0), time(0)),), "Fête") for d in sundays)
    rooms.terms(rooms.world.venue.id, rules=OpeningRules(exceptions=open_all_day))
    night = {"day": first, "starts": time(2, 30), "ends": time(4, 30)}
    form = rooms.series("FREQ=WEEKLY;COUNT=3", **night)
    offer = rooms.world.see(book.quote_series, form, rooms.coworker, NOW)
    ((span, causes),) = offer.clashes.items()
    assert span[0].astimezone(zone_of("Europe/Paris")).date() == sundays[1]
    assert [c.code for some in causes.values() for c in some] == ["time_happens_twice"]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("FREQ=WEEKLY", "endless"),
        ("FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=1MO;COUNT=3", "never_happens"),
        ("FREQ=YEARLY;COUNT=3", "part_unsupported"),
        ("FREQ=DAILY;COUNT=500", "too_many"),
        ("every Monday", "rule_unreadable"),
    ],
)
def test_an_impossible_series_says_what_to_do(rooms: Rooms, rule: str, code: str) -> None:
    with pytest.raises(SeriesWrong) as refused:
        rooms.world.do(book.book_series, rooms.series(rule), rooms.coworker, NOW)
    assert refused.value.cause.code == code


def test_whose_account_it_is_not_books_not_on_it(rooms: Rooms) -> None:
    with pytest.raises(NotAllowed):
        rooms.book(by=rooms.world.agent)
    assert rooms.book(by=rooms.world.reception).rooms[0].state is RoomState.CONFIRMED


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        (date(2027, 10, 1), date(2027, 10, 31), 31 * 24 + 1),  # the clocks go back in it
        (date(2027, 3, 1), date(2027, 3, 31), 31 * 24 - 1),
        (date(2027, 10, 1), date(2027, 11, 1), None),
        (date(2027, 3, 1), date(2027, 4, 1), None),
    ],
)
def test_a_month_is_31_days_on_the_wall_wherever_the_clocks_change(
    first: date, last: date, hours: int | None
) -> None:
    form = WhenForm(room_ids=("r",), day=first, starts=time(0), ends=time(0), last_day=last)
    if hours is None:
        with pytest.raises(InvalidForm):
            form.span(zone_of("Europe/Paris"))
    else:
        begins, ends = form.span(zone_of("Europe/Paris"))
        assert ends - begins == timedelta(hours=hours)


def test_without_a_price_nothing_is_sold(rooms: Rooms) -> None:
    rooms.terms(rooms.room.id, room_class="unknown")
    with pytest.raises(NotSold):
        rooms.book()


@pytest.mark.parametrize(
    ("length", "first", "ends"),
    [
        (Unit.WEEK, date(2026, 11, 25), datetime(2026, 12, 1, 15, 30, tzinfo=UTC)),
        (Unit.MONTH, date(2027, 3, 1), datetime(2027, 3, 31, 14, 30, tzinfo=UTC)),  # summer by then
        (timedelta(days=3), date(2026, 11, 25), datetime(2026, 11, 27, 15, 30, tzinfo=UTC)),
    ],
)
def test_a_stay_is_from_the_first_opening_to_the_last_closing(
    length: Unit | timedelta, first: date, ends: datetime, rooms: Rooms
) -> None:
    ids, account_id = (rooms.room.id,), rooms.account.id
    args = (ids, account_id, length, first, rooms.coworker, NOW)
    (slot,) = rooms.world.see(choices.slots_of_day, *args)
    assert (slot.span[1], slot.causes) == (ends, {})
    kept = rooms.world.see(choices.length_of, rooms.room.id, slot.span)
    assert kept == timedelta(days=(ends.date() - first).days + 1)
