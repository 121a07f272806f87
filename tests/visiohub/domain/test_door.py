"""The screen beside a room says what is so, moment by moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from visiohub.domain.door import Door, DoorEntry, door_code, moments, screen_code

DAY = datetime(2026, 11, 24, tzinfo=UTC)
END = DAY + timedelta(days=1)
OPEN = [(DAY + timedelta(hours=8), DAY + timedelta(hours=12))]


def at(hour: float) -> datetime:
    return DAY + timedelta(hours=hour)


def test_free_taken_and_shut_follow_each_other() -> None:
    booked = DoorEntry((at(9), at(10)), "Fédération", visio=False, expects_from=at(8.5))
    shown = moments([booked], OPEN, at(7), END)
    assert [(m.span[0], m.state, m.until) for m in shown] == [
        (at(7), "shut", at(8)),
        (at(8), "free", at(9)),
        (at(8.5), "free", at(9)),
        (at(9), "taken", at(10)),
        (at(10), "free", at(12)),
        (at(12), "shut", END),
    ]
    assert [m.expects is booked for m in shown] == [False, False, True, True, False, False]
    assert [len(m.coming) for m in shown] == [1, 1, 1, 0, 0, 0]


@settings(max_examples=100)
@given(
    st.lists(st.integers(0, 95), min_size=0, max_size=12, unique=True),
    st.integers(0, 24 * 60 - 1),
)
def test_there_is_no_gap_and_no_overlap(edges: list[int], now: int) -> None:
    quarters = sorted(edges)
    taken = [
        DoorEntry(
            (DAY + a * timedelta(minutes=15), DAY + b * timedelta(minutes=15)), "", visio=True
        )
        for a, b in list(pairwise(quarters))[::2]
    ]
    instant = DAY + timedelta(minutes=now)
    shown = moments(taken, OPEN, instant, END)
    assert (shown[0].span[0], shown[-1].span[1]) == (instant, END)
    assert all(a.span[1] == b.span[0] for a, b in pairwise(shown))
    for moment in shown:
        inside = [e for e in taken if e.span[0] <= moment.span[0] < e.span[1]]
        assert (moment.state == "taken") == bool(inside)
        assert moment.until >= moment.span[1] or moment.state == "shut"


def test_codes_are_four_digits_that_follow_from_the_id() -> None:
    assert door_code("a") == door_code("a") != door_code("b")
    assert len(door_code("a")) == 4
    assert door_code("a").isdecimal()


def test_a_screen_s_code_follows_from_its_address_and_the_booking() -> None:
    one, other = Door("room", "hash", DAY), Door("room", "another", DAY)
    shown = screen_code(one, "a")
    assert (len(shown), shown.isdecimal()) == (4, True)
    assert shown == screen_code(one, "a")
    assert shown not in {screen_code(one, "b"), screen_code(other, "a"), door_code("a")}


def test_who_has_the_room_for_days_has_it_up_to_midnight() -> None:
    week = DoorEntry((at(-15), at(90)), "Fédération", visio=False)
    (shown,) = moments([week], [], at(10), END)
    assert (shown.state, shown.span, shown.until) == ("taken", (at(10), END), END)


def test_a_screen_that_a_clock_ahead_saw_last_is_seen_anew() -> None:
    door = Door("r", "one", at(8), seen_at=at(20), lives_since=at(8))
    assert not door.lives(at(9))
    assert not door.lived(at(9), at(9.25))
    assert door.is_news(at(9))
    door.seen(at(9))
    assert door.lived(at(9), at(9.25))
    assert not door.lived(at(8), at(9.25))
