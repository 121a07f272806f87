"""From `kiosk run` to ready, and the cost of a kiosk that waits for somebody to come."""

from __future__ import annotations

import statistics
import time
from argparse import Namespace

from bench.results import Figure, Result
from bench.stack import cpu_seconds, stack

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
            time.sleep(SETTLE_S)
            before, began = cpu_seconds(kiosk.pid), time.perf_counter()
            time.sleep(IDLE_S)
            share = (cpu_seconds(kiosk.pid) - before) / (time.perf_counter() - began)
    return Result("kiosk", (
        Figure("start to ready, median of 5", statistics.median(starts), "s", at_most=3.0),
        Figure("start to ready, worst of 5", max(starts), "s"),
        Figure("idle, share of a core", share * 100, "%", at_most=3.0),
    ))  # fmt: skip
