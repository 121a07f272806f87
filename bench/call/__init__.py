"""A call on each access line, the kiosk beside Chromium in its place.

Network namespaces for venue, hub and office, an emulated line to the venue, a talking head with
numbered pictures before both cameras and a babble before both microphones. `ends.py` holds what
stands at the ends, `take.py` one call, `figures.py` what it comes to.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path

from playwright.async_api import async_playwright
from rich.console import Console

from bench.admit_ends import PEER_PLACE, enrol_peer, issue_code
from bench.call import sound
from bench.call.clip import Clip, make, talking_head
from bench.call.curves import draw
from bench.call.ends import KINDS, Kind, Office, chromium_venue, kiosk_venue, office
from bench.call.figures import Measured, failure, measure
from bench.call.goals import judged
from bench.call.table import table
from bench.call.take import set_line, take
from bench.linelab.namespaces import Host, Lab, lab
from bench.linelab.profile import Profile
from bench.linelab.tun import inside
from bench.lines import SCENARIOS, Scenario
from bench.results import OUT, Result
from bench.stack import Site, Stack, stack


def run(arguments: Namespace) -> Result:
    """All pairs on all lines asked for; tables and curves on the way."""
    console = Console(highlight=False, width=130)
    # ended from outside, hosts and programs go too
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (
        tempfile.TemporaryDirectory(prefix="visiohub-call-") as folder,
        lab(Profile()) as hosts,
        stack(
            Site(hosts.hub, hosts.venue),
            VISIOHUB_SIGN_IN_TRIES_PER_ADDRESS="1000",
            VISIOHUB_CALL_GIVES_UP_AFTER_S="30",
        ) as running,
    ):
        clip = make(arguments.clip or talking_head(), Path(folder))
        drawn: Path = arguments.draw or OUT
        drawn.mkdir(parents=True, exist_ok=True)

        def done(calls: list[Measured], name: str) -> None:
            console.print(table(calls, name))
            if any(call.scenario == name and not call.failed for call in calls):
                (drawn / f"call-{name}.svg").write_text(draw(calls, name), "utf-8")

        calls = asyncio.run(Session(hosts, running, clip, console).run(arguments, done))
    raw = {"calls": [asdict(one) for one in calls]}
    return Result("call", tuple(judged(calls, arguments.lines, arguments.pairs)), raw)


class Session:
    """Hosts, hub and office that all calls of a run share."""

    def __init__(self, hosts: Lab, running: Stack, clip: Clip, console: Console) -> None:
        self._hosts, self._running, self._clip, self._console = hosts, running, clip, console
        self._source = sound.Source(sound.thin(clip.samples()))

    async def run(
        self, arguments: Namespace, done: Callable[[list[Measured], str], None]
    ) -> list[Measured]:
        """The calls, in their order, those that failed too; `done` is told of each line."""
        calls: list[Measured] = []
        async with AsyncExitStack() as opened:
            playwright = await opened.enter_async_context(async_playwright())
            desk = await opened.enter_async_context(
                office(playwright, self._running, self._hosts, self._clip)
            )
            identity = await self._enrol(desk)

            async def one(kind: Kind, scenario: Scenario) -> Measured:
                set_line(self._hosts, scenario)
                begins = (
                    kiosk_venue(playwright, self._running, self._hosts, self._clip)
                    if kind == "kiosk"
                    else chromium_venue(
                        playwright, self._running, self._hosts, self._clip, identity
                    )
                )
                async with begins as venue:
                    seconds = scenario.seconds or arguments.seconds
                    taken = await take(self._hosts, desk, venue, scenario, seconds)
                return await asyncio.to_thread(measure, taken, self._clip, self._source)

            for name in arguments.lines:
                for pair in range(arguments.pairs):
                    for kind in KINDS if pair % 2 == 0 else KINDS[::-1]:
                        self._console.print(
                            f"{name}, pair {pair + 1}: {kind} (load {os.getloadavg()[0]:.1f})"
                        )
                        try:
                            calls.append(await one(kind, SCENARIOS[name]))
                        except Exception as error:  # noqa: BLE001 - the other calls are wanted all the same
                            self._console.print_exception()
                            calls.append(failure(name, kind, error))
                            await desk.waits_for_nobody()
                done(calls, name)
        return calls

    async def _enrol(self, desk: Office) -> Mapping[str, str]:
        page = await desk.another_page()
        code = await issue_code(page, self._running, PEER_PLACE)
        await page.context.close()
        return await asyncio.to_thread(_enrol_on, self._hosts.venue, self._running, code)


def _enrol_on(host: Host, running: Stack, code: str) -> dict[str, str]:
    with inside(host.name):
        return enrol_peer(running, code)
