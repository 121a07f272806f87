"""Cuts in mid-call, at either end: how soon both sides say so, how soon media is back.

A real hub, a real kiosk with its screen in Chromium behind an emulated ADSL line, an agent's
Chromium in an office; no click between the cut and the next picture. Pictures and words are noted
in the pages themselves, with the clock of this machine. A cut lasts up to a second longer than
said, so that the line comes back at any moment of the timers that try it.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from argparse import Namespace
from contextlib import AsyncExitStack
from dataclasses import dataclass

from playwright.async_api import Page, async_playwright

from bench.admit_ends import Agent, KioskScreen, until
from bench.browsers import Place, chromium
from bench.linelab.namespaces import Lab, lab
from bench.linelab.outages import OUTAGES
from bench.linelab.profile import PRESETS
from bench.results import Figure, Result, percentile
from bench.stack import Site, Stack, stack

LENGTHS_S = {5: 12, 30: 4, 120: 2}
"""Length of a cut, and how many of it at each end."""
TOLD_WITHIN_S = 3.0
BACK_WITHIN_S = 2.0
SEED = 2026

WITNESS_AT_AGENT = """() => {
    const notes = (window.witness = { pictures: [], told: [] });
    for (const video of document.querySelectorAll('video.far')) {
        const note = () => {
            if (video.matches('.shown')) notes.pictures.push(Date.now());
            video.requestVideoFrameCallback(note);
        };
        video.requestVideoFrameCallback(note);
    }
    const stage = document.querySelector('#stage');
    new MutationObserver(() => {
        if (['cut', 'unheard'].includes(stage.dataset.phase)) notes.told.push(Date.now());
    }).observe(stage, { attributes: true, attributeFilter: ['data-phase'] });
}"""
WITNESS_AT_KIOSK = """() => {
    const notes = (window.witness = { pictures: [], told: [] });
    new MutationObserver((changes) => {
        const picture = changes.some(({ target }) => target.id === 'far-picture');
        if (picture) notes.pictures.push(Date.now());
        else if (document.body.dataset.screen === 'interrupted') notes.told.push(Date.now());
    }).observe(document.documentElement, {
        attributes: true, subtree: true, attributeFilter: ['data-pictures', 'data-screen'],
    });
}"""
IN_CALL = {
    "agent": "document.querySelector('#stage').dataset.phase === 'live'",
    "kiosk": "document.body.dataset.screen === 'call'",
}


@dataclass(frozen=True)
class Cut:
    """What one cut did, in seconds, at the side that was slower."""

    end: str
    length: int
    told: float
    """From the cut to the words on the page."""
    back: float
    """From the line's return to the first new picture; infinite when none came."""


def run(_arguments: Namespace) -> Result:
    """All cuts at the kiosk's end in one call, then at the agent's in another."""
    with (
        lab(PRESETS["adsl-8m"]) as hosts,
        stack(Site(hosts.hub, hosts.venue)) as running,
        running.kiosk(),
    ):
        cuts = asyncio.run(measure(running, hosts))
    figures, raw = list[Figure](), dict[str, list[float | None]]()
    for end in OUTAGES:
        told = [cut.told for cut in cuts if cut.end == end]
        raw[f"{end}_told_s"] = [_finite(s) for s in told]
        what = f"{end} cut off: both say so, worst of {len(told)}"
        figures.append(Figure(what, _worst(told), "s", at_most=TOLD_WITHIN_S))
        for length in LENGTHS_S:
            back = [cut.back for cut in cuts if (cut.end, cut.length) == (end, length)]
            raw[f"{end}_back_after_{length}_s"] = [_finite(s) for s in back]
            what = f"{end} cut off {length} s: back, worst of {len(back)}"
            figures.append(Figure(what, _worst(back), "s"))
    for length in LENGTHS_S:
        back = [cut.back for cut in cuts if cut.length == length]
        what = f"media back after {length} s, p95 of {len(back)}"
        p95 = _finite(percentile(back, 0.95))
        figures.append(Figure(what, p95, "s", at_most=BACK_WITHIN_S))
    every = [cut.back for cut in cuts]
    what = f"media back at both sides, p95 of {len(every)}"
    p95 = _finite(percentile(every, 0.95))
    figures.append(Figure(what, p95, "s", at_most=BACK_WITHIN_S))
    return Result("cuts", tuple(figures), raw)


def _worst(seconds: list[float]) -> float | None:
    return _finite(max(seconds, default=math.inf))


def _finite(seconds: float) -> float | None:
    return None if math.isinf(seconds) else seconds


async def measure(running: Stack, hosts: Lab) -> list[Cut]:
    """Every cut of `LENGTHS_S`, at each end; ends early when a call does not come back."""
    dice = random.Random(SEED)  # noqa: S311 - chance of a measurement, not of a secret
    async with AsyncExitStack() as opened:
        playwright = await opened.enter_async_context(async_playwright())
        at_office = Place(hosts.office, running.origin)
        office = await opened.enter_async_context(chromium(playwright, at_office))
        venue = await opened.enter_async_context(chromium(playwright, Place(hosts.venue)))
        permitted = ["camera", "microphone"]
        context = await office.new_context(locale="fr-FR", permissions=permitted)
        pages = {"agent": await context.new_page(), "kiosk": await venue.new_page()}
        agent, screen = Agent(running, pages["agent"]), KioskScreen(running, pages["kiosk"])
        await agent.arrives("caf1")
        await screen.opens()
        cuts = []
        for end in OUTAGES:
            await begin(agent, screen)
            await pages["agent"].evaluate(WITNESS_AT_AGENT)
            await pages["kiosk"].evaluate(WITNESS_AT_KIOSK)
            for length, count in LENGTHS_S.items():
                for _ in range(count):
                    await asyncio.sleep(1 + 2 * dice.random())
                    cuts.append(await one_cut(pages, hosts, end, length, dice.random()))
                    print(cuts[-1])
                    if math.isinf(cuts[-1].back):
                        return cuts
            await agent.hangs_up()
            await screen.leaves()
        return cuts


async def begin(agent: Agent, screen: KioskScreen) -> None:
    """A call in which both see each other."""
    await screen.arrives()
    await agent.opens_waiting_room()
    await screen.watches()
    await agent.admits()
    await screen.first_picture()


async def one_cut(pages: dict[str, Page], hosts: Lab, end: str, length: int, more: float) -> Cut:
    """Cut, wait, restore, and wait until both are as before."""
    cut_at = time.time()
    with OUTAGES[end](hosts):
        await asyncio.sleep(length + more - (time.time() - cut_at))
    back_at = time.time()
    told = [await first_after(page, "told", cut_at) for page in pages.values()]
    back = [await first_after(page, "pictures", back_at) for page in pages.values()]
    if not math.isinf(max(back)):
        for side, page in pages.items():
            await until(page, IN_CALL[side])
    return Cut(end, length, max(told) - cut_at, max(back) - back_at)


async def first_after(page: Page, what: str, instant: float) -> float:
    """The first note after an instant, both in seconds since 1970; infinite when none comes."""
    try:
        noted = await until(page, f"witness.{what}.find((at) => at > {instant * 1000})")
    except TimeoutError:
        return math.inf
    return float(noted) / 1000
