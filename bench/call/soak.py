"""One long call of the kiosk: what its process holds on to."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import async_playwright

from bench.call.clip import make, talking_head
from bench.call.ends import kiosk_venue, office
from bench.linelab.namespaces import lab
from bench.lines import SCENARIOS, known_at_the_venue
from bench.stack import Site, cpu_seconds, stack

SAMPLES = 96
LINE = "adsl512"


@dataclass(frozen=True)
class Held:
    """The kiosk's process at one instant of the call."""

    minutes: float
    """Since the call began."""
    rss_kib: int
    descriptors: int
    threads: int
    cpu_seconds: float


async def hold(minutes: float, tell: Callable[[Held], None]) -> list[Held]:
    """A call on an ADSL line for so long, and what the kiosk's process held meanwhile.

    Raises RuntimeError when the call ends before that.
    """
    scenario = SCENARIOS[LINE]
    known = known_at_the_venue(scenario.profile)
    held: list[Held] = []
    with (
        tempfile.TemporaryDirectory(prefix="visiohub-soak-") as folder,
        lab(scenario.profile) as hosts,
        stack(Site(hosts.hub, hosts.venue)) as running,
    ):
        clip = make(talking_head(), Path(folder))
        async with (
            async_playwright() as playwright,
            office(playwright, running, hosts, clip) as desk,
            # a recording of hours would fill the disk: this speaker is heard by nobody
            kiosk_venue(
                playwright, running, hosts, clip, **known, KIOSK_SPEAKER="synthetic"
            ) as venue,
        ):
            await venue.far.arrives()
            await desk.agent.opens_waiting_room()
            await desk.page.click("#enter")
            await desk.page.wait_for_selector("#stage[data-phase=live]")
            began = time.monotonic()
            for number in range(SAMPLES + 1):
                wait = began + number * minutes * 60 / SAMPLES - time.monotonic()
                await asyncio.sleep(max(0.0, wait))
                if await desk.page.locator("#stage[data-phase=live]").count() != 1:
                    raise RuntimeError(f"the call is over after {_minutes(began):.0f} minutes")
                held.append(_look(venue.process.pid, _minutes(began)))
                tell(held[-1])
            await desk.hangs_up()
    return held


def _minutes(began: float) -> float:
    return (time.monotonic() - began) / 60


def _look(pid: int, minutes: float) -> Held:
    process = Path(f"/proc/{pid}")
    fields = dict(
        line.split(":", 1) for line in (process / "status").read_text("utf-8").splitlines()
    )
    return Held(
        round(minutes, 2),
        int(fields["VmRSS"].split()[0]),
        len(list((process / "fd").iterdir())),
        int(fields["Threads"]),
        round(cpu_seconds(pid), 1),
    )
