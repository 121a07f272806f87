from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.hearing.plan import SoundPlanner


def test_thin_lines_get_long_packets_and_few_bits() -> None:
    plans = [SoundPlanner(rate).plan(rate, 0.0) for rate in (2000, 256, 128, 64)]
    assert [(p.bitrate, p.packet_ms) for p in plans] == [
        (32000, 20), (24000, 20), (20000, 40), (16000, 60),
    ]  # fmt: skip
    assert [p.wire_bit_s for p in plans] == [55200, 47200, 31600, 23733]


def test_down_at_once_up_with_room_to_spare() -> None:
    planner = SoundPlanner(500)
    assert planner.plan(350, 1).packet_ms == 20
    assert planner.plan(200, 2).packet_ms == 40
    assert planner.plan(225, 3).packet_ms == 40
    assert planner.plan(260, 4).packet_ms == 20
    assert planner.plan(90, 5).packet_ms == 60
    assert planner.plan(410, 6).bitrate == 24000  # not quite enough for the best


def test_spare_copies_from_the_start_and_as_long_as_packets_are_lost() -> None:
    planner = SoundPlanner(500)
    assert planner.plan(500, 0).loss_ratio >= 0.01
    for second in range(60):
        planner.lost(0.0, second)
    assert planner.plan(500, 60).loss_ratio == 0.0
    for second in range(61, 70):
        planner.lost(0.08, second)
    assert 0.06 <= planner.plan(500, 70).loss_ratio <= 0.09
    assert planner.plan(500, 90).loss_ratio > 0
    assert planner.plan(500, 120).loss_ratio == 0.0


@given(st.lists(st.tuples(st.floats(0, 5000), st.floats(0, 1)), min_size=1))
def test_plans_stay_within_their_bounds(history: list[tuple[float, float]]) -> None:
    planner = SoundPlanner(history[0][0])
    for now, (rate, loss) in enumerate(history):
        planner.lost(loss, now)
        plan = planner.plan(rate, now)
        assert 16000 <= plan.bitrate <= 32000
        assert plan.packet_ms in (20, 40, 60)
        assert 0 <= plan.loss_ratio <= 0.25
        assert plan.loss_ratio == 0 or plan.bitrate > 16000 or plan.loss_ratio == 0.25
