"""Every date of a series is one of its occurrences, or is named as one that the clock skips."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain.calendar.recurrence import Recurrence, series
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.calendar.skipped import skipped

FAR = datetime(2040, 1, 1, tzinfo=UTC)
PARIS = "Europe/Paris"
SUNDAY = datetime(2027, 3, 21, 2, 30)  # noqa: DTZ001 - local times are naive here
"""A week before Paris jumps from 02:00 to 03:00."""


def recurrence(
    text: str, start: datetime = SUNDAY, zone: str = PARIS, **more: object
) -> Recurrence:
    length = timedelta(minutes=30)
    return Recurrence(start, start + length, ZoneInfo(zone), parse_rule(text), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("FREQ=WEEKLY;COUNT=3", [28]),
        ("FREQ=DAILY;COUNT=9", [28]),
        ("FREQ=DAILY;COUNT=7", []),  # to the 27th
        ("FREQ=WEEKLY;UNTIL=20270328", [28]),  # after all of its occurrences
        ("FREQ=WEEKLY;UNTIL=20270327", []),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=3", []),
    ],
)
def test_which_dates_the_clock_skips(text: str, days: list[int]) -> None:
    made = recurrence(text)
    found = skipped(made, series(made, 99, FAR))
    assert [one.at for one in found] == [SUNDAY.replace(day=day) for day in days]
    assert {(one.gap_starts, one.gap_ends) for one in found} <= {(time(2), time(3))}


def test_what_is_excluded_is_not_wanted() -> None:
    night = SUNDAY + timedelta(days=7)
    for excluded in (night, night.date()):
        made = recurrence("FREQ=WEEKLY;COUNT=3", excluded=frozenset({excluded}))
        assert skipped(made, series(made, 99, FAR)) == ()


@pytest.mark.parametrize(
    ("text", "had", "named"),
    [
        ("FREQ=WEEKLY;COUNT=3", [21, 4], [28]),
        ("FREQ=WEEKLY;COUNT=2", [21], [28]),  # the last one
        ("FREQ=WEEKLY;UNTIL=20270404", [21, 4], [28]),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=2", [21, 4], []),
    ],
)
def test_a_date_that_the_clock_would_shorten_is_none(
    text: str, had: list[int], named: list[int]
) -> None:
    start = SUNDAY.replace(hour=1, minute=0)
    made = Recurrence(start, start + timedelta(minutes=90), ZoneInfo(PARIS), parse_rule(text))
    dates = series(made, 99, FAR)
    assert [span[0].astimezone(made.zone).day for span in dates] == had
    assert {ends - starts for starts, ends in dates} == {timedelta(minutes=90)}
    found = skipped(made, dates)
    assert [one.at for one in found] == [start.replace(day=day) for day in named]
    assert {(one.gap_starts, one.gap_ends) for one in found} <= {(time(2), time(3))}


@pytest.mark.parametrize("hours", [1, 2, 3])
def test_a_date_that_only_touches_the_gap_or_spans_it_is_booked(hours: int) -> None:
    """01:00 to 02:00 lasts its hour that night; to 03:00 and 04:00 both edges are on the clock."""
    start = SUNDAY.replace(hour=1, minute=0)
    length = timedelta(hours=hours)
    made = Recurrence(start, start + length, ZoneInfo(PARIS), parse_rule("FREQ=WEEKLY;COUNT=2"))
    dates = series(made, 99, FAR)
    assert len(dates) == 2
    assert skipped(made, dates) == ()


def test_an_excluded_date_that_would_be_shortened_is_not_wanted() -> None:
    start = SUNDAY.replace(hour=1, minute=45)
    night = start + timedelta(days=7)
    made = recurrence("FREQ=WEEKLY;COUNT=3", start, excluded=frozenset({night}))
    assert skipped(made, series(made, 99, FAR)) == ()


@given(
    zone=st.sampled_from([PARIS, "America/Miquelon", "Indian/Reunion", "Australia/Lord_Howe"]),
    day=st.dates(date(2026, 1, 1), date(2032, 1, 1)),
    minute=st.sampled_from(range(0, 240, 15)),
    every=st.sampled_from(["DAILY", "WEEKLY", "WEEKLY;INTERVAL=2", "MONTHLY;BYDAY=-1SU"]),
    length=st.integers(0, 800),
)
def test_none_is_lost_in_silence(
    zone: str, day: date, minute: int, every: str, length: int
) -> None:
    first = datetime.combine(day, time(minute // 60, minute % 60))
    until = first + timedelta(days=length)
    wanted = list(rrulestr(f"FREQ={every}", dtstart=first).between(first, until, inc=True))
    made = recurrence(f"FREQ={every};UNTIL={until:%Y%m%d}", first, zone)
    whole = [s for s, _ in made.occurrences(first, until) if made.cut_by(s) is None]
    had = [start.astimezone(made.zone).replace(tzinfo=None) for start in whole]
    named = [one.at for one in skipped(made, [(FAR, FAR)])]
    assert sorted(had + named) == wanted
    assert not {*had} & {*named}
