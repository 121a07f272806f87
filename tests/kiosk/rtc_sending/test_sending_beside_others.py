"""The call beside others' traffic that lasts, in virtual time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from closed_loop import LINES, Loop
from tcp_upload import Upload

from bench.linelab.profile import Direction
from kiosk.rtc.sending.budget import Budget

AMPLE = 2_500_000.0
ADSL1 = LINES["adsl1"]


def frames_per_s(loop: Loop, begin: float, end: float) -> float:
    return sum(1 for at, _ in loop.record.frames if begin <= at < end) / (end - begin)


def test_a_download_that_delays_the_answers_takes_nothing_of_what_is_sent() -> None:
    loop = Loop(ADSL1, Budget(AMPLE, 1_000_000))
    full = Direction(kbit_s=ADSL1.down, delay_ms=ADSL1.delay + 500)
    loop.at(15.0, lambda now: loop.back.change(now, full))
    record = loop.run(40.0)
    assert frames_per_s(loop, 18.0, 40.0) > 22
    assert record.share(ADSL1.up, 18.0, 40.0) > 0.75
    assert record.queue_p95(18.0, 40.0) < 0.2


def test_beside_an_upload_of_minutes_half_of_the_line_is_held_to_its_end() -> None:
    loop = Loop(ADSL1, Budget(AMPLE, 1_000_000))
    Upload(loop, 15.0, 120.0)
    record = loop.run(120.0)
    for begin in (30.0, 60.0, 90.0):
        assert frames_per_s(loop, begin, begin + 30.0) > 15
        rates = record.rates(begin, begin + 30.0)
        assert sum(rates) / len(rates) > 300_000


def test_a_share_of_the_line_that_grows_is_used_at_once() -> None:
    loop = Loop(ADSL1, Budget(150_000, 1_000_000))
    loop.at(15.0, lambda _now: loop.control.budget(Budget(950_000, 1_000_000)))
    record = loop.run(20.0)
    assert max(record.rates(10.0, 15.0)) <= 150_000
    assert min(record.rates(17.0, 20.0)) > 800_000


@pytest.mark.parametrize(("name", "longer_ms"), [("adsl1", 60), ("adsl1", 100), ("adsl256", 100)])
def test_a_way_that_grows_longer_for_good_is_not_taken_for_others_traffic(
    name: str, longer_ms: int
) -> None:
    """Another route, or the line's interleaving: there is no queue, and nobody to share with."""
    case = LINES[name]
    loop = Loop(case, Budget(AMPLE, case.up * 1000))
    longer = replace(case, delay=case.delay + longer_ms)
    loop.at(15.0, lambda now: loop.way.change(now, longer.way()))
    record = loop.run(40.0)
    assert record.share(case.up, 23.0, 40.0) > 0.8
    assert record.queue_p95(23.0, 40.0) < 0.1
