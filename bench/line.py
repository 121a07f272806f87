"""The emulated access line itself: what it promises at 18 Mbit/s, measured with real packets."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from bench.linelab.namespaces import Host, Lab, lab
from bench.linelab.profile import Direction, Profile
from bench.results import Figure, Result

TRAIN = Path(__file__).parent / "linelab" / "udp_train.py"
RATE_KBIT_S = 18_000.0
SECONDS = 5.0
IDEAL_MS = 10 + 1500 * 8 / RATE_KBIT_S


def run(_arguments: Namespace) -> Result:
    """A train above the rate, a train below it, and what the emulator used meanwhile."""
    way = Direction(kbit_s=RATE_KBIT_S, buffer_octets=100_000, delay_ms=10)
    with lab(Profile(down=way, up=way)) as hosts:
        above = _train(hosts.hub, hosts.venue, 20_000)
        before = hosts.line.stats()
        below = _train(hosts.hub, hosts.venue, 15_000)
        after = hosts.line.stats()
        cpu = (after["cpu_seconds"] - before["cpu_seconds"]) / SECONDS
        figures = (
            Figure("rate error under overload", _error(above), "%", at_most=0.5),
            Figure("lateness below the rate, p50", below["delay_ms"]["p50"] - IDEAL_MS, "ms"),
            Figure("lateness below the rate, p95", below["delay_ms"]["p95"] - IDEAL_MS, "ms", 2.0),
            Figure("emulator's share of a core at 15 Mbit/s", cpu * 100, "%"),
            Figure("wake-ups later than 1 ms", _late(hosts) * 100, "%", at_most=1.0),
        )
    return Result("line", figures)


def _train(sender: Host, receiver: Host, kbit_s: float) -> Any:
    process = receiver.start(
        sys.executable, str(TRAIN), "receive", "5005", "0.7", stdout=subprocess.PIPE
    )
    if process.stdout is None or process.stdout.readline() != b"ready\n":
        raise RuntimeError("the receiver did not start")
    sender.run(sys.executable, str(TRAIN), "send", receiver.address, "5005", "1500", str(kbit_s),
               str(SECONDS))  # fmt: skip
    return json.loads(process.communicate(timeout=20)[0])


def _error(seen: Any) -> float:
    return abs(float(seen["ip_kbit_s"]) / RATE_KBIT_S - 1) * 100


def _late(hosts: Lab) -> float:
    lateness = hosts.line.stats()["lateness"]
    late = sum(lateness[label] for label in ("<=2000 us", "<=5000 us", "<=20000 us", ">20000 us"))
    return float(late / max(1, sum(lateness.values())))
