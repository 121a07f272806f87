"""The far picture's way from decoded to the kiosk's screen: its age there, and what the way costs.

The kiosk's own screen server sends to the kiosk's own page in a Chromium. Both read one clock. The
age is that at the animation frame that shows the picture, so the browser's decoding is in it. The
cost is the agent's; what the browser takes beside it is said, less what it takes at rest.
"""

from __future__ import annotations

import asyncio
import struct
import time
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle

import av
import numpy as np
from playwright.async_api import Browser, Page, async_playwright

from bench.browsers import chromium
from bench.results import Figure, Result, percentile
from bench.stack import cpu_seconds_below, own_cpu_seconds
from kiosk.scene import Scene, Screen
from kiosk.screen.pictures import FAR_WIDTH, Packer
from kiosk.screen.server import FAR, ScreenServer
from kiosk.screen.view import draw
from signaling.protocol.cards import CallCard

RATE = 25
SECONDS = 12
STILL_S = 4.0
NOTE_AGES = """
window.ages = [];
window.VideoFrame = class extends VideoFrame {
  constructor(planes, init) {
    super(planes, init);
    const decodedAt = new DataView(planes.buffer).getFloat64(planes.buffer.byteLength - 8, true);
    // it is drawn right after this, and shown with the next frame
    requestAnimationFrame(() => ages.push(Date.now() - decodedAt));
  }
};
"""


def run(_arguments: Namespace) -> Result:
    """640x360 and 640x480, 25 pictures a second each."""
    figures = []
    for width, height in ((640, 360), (640, 480)):
        ages, agent, browser = asyncio.run(measure(width, height))
        size = f"{width}x{height} at {RATE}/s"
        figures += [
            Figure(f"{size}: age on the screen, p95", percentile(ages, 0.95), "ms", at_most=30.0),
            Figure(f"{size}: age on the screen, p50", percentile(ages, 0.5), "ms"),
            Figure(f"{size}: agent's share of a core", agent * 100, "%", at_most=15.0),
            Figure(f"{size}: screen browser's share beside it", browser * 100, "%"),
        ]
    return Result("far_picture", tuple(figures))


async def measure(width: int, height: int) -> tuple[list[float], float, float]:
    """Ages in ms of the pictures shown; this process's and the browser's share of a core."""
    server = ScreenServer(lambda _action: None)
    await server.start(0)
    server.show(draw(call_scene()))
    async with async_playwright() as playwright, chromium(playwright) as browser:
        page = await _open(browser, server)
        still, began = cpu_seconds_below("chromium"), time.monotonic()
        await asyncio.sleep(STILL_S)
        still = (cpu_seconds_below("chromium") - still) / (time.monotonic() - began)
        frames, packer = cycle(list(pictures(width, height))), Packer(FAR_WIDTH)
        own, screen = own_cpu_seconds(), cpu_seconds_below("chromium")
        began = time.monotonic()
        for number in range(RATE * SECONDS):
            await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
            decoded_at = time.time() * 1000
            # what follows the planes is not looked at: the instant rides there
            octets = packer.pack(next(frames)) + struct.pack("<d", decoded_at)
            server.push_picture(FAR, octets)
        took = time.monotonic() - began
        agent = (own_cpu_seconds() - own) / took
        beside = (cpu_seconds_below("chromium") - screen) / took - still
        await asyncio.sleep(0.2)
        ages: list[float] = await page.evaluate("ages")
    await server.close()
    if len(ages) < RATE * SECONDS * 0.9:
        raise RuntimeError(f"only {len(ages)} of {RATE * SECONDS} pictures were shown")
    return ages, agent, beside


async def _open(browser: Browser, server: ScreenServer) -> Page:
    page = await browser.new_page(viewport={"width": 1280, "height": 720})
    await page.add_init_script(NOTE_AGES)
    await page.goto(f"http://127.0.0.1:{server.port}/")
    await page.wait_for_selector("body[data-screen=call] #far-picture")
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
