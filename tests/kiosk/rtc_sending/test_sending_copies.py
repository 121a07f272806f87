"""Copies of the picture's packets, sent unasked: when, how many, and what they are worth."""

from __future__ import annotations

import pytest
from closed_loop import LINES, SEED, Case, Loop, percentile
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.sending.budget import Budget
from kiosk.rtc.sending.copies import CopyRule
from kiosk.rtc.sending.framing import PLAIN
from kiosk.rtc.sending.pacer import Kind, Pacer
from kiosk.rtc.sending.retransmit import Retransmitter
from kiosk.rtc.sending.sharing import Sharer

AMPLE = 1_700_000.0
FAR = Case(1000, 8000, 225, 150, 10, 64_000)  # 600 ms of round trip, as in bench/lines.py


def in_order(loop: Loop, begin: float, end: float) -> list[float]:
    """Capture to when a picture and all before it were there, in seconds."""
    came = {captured: captured + age for captured, age in loop.record.pictures}
    ages, latest = [], 0.0
    for frame in loop.made:
        if not frame.left:
            latest = max(latest, came[frame.captured])
            if begin <= frame.captured < end:
                ages.append(latest - frame.captured)
    return ages


def test_on_a_long_lossy_way_copies_keep_the_picture_moving(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = Loop(FAR, Budget(AMPLE, 1_000_000), way=FAR.way(reorder=True))
    loop.run(40)
    with monkeypatch.context() as without:
        without.setattr(CopyRule, "update", lambda *_: None)
        asked = Loop(FAR, Budget(AMPLE, 1_000_000), way=FAR.way(reorder=True))
        asked.run(40)
    ages, others = in_order(loop, 8, 38), in_order(asked, 8, 38)
    p95, other = percentile(ages, 0.95), percentile(others, 0.95)
    print(f"seed {SEED}: in order p95 {p95:.2f} s with copies, {other:.2f} s without")
    assert loop.control.target(40).copies == 2
    assert len(ages) >= 20 * 30
    assert p95 < 0.6
    assert other > 1.2, "else the copies are not needed"
    assert max(bit_s for _, bit_s in loop.record.targets) <= AMPLE


@pytest.mark.parametrize("name", LINES)
def test_no_line_of_an_ordinary_venue_pays_for_copies(name: str) -> None:
    loop = Loop(LINES[name], Budget(AMPLE, LINES[name].up * 1000))
    assert loop.run(30).sent[Kind.COPY] == 0


def test_copies_go_when_the_way_is_clean_again() -> None:
    rule, now = CopyRule(), 0.0
    seen = []
    for loss in [0.1] * 100 + [0.0] * 300:
        now += 0.1
        rule.update(now, loss, 0.0, 0.6, 600_000)
        seen.append(rule.copies)
    assert seen[99] == 2
    assert seen[-1] == 0


def test_what_a_full_buffer_loses_asks_for_no_copies() -> None:
    rule = CopyRule()
    for step in range(200):
        rule.update(step * 0.1, 0.2, 0.3, 0.6, 600_000)
    assert rule.copies == 0


@given(
    st.lists(
        st.tuples(
            st.floats(0, 2), st.floats(0, 1), st.none() | st.floats(-1, 5),
            st.floats(0, 10), st.floats(0, 2e6),
        )
    )
)  # fmt: skip
def test_the_picture_keeps_what_it_needs(
    reports: list[tuple[float, float, float | None, float, float]],
) -> None:
    rule, now = CopyRule(), 0.0
    for passed, loss, queue_s, trip_s, bit_s in reports:
        now += passed
        before = rule.copies
        rule.update(now, loss, queue_s, trip_s, bit_s)
        assert 0 <= rule.copies <= 2
        assert rule.copies <= before or bit_s / (1 + rule.copies) >= 80_000
        assert 0 <= rule.residual(loss) <= loss


def test_the_encoder_makes_room_for_copies() -> None:
    alone, copied = (Sharer(PLAIN).share(600_000, 0.001, 600_000, 0.0, n) for n in (0, 2))
    assert copied.video_bit_s == alone.video_bit_s
    assert copied.video_encoder_bit_s == pytest.approx(alone.video_encoder_bit_s / 3)


def test_copies_leave_last_and_count_as_waiting() -> None:
    pacer: Pacer[str] = Pacer(80_000)
    for kind in (Kind.COPY, Kind.VIDEO, Kind.RESENT):
        pacer.put(kind, kind.name, 100, 0.0)
    assert pacer.queue_s() == pytest.approx(0.02)
    left = [leaving.packet for at in (0.0, 0.01, 0.02) for leaving in pacer.take(at)]
    assert left == ["RESENT", "VIDEO", "COPY"]
    assert pacer.queue_s() == 0
    assert pacer.deadline(0.03) is None


def test_an_old_copy_is_thrown_away_and_no_whole_picture_must_follow() -> None:
    pacer: Pacer[str] = Pacer(80_000)
    pacer.put(Kind.COPY, "copy", 100, 0.0, patience_s=0.5)
    assert [*pacer.take(1.0)] == []
    assert (pacer.dropped, pacer.queue_s()) == (0, 0)


def test_a_request_written_before_the_copy_came_is_not_answered() -> None:
    kept: Retransmitter[str] = Retransmitter()
    kept.sent(7, "p", 500, 0.0)
    kept.copied(7, 0.02)
    kept.copied(8, 0.02)  # long forgotten
    assert kept.nack([7], 0.5, 0.6, lambda _octets: True) == []
    assert kept.nack([7], 0.7, 0.6, lambda _octets: True) == [("p", 500)]
