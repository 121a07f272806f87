"""When a train goes, and how large it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from kiosk.probes.schedule import TrainSchedule
from visiohub.linkquality.grader import TRAIN_AGAIN_S, TRAIN_EVERY_S
from visiohub.linkquality.ledger import allowance
from visiohub.linkquality.verdict import Doubt, Verdict

NOW = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)
SEED = 20_261_121


def verdict(kbit_s: float | None, doubt: Doubt | None = None) -> Verdict:
    return Verdict(kbit_s, doubt, 0.01, 0, 60, 0)


@pytest.mark.parametrize(
    ("told", "again"),
    [
        ([900.0, 905.0, 890.0], False),
        ([900.0, 905.0, 700.0], True),
        ([None], True),
        ([None, None], True),
        ([None, None, None], False),
    ],
)
def test_trains_are_hourly_and_sooner_where_something_is_doubtful(
    told: list[float | None], again: bool
) -> None:
    schedule = TrainSchedule(900.0, None, Random(SEED).random, begun=0.0)
    now = schedule.next_at
    for kbit_s in told:
        assert schedule.due(now - 1, in_call=False) is None
        train = schedule.due(now, in_call=False)
        assert train is not None
        schedule.judged(train, verdict(kbit_s, None if kbit_s else Doubt.UNSTEADY), now)
        before, now = now, schedule.next_at
    expected = TRAIN_AGAIN_S if again else TRAIN_EVERY_S
    assert now - before == pytest.approx(expected, rel=0.11)


def test_in_a_call_a_train_is_small_or_none() -> None:
    thin = TrainSchedule(500.0, 0, Random(SEED).random, begun=0.0)
    assert thin.due(200.0, in_call=True) is None
    assert thin.next_at > 200.0
    wide = TrainSchedule(8000.0, 0, Random(SEED).random, begun=0.0)
    train = wide.due(200.0, in_call=True)
    assert train is not None
    assert train.cost_octets * 8 / 8000 <= 40
    wide.judged(train, verdict(4000.0), 200.0)
    assert wide.expected_kbit_s == 8000.0
    assert wide.next_at >= 230.0


def test_beside_a_call_no_train_trusts_a_rate_that_none_has_shown() -> None:
    """32 packets at once, where the contract says 8 Mbit/s and the line carries 256 kbit/s."""
    schedule = TrainSchedule(8_000.0, None, Random(SEED).random, begun=0.0)
    assert schedule.due(200.0, in_call=True) is None
    now = schedule.next_at
    assert now > 200.0
    schedule.told(0, now)
    assert schedule.due(now, in_call=True) is None, "the hub tells of tokens alone"
    shown = TrainSchedule(8_000.0, 0, Random(SEED).random, begun=0.0)
    assert shown.due(200.0, in_call=True) is not None


def test_a_day_of_calls_leaves_the_heartbeat_its_octets() -> None:
    for kbit_s in (1_000.0, 2_000.0, 8_000.0, 18_000.0):
        schedule = TrainSchedule(kbit_s, 0, Random(SEED).random, begun=0.0)
        spent, now = 0, schedule.next_at
        while now < 8 * 3_600:
            train = schedule.due(now, in_call=True)
            assert train is not None
            spent += train.cost_octets
            schedule.judged(train, verdict(kbit_s), now)
            now = schedule.next_at
        assert spent < 0.2 * allowance(kbit_s)


def test_what_a_buffer_drops_beside_a_call_is_not_sent_again() -> None:
    schedule = TrainSchedule(8_000.0, 0, Random(SEED).random, begun=0.0)
    first = schedule.due(200.0, in_call=True)
    assert first is not None
    packets = len(first.offsets_s)
    schedule.judged(first, replace(verdict(8_000.0), arrived=packets - 1), 200.0)
    same = schedule.due(schedule.next_at, in_call=True)
    assert same == first, "one may be lost on the way"
    schedule.judged(first, replace(verdict(8_000.0), arrived=packets - 10), schedule.next_at)
    shorter = schedule.due(schedule.next_at, in_call=True)
    assert shorter is not None
    assert len(shorter.offsets_s) == packets // 2
