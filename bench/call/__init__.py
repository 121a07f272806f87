"""A call on each access line, the kiosk beside Chromium in its place.

Network namespaces for venue, hub and office, an emulated line to the venue, a talking head with
numbered pictures before both cameras and a babble before both microphones. `ends.py` holds what
stands at the ends, `take.py` one call, `figures.py` what it comes to, `told.py` a run as its JSON
tells it, from which `left.py` draws.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from pathlib import Path

from playwright.async_api import Playwright, async_playwright
from rich.console import Console

from bench.admit_ends import PEER_PLACE, enrol_peer, issue_code
from bench.call import sound
from bench.call.clip import Clip, make, talking_head
from bench.call.ends import KINDS, Office, Venue, chromium_venue, kiosk_venue, office
from bench.call.figures import Measured, failure, measure
from bench.call.goals import judged
from bench.call.left import leave
from bench.call.table import table
from bench.call.take import set_line, take
from bench.call.told import Asked, run_told
from bench.call_options import lines_asked
from bench.linelab.namespaces import Host, Lab, lab
from bench.linelab.profile import Profile
from bench.linelab.tun import inside
from bench.lines import Scenario, known_at_the_venue
from bench.results import OUT, Result
from bench.stack import Site, Stack, stack


def run(arguments: Namespace) -> Result:
    """All pairs on all lines asked for; tables on the way."""
    console = Console(highlight=False, width=130)
    lines = lines_asked(arguments)
    # a folder that cannot be made is told now, not after an hour
    (arguments.draw or OUT).mkdir(parents=True, exist_ok=True)
    # ended from outside, hosts and programs go too
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    def done(calls: list[Measured], line: Scenario) -> None:
        console.print(table(calls, line))

    with tempfile.TemporaryDirectory(prefix="visiohub-call-") as folder:
        clip = make(arguments.clip or talking_head(), Path(folder))
        with lab(Profile()) as hosts:
            runs = Runs(hosts, clip, console, arguments.pairs, arguments.seconds)
            calls = asyncio.run(runs.on_all(lines, done))
    asked = Asked(
        {line.name: line.what for line in lines}, arguments.pairs, arguments.seconds,
        arguments.clip.name if arguments.clip else "",
    )  # fmt: skip
    figures = tuple(judged(calls, lines, arguments.pairs))
    raw = {"asked": asdict(asked), "calls": [asdict(one) for one in calls]}
    return Result("call", figures, raw)


def draw(file: Path, folder: Path) -> None:
    """Of a run's JSON. Raises OSError where the folder cannot be written."""
    leave(run_told(file.read_bytes()), folder)


class Runs:
    """The calls of a run, on the hosts that all of them share."""

    def __init__(
        self, hosts: Lab, clip: Clip, console: Console, pairs: int, seconds: float
    ) -> None:
        self._hosts, self._clip, self._console = hosts, clip, console
        self._pairs, self._seconds = pairs, seconds
        self._source = sound.Source(sound.thin(clip.samples()))

    async def on_all(
        self, lines: Sequence[Scenario], done: Callable[[list[Measured], Scenario], None]
    ) -> list[Measured]:
        """The calls, in their order, those that failed too; `done` is told of each line."""
        calls: list[Measured] = []
        async with async_playwright() as playwright:
            for line in lines:
                try:
                    await self._on(line, playwright, calls)
                except Exception:  # noqa: BLE001 - the other lines are wanted all the same
                    self._console.print_exception()
                done(calls, line)
        return calls

    async def _on(self, line: Scenario, playwright: Playwright, calls: list[Measured]) -> None:
        """All pairs on one line. It has a hub of its own: what this hub measures of the venue's
        line, which budgets are made of, is this line's and no other's."""
        set_line(self._hosts, Profile())
        with stack(
            Site(self._hosts.hub, self._hosts.venue),
            VISIOHUB_SIGN_IN_TRIES_PER_ADDRESS="1000",
            VISIOHUB_CALL_GIVES_UP_AFTER_S="30",
        ) as running:
            async with office(playwright, running, self._hosts, self._clip) as desk:
                identity = await self._enrol(desk, running)
                for pair in range(self._pairs):
                    for kind in KINDS if pair % 2 == 0 else KINDS[::-1]:
                        self._console.print(
                            f"{line.name}, pair {pair + 1}: {kind} (load {os.getloadavg()[0]:.1f})"
                        )
                        set_line(self._hosts, line.profile)
                        begins = (
                            kiosk_venue(
                                playwright, running, self._hosts, self._clip,
                                **known_at_the_venue(line.profile),
                            )
                            if kind == "kiosk"
                            else chromium_venue(
                                playwright, running, self._hosts, self._clip, identity
                            )
                        )  # fmt: skip
                        try:
                            calls.append(await self._one(line, desk, begins))
                        except Exception as error:  # noqa: BLE001 - the other calls are wanted all the same
                            self._console.print_exception()
                            calls.append(failure(line.name, kind, error))
                            await desk.waits_for_nobody()

    async def _one(
        self, line: Scenario, desk: Office, begins: AbstractAsyncContextManager[Venue]
    ) -> Measured:
        async with begins as venue:
            taken = await take(self._hosts, desk, venue, line, line.seconds or self._seconds)
        return await asyncio.to_thread(measure, taken, self._clip, self._source)

    async def _enrol(self, desk: Office, running: Stack) -> Mapping[str, str]:
        page = await desk.another_page()
        code = await issue_code(page, running, PEER_PLACE)
        await page.context.close()
        return await asyncio.to_thread(_enrol_on, self._hosts.venue, running, code)


def _enrol_on(host: Host, running: Stack, code: str) -> dict[str, str]:
    with inside(host.name):
        return enrol_peer(running, code)
