"""Sound without transport-wide numbers, as Firefox takes it, beside video that has them."""

from __future__ import annotations

import pytest

from kiosk.rtc.sending.budget import Budget
from kiosk.rtc.sending.control import SendControl
from kiosk.rtc.sending.twcc import TICK_S, Feedback

TRIP_S = 0.05
OCTETS = 1000


def talk(control: SendControl, begin: float, seconds: float, *, sound: int) -> None:
    """25 video packets a second, each answered, and `sound` packets that nobody answers."""
    for n in range(round(seconds * 25)):
        now = begin + n / 25
        for _ in range(sound // 25):
            assert control.sent(now, OCTETS, numbered=False) is None
        number = control.sent(now, OCTETS)
        assert number is not None
        arrived = round((now + TRIP_S / 2) / TICK_S)
        control.feedback(Feedback(1, 1, number, n & 0xFF, (arrived,)), now + TRIP_S)


def test_what_is_not_numbered_is_neither_lost_nor_under_way() -> None:
    control = SendControl(Budget(2_000_000, 400_000))
    talk(control, 0.0, 4.0, sound=50)
    assert control.loss_ratio == 0.0
    assert control.window_open(4.1)
    assert control.state == "increase"


def test_it_counts_as_used_when_the_rate_rises() -> None:
    alone = SendControl(Budget(2_000_000, 600_000))
    beside = SendControl(Budget(2_000_000, 600_000))
    talk(alone, 0.0, 5.0, sound=0)
    talk(beside, 0.0, 5.0, sound=50)
    assert alone.target(5.0).total_bit_s == pytest.approx(510_000), "limited by the application"
    assert beside.target(5.0).total_bit_s > 600_000


def test_numbers_to_come_are_those_that_are_given() -> None:
    control = SendControl(Budget(1_000_000))
    for n in range(3):
        assert control.next_number == n
        control.sent(0.0, OCTETS, numbered=False)
        assert control.sent(0.0, OCTETS) == n


def test_a_dead_line_is_told_and_video_waits_for_it() -> None:
    control = SendControl(Budget(1_000_000))
    talk(control, 0.0, 2.0, sound=0)
    control.sent(2.1, OCTETS)
    assert not control.silent(3.0)
    assert control.silent(3.2)
    assert not control.window_open(3.2)
    talk(control, 8.0, 0.2, sound=0)
    assert not control.silent(8.3)
    assert control.window_open(8.3)
