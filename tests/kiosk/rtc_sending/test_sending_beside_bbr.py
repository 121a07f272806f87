"""The call beside an upload that keeps the queue short, in virtual time.

What a call gives up, BBR takes, and no queue is left that would show it: a call that gives way as
if it had filled the line by itself would soon have nothing.
"""

from __future__ import annotations

import pytest
from bbr_upload import BbrUpload
from closed_loop import LINES, Loop

from kiosk.rtc.sending.budget import Budget

AMPLE = 1_700_000.0
SECONDS = 12.0


@pytest.mark.parametrize(
    ("name", "begin", "seed"),
    [
        ("adsl1", 15.0, 1),
        ("adsl1", 15.0, 2),
        ("adsl1", 15.5, 1),
        ("adsl1", 15.7, 1),
        ("adsl512", 15.0, 1),
        ("sdsl2", 15.0, 1),
    ],
)
def test_a_share_is_held(name: str, begin: float, seed: int) -> None:
    case = LINES[name]
    loop = Loop(case, Budget(AMPLE, case.up * 1000), seed=seed)
    upload = BbrUpload(loop, begin, begin + SECONDS)
    record = loop.run(begin + SECONDS)
    frames = sum(1 for at, _ in record.frames if begin + 1 <= at) / (SECONDS - 1)
    tcp_bit_s = upload.arrived_octets * 8 / SECONDS
    print(f"{frames:.1f} frames/s, TCP {tcp_bit_s / 1000:.0f} kbit/s")
    assert frames > 18
    assert tcp_bit_s > 0.4 * case.up * 1000, "else there is nothing to share with"
    assert record.queue_p95(begin + 1, begin + SECONDS) < 0.25
