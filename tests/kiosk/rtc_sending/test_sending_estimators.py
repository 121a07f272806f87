"""What packets' times and losses say: each estimator alone, with scripted arrivals."""

from __future__ import annotations

import random

import pytest
from closed_loop import SEED
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.sending.acknowledged import QUICK_S, SLOW_S, AcknowledgedRate
from kiosk.rtc.sending.aimd import RateController, Signals
from kiosk.rtc.sending.budget import LEAST_BIT_S, Budget
from kiosk.rtc.sending.control import SendControl
from kiosk.rtc.sending.delay import Groups, OveruseDetector, Usage
from kiosk.rtc.sending.fallback import ReportedBound
from kiosk.rtc.sending.ledger import Sent
from kiosk.rtc.sending.loss import LossController
from kiosk.rtc.sending.probing import Prober
from kiosk.rtc.sending.queueing import QueueMeter
from kiosk.rtc.sending.twcc import Feedback


def sent(number: int, at: float, arrived_at: float, octets: int = 1000, **more: int) -> Sent:
    return Sent(number, at, octets, more.get("probe"), arrived_at)


def line(count: int, grows_s: float, *, begin: float = 0.0, jitter: float = 0.0) -> list[Sent]:
    """A packet every 20 ms whose delay grows by so much each; jitter alternates."""
    return [
        sent(n, begin + n * 0.02, begin + n * 0.02 + 0.05 + n * grows_s + (n % 2) * jitter)
        for n in range(count)
    ]


def test_a_growing_queue_is_overuse_and_a_shrinking_one_is_not() -> None:
    detector = OveruseDetector()
    assert detector.add(line(60, 0.0)) == "normal"
    usages = [detector.add([packet]) for packet in line(60, 0.006, begin=1.2)]
    assert "over" in usages
    assert usages.index("over") * 0.02 < 1.0
    falling = [sent(n, 2.4 + n * 0.02, 2.81 + n * 0.014) for n in range(180)]
    usages = [detector.add([packet]) for packet in falling]
    assert "over" not in usages[20:]
    assert "under" in usages


def test_jitter_alone_is_no_overuse() -> None:
    detector = OveruseDetector()
    usages: set[Usage] = {detector.add([p]) for p in line(500, 0.0, jitter=0.008)}
    assert "over" not in usages


def test_the_threshold_rises_beside_a_tcp_sawtooth_and_falls_back() -> None:
    detector = OveruseDetector()
    detector.add(line(100, 0.0))
    calm = detector.threshold_ms
    detector.add([sent(n, 2 + n * 0.02, 2.05 + n * 0.0215) for n in range(100)])
    risen = detector.threshold_ms
    assert risen > calm
    detector.add([sent(n, 4 + n * 0.02, 4.2 + n * 0.02) for n in range(300)])
    assert detector.threshold_ms < risen


def test_a_burst_is_one_group() -> None:
    groups = Groups()
    variations = []
    for frame in range(4):
        for n in range(5):  # five packets at once, 3 ms apart on arrival
            at = frame * 0.04
            variations.append(groups.add(sent(n, at, at + 0.02 + n * 0.003)))
    found = [v for v in variations if v]
    assert [(round(v.sent_s, 6), round(v.arrived_s, 6)) for v in found] == [(0.04, 0.04)] * 2


def test_a_clock_that_jumps_does_not_look_like_a_queue() -> None:
    detector, meter = OveruseDetector(), QueueMeter()
    for begin, clock in ((0.0, 0.0), (2.0, 5000.0), (4.0, -900.0)):
        packets = [sent(n, begin + n * 0.02, clock + begin + n * 0.02) for n in range(100)]
        assert detector.add(packets) == "normal"
        meter.add(packets)
        assert meter.standing_s == pytest.approx(0.0, abs=1e-6)


def test_the_meter_sees_what_stands_and_not_what_bursts() -> None:
    meter = QueueMeter()
    meter.add([sent(n, n * 0.02, n * 0.02 + 0.05 + (0.06 if n % 4 else 0.0)) for n in range(100)])
    assert meter.standing_s == pytest.approx(0.0)
    meter.add([sent(n, 2 + n * 0.02, 2 + n * 0.02 + 0.25) for n in range(20)])
    assert meter.standing_s == pytest.approx(0.2)
    assert meter.slack_s < 0.02, "a queue is not taken for jitter"


def test_jitter_that_makes_kinks_gives_slack() -> None:
    meter = QueueMeter()
    heights = (0.0, 0.09, 0.03, 0.1, 0.01, 0.08)
    packets = [
        sent(n, n * 0.02, n * 0.02 + 0.3 + heights[n // 10 % len(heights)]) for n in range(900)
    ]
    for packet in packets:
        meter.add([packet])
    assert meter.slack_s > 0.03


def test_what_arrives_is_measured_over_the_receivers_time() -> None:
    rate = AcknowledgedRate()
    assert rate.bit_s(SLOW_S) is None
    rate.add([sent(n, n * 0.001, n * 0.02) for n in range(100)])
    assert rate.bit_s(SLOW_S) == pytest.approx(400_000)
    rate.add([sent(n, 2 + n * 0.001, 2 + n * 0.08) for n in range(10)])
    assert rate.bit_s(QUICK_S) == pytest.approx(100_000, rel=0.1)


def fed(controller: LossController, begin: float, ratio: float, queue_s: float) -> None:
    """Ten seconds of feedback about 20 packets each; a share of them lost, evenly."""
    owed = 0.0
    for step in range(100):
        owed += 20 * ratio
        lost = int(owed)
        owed -= lost
        controller.update(begin + step * 0.1, 20 - lost, lost, queue_s, 0.05)


def test_a_far_clock_that_stands_still_fills_no_memory() -> None:
    rate, queue = AcknowledgedRate(), QueueMeter()
    for first in range(0, 20_000, 50):
        packets = [Sent(n, n / 100, 300, arrived_at=7.0) for n in range(first, first + 50)]
        rate.add(packets)
        queue.add(packets)
    assert len(rate._arrived) <= 5_000
    assert len(queue._recent) <= 5_000


def test_loss_with_a_full_buffer_lowers_and_loss_of_an_empty_line_does_not() -> None:
    controller = LossController(1_000_000)
    for begin in (0, 10, 20):
        fed(controller, begin, 0.02, queue_s=0.0)
    assert controller.bit_s >= 1_000_000
    assert controller.inherent == pytest.approx(0.02, abs=0.005)
    before = controller.bit_s = 1_000_000
    fed(controller, 30, 0.25, queue_s=0.3)
    assert controller.bit_s < 0.5 * before
    low = controller.bit_s
    fed(controller, 40, 0.0, queue_s=0.0)
    assert controller.bit_s > low


def answered(prober: Prober, stretch: float, lost: int = 0) -> float | None:
    probe = prober.take(1.0, 1200)
    assert probe is not None
    octets = max(probe.octets // probe.packets, 200)
    count = -(-probe.octets // octets)
    step = octets * 8 / probe.bit_s
    packets = [
        sent(n, 1 + n * step, 1.1 + n * step * stretch, octets, probe=probe.number)
        for n in range(count)
    ]
    return prober.feedback(packets[lost:], packets[:lost])


def test_a_probe_that_arrives_as_it_left_proves_its_rate_and_asks_for_more() -> None:
    prober = Prober(4_000_000)
    prober.plan(300_000, 600_000)
    assert answered(prober, 1.0) == pytest.approx(600_000, rel=0.05)
    assert prober.busy, "further: twice as much"
    assert answered(prober, 2.0) == pytest.approx(0.9 * 600_000, rel=0.1), "the line's own rate"
    assert not prober.busy


def test_probes_never_ask_for_more_than_the_line_is_known_to_carry() -> None:
    prober = Prober(500_000)
    prober.plan(300_000, 600_000, 1_200_000)
    probe = prober.take(0.0, 1200)
    assert probe is not None
    assert probe.bit_s == 500_000
    assert probe.octets * 8 / 500_000 <= 0.1, "at most a tenth of a second of the line"
    prober = Prober(320_000)
    prober.plan(300_000, 600_000)
    assert prober.take(0.0, 1200) is None, "not worth its queue"
    assert answered_late(Prober(1e6)) is None


def answered_late(prober: Prober) -> object:
    prober.plan(100_000, 400_000)
    prober.take(0.0, 1200)
    assert prober.busy
    return prober.take(5.0, 1200)


def test_a_probe_that_loses_packets_ends_probing() -> None:
    prober = Prober(4_000_000)
    prober.plan(300_000, 600_000, 1_200_000)
    assert answered(prober, 1.0, lost=2) is None
    assert not prober.busy


def signals(queue_s: float, arriving: float, usage: Usage = "normal") -> Signals:
    return Signals(usage, queue_s, 0.0, arriving, arriving, arriving, 0.05)


def test_the_rate_drains_what_stands_and_returns_to_what_was_measured() -> None:
    rate = RateController(Budget(2_000_000, 1_000_000))
    assert rate.bit_s == 850_000
    assert rate.update(0.1, signals(0.3, 300_000)) == pytest.approx(300_000 * 0.35)
    rate.update(0.6, signals(0.1, 300_000))
    assert rate.state == "drain"
    assert rate.update(0.8, signals(0.0, 120_000)) == pytest.approx(0.95 * 300_000)
    assert rate.state == "increase"


def test_a_queue_of_others_is_recognised_and_a_share_is_held() -> None:
    rate = RateController(Budget(950_000, 1_000_000))
    now = 0.0
    while now < 6:
        rate.update(now, signals(0.4, min(rate.bit_s, 500_000)))
        now += 0.1
    assert rate.state == "compete"
    assert rate.bit_s == pytest.approx(0.5 * 850_000, rel=0.05)
    while now < 7:
        rate.update(now, signals(0.0, rate.bit_s))
        now += 0.1
    assert rate.state == "increase"


def test_the_rate_does_not_grow_on_what_was_never_sent() -> None:
    rate = RateController(Budget(2_000_000, None))
    for step in range(100):
        rate.update(step * 0.1, signals(0.0, 30_000))
    assert rate.bit_s == 300_000


def test_a_budget_below_the_least_still_binds() -> None:
    rate = RateController(Budget(20_000, 1_000_000))
    assert rate.bit_s == 20_000 < LEAST_BIT_S
    rate.update(0.0, signals(0.5, 10_000, "over"))
    assert rate.bit_s <= 20_000
    rate.budget(Budget(15_000))
    assert rate.bit_s <= 15_000


def test_remb_from_a_far_end_without_transport_wide_feedback() -> None:
    control = SendControl(Budget(1_000_000, 600_000))
    assert control.target(0).total_bit_s == 510_000
    for n in range(100):
        control.sent(n * 0.01, 600)
    control.remb(24_000, 0.1)
    assert control.target(0.1).total_bit_s >= LEAST_BIT_S
    control = SendControl(Budget(1_000_000, 600_000))
    control.remb(24_000, 0.1)
    assert control.target(0.1).total_bit_s == 510_000, "it sent nothing: REMB follows what arrives"


def test_a_remb_of_nothing_is_no_limit_where_there_is_no_other_feedback_either() -> None:
    control = SendControl(Budget(1_000_000, 600_000))
    for n in range(100):
        control.sent(n * 0.01, 600)
    control.remb(0, 1.0)
    assert control.target(1.0).total_bit_s == 510_000
    control.remb(200_000, 1.1)
    assert control.target(1.1).total_bit_s == 200_000
    control.remb(0, 1.2)
    for second in range(2, 9):
        for n in range(50):
            control.sent(second + n * 0.02, 600)
        control.receiver_report(0.0, 0.05, second + 1.0)
    assert control.target(9.0).total_bit_s > 220_000, "and holds it no longer"


def test_remb_beside_transport_wide_feedback_is_the_most_that_the_far_end_wants() -> None:
    control = SendControl(Budget(1_000_000, 600_000))
    control.remb(200_000, 0.0)
    control.feedback(Feedback(1, 2, control.sent(0.0, 600), 1, (100,)), 0.1)
    assert control.target(0.1).total_bit_s == 200_000, "said before the first feedback"
    control.remb(300_000, 0.2)
    assert control.target(0.2).total_bit_s == 300_000
    assert control.target(0.2).pace_bit_s == 300_000
    control.remb(0, 0.3)
    assert control.target(0.3).total_bit_s > 300_000, "none: no limit any more"


def test_receiver_reports_lower_at_loss_and_at_waiting_and_raise_slowly() -> None:
    bound = ReportedBound(Budget(1_000_000, 1_000_000))
    bound.report(0.3, 0.05, 850_000, 1.0)
    assert bound.bit_s == pytest.approx(850_000 * 0.85)
    bound.report(0.0, 0.4, 700_000, 3.0)
    waited = bound.bit_s
    assert waited == pytest.approx(700_000 * 0.85)
    for second in range(5, 30):
        bound.report(0.0, 0.05, bound.bit_s, second)
    assert waited < bound.bit_s <= 1_000_000
    bound.report(0.05, 0.05, bound.bit_s, 40)
    assert bound.loss_ratio == 0.05


def test_a_way_that_grew_longer_for_good_is_no_queue_for_ever() -> None:
    bound = ReportedBound(Budget(1_000_000, 1_000_000))
    for second in range(120):
        bound.report(0.0, 0.08 if second < 10 else 0.26, bound.bit_s, second)
    assert bound.bit_s == 1_000_000


def test_a_far_end_that_stops_giving_feedback_is_not_taken_for_a_dead_line() -> None:
    control = SendControl(Budget(1_000_000, 600_000))
    number = control.sent(0.0, 600)
    control.feedback(Feedback(1, 2, number, 1, (100,)), 0.1)
    control.sent(0.2, 600)
    assert control.window_open(1.0)
    assert not control.window_open(1.5), "so long without an answer: dead?"
    for second in range(1, 5):
        control.reached(1, 100 + second, 0.6 + second)
        control.receiver_report(0.0, 0.1, 0.6 + second)
    assert control.window_open(5.0), "its reports come and tell of ever more: alive"
    control.feedback(Feedback(1, 2, control.sent(5.0, 600), 2, (20_100,)), 5.1)
    assert control.window_open(5.2)


def test_hostile_feedback_neither_raises_nor_breaks_the_budget() -> None:
    print("seed", SEED)
    chance = random.Random(SEED)
    budget = Budget(700_000, 500_000)
    control = SendControl(budget)
    now = 0.0
    for turn in range(10_000):
        now += chance.choice((0.0, 0.001, 0.02, 1.5 if turn % 500 == 0 else 0.01))
        number = control.sent(now, chance.randint(1, 1500), probe=chance.choice((None, 1, 2)))
        if chance.random() < 0.3:
            count = chance.randint(1, 60)
            times = tuple(
                None if chance.random() < 0.3 else chance.randrange(-1000, 1 << 33)
                if chance.random() < 0.1 else int(now * 4000) + chance.randrange(400)
                for _ in range(count)
            )  # fmt: skip
            control.feedback(Feedback(1, 2, (number - count // 2) & 0xFFFF, 0, times), now)
        if chance.random() < 0.02:
            control.remb(chance.choice((0.0, 1e3, 1e6, 1e18)), now)
            control.receiver_report(chance.random(), chance.choice((None, 0.0, 70.0)), now)
        control.prober.take(now, 1000)
        control.window_open(now)
        target = control.target(now)
        assert 0 <= target.video_bit_s <= target.total_bit_s <= budget.most_bit_s


@given(
    st.lists(
        st.builds(
            Signals,
            st.sampled_from(["under", "normal", "over"]),
            st.none() | st.floats(0, 5),
            st.floats(0, 0.2),
            st.none() | st.floats(0, 1e8),
            st.none() | st.floats(0, 1e8),
            st.floats(0, 1e8),
            st.floats(0, 5),
        ),
        max_size=60,
    ),
    st.floats(1_000, 3e6),
)
def test_no_signals_whatever_take_the_rate_out_of_its_bounds(
    script: list[Signals], most: float
) -> None:
    rate = RateController(Budget(most, 1_000_000))
    for step, given_ in enumerate(script):
        rate.update(step * 0.05, given_)
        assert min(LEAST_BIT_S, most) <= rate.bit_s <= most
