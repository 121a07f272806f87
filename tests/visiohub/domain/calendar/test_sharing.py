"""Whose window it is, and when the others may have what is left."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.calendar.sharing import (
    NeverOpen,
    NotYetOpen,
    Profile,
    SharedWindow,
    Sharing,
)

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = date(2027, 3, 30)
"""Two days after the clock went forward."""
HOUR = timedelta(hours=1)
PUBLIC, PROFESSIONAL = Profile.PUBLIC_SERVICE, Profile.PROFESSIONAL


def at(hour: int, day: date = TUESDAY) -> datetime:
    return hours.to_instant(day, time(hour), PARIS)


def window(weekday: str, first: int, last: int) -> Recurrence:
    monday = datetime.combine(date(2026, 1, 5), time(first))
    starts = monday + timedelta(days=["MO", "TU", "WE"].index(weekday))
    rule = parse_rule(f"FREQ=WEEKLY;BYDAY={weekday}")
    return Recurrence(starts, starts + (last - first) * HOUR, PARIS, rule)


MORNING = SharedWindow(window("TU", 9, 12), PUBLIC, 48 * HOUR)
EVENING = SharedWindow(window("TU", 17, 20), PROFESSIONAL, None)
SHARING = Sharing((MORNING, EVENING))


def test_open_to_the_first_not_yet_to_the_other() -> None:
    before = at(8, date(2027, 3, 28))
    opens_at = at(9) - 48 * HOUR
    assert SHARING.why_not(PUBLIC, at(10), at(11), before) is None
    for start, end in [(10, 11), (8, 10), (11, 13), (8, 20)]:
        refusal = SHARING.why_not(PROFESSIONAL, at(start), at(end), before)
        assert refusal == NotYetOpen(PUBLIC, opens_at)
    assert SHARING.why_not(PROFESSIONAL, at(12), at(14), before) is None
    assert SHARING.why_not(PROFESSIONAL, at(10), at(11), opens_at) is None


def test_the_other_way_round_and_for_ever() -> None:
    late = at(16)
    assert SHARING.why_not(PROFESSIONAL, at(17), at(18), late) is None
    assert SHARING.why_not(PUBLIC, at(16), at(18), late) == NeverOpen(PROFESSIONAL)


def test_the_window_that_opens_last_decides() -> None:
    sooner = SharedWindow(window("TU", 11, 13), PUBLIC, 2 * HOUR)
    for windows in [(MORNING, sooner), (sooner, MORNING)]:
        earlier = at(10, TUESDAY - timedelta(days=7))
        refusal = Sharing(windows).why_not(PROFESSIONAL, at(10), at(12), earlier)
        assert refusal == NotYetOpen(PUBLIC, at(9))


WINDOWS = st.builds(
    SharedWindow,
    st.builds(
        lambda day, first, long: window(day, first, first + long),
        st.sampled_from(["MO", "TU", "WE"]),
        st.integers(0, 20),
        st.integers(1, 6),
    ),
    st.sampled_from(Profile),
    st.none() | st.integers(0, 96).map(lambda h: h * HOUR),
)


@given(
    st.lists(WINDOWS, max_size=3),
    st.sampled_from(Profile),
    st.integers(0, 72),
    st.integers(1, 8),
    st.integers(0, 200),
)
def test_what_is_offered_is_what_is_taken(
    windows: list[SharedWindow], profile: Profile, first: int, long: int, ahead: int
) -> None:
    sharing = Sharing(tuple(windows))
    start = at(0, TUESDAY - timedelta(days=1)) + first * HOUR
    end, now = start + long * HOUR, start - ahead * HOUR
    closed = sharing.closed_to(profile, start - 24 * HOUR, end + 24 * HOUR, now)
    refusal = sharing.why_not(profile, start, end, now)
    assert (refusal is None) == (sp.intersect([(start, end)], closed) == [])
    if isinstance(refusal, NotYetOpen):
        assert sharing.why_not(profile, start, end, refusal.opens_at) is None
        before = refusal.opens_at - timedelta.resolution
        assert sharing.why_not(profile, start, end, before) is not None
