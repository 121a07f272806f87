"""The far picture's way from received to the kiosk's screen: its age there, and what the way costs.

The kiosk's own screen server sends to the kiosk's own page in a Chromium, which decodes. Both read
one clock. The age is that at the animation frame that shows the picture. The cost is the agent's;
what the browser takes, decoding and all, is said beside it, less what it takes at rest.
"""

from __future__ import annotations

import asyncio
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import av
import numpy as np
from playwright.async_api import Browser, Page, async_playwright

from bench.browsers import chromium
from bench.results import Figure, Result, percentile
from bench.stack import cpu_seconds_below, own_cpu_seconds
from kiosk.rtc.av1 import payload
from kiosk.rtc.coding import CODERS, PictureCoder, av1
from kiosk.rtc.decoding_screen import Decodable
from kiosk.rtc.sending.pictures import Order
from kiosk.scene import Scene, Screen
from kiosk.screen.server import ScreenServer
from kiosk.screen.view import draw
from signaling.protocol.cards import CallCard

RATE = 25
SECONDS = 12
STILL_S = 4.0
SAYS_SO_WITHIN_S = 15.0
BIT_S = 800_000
PAYLOAD_OCTETS = 1200
NOTE_SHOWN = """
window.shown = [];
// drawn between two frames of the screen, shown with the next
const note = ([{ target }]) => {
  const number = Number(target.dataset.pictures);
  requestAnimationFrame(() => shown.push([number, Date.now()]));
};
addEventListener('DOMContentLoaded', () => new MutationObserver(note)
  .observe(document, { attributes: true, subtree: true, attributeFilter: ['data-pictures'] }));
"""
PRESET = 11
DESCRIPTOR_OCTETS = {"VP8": 4, "AV1": 0}
"""Before VP8's own octets in each payload that our encoder makes (RFC 7741 §4.2)."""


def run(_arguments: Namespace) -> Result:
    """640x360, 25 pictures a second, in both codecs that the page decodes."""
    figures = []
    for codec in DESCRIPTOR_OCTETS:
        ages, agent, browser = asyncio.run(measure(coded(codec)))
        name = f"{codec} at {RATE}/s"
        figures += [
            Figure(f"{name}: age on the screen, p95", percentile(ages, 0.95), "ms", at_most=30.0),
            Figure(f"{name}: age on the screen, p50", percentile(ages, 0.5), "ms"),
            Figure(f"{name}: agent's share of a core", agent * 100, "%", at_most=15.0),
            Figure(f"{name}: screen browser's share beside it", browser * 100, "%"),
        ]
    return Result("far_picture", tuple(figures))


def coded(codec: str) -> list[Decodable]:
    """All that is shown, as it comes from an agent's browser, without RTP."""
    coder: PictureCoder = av1.Av1Coder(PRESET) if codec == "AV1" else CODERS[codec]()
    frames, ready = [np.asarray(each.to_ndarray(), np.uint8) for each in pictures(640, 360)], []
    for number in range(RATE * SECONDS):
        order = Order(640 * 360, BIT_S, RATE, number == 0, PAYLOAD_OCTETS, 1.0)
        made = coder.encode(frames[number % len(frames)], order)
        if made is None:
            raise RuntimeError("the encoder left a picture out")
        bare = [each[DESCRIPTOR_OCTETS[codec] :] for each in made.payloads]
        data = payload.assemble(bare) if codec == "AV1" else b"".join(bare)
        ready.append(Decodable(codec, data, whole=made.whole))
    coder.close()
    return ready


async def measure(ready: Sequence[Decodable]) -> tuple[list[float], float, float]:
    """Ages in ms of the pictures shown; this process's and the browser's share of a core."""
    server = ScreenServer(lambda _action: None)
    await server.start(0)
    server.show(draw(call_scene()))
    async with async_playwright() as playwright, chromium(playwright) as browser:
        page = await _open(browser, server)
        still, began = cpu_seconds_below("chromium"), time.monotonic()
        await asyncio.sleep(STILL_S)
        still = (cpu_seconds_below("chromium") - still) / (time.monotonic() - began)
        pushed: list[float] = []
        own, screen = own_cpu_seconds(), cpu_seconds_below("chromium")
        began = time.monotonic()
        for number, picture in enumerate(ready):
            await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
            pushed.append(time.time() * 1000)
            server.push_coded(picture, lambda _seen: None)
        took = time.monotonic() - began
        agent = (own_cpu_seconds() - own) / took
        beside = (cpu_seconds_below("chromium") - screen) / took - still
        await asyncio.sleep(0.2)
        shown: list[tuple[int, float]] = await page.evaluate("shown")
    await server.close()
    if len(shown) < len(ready) * 0.9:
        raise RuntimeError(f"only {len(shown)} of {len(ready)} pictures were shown")
    return [at - pushed[number - 1] for number, at in shown], agent, beside


async def _open(browser: Browser, server: ScreenServer) -> Page:
    page = await browser.new_page(viewport={"width": 1280, "height": 720})
    await page.add_init_script(NOTE_SHOWN)
    await page.goto(f"http://127.0.0.1:{server.port}/")
    await page.wait_for_selector("body[data-screen=call] #far-picture")
    try:
        async with asyncio.timeout(SAYS_SO_WITHIN_S):
            while not server.decodes("AV1"):  # noqa: ASYNC110 - the page says so in its time
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise RuntimeError("the screen's page does not say that its Chromium decodes AV1") from None
    return page


def call_scene() -> Scene:
    """The screen in the middle of a call."""
    now = datetime.now(UTC)
    call = CallCard(
        call_id="c1",
        state="connected",
        generation=1,
        kiosk_id="k1",
        venue_name="Télécentre de Gap",
        room_name="Bureau visio 1",
        partner="CAF",
        service="Aide au logement",
        arrived_at=now - timedelta(minutes=3),
        until=now + timedelta(minutes=30),
        agent_here=True,
    )
    return Scene(screen=Screen.CALL, time=now, call=call, far_picture=True)


def pictures(width: int, height: int) -> Iterator[av.VideoFrame]:
    """A second of moving gradients with grain, as costly to encode as a face in a room."""
    grain = np.random.default_rng(seed=1)
    down, across = np.mgrid[0:height, 0:width]
    for number in range(RATE):
        base = (across + down + 8 * number) % 256
        noisy = base[..., None] + grain.integers(-6, 7, (height, width, 3))
        frame = av.VideoFrame.from_ndarray(np.clip(noisy, 0, 255).astype(np.uint8), format="bgr24")
        yield frame.reformat(format="yuv420p")
