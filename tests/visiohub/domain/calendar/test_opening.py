"""When a place is open, why it is not, and that 09:00 is 09:00 wherever the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain import hours
from visiohub.domain.calendar import closed
from visiohub.domain.calendar.opening import (
    Closure,
    ExceptionalDay,
    OpeningCalendar,
    OpeningRules,
)
from visiohub.domain.calendar.public_holidays import HolidayRule, Territory
from visiohub.domain.calendar.school_holidays import SchoolBreak, SchoolZone
from visiohub.domain.hours import Span
from visiohub.domain.model import OpeningRange

PARIS = ZoneInfo("Europe/Paris")
OVERSEAS = [
    "America/Miquelon",  # the one with summer time, by American dates
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Marquesas",
    "Pacific/Gambier",
    "Pacific/Wallis",
    "America/St_Barthelemy",
    "America/Marigot",
]
WEEK = tuple(
    OpeningRange(weekday, time(*opens), time(*closes))
    for weekday in range(5)
    for opens, closes in [((9,), (12,)), ((13, 30), (17,))]
)
TOUSSAINT = SchoolBreak(date(2026, 10, 17), date(2026, 11, 1), "Vacances de la Toussaint")
ZONE_A = SchoolZone("Zone A", (TOUSSAINT,))


def local(day: date, hour: int, minute: int = 0, zone: ZoneInfo = PARIS) -> datetime:
    return hours.to_instant(day, time(hour, minute), zone)


def calendar(own: OpeningRules | None = None, **rules: object) -> OpeningCalendar:
    return OpeningCalendar(PARIS, OpeningRules(**{"weekly": WEEK, **rules}), own)  # type: ignore[arg-type]


def on(day: date, opening: OpeningCalendar) -> list[str]:
    found = opening.spans(*hours.day_span(day, opening.zone))
    return [
        f"{s.astimezone(opening.zone):%H:%M}-{e.astimezone(opening.zone):%H:%M}" for s, e in found
    ]


MONDAY = date(2026, 11, 23)


def test_an_ordinary_week() -> None:
    assert on(MONDAY, calendar()) == ["09:00-12:00", "13:30-17:00"]
    assert on(date(2026, 11, 22), calendar()) == []
    assert calendar().why_closed(local(MONDAY, 9)) is None
    assert calendar().why_closed(local(MONDAY, 12)) == closed.OutsideHours()
    week = timedelta(days=7)
    assert calendar().opens_again(local(MONDAY, 12), week) == local(MONDAY, 13, 30)
    assert calendar().opens_again(local(MONDAY, 10), week) == local(MONDAY, 10)
    assert calendar(weekly=()).opens_again(local(MONDAY, 10), week) is None


def test_an_exceptional_day_replaces_the_ranges_and_the_holiday() -> None:
    fair = ExceptionalDay(date(2027, 7, 14), ((time(18), time(0)),), "Fête du village")
    rule = HolidayRule(Territory.METROPOLE)
    opening = calendar(exceptions=(fair,), holidays=rule)
    assert on(fair.day, opening) == ["18:00-00:00"]
    why = opening.why_closed(local(fair.day, 10))
    assert why == closed.OnExceptionalDay("Fête du village")


def test_a_closure_beats_everything_and_says_until_when() -> None:
    works = Closure.of_days(MONDAY, MONDAY + timedelta(days=1), PARIS, "travaux")
    move = Closure(works.end, local(date(2026, 11, 25), 14), "déménagement")
    opening = calendar(closures=(move, works))
    assert on(MONDAY, opening) == []
    assert on(date(2026, 11, 25), opening) == ["14:00-17:00"]
    assert opening.why_closed(local(MONDAY, 3)) == closed.ForClosure("travaux", move.end)
    at_noon = opening.why_closed(local(date(2026, 11, 25), 12))
    assert at_noon == closed.ForClosure("déménagement", move.end)


def test_public_holidays_by_the_choice_of_the_venue() -> None:
    good_friday, second_christmas_day = date(2027, 3, 26), date(2028, 12, 26)
    metropole = calendar(holidays=HolidayRule(Territory.METROPOLE))
    assert on(good_friday, metropole) != []
    alsace = HolidayRule(Territory.ALSACE_MOSELLE, others=frozenset({"Vendredi saint"}))
    assert on(good_friday, calendar(holidays=alsace)) != []
    assert on(second_christmas_day, calendar(holidays=alsace)) == []
    why = calendar(holidays=alsace).why_closed(local(second_christmas_day, 10))
    assert why == closed.OnPublicHoliday("Saint-Étienne")
    only_labour_day = HolidayRule(
        Territory.METROPOLE, closed=False, others=frozenset({"Fête du Travail"})
    )
    assert on(date(2028, 5, 1), calendar(holidays=only_labour_day)) == []
    assert on(date(2028, 5, 8), calendar(holidays=only_labour_day)) != []
    assert on(date(2028, 5, 1), calendar()) != []


def test_another_timetable_in_the_school_holidays() -> None:
    mornings = tuple(r for r in WEEK if r.closes == time(12))
    opening = calendar(in_school_holidays=mornings, school=ZONE_A)
    assert on(date(2026, 10, 16), opening) == ["09:00-12:00", "13:30-17:00"]
    assert on(date(2026, 10, 19), opening) == ["09:00-12:00"]
    assert on(date(2026, 11, 2), opening) == ["09:00-12:00", "13:30-17:00"]
    in_them = opening.why_closed(local(date(2026, 10, 19), 14))
    assert in_them == closed.InSchoolHolidays("Vacances de la Toussaint")
    assert opening.why_closed(local(date(2026, 10, 19), 20)) == closed.OutsideHours()
    assert on(date(2026, 10, 19), calendar(school=ZONE_A)) == ["09:00-12:00", "13:30-17:00"]


def test_a_room_narrows_its_venue() -> None:
    afternoons = tuple(OpeningRange(d, time(13), time(20)) for d in range(7))
    inspection = Closure(local(MONDAY, 15), local(MONDAY, 16), "contrôle")
    opening = calendar(own=OpeningRules(weekly=afternoons, closures=(inspection,)))
    assert on(MONDAY, opening) == ["13:30-15:00", "16:00-17:00"]
    assert on(MONDAY + timedelta(days=1), opening) == ["13:30-17:00"]
    assert opening.why_closed(local(MONDAY, 15)) == closed.ForClosure("contrôle", inspection.end)
    assert opening.why_closed(local(MONDAY, 10)) == closed.OutsideHours()
    assert on(MONDAY, calendar(own=OpeningRules())) == ["09:00-12:00", "13:30-17:00"]


def test_open_all_day_is_one_span_over_every_change_of_the_clock() -> None:
    always = OpeningCalendar(PARIS, OpeningRules())
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    assert always.spans(start, end) == [(start, end)]


def test_overlapping_ranges_are_one() -> None:
    twice = (OpeningRange(0, time(9), time(12)), OpeningRange(0, time(11), time(14)))
    assert on(MONDAY, calendar(weekly=twice)) == ["09:00-14:00"]


@pytest.mark.parametrize("name", ["Europe/Paris", *OVERSEAS])
def test_nine_to_seventeen_for_five_years(name: str) -> None:
    zone = ZoneInfo(name)
    week = tuple(OpeningRange(d, time(9), time(17)) for d in range(7))
    opening = OpeningCalendar(zone, OpeningRules(weekly=week))
    first = date(2026, 1, 1)
    found = opening.spans(local(first, 0, zone=zone), local(date(2031, 1, 1), 0, zone=zone))
    assert len(found) == 5 * 365 + 1
    for n, (opens, closes) in enumerate(found):
        assert opens.astimezone(zone).date() == first + timedelta(days=n)
        assert (opens.astimezone(zone).time(), closes.astimezone(zone).time()) == (
            time(9),
            time(17),
        )


def changes(zone: ZoneInfo) -> list[tuple[date, timedelta]]:
    """Days from 2026 to 2030 on which the clock changes, and by how much."""
    found = []
    for n in range(5 * 365 + 1):
        start, end = hours.day_span(date(2026, 1, 1) + timedelta(days=n), zone)
        if by := timedelta(days=1) - (end - start):
            found.append((date(2026, 1, 1) + timedelta(days=n), by))
    return found


def test_only_paris_and_miquelon_change() -> None:
    for name in OVERSEAS:
        assert len(changes(ZoneInfo(name))) == (10 if name == "America/Miquelon" else 0)
    assert len(changes(PARIS)) == 10


@pytest.mark.parametrize("name", ["Europe/Paris", "America/Miquelon"])
def test_night_hours_on_every_change(name: str) -> None:
    zone = ZoneInfo(name)
    night = tuple(OpeningRange(d, time(1), time(5)) for d in range(7))
    in_the_gap = tuple(OpeningRange(d, time(2, 15), time(2, 45)) for d in range(7))
    opening = OpeningCalendar(zone, OpeningRules(weekly=night))
    for day, by in changes(zone):
        ((opens, closes),) = opening.spans(*hours.day_span(day, zone))
        assert closes - opens == timedelta(hours=4) - by
        short = OpeningRules(weekly=in_the_gap).spans(zone, *hours.day_span(day, zone))
        assert [e - s for s, e in short] == ([] if by > timedelta() else [timedelta(minutes=30)])


RANGES = st.lists(st.tuples(st.integers(0, 23), st.integers(1, 24)), max_size=3).map(
    lambda pairs: tuple((time(a), time(b % 24)) for a, b in pairs if a < b)
)
DAYS = st.dates(date(2026, 10, 10), date(2027, 4, 10))


@given(
    st.lists(st.tuples(st.integers(0, 6), RANGES), max_size=7),
    st.lists(st.tuples(DAYS, RANGES), max_size=3),
    st.lists(st.tuples(DAYS, st.integers(0, 3)), max_size=2),
    st.booleans(),
    DAYS,
    st.sampled_from([PARIS, ZoneInfo("America/Miquelon")]),
)
def test_open_or_else_a_reason_at_every_half_hour(
    weekly: list[tuple[int, tuple[tuple[time, time], ...]]],
    exceptions: list[tuple[date, tuple[tuple[time, time], ...]]],
    closures: list[tuple[date, int]],
    holidays: bool,
    day: date,
    zone: ZoneInfo,
) -> None:
    rules = OpeningRules(
        weekly=tuple(OpeningRange(d, a, b) for d, ranges in weekly for a, b in ranges),
        holidays=HolidayRule(Territory.METROPOLE) if holidays else None,
        exceptions=tuple(ExceptionalDay(d, ranges, "x") for d, ranges in exceptions),
        closures=tuple(Closure.of_days(d, d + timedelta(days=n), zone, "y") for d, n in closures),
    )
    opening = OpeningCalendar(zone, rules)
    start, end = hours.day_span(day, zone)
    found: list[Span] = opening.spans(start, end)
    instant = start
    while instant < end:
        is_open = any(s <= instant < e for s, e in found)
        assert (opening.why_closed(instant) is None) == is_open
        instant += timedelta(minutes=30)
