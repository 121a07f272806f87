"""Who receives when, and how many more."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain import hours
from visiohub.domain.calendar import permanences as per
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.permanences import Permanence
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.hours import Span

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = date(2026, 11, 24)
START, END = hours.day_span(TUESDAY, PARIS)
MINUTE = timedelta(minutes=1)


def at(hour: int, minute: int = 0) -> datetime:
    return hours.to_instant(TUESDAY, time(hour, minute), PARIS)


def window(first: int, last: int, rule: str = "FREQ=WEEKLY;BYDAY=TU,TH") -> Recurrence:
    def local(hour: int) -> datetime:
        return datetime.combine(TUESDAY - timedelta(weeks=60), time(hour))

    return Recurrence(local(first), local(last), PARIS, parse_rule(rule))


def agent(name: str, *windows: Recurrence, seats: int = 1) -> Permanence:
    return Permanence(name, windows, frozenset({"rsa"}), frozenset({"saint-lo"}), seats)


def test_whom_it_serves() -> None:
    assert agent("a").serves("rsa", "saint-lo")
    assert not agent("a").serves("rsa", "coutances")
    assert not agent("a").serves("retraite", "saint-lo")
    assert Permanence("a", (), frozenset({"rsa"})).serves("rsa", "coutances")


def test_windows_less_absences_less_what_is_taken() -> None:
    found = per.remaining(
        [agent("a", window(9, 12)), agent("counter", window(9, 11), window(10, 12), seats=3)],
        absences={"a": [(at(9), at(10))]},
        taken={"a": [(at(11), at(11, 30))], "counter": [(at(9), at(10))] * 3},
        start=START,
        end=END,
    )
    assert found == {
        "a": [(at(10), at(11), 1), (at(11, 30), at(12), 1)],
        "counter": [(at(10), at(12), 3)],
    }


def test_two_windows_of_one_holder_add_no_seats() -> None:
    both = [agent("a", window(9, 11)), agent("a", window(10, 12), seats=2)]
    assert per.remaining(both, {}, {}, START, END) == {
        "a": [(at(9), at(10), 1), (at(10), at(12), 2)]
    }


def test_a_slot_stays_with_one_agent() -> None:
    """Two agents, one until 10 and one from 10: an hour from 9:30 has nobody for the whole."""
    by_holder = per.remaining(
        [agent("a", window(9, 10)), agent("b", window(10, 11))], {}, {}, START, END
    )
    frees = per.bookable(by_holder, unassigned=[])
    opened = [(at(9), at(11))]
    half_hour, hour = 30 * MINUTE, 60 * MINUTE
    found = sp.slots_of_one(opened, opened, list(frees.values()), hour, half_hour, START)
    assert [s for s, _ in found] == [at(9), at(10)]


def test_unassigned_appointments_take_a_seat_of_all() -> None:
    agents = [agent("a", window(9, 12)), agent("b", window(9, 11))]
    by_holder = per.remaining(agents, {}, {}, START, END)
    frees = per.bookable(by_holder, unassigned=[(at(10), at(10, 30)), (at(10, 15), at(11, 30))])
    assert frees == {
        "a": [(at(9), at(10, 15)), (at(10, 30), at(11)), (at(11, 30), at(12))],
        "b": [(at(9), at(10, 15)), (at(10, 30), at(11))],
    }
    opened, quarter = [(at(9), at(12))], 15 * MINUTE
    slots = sp.slots_of_one(opened, opened, list(frees.values()), 3 * quarter, quarter, START)
    assert [s for s, _ in slots] == [at(9), at(9, 15), at(9, 30)]


ZERO = datetime(2026, 11, 23, tzinfo=UTC)
SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(
        lambda p: (ZERO + min(p) * MINUTE, ZERO + max(p) * MINUTE)
    ),
    max_size=5,
)


@given(st.lists(st.tuples(SPANS, st.integers(-2, 3)), max_size=4))
def test_levels_minute_by_minute(weighted: list[tuple[list[Span], int]]) -> None:
    found = per.levels(weighted)
    assert all(level > 0 and s < e for s, e, level in found)
    for n in range(41):
        now = ZERO + n * MINUTE
        expected = sum(w for spans, w in weighted for s, e in spans if s <= now < e)
        assert sum(level for s, e, level in found if s <= now < e) == max(expected, 0)
