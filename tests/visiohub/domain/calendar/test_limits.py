"""Limits: each refusal says what would do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain import hours
from visiohub.domain.calendar import limits as li
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.calendar.limits import Limits

PARIS = ZoneInfo("Europe/Paris")
MONDAY = date(2026, 11, 23)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def at(hour: int, minute: int = 0, day: date = MONDAY) -> datetime:
    return hours.to_instant(day, time(hour, minute), PARIS)


OPENED = [(at(8, 45), at(12)), (at(14), at(18))]
NOW = at(9, 10)
ROOM = Limits(
    notice=2 * HOUR, horizon_days=28, shortest=30 * MINUTE, longest=3 * HOUR, step=30 * MINUTE
)


def check(start: datetime, long: timedelta = HOUR, limits: Limits = ROOM) -> list[Cause]:
    return limits.check(start, start + long, OPENED, NOW, PARIS)


def test_what_would_do() -> None:
    assert check(at(14)) == []
    assert check(at(14), 29 * MINUTE) == [li.TooShort(30 * MINUTE)]
    assert check(at(14), 4 * HOUR) == [li.TooLong(3 * HOUR)]
    assert check(at(14, 10)) == [li.OffGrid(at(14), at(14, 30))]
    assert check(at(17, 20)) == [li.OffGrid(at(17), None)]


def test_too_soon_names_the_first_start_that_would_do() -> None:
    assert check(at(9, 15), 30 * MINUTE) == [li.TooSoon(at(11, 15))]
    assert check(at(9, 15)) == [li.TooSoon(at(14))]  # an hour no longer fits before noon
    assert check(at(8, 45, date(2026, 11, 20))) == [li.TooSoon(at(14))]


def test_too_far_ahead_names_the_day_on_which_it_opens() -> None:
    last, after = date(2026, 12, 21), date(2026, 12, 22)
    assert check(at(9, 0, last)) == []
    assert check(at(9, 0, after)) == [li.TooFarAhead(last, date(2026, 11, 24))]
    assert ROOM.bookable(NOW, PARIS) == (at(11, 10), at(0, 0, after))
    unlimited = Limits()
    assert unlimited.last_day(NOW, PARIS) == MONDAY + hours.BOOKABLE_AHEAD


def test_whole_days_are_counted_on_the_clock_where_it_changes() -> None:
    now, day = at(9, 0, date(2026, 3, 2)), timedelta(days=1)

    def found(first: date, last: date, limits: Limits) -> list[Cause]:
        return limits.check(at(9, 0, first), at(9, 0, last), [], now, PARIS)

    october = date(2026, 10, 1), date(2026, 11, 1)
    assert found(*october, Limits(longest=31 * day)) == []
    assert found(*october, Limits(longest=30 * day)) == [li.TooLong(30 * day)]
    march = date(2026, 3, 28), date(2026, 3, 29)
    assert found(*march, Limits(shortest=day)) == []
    assert found(*march, Limits(shortest=2 * day)) == [li.TooShort(2 * day)]
    spring = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 1:30; an hour later it is 3:30
    assert Limits(longest=HOUR).check(spring, spring + HOUR, [], now, PARIS) == []


def test_every_refusal_at_once() -> None:
    codes = [cause.code for cause in check(at(9, 20), 5 * MINUTE)]
    assert codes == ["too_short", "too_soon", "off_grid"]
    for cause in check(at(9, 20), 5 * MINUTE):
        assert cause.says.format(**cause.params)


def test_a_service_in_a_room_keeps_both_limits() -> None:
    service = Limits(
        notice=HOUR, horizon_days=56, buffer_after=10 * MINUTE, longest=HOUR, step=20 * MINUTE
    )
    both = ROOM.narrowed(service)
    assert both == Limits(
        notice=2 * HOUR,
        horizon_days=28,
        buffer_after=10 * MINUTE,
        shortest=30 * MINUTE,
        longest=HOUR,
        step=HOUR,
    )
    assert both == service.narrowed(ROOM)
    assert both.contradiction() is None
    short = Limits(longest=10 * MINUTE, shortest=5 * MINUTE)
    assert ROOM.narrowed(short).contradiction() == li.Contradiction(30 * MINUTE, 10 * MINUTE)


@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
def test_buffers_of_neighbours_add_up(
    before: int, after: int, other: int, other_after: int
) -> None:
    """Wherever a booking touches nothing blocked, its buffers overlap nobody's."""
    mine = Limits(buffer_before=before * MINUTE, buffer_after=after * MINUTE)
    theirs = Limits(buffer_before=other * MINUTE, buffer_after=other_after * MINUTE)
    kept = [theirs.kept(at(10), at(10, 30))]
    for minute in range(-60, 61):
        start = at(10) + minute * MINUTE
        end = start + 15 * MINUTE
        is_free = sp.intersect([(start, end)], mine.blocked(kept)) == []
        assert is_free == (sp.intersect([mine.kept(start, end)], kept) == [])
