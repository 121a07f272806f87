"""Only the way up is dead: the far end goes on reporting what came before, and proves nothing."""

from __future__ import annotations

import pytest
from closed_loop import LINES, SEED, Loop

from kiosk.rtc.sending.budget import Budget
from kiosk.rtc.sending.control import SendControl
from kiosk.rtc.sending.pacer import Kind
from kiosk.rtc.sending.twcc import Feedback

SOUND, PICTURE = 1, 2


@pytest.fixture(autouse=True)
def _seed() -> None:
    print("seed", SEED)


class Reported(Loop):
    """The closed loop on a line of which nothing is known, and receiver reports as Chromium's."""

    def __init__(self, name: str) -> None:
        super().__init__(LINES[name], Budget(1_700_000.0))
        self.at(0.0, self._report)

    def _report(self, now: float) -> None:
        self.at(now + 0.4, self._report)
        for ssrc, kind in ((SOUND, Kind.SOUND), (PICTURE, Kind.VIDEO)):
            heard = sum(1 for _, came, _, _ in self.record.arrivals if came is kind)
            self.control.reached(ssrc, heard, now)
            self.control.receiver_report(0.0, 0.1, now)


@pytest.mark.parametrize("name", ["readsl128", "adsl1"])
@pytest.mark.parametrize("outage_s", [3.0, 10.0])
def test_while_the_way_up_is_dead_no_picture_leaves_and_its_return_finds_an_empty_modem(
    name: str, outage_s: float
) -> None:
    begin, end = 20.0, 20.0 + outage_s
    loop = Reported(name)
    loop.at(begin, loop.way.cut)
    loop.at(end, loop.way.restore)
    before = loop.run(begin).sent[Kind.VIDEO]
    loop.run(begin + 1.2)
    waited = loop.record.sent[Kind.VIDEO]
    rate = loop.control.target(begin + 1.2).total_bit_s
    loop.run(end)
    assert before > 0
    assert loop.record.sent[Kind.VIDEO] == waited
    assert loop.control.target(end).total_bit_s == rate
    record = loop.run(end + 10)
    print(f"queue p95 after the return {record.queue_p95(end, end + 5):.3f} s")
    assert record.queue_p95(end, end + 5) < 0.2
    assert min(at for at, _ in record.frames if at > end) < end + 2.0


def test_where_feedback_alone_ends_the_rate_stays_what_it_had_found() -> None:
    loop = Reported("readsl128")
    loop.at(20.0, lambda _: setattr(loop, "feedback", False))
    record = loop.run(40.0)
    assert not loop.control.fed
    assert max(record.rates(20.0, 26.0)) < 150_000, "and not the guess where it began"
    assert loop.control.window_open(40.0)


@pytest.mark.parametrize("moving", [SOUND, PICTURE])
def test_reports_of_ever_more_say_that_the_feedback_alone_is_missing(moving: int) -> None:
    control = SendControl(Budget(1_000_000))
    control.feedback(Feedback(1, 1, control.sent(0.0, 600) or 0, 0, (100,)), 0.1)
    control.sent(0.2, 600)
    for second in range(2, 5):
        control.reached(moving, 100 + second, float(second))
        assert not control.window_open(float(second))
    control.reached(moving, 105, 5.0)
    assert not control.fed
    assert control.window_open(5.0)
