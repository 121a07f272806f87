from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visiohub.linkquality.histogram import BUCKETS, count, merge, pack, percentiles, unpack

COUNTS = st.dictionaries(st.integers(0, BUCKETS - 1), st.integers(1, 2**31 - 1), max_size=40)


@settings(max_examples=60, deadline=None)
@given(COUNTS)
def test_what_is_packed_is_unpacked(counts: dict[int, int]) -> None:
    assert unpack(pack(counts)) == counts


@settings(max_examples=60, deadline=None)
@given(COUNTS, COUNTS)
def test_merging_adds(first: dict[int, int], second: dict[int, int]) -> None:
    merged = merge([first, second])
    assert sum(merged.values()) == sum(first.values()) + sum(second.values())
    assert merge([second, first]) == merged


@pytest.mark.parametrize("middle_ms", [3.0, 35.0, 400.0, 20_000.0])
def test_percentiles_are_off_by_a_bucket_at_most(middle_ms: float) -> None:
    chance = random.Random(1)
    delays = sorted(middle_ms * chance.lognormvariate(0, 0.3) for _ in range(5_000))
    shares = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0]
    found = percentiles(count(delays), shares)
    for share, value in zip(shares, found, strict=True):
        true = delays[min(4_999, int(share * 5_000))]
        assert value == pytest.approx(true, rel=0.048), f"seed 1: {share}"
    assert found == sorted(found)


def test_what_lies_beyond_the_buckets_is_in_the_outer_ones() -> None:
    assert count([0.0, -3.0, 0.2, 1e9]) == {0: 3, BUCKETS - 1: 1}


def test_a_minute_takes_some_twenty_octets() -> None:
    chance = random.Random(1)
    assert len(pack(count(35 + chance.expovariate(1 / 6) for _ in range(20)))) <= 24


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentiles({}, [0.5])
