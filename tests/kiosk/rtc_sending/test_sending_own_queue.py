"""A queue that the call fills by itself is given up, however much the line once carried."""

from __future__ import annotations

from dataclasses import replace

import pytest
from closed_loop import LINES, SEED, Case, Loop
from tcp_upload import Upload

from kiosk.rtc.sending.budget import Budget

AMPLE = 2_500_000.0
ADSL1 = LINES["adsl1"]


@pytest.fixture(autouse=True)
def _seed() -> None:
    print("seed", SEED)


def retrained(name: str, longer_ms: int, kbit_s: int) -> Loop:
    """A line that is this much longer one way, and thinner, from second 15 on."""
    case = LINES[name]
    loop = Loop(case, Budget(AMPLE, case.up * 1000))
    way = replace(case, delay=case.delay + longer_ms).way(kbit_s)
    loop.at(15.0, lambda now: loop.way.change(now, way))
    return loop


@pytest.mark.parametrize(
    ("name", "longer_ms", "kbit_s"),
    [
        ("adsl1", 30, 300),
        ("adsl1", 60, 300),
        ("adsl1", 100, 300),
        ("sdsl2", 60, 400),
        ("adsl512", 150, 102),
    ],
)
def test_a_line_that_is_retrained_thinner_and_longer_is_not_shared_with_anybody(
    name: str, longer_ms: int, kbit_s: int
) -> None:
    """A part of its rate, and interleaving: what stands for good after the drain is no queue, and
    what our share of the old rate adds to it is our own. A trial finds that out."""
    record = retrained(name, longer_ms, kbit_s).run(75.0)
    for begin in (30.0, 35.0, 40.0, 45.0, 50.0):
        print(f"queue p95 {record.queue_p95(begin, begin + 5):.3f} s from {begin:.0f} s on")
    assert record.queue_p95(45.0, 75.0) < 0.1
    assert record.share(kbit_s, 45.0, 75.0) > 0.8


def test_after_an_upload_on_a_line_that_had_thinned_before_its_modem_is_empty_again() -> None:
    loop = Loop(ADSL1, Budget(AMPLE, 1_000_000))
    loop.at(20.0, lambda now: loop.way.change(now, ADSL1.way(300)))
    Upload(loop, 30.0, 42.0)
    record = loop.run(75.0)
    print(f"queue p95 {record.queue_p95(55.0, 75.0):.3f} s")
    assert record.queue_p95(55.0, 75.0) < 0.1
    assert record.share(300, 55.0, 75.0) > 0.8


def test_on_an_unknown_line_of_64_kbit_an_upload_leaves_no_queue_behind() -> None:
    case = Case(64, 256, 40, 10, 0.5, 16_000)
    loop = Loop(case, Budget(AMPLE))
    Upload(loop, 30.0, 42.0)
    record = loop.run(80.0)
    print(f"queue p95 {record.queue_p95(58.0, 80.0):.3f} s")
    assert record.queue_p95(58.0, 80.0) < 0.15
    assert record.share(64, 58.0, 80.0) > 0.8
