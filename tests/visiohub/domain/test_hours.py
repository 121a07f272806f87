from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain import hours
from visiohub.domain.model import OpeningRange

PARIS = ZoneInfo("Europe/Paris")
ZONES = st.sampled_from(
    [
        "Europe/Paris",
        "America/Miquelon",  # overseas, with summer time
        "America/Guadeloupe",
        "America/Cayenne",
        "Indian/Reunion",
        "Indian/Mayotte",
        "Pacific/Noumea",
        "Pacific/Tahiti",
        "Pacific/Marquesas",  # half an hour
    ]
).map(ZoneInfo)
DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))
TIMES = st.times().map(lambda t: t.replace(second=0, microsecond=0))
ALWAYS = tuple(OpeningRange(day, time(0), time(0)) for day in range(7))


def test_nine_stays_nine_for_five_years() -> None:
    zones = [PARIS, ZoneInfo("America/Miquelon"), ZoneInfo("Indian/Reunion")]
    for zone in zones:
        rule = tuple(OpeningRange(d, time(9), time(12)) for d in range(7))
        for n in range(5 * 366):
            day = date(2026, 1, 1) + timedelta(days=n)
            ((opens, closes),) = hours.opening_spans(rule, day, zone)
            assert opens.astimezone(zone).time() == time(9)
            assert closes - opens == timedelta(hours=3)


def test_the_gap_is_refused_and_named() -> None:
    with pytest.raises(hours.LocalTimeMissingError) as refused:
        hours.to_instant(date(2027, 3, 28), time(2, 30), PARIS)
    assert (refused.value.starts, refused.value.ends) == (time(2), time(3))


def test_both_edges_of_the_gap() -> None:
    with pytest.raises(hours.LocalTimeMissingError):
        hours.to_instant(date(2027, 3, 28), time(2), PARIS)
    assert hours.to_instant(date(2027, 3, 28), time(3), PARIS) == datetime(
        2027, 3, 28, 1, tzinfo=UTC
    )


def test_the_fold_is_its_first() -> None:
    instant = hours.to_instant(date(2026, 10, 25), time(2, 30), PARIS)
    assert instant == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_rule_in_the_gap_opens_when_the_gap_ends() -> None:
    rule = (OpeningRange(6, time(2, 30), time(5)),)
    ((opens, closes),) = hours.opening_spans(rule, date(2027, 3, 28), PARIS)
    assert opens.astimezone(PARIS).time() == time(3)
    assert closes.astimezone(PARIS).time() == time(5)


def test_a_rule_inside_the_gap_does_not_open() -> None:
    rule = (OpeningRange(6, time(2, 15), time(2, 45)),)
    assert hours.opening_spans(rule, date(2027, 3, 28), PARIS) == []


@given(DAYS, TIMES, ZONES)
def test_a_local_time_comes_back_or_is_refused(day: date, at: time, zone: ZoneInfo) -> None:
    naive = datetime.combine(day, at)
    missing = naive.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if missing != naive:
        with pytest.raises(hours.LocalTimeMissingError) as gap:
            hours.to_instant(day, at, zone)
        assert gap.value.starts <= at < gap.value.ends
    else:
        local = hours.to_instant(day, at, zone).astimezone(zone)
        assert (local.date(), local.time(), local.fold) == (day, at, 0)


@given(st.integers(2026, 2030), st.integers(0, 59))
def test_the_gap_of_every_year_is_refused(year: int, minute: int) -> None:
    last = date(year, 3, 31)
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    with pytest.raises(hours.LocalTimeMissingError):
        hours.to_instant(sunday, time(2, minute), PARIS)


@given(DAYS, ZONES)
def test_days_follow_each_other_without_hole(day: date, zone: ZoneInfo) -> None:
    start, end = hours.day_span(day, zone)
    assert hours.day_span(day + timedelta(days=1), zone)[0] == end
    assert timedelta(hours=23) <= end - start <= timedelta(hours=25)
    assert hours.local_day(start, zone) == day
    assert hours.local_day(end - timedelta(seconds=1), zone) == day


@pytest.mark.parametrize(("first", "lasts"), [(date(2026, 10, 19), 169), (date(2026, 3, 23), 167)])
def test_a_week_in_which_the_clocks_change_ends_with_its_last_day(first: date, lasts: int) -> None:
    start, end = hours.days_span(first, 7, PARIS)
    assert end - start == timedelta(hours=lasts)
    assert end == hours.day_span(first + timedelta(days=6), PARIS)[1]


@given(DAYS, TIMES, ZONES, st.integers(15, 600))
def test_open_day_and_night_is_open_over_midnight(
    day: date, at: time, zone: ZoneInfo, minutes: int
) -> None:
    start = hours.edge_instant(day, at, zone)
    assert hours.is_open_during(ALWAYS, start, start + timedelta(minutes=minutes), zone)


@given(
    DAYS, ZONES, st.integers(15, 120), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)))
)
def test_free_starts_are_open_and_touch_nothing(
    day: date, zone: ZoneInfo, minutes: int, taken: list[tuple[int, int]]
) -> None:
    rule = (
        OpeningRange(day.weekday(), time(8), time(12)),
        OpeningRange(day.weekday(), time(12, 30), time(16, 30)),
    )
    spans = hours.opening_spans(rule, day, zone)
    quarter = timedelta(minutes=15)
    held = [(spans[0][0] + s * quarter, spans[0][0] + (s + n) * quarter) for s, n in taken]
    duration = timedelta(minutes=minutes)
    not_before = spans[0][0] + quarter
    for start in hours.free_starts(spans, held, duration, quarter, not_before):
        assert start >= not_before
        assert hours.is_open_during(rule, start, start + duration, zone)
        assert all(start + duration <= s or e <= start for s, e in held)


def test_a_break_at_noon_is_closed() -> None:
    rule = (OpeningRange(0, time(8), time(12)), OpeningRange(0, time(12, 30), time(16, 30)))
    noon = datetime(2026, 11, 23, 10, 45, tzinfo=UTC)
    assert not hours.is_open_during(rule, noon, noon + timedelta(minutes=30), PARIS)
    assert hours.is_open_during(rule, noon, noon + timedelta(minutes=15), PARIS)
    assert hours.is_open_at(rule, noon, PARIS)
    assert hours.next_opening(rule, noon, PARIS) == datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
    assert hours.next_opening((), noon, PARIS) is None
