"""The algebra of spans against sets of minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain.calendar import spans as sp
from visiohub.domain.hours import Span, free_starts

ZERO = datetime(2026, 11, 23, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LAST = 60


def at(minute: int) -> datetime:
    return ZERO + minute * MINUTE


def naive(spans: list[Span]) -> set[int]:
    return {m for m in range(-LAST, 2 * LAST) for s, e in spans if s <= at(m) < e}


def is_normal(spans: list[Span]) -> bool:
    return all(s < e for s, e in spans) and all(a[1] < b[0] for a, b in pairwise(spans))


MINUTES = st.integers(0, LAST)
RAW = st.lists(st.tuples(MINUTES, MINUTES).map(lambda p: (at(p[0]), at(p[1]))), max_size=8)
NORMAL = RAW.map(sp.merged)


@given(RAW)
def test_merged(raw: list[Span]) -> None:
    assert is_normal(sp.merged(raw))
    assert naive(sp.merged(raw)) == naive(raw)


@given(NORMAL, NORMAL)
def test_intersect_union_subtract(one: list[Span], other: list[Span]) -> None:
    for found, expected in [
        (sp.intersect(one, other), naive(one) & naive(other)),
        (sp.union(one, other), naive(one) | naive(other)),
        (sp.subtract(one, other), naive(one) - naive(other)),
    ]:
        assert is_normal(found)
        assert naive(found) == expected


@given(NORMAL, MINUTES, MINUTES)
def test_clipped(spans: list[Span], low: int, high: int) -> None:
    found = sp.clipped(spans, at(low), at(high))
    assert naive(found) == {m for m in naive(spans) if low <= m < high}


@given(st.lists(st.tuples(NORMAL, NORMAL), max_size=4))
def test_common_free(resources: list[tuple[list[Span], list[Span]]]) -> None:
    each = [naive(opened) - naive(taken) for opened, taken in resources]
    expected = set.intersection(*each) if each else set()
    found = sp.common_free(resources)
    assert is_normal(found)
    assert naive(found) == expected


@given(NORMAL, st.integers(0, 5), st.integers(0, 5))
def test_widened(spans: list[Span], before: int, after: int) -> None:
    found = sp.widened(spans, before * MINUTE, after * MINUTE)
    by_hand = [(s - before * MINUTE, e + after * MINUTE) for s, e in spans]
    assert is_normal(found)
    assert naive(found) == naive(by_hand)


@given(NORMAL, MINUTES, MINUTES)
def test_questions_about_an_instant(spans: list[Span], now: int, length: int) -> None:
    minutes = naive(spans)
    assert (sp.span_at(spans, at(now)) is not None) == (now in minutes)
    later = [m for m in minutes if m >= now]
    assert sp.next_start(spans, at(now)) == (at(min(later)) if later else None)
    wanted = set(range(now, now + length + 1))
    assert sp.covers(spans, at(now), at(now + length + 1)) == (wanted <= minutes)


@given(NORMAL, NORMAL, st.integers(1, 20), st.integers(1, 15), MINUTES)
def test_slots(opened: list[Span], taken: list[Span], long: int, step: int, first: int) -> None:
    free = sp.subtract(opened, taken)
    minutes = naive(free)
    expected = [
        m
        for s, e in opened
        for m in range(int((s - ZERO) / MINUTE), int((e - ZERO) / MINUTE), step)
        if m >= first and set(range(m, m + long)) <= minutes
    ]
    found = list(sp.slots(opened, free, long * MINUTE, step * MINUTE, at(first)))
    assert [s for s, _ in found] == [at(m) for m in expected]
    assert all(e - s == long * MINUTE for s, e in found)
    assert [s for s, _ in found] == free_starts(
        opened, taken, long * MINUTE, step * MINUTE, at(first)
    )


def test_the_first_k_slots() -> None:
    opened = [(at(0), at(60))]
    first = islice(sp.slots(opened, opened, 20 * MINUTE, 10 * MINUTE, at(5)), 2)
    assert list(first) == [(at(10), at(30)), (at(20), at(40))]
