"""Pacer, retransmission, whole pictures, sharing and the ladder: rules in virtual time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.sending.framing import ATM, PLAIN, Framing
from kiosk.rtc.sending.keyframes import KeyframeThrottle
from kiosk.rtc.sending.ladder import STEPS, Codec, Content, Ladder, Moving, SoundAlone, Still
from kiosk.rtc.sending.pacer import Kind, Leaving, Pacer
from kiosk.rtc.sending.probing import Probe
from kiosk.rtc.sending.retransmit import RepairBudget, Retransmitter
from kiosk.rtc.sending.sharing import SOUNDS, Sharer


def drained(pacer: Pacer[str], begin: float, end: float) -> list[tuple[float, Leaving[str]]]:
    """Everything that leaves, the driver waking exactly at each deadline."""
    found: list[tuple[float, Leaving[str]]] = []
    now = begin
    while True:
        found += [(now, leaving) for leaving in pacer.take(now)]
        deadline = pacer.deadline(now)
        if deadline is None or deadline > end:
            return found
        now = deadline


def test_sound_goes_first_then_repairs_then_video() -> None:
    pacer: Pacer[str] = Pacer(80_000)
    for kind, name in ((Kind.VIDEO, "v1"), (Kind.VIDEO, "v2"), (Kind.RESENT, "r"),
                       (Kind.SOUND, "s")):  # fmt: skip
        pacer.put(kind, name, 100, 0.0)
    left = drained(pacer, 0.0, 1.0)
    assert [leaving.packet for _, leaving in left] == ["s", "r", "v1", "v2"]
    assert [at for at, _ in left] == pytest.approx([0, 0.01, 0.02, 0.03])


def test_a_large_picture_is_spread_and_sound_overtakes_it() -> None:
    pacer: Pacer[str] = Pacer(200_000)
    for n in range(10):
        pacer.put(Kind.VIDEO, f"v{n}", 1000, 0.0)  # 40 ms each
    left = drained(pacer, 0.0, 0.1)
    assert len(left) == 3
    pacer.put(Kind.SOUND, "s", 100, 0.1)
    assert [leaving.packet for leaving in pacer.take(0.1)] == ["s"]
    assert pacer.queue_s() == pytest.approx(7 * 0.04)
    assert not pacer.may_encode()
    assert pacer.deadline(0.1) == pytest.approx(0.124), "sound filled the bucket, too"


@given(
    st.lists(st.tuples(st.integers(50, 1300), st.floats(0, 0.05)), min_size=1, max_size=60),
    st.integers(50_000, 2_000_000),
)
def test_video_never_leaves_faster_than_the_pace(
    packets: list[tuple[int, float]], bit_s: int
) -> None:
    pacer: Pacer[str] = Pacer(bit_s)
    now, left = 0.0, []
    for octets, gap in packets:
        left += drained(pacer, now, now + gap)
        now += gap
        pacer.put(Kind.VIDEO, "v", octets, now)
    left += drained(pacer, now, now + 60)
    for index, (begin, _) in enumerate(left):
        octets = 0
        for at, leaving in left[index:]:
            assert octets * 8 <= bit_s * (at - begin) + 1e-3 * 8 + 1e-6 * bit_s
            octets += leaving.octets


def test_a_closed_window_lets_only_sound_through() -> None:
    pacer: Pacer[str] = Pacer(1_000_000)
    pacer.put(Kind.VIDEO, "v", 100, 0.0)
    pacer.put(Kind.SOUND, "s", 100, 0.0)
    assert [leaving.packet for leaving in pacer.take(0.0, window_open=False)] == ["s"]
    assert pacer.deadline(0.1, window_open=False) is None
    assert [leaving.packet for leaving in pacer.take(0.1)] == ["v"]


def test_video_that_waited_too_long_is_thrown_away_and_said() -> None:
    pacer: Pacer[str] = Pacer(8_000)
    for n in range(5):
        pacer.put(Kind.VIDEO, f"v{n}", 1000, 0.0)
    assert len(list(pacer.take(0.0))) == 1
    assert list(pacer.take(0.7)) == []
    assert pacer.dropped == 4
    assert pacer.queue_s() == 0


def test_a_probe_is_filled_up_with_padding_at_its_rate() -> None:
    pacer: Pacer[str] = Pacer(100_000)
    pacer.probe(Probe(7, 1_000_000, 2_500, 5), 0.0)
    pacer.put(Kind.VIDEO, "v", 500, 0.0)
    left = drained(pacer, 0.0, 1.0)
    assert left[0][1].packet == "v"
    assert {leaving.probe for _, leaving in left} == {7}
    assert all(leaving.packet is None for _, leaving in left[1:])
    assert sum(leaving.octets for _, leaving in left) >= 2_500
    assert left[-1][0] == pytest.approx(0.018, abs=0.003), "a megabit a second"


def test_what_is_left_of_a_probe_that_nobody_awaits_any_more_never_leaves() -> None:
    pacer: Pacer[str] = Pacer(100_000)
    pacer.probe(Probe(7, 1_000_000, 2_500, 5), 0.0)
    assert drained(pacer, 0.0, 0.005)
    pacer.probe_over(0.006)
    pacer.put(Kind.VIDEO, "v1", 500, 0.5)
    pacer.put(Kind.VIDEO, "v2", 500, 0.5)
    left = drained(pacer, 0.5, 1.0)
    assert [(leaving.packet, leaving.probe) for _, leaving in left] == [("v1", None), ("v2", None)]
    assert left[1][0] == pytest.approx(0.54), "at the pace, not at the burst's rate"


class Stream:
    """One stream's history, asked within the call's budget."""

    def __init__(self, budget: RepairBudget, *, sound: bool = False) -> None:
        self.kept: Retransmitter[str] = Retransmitter()
        self.budget, self.sound = budget, sound

    def left(self, numbers: Iterable[int], octets: int, now: float) -> None:
        for number in numbers:
            self.kept.sent(number, f"p{number}", octets, now)

    def nack(self, numbers: Iterable[int], now: float, round_trip_s: float = 0.05) -> list[str]:
        may_spend = partial(self.budget.take, now=now, sound=self.sound)
        return [packet for packet, _ in self.kept.nack(numbers, now, round_trip_s, may_spend)]


def test_a_repair_goes_once_a_round_trip_and_within_its_budget() -> None:
    again = Stream(RepairBudget(8_000))
    again.left(range(10), 1000, 0.0)
    assert again.nack([1, 2], 0.1) == ["p1", "p2"]
    assert again.nack([1], 0.12) == [], "its repair is under way"
    assert again.nack([3], 0.13) == [], "no budget left"
    assert again.kept.refused == 1
    assert again.nack([3], 0.7) == ["p3"]
    assert again.nack([4, 77], 2.1) == [], "too old, never sent"


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.floats(0, 0.02), st.booleans()), max_size=300))
def test_repairs_of_all_streams_never_cost_more_than_the_call_s_budget(
    asked: list[tuple[int, float, bool]],
) -> None:
    budget = RepairBudget(40_000)
    streams = {sound: Stream(budget, sound=sound) for sound in (False, True)}
    now, spent = 0.0, 0
    for number, gap, sound in asked:
        now += gap
        octets = 150 if sound else 500
        streams[sound].left([number], octets, now)
        spent += octets * len(streams[sound].nack([number, number - 1], now + 0.001, 0.0))
    assert spent <= 2_500 + 600 + 40_000 / 8 * (now + 0.001)


def test_sound_is_mended_though_the_picture_has_spent_it_all() -> None:
    budget = RepairBudget(8_000)
    sound, picture = Stream(budget, sound=True), Stream(budget)
    for stream, octets in ((picture, 1000), (sound, 150)):
        stream.left(range(10), octets, 0.0)
    assert len(picture.nack(range(10), 0.1)) == 2
    assert len(sound.nack(range(1, 7), 0.11)) == 6
    assert picture.nack([5], 1.2) == [], "first what sound took ahead comes back"
    assert picture.nack([5], 1.6) == ["p5"]


def test_a_budget_that_shrinks_leaves_nothing_saved_beyond_it() -> None:
    budget = RepairBudget(400_000)
    again = Stream(budget)
    again.left(range(40), 1000, 0.0)
    budget.allow(0.0, 1.0)
    assert len(again.nack(range(40), 1.0)) == 2


def test_repairs_of_sound_leave_before_those_of_the_picture() -> None:
    pacer: Pacer[str] = Pacer(80_000)
    for kind in (Kind.VIDEO, Kind.RESENT, Kind.SOUND_AGAIN):
        pacer.put(kind, kind.name, 100, 0.0)
    left = [leaving.packet for _, leaving in drained(pacer, 0.0, 1.0)]
    assert left == ["SOUND_AGAIN", "RESENT", "VIDEO"]
    pacer.put(Kind.SOUND_AGAIN, "old", 100, 1.0, patience_s=0.5)
    assert [*pacer.take(2.0)] == []


def test_sequence_numbers_come_round_again() -> None:
    kept: Retransmitter[str] = Retransmitter()
    kept.sent(5, "old", 100, 0.0)
    kept.sent(5, "new", 100, 1.9)
    assert kept.nack([5], 2.0, 0.05, lambda _octets: True) == [("new", 100)]


def test_whole_pictures_are_merged_and_spaced_by_their_cost() -> None:
    throttle = KeyframeThrottle()
    assert throttle.due(0.0, 100_000), "the first picture"
    throttle.made(0.0, 4_000)
    assert not throttle.due(0.1, 100_000)
    assert not throttle.request(0.05, 0.1, 100_000)
    assert not throttle.request(0.4, 0.1, 100_000), "its 320 ms on the line, and a round trip"
    assert throttle.deadline(100_000) is None, "written before the first one could be seen"
    for at in (0.43, 0.5, 0.6):
        assert throttle.request(at, 0.1, 100_000)
    assert throttle.deadline(100_000) == pytest.approx(0.96), "three times its 320 ms"
    assert not throttle.due(0.9, 100_000)
    assert throttle.due(0.97, 100_000)
    throttle.made(0.97, 4_000)
    assert throttle.deadline(100_000) is None, "one for all"
    assert throttle.spacing_s(2_000_000) == 0.3
    assert throttle.spacing_s(1) == 4.0
    throttle.needed()
    assert throttle.deadline(2_000_000) == pytest.approx(1.27)


@given(
    st.floats(1_000, 3_000_000),
    st.floats(0, 1),
    st.floats(0, 1_000_000),
    st.sampled_from([PLAIN, ATM]),
)
def test_the_shares_together_never_exceed_the_rate(
    total: float, loss: float, resent: float, framing: Framing
) -> None:
    target = Sharer(framing).share(total, loss, total, resent)
    assert target.sound_bit_s + target.video_bit_s <= total + 1e-6
    assert 0 <= target.video_encoder_bit_s <= target.video_bit_s
    assert target.pace_bit_s <= total + 1e-6, "the budget binds the pace"
    assert target.sound_bit_s <= target.sound.line_bit_s(framing) + 1e-6


def test_sound_is_mended_where_there_is_to_be_no_picture_and_where_it_takes_all() -> None:
    for total in (30_000, 48_000, 60_000, 100_000):
        target = Sharer(PLAIN).share(total, 0.0, total, 0, picture_most_bit_s=0.0)
        assert target.video_bit_s == 0
        assert 0.05 * target.sound_bit_s <= target.resend_bit_s <= 0.05 * total


def test_sound_takes_longer_packets_on_thin_lines_and_does_not_flap() -> None:
    sharer = Sharer(PLAIN)
    taken = [sharer.share(rate, 0, rate, 0).sound.packet_ms for rate in (700e3, 290e3, 100e3)]
    assert taken == [20, 40, 60]
    assert sharer.share(165_000, 0, 165_000, 0).sound.packet_ms == 60, "not yet"
    assert sharer.share(177_000, 0, 177_000, 0).sound.packet_ms == 40
    assert SOUNDS[-1][1].line_bit_s(PLAIN) == pytest.approx(23_733, rel=0.01)
    assert SOUNDS[-1][1].line_bit_s(ATM) > 1.3 * SOUNDS[-1][1].line_bit_s(PLAIN)


def test_video_packets_are_short_where_sound_would_wait_behind_them() -> None:
    sharer = Sharer(PLAIN)
    assert sharer.share(1_000_000, 0, 1e6, 0).payload_octets == 1200
    thin = sharer.share(128_000, 0, 128_000, 0)
    assert thin.payload_octets * 8 / 128_000 <= 0.025


def test_loss_reserves_a_part_for_repairs() -> None:
    clean = Sharer(PLAIN).share(500_000, 0.0, 1e6, 0)
    lossy = Sharer(PLAIN).share(500_000, 0.05, 1e6, 0)
    busy = Sharer(PLAIN).share(500_000, 0.0, 1e6, 40_000)
    assert lossy.video_bit_s < 0.95 * clean.video_bit_s
    assert busy.video_bit_s == pytest.approx(clean.video_bit_s - 40_000)


def test_the_ladder_goes_down_to_a_still_and_to_sound_alone_and_back() -> None:
    ladder = Ladder("vp8")
    assert ladder.choose(0.0, 1_400_000) == STEPS["face"]["vp8"][0]
    assert ladder.choose(1.0, 20_000) == Still(640, 360, 2.4), "far below: at once"
    assert ladder.choose(1.1, 7_000) == Still(640, 360, 6.9)
    assert ladder.choose(1.2, 5_000) == SoundAlone()
    assert not isinstance(ladder.choose(2.0, 400_000), Moving), "with care"
    assert ladder.choose(4.6, 400_000) == STEPS["face"]["vp8"][-1], "step by step"
    now = 4.6
    while ladder.choose(now, 1_400_000) != STEPS["face"]["vp8"][0]:
        now += 0.1
    assert now < 25


def test_a_rate_that_swings_round_a_step_does_not_flap() -> None:
    ladder = Ladder("vp8")
    changes, last = 0, ladder.choose(0.0, 180_000)
    for n in range(1, 1200):
        rate = 165_000 if n % 20 < 10 else 178_000  # round 170: two seconds' swing
        now = ladder.choose(n * 0.1, rate)
        changes += now != last
        last = now
    assert changes <= 1
    ladder = Ladder("vp8")
    changes, last = 0, ladder.choose(0.0, 180_000)
    for n in range(1, 1200):
        rate = 120_000 if n % 80 < 40 else 210_000  # eight seconds' swing, far
        now = ladder.choose(n * 0.1, rate)
        changes += now != last
        last = now
    assert changes <= 14, "each regret doubles the wait"


@pytest.mark.parametrize("codec", ["vp8", "h264", "av1"])
def test_stills_and_sound_alone_do_not_flap(codec: Codec) -> None:
    def changes(low: int, high: int, swing: int) -> int:
        ladder = Ladder(codec)
        kinds = [
            type(ladder.choose(n * 0.1, low if n % swing < swing // 2 else high))
            for n in range(1200)
        ]
        return sum(a is not b for a, b in pairwise(kinds))

    assert changes(6_300, 7_300, 20) <= 1
    assert changes(4_000, 12_000, 80) <= 14, "each regret doubles the wait"


@pytest.mark.parametrize("content", STEPS)
@pytest.mark.parametrize("codec", ["vp8", "h264", "av1"])
def test_the_steps_descend(content: Content, codec: Codec) -> None:
    steps = STEPS[content][codec]
    assert [s.least_bit_s for s in steps] == sorted((s.least_bit_s for s in steps), reverse=True)
    work = [s.width * s.height * s.frames_per_s for s in steps]
    assert work == sorted(work, reverse=True)
    assert steps[0].width >= 640
    assert steps[0].frames_per_s == 25
    assert steps[-1].least_bit_s <= 60_000


@pytest.mark.parametrize(
    ("kbit_s", "codec", "frames_per_s"),
    [(75, "av1", 12), (75, "vp8", 12), (190, "av1", 20), (190, "vp8", 20), (420, "vp8", 25)],
)
def test_the_issues_frame_rates_are_met_at_its_lines(
    kbit_s: int, codec: Codec, frames_per_s: int
) -> None:
    choice = Ladder(codec).choose(0.0, kbit_s * 1000)
    assert isinstance(choice, Moving)
    assert choice.frames_per_s >= frames_per_s


def test_a_page_keeps_its_pixels_and_a_face_its_motion() -> None:
    ladder = Ladder("vp8", "page")
    page = ladder.choose(0.0, 115_000)
    ladder.use("vp8", "face")
    face = ladder.choose(0.0, 115_000)
    assert isinstance(page, Moving)
    assert isinstance(face, Moving)
    assert page.width > face.width
    assert page.frames_per_s < face.frames_per_s
    ladder.use("vp8", "face")
    assert ladder.choose(0.1, 115_000) == face


def test_time_lost_to_late_timers_is_caught_up() -> None:
    """Each timer fires 2 ms late: without catching up a sixth of the rate would go unused."""
    pacer: Pacer[int] = Pacer(1_000_000)
    late_s, packets = 0.002, 100
    for number in range(packets):
        pacer.put(Kind.VIDEO, number, 1250, 0.0, patience_s=10)
    now, left = 0.0, 0
    while left < packets:
        left += len(list(pacer.take(now)))
        deadline = pacer.deadline(now)
        if deadline is not None:
            now = deadline + late_s
    assert now < packets * 0.010 * 1.03


def test_a_pause_earns_no_burst() -> None:
    pacer: Pacer[int] = Pacer(1_000_000)
    pacer.put(Kind.VIDEO, 0, 1250, 0.0)
    assert len(list(pacer.take(0.0))) == 1
    for number in range(10):
        pacer.put(Kind.VIDEO, number, 1250, 5.0)
    assert len(list(pacer.take(5.0))) == 1
