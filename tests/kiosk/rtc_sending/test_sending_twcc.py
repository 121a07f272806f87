"""Transport-wide feedback: the wire, the receiver's notes, the sender's ledger."""

from __future__ import annotations

import contextlib
import random
import struct

import pytest
from closed_loop import SEED
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.rtc.sending import twcc
from kiosk.rtc.sending.framing import ATM, PLAIN, Framing
from kiosk.rtc.sending.ledger import SentLedger
from kiosk.rtc.sending.recorder import FeedbackRecorder
from kiosk.rtc.sending.twcc import Feedback


def packet(chunks: bytes, count: int, *, padding: int = 0, base: int = 0) -> bytes:
    """A feedback written by hand; `padding` is what its last octet says."""
    body = b"\x00\x00\x01\x07" + chunks
    body += bytes(-len(body) % 4)
    if padding:
        body = body[:-1] + bytes([padding])
    first = 0x8F | (0x20 if padding else 0)
    words = (12 + 4 + len(body)) // 4 - 1
    return struct.pack("!BBHIIHH", first, 205, words, 1, 2, base, count) + body


arrivals = st.lists(st.none() | st.integers(0, 300), min_size=1, max_size=400).map(
    lambda steps: tuple(_cumulated(steps))
)


def _cumulated(steps: list[int | None]) -> list[int | None]:
    at, found = 50_000, []
    for step in steps:
        if step is None:
            found.append(None)
        else:
            at += step - 20  # some arrive out of order
            found.append(at)
    return found


@given(arrivals, st.integers(0, 0xFFFF), st.integers(0, 255))
def test_what_is_built_is_parsed(ticks: tuple[int | None, ...], base: int, number: int) -> None:
    feedback = Feedback(0x01020304, 0xFFFFFFFF, base, number, ticks)
    data = twcc.build(feedback)
    assert len(data) % 4 == 0
    assert twcc.parse(data) == feedback


@given(st.binary(max_size=120))
def test_garbage_is_refused_with_a_value_error(data: bytes) -> None:
    for body in (data, b"\x8f\xcd" + data):
        with contextlib.suppress(ValueError):
            twcc.parse(body)


def test_a_million_octets_of_mutated_feedback_break_nothing() -> None:
    print("seed", SEED)
    chance = random.Random(SEED)
    ledger = SentLedger()
    good = twcc.build(Feedback(1, 2, 0, 0, tuple(range(0, 5000, 100))))
    for turn in range(20_000):
        ledger.sent(turn * 0.001, 1000)
        broken = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        feedbacks, _ = twcc.split(bytes(broken[: chance.randint(4, len(broken))]))
        for feedback in feedbacks:
            ledger.feedback(feedback, turn * 0.001)
    assert ledger.in_flight_octets >= 0


def test_each_kind_of_chunk_as_the_draft_draws_it() -> None:
    run = twcc.parse(packet(b"\x20\x03" + b"\x04\x04\x04", 3))
    assert run.arrivals == (260, 264, 268), "reference 1 is 256 ticks"
    bits = twcc.parse(packet(b"\xa0\x00" + b"\x08", 4))  # 10 1000...: only the first came
    assert bits.arrivals == (264, None, None, None)
    pairs = twcc.parse(packet(b"\xd8\x00" + b"\x08" + b"\xff\xf8", 3))  # 11 01 10 00: small, large
    assert pairs.arrivals == (264, 256, None)
    lost = twcc.parse(packet(b"\x00\x09", 9))
    assert lost.arrivals == (None,) * 9


@pytest.mark.parametrize("padding", [1, 2, 3])
def test_padding_need_not_leave_a_multiple_of_four(padding: int) -> None:
    deltas = b"\x04" * (6 - padding)
    data = packet(struct.pack("!H", 0x2000 | len(deltas)) + deltas, len(deltas), padding=padding)
    assert len(twcc.parse(data).arrivals) == len(deltas)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        packet(b"\x20\x00", 1),
        packet(b"\x20\x09\x01", 9),
        packet(b"\xf0\x00\x01\x01", 2),
        packet(b"\x20\x01\x01", 0),
        packet(b"\x20\x01\x01\x00", 1, padding=200),
        packet(b"\x1f\xff" * 8, 0xFFFF),
    ],
)
def test_what_is_wrong_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"feedback|transport"):
        twcc.parse(data)


def test_a_compound_keeps_its_reports_whatever_the_feedback_is() -> None:
    report = struct.pack("!BBHI", 0x80, 201, 1, 7)
    good = twcc.build(Feedback(1, 2, 3, 4, (300,)))
    feedbacks, rest = twcc.split(report + good + report + packet(b"\x20\x00", 1))
    assert [feedback.base for feedback in feedbacks] == [3]
    assert rest == report * 2
    assert twcc.split(b"\x01\x02\x03\x04\x05") == ([], b"\x01\x02\x03\x04\x05")


def exchange(count: int, lost: set[int], swapped: set[int], start: float = 0.0) -> SentLedger:
    """Sends packets every 10 ms through recorder and ledger; some lost, some late by two."""
    ledger, recorder = SentLedger(), FeedbackRecorder(9)
    arrived: dict[int, float] = {}
    order = sorted(range(count), key=lambda n: n + (2.5 if n in swapped else 0))
    numbers = {}
    for n in range(count):
        numbers[n] = ledger.sent(start + n * 0.01, 100)
    now = start
    for n in order:
        now = max(now, start + n * 0.01 + 0.03)
        if n not in lost:
            recorder.received(numbers[n], 5, now)
        for data in recorder.take(now):
            for packet_ in ledger.feedback(twcc.parse(data), now).arrived:
                arrived[packet_.number] = packet_.arrived_at or 0.0
    for data in recorder.take(now + 1):
        for packet_ in ledger.feedback(twcc.parse(data), now + 1).arrived:
            arrived[packet_.number] = packet_.arrived_at or 0.0
    assert set(arrived) == set(range(count)) - lost
    return ledger


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(0, 198)), st.sets(st.integers(0, 190)))
def test_the_ledger_learns_what_arrived_through_loss_and_reordering(
    lost: set[int], swapped: set[int]
) -> None:
    exchange(200, lost, swapped)


def test_numbers_wrap_after_65536_packets_and_ticks_after_twelve_days() -> None:
    ledger = exchange(40, {7, 8}, set(), start=twcc.TICKS_MODULUS * twcc.TICK_S - 0.2)
    assert ledger.in_flight_octets == 0
    ledger, recorder = SentLedger(), FeedbackRecorder(9)
    known = 0
    for n in range(140_000):
        now = n * 0.002
        recorder.received(ledger.sent(now, 100), 5, now + 0.05)
        for data in recorder.take(now + 0.05):
            known += len(ledger.feedback(twcc.parse(data), now + 0.05).arrived)
    assert known > 139_900


def test_a_lost_feedback_leaves_nothing_in_flight_for_good() -> None:
    ledger = SentLedger()
    for n in range(100):
        ledger.sent(n * 0.01, 50)
    ledger.feedback(Feedback(1, 2, 80, 9, tuple(range(0, 800, 40))), 1.0)
    assert ledger.in_flight_octets == 0


def test_feedback_is_rarer_on_a_thin_way_back() -> None:
    assert FeedbackRecorder(1, 5_000_000).interval_s == 0.05
    assert FeedbackRecorder(1, 64_000).interval_s == 0.25
    recorder = FeedbackRecorder(1, 160_000)
    recorder.received(5, 1, 10.0)
    assert recorder.deadline() == pytest.approx(10.1)
    assert recorder.take(10.05) == []
    assert len(recorder.take(10.1)) == 1
    assert recorder.deadline() is None


def test_a_jump_in_numbers_begins_anew() -> None:
    recorder = FeedbackRecorder(1)
    recorder.received(5, 1, 0.0)
    recorder.received(20_000, 1, 0.01)
    (data,) = recorder.take(1.0)
    assert twcc.parse(data).base == 20_000
    assert len(twcc.parse(data).arrivals) == 1


def test_a_compound_of_long_runs_costs_no_more_than_one() -> None:
    run = struct.pack("!HH", 0x1FFF, 0x1FFF)  # twice 8191 packets that did not arrive
    feedbacks, rest = twcc.split(b"".join(packet(run, 2 * 0x1FFF, base=n) for n in range(42)))
    assert [feedback.base for feedback in feedbacks] == [0]
    assert rest == b""


@pytest.mark.parametrize(
    ("back_kbit_s", "packets_a_second", "framing", "most_kbit_s"),
    [
        (36, 60, PLAIN, 3),
        (36, 60, ATM, 5),
        (128, 150, PLAIN, 6),
        (512, 150, PLAIN, 12),
        (1700, 150, PLAIN, 12),
        (1700, 150, ATM, 24),
    ],
)
def test_what_feedback_takes_of_the_way_back(
    back_kbit_s: int, packets_a_second: int, framing: Framing, most_kbit_s: float
) -> None:
    """It comes on top of the budget; docs/settings.md tells these figures."""
    recorder = FeedbackRecorder(1, back_kbit_s * 1000)
    srtcp_octets, seconds, spent = 14, 10, 0
    for number in range(packets_a_second * seconds):
        at = number / packets_a_second + number % 3 * 0.004
        while (due := recorder.deadline()) is not None and due <= at:
            spent += sum(framing.octets(len(made) + srtcp_octets) for made in recorder.take(due))
        recorder.received(number & 0xFFFF, 7, at)
    kbit_s = spent * 8 / 1000 / seconds
    assert 0.5 * most_kbit_s < kbit_s <= most_kbit_s
