"""Figures of use: what they say adds up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain.hours import Span
from visiohub.domain.usage import Times, Use, total, use_of

START = datetime(2026, 11, 23, tzinfo=UTC)
END = START + timedelta(days=1)
SPANS = st.lists(
    st.tuples(st.integers(-5, 30), st.integers(1, 8)).map(
        lambda pair: (START + timedelta(hours=pair[0]), START + timedelta(hours=sum(pair)))
    ),
    max_size=6,
)


def hours(*edges: int) -> list[Span]:
    of = [START + timedelta(hours=edge) for edge in edges]
    return list(zip(of[::2], of[1::2], strict=True))


def test_a_day_by_hand() -> None:
    """Open 8 to 12 and 14 to 18; reserved 9-10 and 17-19; a call 9-9:30, another 13-15."""
    calls = [(hours(9, 10)[0][0], START + timedelta(hours=9.5)), *hours(13, 15)]
    use = use_of(Times(hours(8, 12, 14, 18), hours(9, 10, 17, 19), calls, []), START, END)
    assert use.open == timedelta(hours=8)
    assert use.taken == timedelta(hours=3)  # 9-10, 14-15, 17-18
    assert (use.idle, use.share) == (timedelta(hours=5), 0.375)
    assert use.used == use.call_time == timedelta(hours=2.5)


def test_nothing_open_is_no_division() -> None:
    assert Use().share == 0
    assert use_of(Times([], [], [], []), END, START) == Use()


@given(SPANS, SPANS, SPANS, SPANS)
def test_it_adds_up(
    open_: list[Span], reserved: list[Span], calls: list[Span], came: list[Span]
) -> None:
    times = Times(open_, reserved, calls, came)
    whole = use_of(times, START, END)
    assert timedelta() <= whole.taken <= whole.open <= END - START
    assert 0 <= whole.share <= 1
    assert whole.call_time <= whole.used
    noon = START + timedelta(hours=12)
    assert total([use_of(times, START, noon), use_of(times, noon, END)]) == whole
