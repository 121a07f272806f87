"""The two ends of a measured call.

The office is always a Chromium with the project's own page. At the venue stands either the kiosk
with its screen in a Chromium, or a Chromium alone with a page that plays the kiosk's part.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Literal

import numpy as np
from playwright.async_api import Browser, Page, Playwright
from playwright.async_api import Error as PlaywrightError

from bench.admit_ends import (
    AGENT_SEES,
    PEER_SEES,
    SCREEN_SEES,
    Agent,
    Far,
    KioskScreen,
    PeerKiosk,
    watch,
)
from bench.admit_relay import PAGES, relay
from bench.browsers import Place, chromium
from bench.call import sound
from bench.call.clip import HEIGHT, RATE, WIDTH, Clip
from bench.call.measure import Loop
from bench.call.noted import Noted, kiosk_stats, noted, shown_in, stills_in
from bench.call.sound import Recording
from bench.linelab.namespaces import Lab
from bench.stack import Stack

Kind = Literal["kiosk", "Chromium"]
KINDS: tuple[Kind, ...] = ("kiosk", "Chromium")
_PROBE = "".join((PAGES / name).read_text("utf-8") for name in ("frame_number.js", "probe.js"))
_BEGINS = re.compile(r"file begins\s.*?path=(\S+) unix_s=([\d.]+)")
_WAV_HEAD = 44
_CHUNK = 960
_LAST_WORDS = 4000
_GIVEN_UP_WITHIN_S = 60


class Office:
    """The agent's browser."""

    def __init__(self, running: Stack, browser: Browser, clip: Clip) -> None:
        self._running, self._browser, self._clip = running, browser, clip
        self._source = sound.Source(sound.thin(clip.samples()))
        self.page: Page
        self.agent: Agent

    async def arrives(self) -> None:
        """Sign in."""
        context = await self._browser.new_context(
            locale="fr-FR", permissions=["camera", "microphone"]
        )
        await context.add_init_script(_PROBE)
        self.page = await context.new_page()
        self.agent = Agent(self._running, self.page)
        await self.agent.arrives("caf1")

    async def watches(self) -> None:
        """From now on note what is shown and heard."""
        await watch(self.page, AGENT_SEES)
        await self.page.evaluate("probe.begin('#near', 'video.far.shown')")

    async def admits(self) -> float:
        """Press the button; when it was pressed."""
        await self.page.click("#enter")
        return float(await self.page.evaluate("bench.click")) / 1000

    async def noted(self) -> Noted:
        """All of it."""
        return await noted(self.page, self._clip, self._source)

    async def hangs_up(self) -> None:
        """By the button, if there is still a call."""
        with suppress(PlaywrightError):
            await self.page.click("#hang-up", timeout=3000)
        with suppress(PlaywrightError):
            await self.page.wait_for_selector("#stage[data-phase=ended]", timeout=5000)
        await self.page.goto(f"{self._running.origin}/agent")

    async def another_page(self) -> Page:
        """For somebody else at the same desk."""
        return await (await self._browser.new_context(locale="fr-FR")).new_page()

    async def waits_for_nobody(self) -> None:
        """After a call that went wrong: until the hub has given it up."""
        for _ in range(_GIVEN_UP_WITHIN_S):
            await self.page.goto(f"{self._running.origin}/agent")
            if not await self.page.locator("[data-focus=admit]").count():
                return
            await asyncio.sleep(1)


class Venue:
    """The end at the venue, whoever plays it."""

    def __init__(self, kind: Kind, far: Far, page: Page, clip: Clip) -> None:
        self.kind, self.far, self.page, self.clip = kind, far, page, clip
        self.source = sound.Source(sound.thin(clip.samples()))

    async def watches(self) -> None:
        """From now on note what is shown and heard."""
        await watch(self.page, PEER_SEES)
        await self.page.evaluate("probe.begin('#near', '#far')")

    async def noted(self) -> Noted:
        """All of it."""
        return await noted(self.page, self.clip, self.source)


class KioskVenue(Venue):
    """The kiosk and its screen."""

    def __init__(
        self,
        far: Far,
        page: Page,
        clip: Clip,
        process: subprocess.Popen[bytes],
        log: Path,
        speaker: Path,
        stats: Path,
    ) -> None:
        super().__init__("kiosk", far, page, clip)
        self.process, self._log, self._speaker, self._stats = process, log, speaker, stats
        self._marks: list[tuple[float, int]] = []
        self._watching: asyncio.Task[None] | None = None

    async def watches(self) -> None:
        """From now on note what is shown and heard."""
        await watch(self.page, SCREEN_SEES)
        await self.page.evaluate("probe.begin('', '#far-picture')")
        self._watching = asyncio.create_task(self._watch_speaker())

    async def noted(self) -> Noted:
        """All of it. RuntimeError when the kiosk is no more."""
        if self._watching is not None:
            self._watching.cancel()
        said = self._log.read_text("utf-8", errors="replace")
        if self.process.poll() is not None:
            raise RuntimeError(f"the kiosk ended in the call:\n{said[-_LAST_WORDS:]}")
        begins = {path: float(at) for path, at in _BEGINS.findall(said)}
        given = await self.page.evaluate("probe.end()")
        picture = await self.page.evaluate("bench.picture")
        pcm = np.empty(0, np.int16)
        if self._speaker.exists():
            octets = self._speaker.read_bytes()[_WAV_HEAD:]
            pcm = sound.thin(np.frombuffer(octets[: len(octets) // 2 * 2], np.int16))
        return Noted(
            first_picture=picture and picture / 1000,
            shown=shown_in(given),
            stills=stills_in(given),
            heard=Recording(pcm, list(self._marks)),
            camera=Loop([(begins[str(self.clip.picture)], 0.0)], self.clip.seconds),
            microphone=Loop([(begins[str(self.clip.sound)], 0.0)], self.clip.seconds),
            stats=kiosk_stats(self._stats),
        )

    async def _watch_speaker(self) -> None:
        """The file grows in the pace of the speaker: its length tells what is played now."""
        before = 0
        while True:
            with suppress(FileNotFoundError):
                length = (self._speaker.stat().st_size - _WAV_HEAD) // 2
                if length > before:
                    # the newest 20 ms begin to sound now
                    self._marks.append((time.time(), max(0, length - _CHUNK) // sound.THIN))
                    before = length
            await asyncio.sleep(0.01)


@asynccontextmanager
async def office(
    playwright: Playwright, running: Stack, hosts: Lab, clip: Clip
) -> AsyncIterator[Office]:
    """The agent, signed in."""
    place = Place(hosts.office, running.origin, clip.picture, clip.sound)
    async with chromium(playwright, place) as browser:
        arriving = Office(running, browser, clip)
        await arriving.arrives()
        yield arriving


@asynccontextmanager
async def kiosk_venue(
    playwright: Playwright, running: Stack, hosts: Lab, clip: Clip, **changes: str
) -> AsyncIterator[KioskVenue]:
    """The kiosk, ready, its screen before the citizen. `changes` are KIOSK_* variables."""
    speaker = running.folder / "speaker.wav"
    stats = running.folder / "statistics.jsonl"
    for left in (speaker, stats, running.kiosk_log):
        left.unlink(missing_ok=True)
    async with AsyncExitStack() as opened:
        devices = {
            "KIOSK_CAMERA": f"file:{clip.picture}",
            "KIOSK_MICROPHONE": f"file:{clip.sound}",
            "KIOSK_SPEAKER": f"file:{speaker}",
            "KIOSK_STATS": str(stats),
        }
        kiosk = running.kiosk(**devices | changes)
        process, _ = await asyncio.to_thread(kiosk.__enter__)
        opened.push_async_callback(asyncio.to_thread, kiosk.__exit__, None, None, None)
        browser = await opened.enter_async_context(chromium(playwright, Place(hosts.venue)))
        context = await browser.new_context(locale="fr-FR")
        await context.add_init_script(_PROBE)
        page = await context.new_page()
        far = KioskScreen(running, page)
        await far.opens()
        yield KioskVenue(far, page, clip, process, running.kiosk_log, speaker, stats)


@asynccontextmanager
async def chromium_venue(
    playwright: Playwright, running: Stack, hosts: Lab, clip: Clip, identity: Mapping[str, str]
) -> AsyncIterator[Venue]:
    """A Chromium in the kiosk's place."""
    async with AsyncExitStack() as opened:
        wire = await opened.enter_async_context(relay(running.origin, hosts.venue))
        place = Place(hosts.venue, "", clip.picture, clip.sound)
        browser = await opened.enter_async_context(chromium(playwright, place))
        context = await browser.new_context(locale="fr-FR", permissions=["camera", "microphone"])
        await context.add_init_script(_PROBE)
        page = await context.new_page()
        video = {"width": WIDTH, "height": HEIGHT, "frameRate": RATE}
        far = PeerKiosk(page, wire, {**identity, "video": video})
        await far.opens()
        yield Venue("Chromium", far, page, clip)
