"""Recurrence rules: what is taken, what happens when, and what a series is refused for."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain import hours
from visiohub.domain.calendar import recurrence as rec
from visiohub.domain.calendar import rule as rules
from visiohub.domain.calendar.causes import Cause, RefusedError
from visiohub.domain.calendar.days_in_turn import days_in_turn
from visiohub.domain.calendar.recurrence import Recurrence, series
from visiohub.domain.calendar.rule import Frequency, Rule, parse_rule

PARIS = ZoneInfo("Europe/Paris")
FAR = datetime(2028, 11, 21, tzinfo=UTC)
START = datetime(2026, 11, 24, 9)  # noqa: DTZ001 - local times are naive here
"""A Tuesday."""


def recurrence(text: str, start: datetime = START, length: float = 3, **more: object) -> Recurrence:
    return Recurrence(start, start + timedelta(hours=length), PARIS, parse_rule(text), **more)  # type: ignore[arg-type]


def local_days(text: str, start: datetime = START) -> list[str]:
    return [
        f"{s.astimezone(PARIS):%d/%m/%Y %H:%M}" for s, _ in series(recurrence(text, start), 99, FAR)
    ]


def refused(made: object) -> Cause:
    with pytest.raises(RefusedError) as error:
        made()  # type: ignore[operator]
    assert error.value.cause.says.format(**error.value.cause.params)
    return error.value.cause


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("FREQ=DAILY;COUNT=3", ["24/11/2026", "25/11/2026", "26/11/2026"]),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=3", ["24/11/2026", "08/12/2026", "22/12/2026"]),
        ("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3", ["24/11/2026", "26/11/2026", "01/12/2026"]),
        ("FREQ=MONTHLY;BYDAY=4TU;COUNT=2", ["24/11/2026", "22/12/2026"]),
        ("FREQ=MONTHLY;BYDAY=-1TU;COUNT=3", ["24/11/2026", "29/12/2026", "26/01/2027"]),
        ("FREQ=MONTHLY;COUNT=2", ["24/11/2026", "24/12/2026"]),
        ("RRULE:FREQ=DAILY;UNTIL=20261125", ["24/11/2026", "25/11/2026"]),
    ],
)
def test_the_rules_that_people_use(text: str, days: list[str]) -> None:
    assert local_days(text) == [f"{day} 09:00" for day in days]


def test_a_month_without_the_day_is_passed_over() -> None:
    start = datetime(2027, 1, 31, 9)  # noqa: DTZ001
    assert local_days("FREQ=MONTHLY;COUNT=3", start) == [
        "31/01/2027 09:00",
        "31/03/2027 09:00",
        "31/05/2027 09:00",
    ]


def test_the_week_begins_on_monday_unless_said() -> None:
    """The two examples of RFC 5545, section 3.8.5.3, on WKST."""
    start = datetime(1997, 8, 5, 9)  # noqa: DTZ001
    for week_start, days in [("MO", [5, 10, 19, 24]), ("SU", [5, 17, 19, 31])]:
        text = f"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST={week_start}"
        assert local_days(text, start) == [f"{day:02}/08/1997 09:00" for day in days]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20261201", "01/12"),  # the whole local day
        ("20261201T090000", "01/12"),  # a local time, itself included
        ("20261201T085959", "30/11"),
        ("20261201T080000Z", "01/12"),  # 09:00 in Paris
        ("20261201T075959Z", "30/11"),
        ("20261201T085959Z", "01/12"),  # read as local it would be too early
    ],
)
def test_until_is_local_or_utc_as_it_says(until: str, last: str) -> None:
    assert local_days(f"FREQ=DAILY;UNTIL={until}")[-1].startswith(last)


def test_until_is_written_in_utc() -> None:
    """RFC 5545, section 3.3.10: beside a DTSTART with a zone, UNTIL is in UTC."""
    assert parse_rule("FREQ=DAILY;UNTIL=20270701").text(PARIS) == (
        "FREQ=DAILY;UNTIL=20270701T215959Z"
    )
    text = "FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO,-1FR;BYMONTHDAY=1,-1;WKST=SU;COUNT=4"
    assert parse_rule(text).text(PARIS) == text
    assert parse_rule("FREQ=DAILY;UNTIL=20270701T100000").text(PARIS).endswith("T080000Z")


YEARS = (date(2026, 1, 1), date(2031, 1, 1))
ZONES = [
    "Europe/Paris",
    "America/Miquelon",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Pacific/Noumea",
    "Pacific/Marquesas",
]


def every_day(zone: ZoneInfo, hour: int, minute: int, length: timedelta) -> list[hours.Span]:
    start = datetime(2025, 12, 1, hour, minute)  # noqa: DTZ001
    first, last = (hours.to_instant(day, time(), zone) for day in YEARS)
    return Recurrence(start, start + length, zone, parse_rule("FREQ=DAILY")).spans(first, last)


@pytest.mark.parametrize("name", ZONES)
def test_nine_stays_nine_and_twelve_stays_twelve_for_five_years(name: str) -> None:
    zone = ZoneInfo(name)
    found = every_day(zone, 9, 0, timedelta(hours=3))
    days = [opens.astimezone(zone).date() for opens, _ in found]
    assert days == [YEARS[0] + timedelta(days=n) for n in range((YEARS[1] - YEARS[0]).days)]
    assert {opens.astimezone(zone).time() for opens, _ in found} == {time(9)}
    assert {closes.astimezone(zone).time() for _, closes in found} == {time(12)}


@pytest.mark.parametrize(("name", "doubled"), [("Europe/Paris", 2), ("America/Miquelon", 1)])
def test_every_change_of_five_years(name: str, doubled: int) -> None:
    """Both zones jump at 02:00; in autumn Paris has the hour from 2 twice, Miquelon from 1."""
    zone, quarter = ZoneInfo(name), timedelta(minutes=15)
    skipped = [opens.astimezone(zone).date() for opens, _ in every_day(zone, 2, 30, quarter)]
    assert [(b - a).days for a, b in pairwise(skipped)].count(2) == 5
    starts = [opens.astimezone(zone) for opens, _ in every_day(zone, doubled, 30, quarter)]
    twice = [at for at in starts if at.utcoffset() > at.replace(fold=1).utcoffset()]
    assert len(twice) == 5
    assert all(at.fold == 0 for at in twice)


def test_a_start_that_the_clock_skips_is_not_counted() -> None:
    """On 28 March 2027 there is no 02:30 in Paris."""
    start = datetime(2027, 3, 27, 2, 30)  # noqa: DTZ001
    assert local_days("FREQ=DAILY;COUNT=3", start) == [
        "27/03/2027 02:30",
        "29/03/2027 02:30",
        "30/03/2027 02:30",
    ]
    assert refused(lambda: series(recurrence("FREQ=DAILY;COUNT=2", start + timedelta(1)), 9, FAR))


def test_a_start_that_comes_twice_is_its_first() -> None:
    start = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001
    found = series(recurrence("FREQ=DAILY;COUNT=1", start, length=1), 9, FAR)
    assert found == [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 2, 30, tzinfo=UTC))
    ]


def test_a_night_over_a_change_is_found_at_every_quarter_of_an_hour() -> None:
    for change in (date(2027, 3, 28), date(2026, 10, 25)):
        evening = datetime.combine(change - timedelta(days=1), time(22))
        night = Recurrence(evening, evening + timedelta(hours=7), PARIS, parse_rule("FREQ=DAILY"))
        ((begins, ends),) = night.overlapping(*hours.day_span(change, PARIS))[:1]
        assert ends.astimezone(PARIS).time() == time(5)
        instant = begins
        while instant < ends:
            quarter = instant + timedelta(minutes=15)
            assert night.spans(instant, quarter) == [(instant, quarter)]
            instant = quarter


def test_excluded_days_and_times_count() -> None:
    exdates = frozenset({date(2026, 11, 25), START + timedelta(days=2)})
    found = series(recurrence("FREQ=DAILY;COUNT=4", excluded=exdates), 9, FAR)
    assert [s.day for s, _ in found] == [24, 27]


def test_the_count_begins_with_the_first_whatever_is_asked() -> None:
    thrice = recurrence("FREQ=WEEKLY;COUNT=3")
    found = thrice.spans(
        datetime(2026, 12, 1, tzinfo=UTC),
        datetime(2027, 2, 1, tzinfo=UTC),
    )
    assert [(s.month, s.day) for s, _ in found] == [(12, 1), (12, 8)]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", rules.RuleUnreadable("")),
        ("tous les mardis", rules.RuleUnreadable("tous les mardis")),
        ("FREQ=DAILY;FREQ=DAILY", rules.RuleUnreadable("FREQ=DAILY;FREQ=DAILY")),
        ("COUNT=2", rules.PartUnsupported("FREQ=")),
        ("FREQ=YEARLY", rules.PartUnsupported("FREQ=YEARLY")),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1", rules.PartUnsupported("BYSETPOS")),
        ("FREQ=DAILY;INTERVAL=0", rules.ValueWrong("INTERVAL", "0")),
        ("FREQ=MONTHLY;INTERVAL=13", rules.ValueWrong("INTERVAL", "13")),
        ("FREQ=DAILY;COUNT=0", rules.ValueWrong("COUNT", "0")),
        ("FREQ=DAILY;COUNT=99999999999", rules.ValueWrong("COUNT", "99999999999")),
        ("FREQ=DAILY;COUNT=²", rules.ValueWrong("COUNT", "²")),
        ("FREQ=WEEKLY;BYDAY=LU", rules.ValueWrong("BYDAY", "LU")),
        ("FREQ=MONTHLY;BYDAY=6MO", rules.ValueWrong("BYDAY", "6MO")),
        ("FREQ=MONTHLY;BYMONTHDAY=32", rules.ValueWrong("BYMONTHDAY", "32")),
        ("FREQ=WEEKLY;WKST=XX", rules.ValueWrong("WKST", "XX")),
        ("FREQ=DAILY;UNTIL=20270231", rules.ValueWrong("UNTIL", "20270231")),
        ("FREQ=DAILY;UNTIL=99991231", rules.ValueWrong("UNTIL", "99991231")),
        ("FREQ=DAILY;UNTIL=demain", rules.ValueWrong("UNTIL", "DEMAIN")),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", rules.TwoEnds()),
        ("FREQ=WEEKLY;BYDAY=2TU", rules.PartMisplaced("BYDAY=2TU")),
        ("FREQ=WEEKLY;BYMONTHDAY=3", rules.PartMisplaced("BYMONTHDAY=3")),
    ],
)
def test_a_rule_that_is_not_taken(text: str, cause: Cause) -> None:
    assert refused(lambda: parse_rule(text)) == cause


def test_a_series_that_cannot_be() -> None:
    def why(text: str, most: int = 50, **more: object) -> Cause:
        return refused(lambda: series(recurrence(text, **more), most, FAR))  # type: ignore[arg-type]

    assert why("FREQ=DAILY") == rec.Endless()
    assert why("FREQ=DAILY;UNTIL=20261101") == rec.NeverHappens()
    assert why("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;COUNT=1") == rec.NeverHappens()
    every = frozenset({START.date()})
    assert why("FREQ=DAILY;COUNT=1", excluded=every) == rec.NeverHappens()
    thursday = rec.StartOffRule(START + timedelta(days=2))
    assert why("FREQ=WEEKLY;BYDAY=TH;COUNT=4") == thursday
    assert why("FREQ=DAILY;COUNT=51") == rec.TooMany(50)
    assert why("FREQ=DAILY;UNTIL=21991231") == rec.TooMany(50)
    assert why("FREQ=MONTHLY;COUNT=50") == rec.RunsTooFar(FAR)
    assert why("FREQ=DAILY;COUNT=2", start=datetime(2199, 1, 1)) == rec.RunsTooFar(FAR)  # noqa: DTZ001
    assert why("FREQ=DAILY;COUNT=2", length=25) == rec.OverlapsItself()
    assert refused(lambda: recurrence("FREQ=DAILY", length=-1)) == rec.EndsBeforeItStarts()


def by_hand(rule: Rule, start: date, days: int) -> list[date]:
    """Day by day: does the rule name it?"""
    found = []
    for n in range(days):
        at = start + timedelta(days=n)
        month_length = monthrange(at.year, at.month)[1]
        month_days = {at.day, at.day - month_length - 1}
        week_day = {
            (0, at.weekday()),
            ((at.day - 1) // 7 + 1, at.weekday()),
            (-((month_length - at.day) // 7 + 1), at.weekday()),
        }
        by_day, by_month_day = rule.by_day, rule.by_month_day
        week = start - timedelta(days=(start.weekday() - rule.week_start) % 7)
        if rule.frequency is Frequency.DAILY:
            in_turn = n % rule.interval == 0
        elif rule.frequency is Frequency.WEEKLY:
            in_turn = (at - week).days // 7 % rule.interval == 0
            by_day = by_day or ((0, start.weekday()),)
        else:
            months = (at.year - start.year) * 12 + at.month - start.month
            in_turn = months % rule.interval == 0
            if not by_day and not by_month_day:
                by_month_day = (start.day,)
        if (
            in_turn
            and (not by_day or week_day & set(by_day))
            and (not by_month_day or month_days & set(by_month_day))
        ):
            found.append(at)
    return found


def by_dateutil(rule: Rule, start: date, high: date) -> list[date]:
    """The same to python-dateutil, which reads RFC 5545 on its own."""
    begins = datetime.combine(start, time(9))
    all_days = rrulestr(rule.text(PARIS), dtstart=begins)
    return [at.date() for at in takewhile(lambda at: at.date() <= high, all_days)]


WEEKDAY = st.integers(0, 6)
EACH = st.lists(st.tuples(st.just(0), WEEKDAY), max_size=3).map(tuple)
NUMBERED = st.lists(st.tuples(st.sampled_from([-5, -1, 0, 1, 2, 5]), WEEKDAY), max_size=3)
MONTH_DAYS = st.lists(st.sampled_from([-31, -2, -1, 1, 13, 29, 31]), max_size=2).map(tuple)
RULES = st.one_of(
    st.builds(Rule, st.just(Frequency.DAILY), st.integers(1, 10), EACH, MONTH_DAYS),
    st.builds(
        Rule, st.just(Frequency.WEEKLY), st.integers(1, 5), EACH, st.just(()), st.integers(0, 6)
    ),
    st.builds(Rule, st.just(Frequency.MONTHLY), st.integers(1, 5), NUMBERED.map(tuple), MONTH_DAYS),
)


FIRST_DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(RULES, FIRST_DAYS, st.integers(0, 500))
def test_every_rule_against_two_other_readings(rule: Rule, first: date, ahead: int) -> None:
    assert parse_rule(rule.text(PARIS)) == rule
    low, high = first + timedelta(days=ahead), first + timedelta(days=ahead + 60)
    found = list(days_in_turn(rule, first, low, high))
    longer = by_hand(rule, first, ahead + 400)
    assert found == [day for day in longer if low <= day <= high]
    # dateutil looks for a day that never comes up to the year 9999, and takes MO,1MO for 1MO
    mixed = len({n == 0 for n, _ in rule.by_day}) == 2
    if any(day > high for day in longer) and not mixed:
        assert found == [day for day in by_dateutil(rule, first, high) if day >= low]


def test_an_impossible_rule_costs_what_its_question_is_long() -> None:
    never = parse_rule("FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=31")
    assert list(days_in_turn(never, date(2000, 1, 1), date(2026, 1, 1), date(2036, 1, 1))) == []
