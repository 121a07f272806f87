"""The session sender before a scripted line, in virtual time."""

from __future__ import annotations

import contextlib
import heapq
import random
from collections.abc import Callable

import pytest

from visiohub.linkquality.delays import Answer, DelaySummary, summary
from visiohub.linkquality.reflector import Reflector
from visiohub.linkquality.sender import Duplicate, Late, SessionSender, Unsolicited
from visiohub.linkquality.stamp import Forged

KEY = b"key of the session"
WALL = 1_795_000_000.0
Way = Callable[[float], float | None]
"""From the moment of sending to the delay in seconds; None: lost."""


def run(
    seconds: float,
    there: Way = lambda _: 0.010,
    back: Way = lambda _: 0.015,
    clock: Way = lambda at: WALL + 1800 + at,
    *,
    in_call: bool = False,
    twice: bool = False,
    seed: int = 1,
) -> tuple[DelaySummary, SessionSender, int]:
    """The summary of so many seconds, and how many probes left."""
    sender = SessionSender(9, random.Random(seed).random, 0.0, KEY)
    sender.in_call = in_call
    reflector = Reflector({9: KEY}, sealed=True)
    coming: list[tuple[float, bytes]] = []
    sent = 0
    now = 0.0
    while now < seconds + 6:
        now = min([sender.deadline, *(at for at, _ in coming[:1])])
        while coming and coming[0][0] <= now:
            octets = heapq.heappop(coming)[1]
            with contextlib.suppress(Late, Duplicate):
                sender.receive(octets, now)
        probe = sender.send(now, WALL + now) if now < seconds else None
        if now >= seconds and not coming:
            break
        if probe is None:
            continue
        sent += 1
        delay = there(now)
        if delay is None:
            continue
        received_at, again = clock(now + delay), back(now + delay)
        assert received_at is not None
        answer = reflector.answer(
            probe, now, received_at=received_at, reflected_at=received_at + 0.0002
        )
        if again is not None:
            for _ in range(1 + twice):
                heapq.heappush(coming, (now + delay + 0.0002 + again, answer))
    return sender.collect(now + 60), sender, sent


def test_a_quiet_line() -> None:
    result, _, sent = run(3_600)
    assert result.sent == sent
    assert 1_000 < sent < 1_450
    assert (result.lost, result.loss_ratio, result.loss_runs) == (0, 0, ())
    assert result.two_way_ms
    assert result.two_way_ms.p50 == pytest.approx(25, abs=0.01)
    assert result.forward_variation_ms
    assert result.forward_variation_ms.p99 == pytest.approx(0, abs=0.01)
    assert result.burst_ratio is None


def test_a_call_thins_the_probes() -> None:
    assert run(3_600, in_call=True)[2] < 0.75 * run(3_600)[2]


def test_variation_belongs_to_its_direction() -> None:
    chance = random.Random(5)
    result, _, _ = run(3_600, there=lambda _: 0.010 + chance.choice((0, 0.040)))
    assert result.forward_variation_ms
    assert result.backward_variation_ms
    assert result.forward_variation_ms.p95 == pytest.approx(40, abs=0.1)
    assert result.backward_variation_ms.p95 == pytest.approx(0, abs=0.1)


def test_loss_belongs_to_its_direction() -> None:
    chance = random.Random(6)
    forward, _, _ = run(3_600, there=lambda _: None if chance.random() < 0.05 else 0.01)
    assert forward.lost > 30
    assert forward.lost - forward.lost_forward <= 1
    assert forward.lost_backward == 0
    backward, _, _ = run(3_600, back=lambda _: None if chance.random() < 0.05 else 0.01)
    assert backward.lost - backward.lost_backward <= 1
    assert backward.lost_forward == 0
    assert sum(backward.loss_runs) == backward.lost


def test_losses_in_a_row_are_one_run() -> None:
    result, _, _ = run(600, there=lambda at: None if 100 < at < 130 else 0.01)
    assert len(result.loss_runs) == 1
    assert result.loss_runs[0] >= 6
    assert result.burst_ratio
    assert result.burst_ratio > 5


@pytest.mark.parametrize("jump", [3_600.0, -3_600.0])
def test_a_reflectors_clock_that_jumps_by_an_hour_is_no_delay(jump: float) -> None:
    result, _, _ = run(600, clock=lambda at: WALL + at + (jump if at > 300 else 0))
    assert result.forward_variation_ms
    assert result.backward_variation_ms
    assert result.two_way_ms
    assert result.forward_variation_ms.p99 < 0.1
    assert result.backward_variation_ms.p99 < 0.1
    assert result.two_way_ms.p99 == pytest.approx(25, abs=0.1)


def test_late_and_doubled_answers_change_no_figure() -> None:
    plain = run(600)[0]
    doubled = run(600, twice=True)[0]
    assert doubled.duplicates == doubled.sent
    assert (doubled.lost, doubled.two_way_ms) == (plain.lost, plain.two_way_ms)
    late = run(600, back=lambda at: 7.0 if 100 < at < 120 else 0.015)[0]
    assert late.late == late.lost > 0


def test_reordered_answers_are_not_lost() -> None:
    chance = random.Random(8)
    result, _, _ = run(3_600, back=lambda _: 0.015 + chance.choice((0, 3.0)))
    assert (result.lost, result.lost_forward, result.lost_backward) == (0, 0, 0)


@pytest.mark.parametrize("in_call", [False, True])
def test_an_outage_is_seen_within_thirty_seconds(in_call: bool) -> None:
    slowest = 0.0
    for seed in range(200):
        sender = SessionSender(9, random.Random(seed).random, 0.0, KEY)
        sender.in_call = in_call
        now = 0.0
        while not sender.is_out(now):
            if now >= sender.deadline:
                assert sender.send(now, WALL + now)
            now += 0.25
        slowest = max(slowest, now)
    assert slowest <= 30


def test_forged_and_foreign_answers_change_nothing() -> None:
    sender = SessionSender(9, random.Random(1).random, 0.0, KEY)
    other = SessionSender(9, random.Random(2).random, 0.0, KEY)
    reflector = Reflector({9: KEY}, sealed=True)
    mine = sender.send(sender.deadline, WALL)
    theirs = other.send(other.deadline, WALL - 5)
    assert mine
    assert theirs
    foreign = reflector.answer(theirs, 0, received_at=WALL, reflected_at=WALL)
    with pytest.raises(Unsolicited):
        sender.receive(foreign, 10)
    with pytest.raises(Forged):
        sender.receive(foreign[:-1] + b"\0", 10)
    with pytest.raises(Unsolicited):
        sender.receive(reflector_of_another_session(), 10)
    result = sender.collect(11)
    assert (result.sent, result.lost, result.late, result.two_way_ms) == (1, 1, 0, None)


def reflector_of_another_session() -> bytes:
    """An answer that is well sealed, but of a session that this sender does not have."""
    sender = SessionSender(8, random.Random(1).random, 0.0, KEY)
    probe = sender.send(sender.deadline, WALL)
    assert probe
    return Reflector({8: KEY}, sealed=True).answer(probe, 0, received_at=WALL, reflected_at=WALL)


def test_no_probe_is_in_two_summaries() -> None:
    sender = SessionSender(9, random.Random(1).random, 0.0, KEY)
    now, sent, counted = 0.0, 0, 0
    while now < 600:
        sent += sender.send(now, WALL + now) is not None
        counted += sender.collect(now).sent
        now += 0.5
    assert counted + sender.collect(now + 10).sent == sent


def test_a_reflector_that_began_anew_tells_no_direction() -> None:
    def answer(number: int, reflected: int) -> Answer:
        return Answer(number, reflected, 0.02, 0.01, 0.01)

    result = summary([0, 1, 2, 3, 4], [answer(0, 90), answer(4, 0)])
    assert (result.lost, result.lost_forward, result.lost_backward) == (3, 0, 0)
    known = summary([5, 6], [answer(6, 2)], before=answer(4, 0))
    assert (known.lost, known.lost_forward, known.lost_backward) == (1, 0, 1)


def test_losses_of_a_minute_before_and_of_another_sender_are_not_this_ones() -> None:
    def answer(number: int, reflected: int) -> Answer:
        return Answer(number, reflected, 0.02, 0.01, 0.01)

    # 5, 6 and 7 were lost there in the minute before; 8, 9, 10 on their way back in this one
    minute = summary([8, 9, 10, 11], [answer(11, 8)], before=answer(4, 4))
    assert (minute.lost, minute.lost_forward, minute.lost_backward) == (3, 0, 0)
    # between 2 and 503 a voice of 500 lost some of its own
    beside = summary([1, 2, 503, 504], [answer(1, 1), answer(2, 2), answer(504, 480)])
    assert (beside.lost, beside.lost_forward, beside.lost_backward) == (1, 0, 0)


def test_a_clock_that_is_set_while_an_answer_waits_makes_no_delay_below_zero() -> None:
    sender, reflector = SessionSender(9, lambda: 0.5, 0.0, KEY), Reflector({9: KEY}, sealed=True)
    at = sender.deadline
    probe = sender.send(at, WALL)
    assert probe
    answer = reflector.answer(probe, at, received_at=WALL, reflected_at=WALL)
    assert sender.receive(answer, at - 0.9).two_way_s == 0.0


def test_no_probe_is_no_figure() -> None:
    nothing = summary([], [])
    assert (nothing.loss_ratio, nothing.two_way_ms, nothing.burst_ratio) == (None, None, None)
