from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.seeing.nack import FAR_AHEAD, GIVE_UP_S, MOST_MISSING, MOST_TRIES, NackList

SEED = 20261122


def feed(nacks: NackList, numbers: list[int], now: float = 0.0) -> list[int]:
    return [nacks.received(number & 0xFFFF, now) for number in numbers]


def test_a_gap_is_asked_for_at_once_and_again_each_round_trip() -> None:
    nacks = NackList()
    nacks.rtt_s = 0.080
    feed(nacks, [10, 11, 14])
    assert nacks.due(0.0) == [12, 13]
    assert nacks.deadline() == pytest.approx(0.100)
    assert nacks.due(0.050) == []
    assert nacks.due(0.100) == [12, 13]
    nacks.received(12, 0.110)
    assert nacks.due(0.200) == [13]
    nacks.received(13, 0.210)
    assert nacks.deadline() is None
    assert (nacks.requests, nacks.given_up) == (3, 0)


def test_a_lost_answer_is_asked_for_without_a_new_gap() -> None:
    """aiortc would wait for the next loss: freezes of more than a second at 2 %."""
    nacks = NackList()
    nacks.rtt_s = 0.050
    feed(nacks, [1, 3])
    asked = [t for t in range(300) if nacks.due(t / 1000)]
    assert asked[:4] == [0, 63, 126, 189]


def test_too_old_is_given_up() -> None:
    nacks = NackList()
    nacks.rtt_s = 0.010
    feed(nacks, [1, 3])
    tries = sum(len(nacks.due(t / 100)) for t in range(300))
    assert tries == MOST_TRIES
    assert (nacks.missing, nacks.given_up) == (0, 1)
    slow = NackList()
    slow.rtt_s = 0.6
    feed(slow, [1, 3])
    assert slow.due(GIVE_UP_S + 0.1) == [2]
    assert slow.due(1.9) == []
    assert slow.given_up == 1


def test_a_long_hole_is_not_asked_for() -> None:
    nacks = NackList()
    assert feed(nacks, [1, 3, 3 + FAR_AHEAD + 2, 3 + FAR_AHEAD + 4]) == [0, 1, FAR_AHEAD + 1, 1]
    assert nacks.due(0.0) == [3 + FAR_AHEAD + 3]


def test_numbers_wrap() -> None:
    nacks = NackList()
    feed(nacks, [0xFFFE, 1])
    assert nacks.due(0.0) == [0xFFFF, 0]


def test_a_line_that_reorders_is_given_time() -> None:
    nacks = NackList()
    feed(nacks, [1, 3], 0.0)
    nacks.received(2, 0.008)  # it was on its way: 8 ms
    feed(nacks, [5], 0.020)
    assert nacks.due(0.020) == []
    nacks.received(4, 0.028)
    assert nacks.due(0.050) == []
    assert nacks.requests == 0


def test_before_a_whole_picture_nothing_is_needed() -> None:
    nacks = NackList()
    feed(nacks, [1, 5, 9])
    nacks.forget_before(7)
    assert nacks.due(0.0) == [7, 8]


def test_2_percent_of_loss_both_ways_is_mended_within_three_round_trips() -> None:
    dice = random.Random(3)
    nacks, rtt = NackList(), 0.060
    nacks.rtt_s = rtt
    under_way: list[tuple[float, int]] = []
    lost_at: dict[int, float] = {}
    worst, sent = 0.0, 0
    for tick in range(60000):
        now = tick / 1000
        if tick % 10 == 0:
            sent += 1
            if dice.random() < 0.02:
                lost_at[sent & 0xFFFF] = now
            else:
                nacks.received(sent & 0xFFFF, now)
        for at, number in [a for a in under_way if a[0] <= now]:
            under_way.remove((at, number))
            nacks.received(number, now)
            worst = max(worst, now - lost_at[number])
        # the request or the answer is lost
        under_way += [(now + rtt, n) for n in nacks.due(now) if dice.random() > 0.04]
    assert len(lost_at) > 80
    assert worst <= 3.5 * rtt
    assert nacks.given_up == 0


@given(st.lists(st.tuples(st.integers(0, 0xFFFF) | st.integers(0, 300), st.floats(0, 0.5))))
def test_whatever_comes_the_list_is_bounded(packets: list[tuple[int, float]]) -> None:
    nacks = NackList()
    now = 0.0
    asked: dict[int, int] = {}
    for number, passed in packets:
        now += passed
        nacks.received(number, now)
        due = nacks.due(now)
        assert nacks.missing <= MOST_MISSING
        assert len(due) <= MOST_MISSING
        assert len(due) == len(set(due))
        for n in due:
            asked[n] = asked.get(n, 0) + 1
        deadline = nacks.deadline()
        assert deadline is None or deadline > now - 1e-9


def test_on_a_long_round_trip_each_request_is_said_twice() -> None:
    nacks = NackList()
    nacks.rtt_s = 0.6
    feed(nacks, [1, 3])
    asked = [t for t in range(0, 1700, 10) if nacks.due(t / 1000)]
    assert asked == [0, 100, 750, 850, 1500, 1600]
    nacks.received(2, 1.65)
    assert nacks.deadline() is None


@pytest.mark.parametrize(("spread_s", "gap_s"), [(0.06, 0.01), (0.15, 0.01), (0.15, 0.02)])
def test_where_the_order_is_not_kept_hardly_anything_that_comes_is_asked_for(
    spread_s: float, gap_s: float
) -> None:
    """Nothing is lost: what is asked for in vain is sent again in place of new pictures."""
    print(f"seed {SEED}")
    delays, nacks = random.Random(SEED), NackList()
    nacks.rtt_s = 0.6
    ways = ((n * gap_s + delays.random() * spread_s, n) for n in range(4000))
    asked = 0
    for at, number in sorted(ways):
        while (deadline := nacks.deadline()) is not None and deadline < at:
            asked += len(nacks.due(deadline))
        nacks.received(number & 0xFFFF, at)
        asked += len(nacks.due(at))
    assert asked < 40


def test_one_packet_that_comes_very_late_does_not_hold_repairs_back() -> None:
    nacks = NackList()
    nacks.rtt_s = 0.6
    feed(nacks, [1, 3])
    nacks.due(0.0)
    nacks.received(2, 0.14)
    feed(nacks, [5], now=1.0)
    assert nacks.deadline() == pytest.approx(1.03)
