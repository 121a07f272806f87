from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiohub.linkquality import voice
from visiohub.linkquality.budget import (
    Both,
    Picture,
    alternatives,
    call_budget,
    cost,
    cost_of,
    fits,
    largest,
    usable,
)
from visiohub.linkquality.cells import Encapsulation
from visiohub.linkquality.ledger import (
    HEARTBEAT_OCTETS_A_DAY,
    NEEDED_OCTETS_A_DAY,
    RESULTS_OCTETS_A_DAY,
    Ledger,
    Purpose,
    allowance,
)
from visiohub.linkquality.sender import SessionSender
from visiohub.linkquality.train import idle_train

ADSL = Encapsulation.PPPOE_LLC.value
IP = Encapsulation.NONE.value
DAY = date(2026, 11, 21)
MORNING = datetime(2026, 11, 21, tzinfo=UTC)
NIGHT = MORNING + timedelta(days=1, microseconds=-1)
SEED = 20_261_121
ASKED_FOR = [purpose for purpose in Purpose if purpose is not Purpose.BY_HAND]


@pytest.mark.parametrize(
    ("octets", "cells"), [(8, 1), (9, 2), (100, 3), (628, 14), (1_128, 25), (1_228, 27)]
)
def test_packets_are_padded_to_whole_cells(octets: int, cells: int) -> None:
    assert ADSL.wire_octets(octets) == 53 * cells


def test_small_packets_keep_less_of_a_line_than_large_ones() -> None:
    assert ADSL.ip_kbit_s(1_000, 100) == pytest.approx(629, abs=1)
    assert ADSL.ip_kbit_s(1_000, 1_228) == pytest.approx(858, abs=1)
    assert ADSL.wire_kbit_s(ADSL.ip_kbit_s(512, 300), 300) == pytest.approx(512)


def test_what_is_usable_is_the_worse_of_habit_and_newest_train() -> None:
    habit, last = Both(1_000, 500), Both(800, 600)
    nothing = Both(0, 0)
    assert usable(habit, last, nothing, nothing) == Both(680, 425)
    assert usable(habit, None, Both(100, 100), Both(50, 20)) == Both(700, 305)
    assert usable(habit, last, Both(5_000, 5_000), nothing) == nothing


def test_two_uses_go_together_only_if_both_directions_hold_them() -> None:
    call = cost(Picture.STANDARD, ADSL)
    left = Both(2_000, 600)
    assert fits(left, [call])
    assert not fits(left, [call, call])
    assert fits(left, [call, cost(Picture.NONE, ADSL)])


def test_what_would_fit_is_said_best_first() -> None:
    left = Both(2_000, 200)
    assert largest(left, ADSL) is Picture.SMALL
    assert alternatives(left, ADSL, Picture.STANDARD) == (Picture.SMALL, Picture.NONE)
    assert alternatives(left, ADSL, Picture.SMALL) == ()
    assert alternatives(Both(2_000, 30), ADSL, Picture.SMALL) == ()
    assert largest(Both(2_000, 30), ADSL) is None
    assert call_budget(Both(2_000, 30), ADSL) is None


def test_sound_alone_costs_its_cells() -> None:
    # 24 kbit/s in 50 packets a second: 60 octets and 58 of headers, 4 cells each with PPPoE.
    assert cost(Picture.NONE, ADSL).up == pytest.approx(50 * 4 * 53 * 8 / 1000)


@given(st.floats(0, 20_000), st.floats(0, 20_000), st.sampled_from(Encapsulation))
def test_a_budget_never_takes_more_than_is_left(
    down: float, up: float, kind: Encapsulation
) -> None:
    left = Both(down, up)
    budget = call_budget(left, kind.value)
    if budget is None:
        assert not left.holds(cost(Picture.NONE, kind.value))
        return
    taken = Both(
        cost_of(budget.audio.down, budget.video.down, kind.value).down,
        cost_of(budget.audio.up, budget.video.up, kind.value).up,
    )
    assert taken.down <= left.down + 1e-6
    assert taken.up <= left.up + 1e-6
    assert left.up >= cost(budget.picture, kind.value).up


@pytest.mark.parametrize(
    ("capacity", "video"),
    [
        (Both(8_000, 160), (1_800, 0)), (Both(8_000, 256), (1_800, 109)),
        (Both(2_048, 256), (1_357, 109)), (Both(160, 8_000), (0, 1_800)),
        (Both(160, 160), (0, 0)),
    ],
)  # fmt: skip
def test_the_thinner_direction_takes_nothing_from_the_other(
    capacity: Both, video: tuple[float, float]
) -> None:
    budget = call_budget(usable(capacity, None, Both(0, 0), Both(0, 0)), ADSL)
    assert budget is not None
    assert (budget.video.down, budget.video.up) == pytest.approx(video, abs=1)


def test_the_days_octets_are_never_passed() -> None:
    ledger = Ledger(100_000, DAY)
    assert ledger.take(NIGHT, Purpose.TRAIN, 80_000)
    assert ledger.take(NIGHT, Purpose.APPOINTMENT, 15_000)
    assert not ledger.allows(NIGHT, Purpose.HEARTBEAT, 5_001)
    assert not ledger.take(NIGHT, Purpose.HEARTBEAT, 5_001)
    assert ledger.take(NIGHT, Purpose.HEARTBEAT, 5_000)
    assert (ledger.left, ledger.spent) == (0, 100_000)
    assert ledger.shares()[Purpose.APPOINTMENT] == 15_000


def test_every_other_purpose_leaves_heartbeat_and_results_their_rest_of_the_day() -> None:
    noon = MORNING + timedelta(hours=12)
    for purpose in (Purpose.APPOINTMENT, Purpose.ON_DEMAND):
        ledger = Ledger(7_000_000, DAY)
        most = 7_000_000 - NEEDED_OCTETS_A_DAY // 2
        assert not ledger.take(noon, purpose, most + 1)
        assert ledger.take(noon, purpose, most)
    ledger = Ledger(7_000_000, DAY)
    assert not ledger.take(noon, Purpose.TRAIN, most - 174_999)
    assert ledger.take(noon, Purpose.TRAIN, most - 175_000), "some is left to appointments, too"
    thrifty = Ledger(1_000_000, DAY)  # less than a heartbeat needs: it has it all
    assert not thrifty.take(MORNING, Purpose.APPOINTMENT, 1)


@given(st.lists(st.tuples(st.sampled_from(ASKED_FOR), st.integers(0, 2_000_000)), max_size=48))
def test_whatever_others_ask_heartbeat_and_results_last_for_the_day(
    asked: list[tuple[Purpose, int]],
) -> None:
    ledger, others = Ledger(7_000_000, DAY), iter(asked)
    half_an_hour = HEARTBEAT_OCTETS_A_DAY // 48
    for half in range(48):
        now = MORNING + half * timedelta(minutes=30)
        purpose, octets = next(others, (Purpose.TRAIN, 75_000))
        if purpose not in {Purpose.HEARTBEAT, Purpose.RESULTS}:
            ledger.take(now, purpose, octets)
        assert ledger.take(now, Purpose.HEARTBEAT, half_an_hour)
        over = now + timedelta(minutes=29)  # they are told when they are known
        assert ledger.take(over, Purpose.RESULTS, RESULTS_OCTETS_A_DAY // 50)


def test_results_of_many_days_leave_the_heartbeat_its_octets() -> None:
    ledger, half_an_hour = Ledger(8_500_000, DAY), HEARTBEAT_OCTETS_A_DAY // 48
    told = 0
    for now in (MORNING + half * timedelta(minutes=30) for half in range(48)):
        while ledger.take(now, Purpose.RESULTS, 28_000):
            told += 28_000
        assert ledger.take(now, Purpose.HEARTBEAT, half_an_hour)
    assert 8_500_000 - HEARTBEAT_OCTETS_A_DAY - 28_000 < told <= 8_500_000 - HEARTBEAT_OCTETS_A_DAY
    assert Ledger(1_000_000, DAY).take(MORNING, Purpose.RESULTS, 200_000), "thrifty, but not dumb"


def test_what_was_measured_by_hand_takes_nothing_from_the_heartbeat() -> None:
    ledger, hour = Ledger(7_000_000, DAY), HEARTBEAT_OCTETS_A_DAY // 24
    for now in (MORNING + timedelta(hours=n) for n in range(24)):
        assert ledger.take(now, Purpose.HEARTBEAT, hour)
        ledger.charge_by_hand(now, 640_000)
    assert ledger.shares()[Purpose.BY_HAND] == 24 * 640_000
    assert not ledger.take(NIGHT, Purpose.ON_DEMAND, 1)
    assert ledger.left_for(NIGHT, Purpose.ON_DEMAND) < 0
    with pytest.raises(ValueError, match="by hand"):
        ledger.take(NIGHT, Purpose.BY_HAND, 1)


def test_a_heartbeat_of_a_day_is_what_others_leave_for_it() -> None:
    sender = SessionSender(1, Random(SEED).random, 0.0, b"key of a line")
    now, octets = 0.0, 0
    while (now := sender.deadline) < 86_400:
        probe = sender.send(now, now)
        assert probe is not None
        octets += 28 + len(probe)
        sender._unanswered.clear()  # each is answered at once
    assert 0.95 * HEARTBEAT_OCTETS_A_DAY < octets < HEARTBEAT_OCTETS_A_DAY


def test_a_new_day_opens_the_purse_and_an_old_one_does_not() -> None:
    ledger = Ledger(1_000, DAY)
    assert ledger.take(NIGHT, Purpose.HEARTBEAT, 1_000)
    assert not ledger.take(NIGHT - timedelta(days=1), Purpose.HEARTBEAT, 1)
    assert ledger.take(NIGHT + timedelta(days=1), Purpose.HEARTBEAT, 1)
    with pytest.raises(ValueError, match="negative"):
        ledger.take(NIGHT, Purpose.HEARTBEAT, -1)


def test_a_restart_remembers_what_was_spent() -> None:
    ledger = Ledger(1_000, DAY)
    ledger.take(NIGHT, Purpose.ON_DEMAND, 900)
    again = Ledger(1_000, DAY)
    again.restore(ledger.day, ledger.shares())
    assert again.left == 100


@given(st.lists(st.tuples(st.sampled_from(ASKED_FOR), st.integers(0, 5_000), st.integers(-2, 3))))
def test_the_cap_holds_whatever_comes(asked: list[tuple[Purpose, int, int]]) -> None:
    ledger, sent = Ledger(10_000, DAY), dict.fromkeys((DAY + timedelta(n) for n in range(-2, 4)), 0)
    for purpose, octets, days in asked:
        if ledger.take(NIGHT + timedelta(days=days), purpose, octets):
            sent[ledger.day] += octets
    assert all(octets <= 10_000 for octets in sent.values())


def test_a_day_of_probes_and_five_appointments_fits_the_allowance() -> None:
    for kbit_s in (128, 512, 1_000, 8_000, 18_000):
        ledger = Ledger(allowance(kbit_s), DAY)
        train = idle_train(kbit_s, 0).cost_octets
        for hour in range(24):
            now = MORNING + timedelta(hours=hour)
            first = idle_train(kbit_s).cost_octets if hour == 0 else train
            assert ledger.take(now, Purpose.TRAIN, first)
            assert ledger.take(now, Purpose.HEARTBEAT, HEARTBEAT_OCTETS_A_DAY // 24)
            assert ledger.take(now, Purpose.RESULTS, RESULTS_OCTETS_A_DAY // 24)
            for _ in range(2 if hour in (9, 10, 11, 14, 15) else 0):
                assert ledger.take(now, Purpose.APPOINTMENT, train + voice.COST_OCTETS)
