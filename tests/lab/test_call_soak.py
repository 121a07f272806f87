"""A call of a working day: the kiosk's process holds on to nothing. `make soak` runs it.

`make soak SOAK_MINUTES=10` is a shorter one.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from statistics import median

import pytest

from bench.call.soak import SAMPLES, hold

pytestmark = [pytest.mark.root, pytest.mark.browser, pytest.mark.slow]

MINUTES = float(os.environ.get("SOAK_MINUTES", "480"))
GROWS_LESS_THAN = 0.05
POOL = (os.cpu_count() or 1) + 4
"""Threads of asyncio's pool (concurrent.futures), which come when they are first needed."""
WARM = SAMPLES // 8
"""Samples before this are not counted: buffers and caches fill in the first hour of eight."""


async def test_a_long_call_grows_nothing() -> None:
    held = await hold(MINUTES, lambda one: print(asdict(one), flush=True))
    settled = held[WARM:]
    first, last = settled[: SAMPLES // 8], settled[-SAMPLES // 8 :]
    growth = median(one.rss_kib for one in last) / median(one.rss_kib for one in first) - 1
    print(f"RSS grew by {growth * 100:.2f} % in {MINUTES:g} minutes")
    assert growth < GROWS_LESS_THAN
    assert max(one.descriptors for one in last) <= max(one.descriptors for one in first)
    assert max(one.threads for one in last) <= max(one.threads for one in first) + POOL
