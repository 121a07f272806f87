"""From `kiosk run` to ready, and the cost of a kiosk that waits for somebody to come.

Its screen is open in Chromium, as at a venue; the browser's own cost is not counted.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from argparse import Namespace

from playwright.async_api import async_playwright

from bench.admit_ends import KioskScreen
from bench.browsers import chromium
from bench.results import Figure, Result
from bench.stack import Stack, cpu_seconds, stack

STARTS = 5
SETTLE_S = 3.0
IDLE_S = 15.0


def run(_arguments: Namespace) -> Result:
    """Cold starts of the process (files are in the page cache), then a quarter of a minute idle."""
    with stack() as running:
        starts = []
        for _ in range(STARTS):
            with running.kiosk() as (_, ready_after):
                starts.append(ready_after)
        with running.kiosk() as (kiosk, _):
            share = asyncio.run(idle(running, kiosk.pid))
    return Result("kiosk", (
        Figure("start to ready, median of 5", statistics.median(starts), "s", at_most=3.0),
        Figure("start to ready, worst of 5", max(starts), "s"),
        Figure("idle, share of a core", share * 100, "%", at_most=3.0),
    ))  # fmt: skip


async def idle(running: Stack, pid: int) -> float:
    """Share of a core that the kiosk's process takes while its first screen is shown."""
    async with async_playwright() as playwright, chromium(playwright) as browser:
        await KioskScreen(running, await browser.new_page()).opens()
        await asyncio.sleep(SETTLE_S)
        before, began = cpu_seconds(pid), time.perf_counter()
        await asyncio.sleep(IDLE_S)
        return (cpu_seconds(pid) - before) / (time.perf_counter() - began)
