"""A call that is put to the test, and the clocks that are held beside it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import lens
from browsers import Page
from lens import FAR_AT_KIOSK, FAR_IN_BROWSER
from people import Agent, Citizen
from stack import Stack

SERVICE = "Question rapide"
"""A service of the CAF that is called without an appointment."""


@dataclass(frozen=True)
class Certificate:
    """Files of the relay's certificate, which signs itself."""

    chain: Path
    key: Path


@dataclass
class Call:
    """Agent and citizen."""

    engine: str
    """Of the agent's browser."""
    stack: Stack
    agent: Agent
    citizen: Citizen

    async def begin(self) -> None:
        """From wherever both are to a call in which media flows both ways."""
        await self.citizen.page.reload()
        await self.citizen.page.until("document.body.dataset.screen")
        if await self.citizen.screen() in {"waiting", "admitted", "call", "interrupted"}:
            await self.citizen.hangs_up()
        await self.citizen.goes_home()
        await self.agent.page.open(f"{self.stack.hub_url}/agent")
        await self._calls()
        await self.agent.admits()
        await self.citizen.reaches("call")
        await lens.watch(self.agent.page, "far", FAR_IN_BROWSER)
        await lens.watch(self.citizen.page, "far", FAR_AT_KIOSK)
        for page in self.pages:
            await lens.numbers(page)

    async def _calls(self) -> None:
        """The agent's page has just been opened: until it is counted the service is closed."""
        try:
            await self.citizen.calls(SERVICE)
        except AssertionError:
            await self.citizen.page.reload()
            await self.citizen.page.until("document.body.dataset.screen")
            await self.citizen.goes_home()
            await self.citizen.calls(SERVICE)

    @property
    def pages(self) -> tuple[Page, Page]:
        """The agent's, the citizen's."""
        return self.agent.page, self.citizen.page

    async def end(self) -> None:
        """The agent hangs up."""
        await self.agent.hangs_up()
        await self.citizen.reaches("ended")

    async def call_id(self) -> str:
        """From the address of the agent's page."""
        return str(await self.agent.page.evaluate("location.pathname.split('/').pop()"))

    async def connection(self) -> str:
        """Name of the stream that the agent sees: each new connection has another."""
        return str(await self.agent.page.evaluate(f"{FAR_IN_BROWSER}.srcObject.id"))

    async def both_say_so(self, since: float) -> tuple[float, float]:
        """Seconds from `since` (time.time) until each side told of the interruption."""
        return await both(
            since,
            lambda: self.agent.page.until(
                "['cut', 'unheard'].includes(document.querySelector('#stage').dataset.phase)"
            ),
            lambda: self.citizen.reaches("interrupted"),
        )

    async def media_is_back(self, since: float, within_s: float = 20.0) -> tuple[float, float]:
        """Seconds from `since` until each side shows a new picture of the other."""
        ms = since * 1000
        # another generation shows in the other <video>: watch what is shown now
        newer = f"lens.of('far').seen.find(one => one[0] > {ms} && one[1] !== null)"
        at_agent = f"(lens.watch('far', {FAR_IN_BROWSER}), {newer})"
        seen = await asyncio.gather(
            self.agent.page.until(at_agent, within_s=within_s),
            self.citizen.page.until(newer, within_s=within_s),
        )
        return seen[0][0] / 1000 - since, seen[1][0] / 1000 - since


async def both(
    since: float, one: Callable[[], Awaitable[object]], other: Callable[[], Awaitable[object]]
) -> tuple[float, float]:
    """Seconds from `since` until each of two things came true."""

    async def clocked(wanted: Callable[[], Awaitable[object]]) -> float:
        await wanted()
        return time.time() - since

    first, second = await asyncio.gather(clocked(one), clocked(other))
    return first, second
