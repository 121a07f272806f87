"""The kiosk's screen in Firefox: far pictures, as they came and decoded, on the citizen's page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial

import av
import numpy as np
import pytest
from browsers import Page, launch

from kiosk.rtc.av1 import svt
from kiosk.rtc.coding import vpx
from kiosk.rtc.decoding_screen import Decodable, Seen
from kiosk.scene import Scene, Screen
from kiosk.screen.frames import FAR
from kiosk.screen.pictures import FAR_WIDTH, Packer
from kiosk.screen.server import ScreenServer
from kiosk.screen.view import draw
from signaling.protocol.cards import CallCard

pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 640, 360
LUMA = f"""[...document.querySelector('#far-picture').getContext('2d')
  .getImageData({WIDTH // 2}, {HEIGHT // 2}, 1, 1).data][0]"""
GREY = {60: 51, 120: 121, 180: 191}
"""Luminance in BT.601's limited range to what a screen shows of it."""


def grey(luma: int) -> np.ndarray:
    i420 = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    i420[:HEIGHT] = luma
    return i420


def coded(codec: str, lumas: tuple[int, ...]) -> list[Decodable]:
    """The first one whole."""
    if codec == "AV1":
        av1 = svt.Encoder(WIDTH, HEIGHT, 500_000, preset=12)
        octets = [av1.encode(grey(luma), whole=not n) for n, luma in enumerate(lumas)]
        av1.close()
    else:
        vp8 = vpx.Encoder(WIDTH, HEIGHT, 500_000)
        made = [vp8.encode(grey(luma), whole=not n) for n, luma in enumerate(lumas)]
        octets = [one.data for one in made if one is not None]
        vp8.close()
    return [Decodable(codec, data, whole=not n) for n, data in enumerate(octets)]


async def until(so: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not so():  # noqa: ASYNC110 - the page says it over its connection
            await asyncio.sleep(0.01)


def in_call() -> Scene:
    now = datetime(2026, 11, 20, 9, 41, tzinfo=UTC)
    call = CallCard(call_id="c", state="connected", generation=1, kiosk_id="k", venue_name="Venue",
                    room_name="Room", partner="Partner", service="Service",
                    arrived_at=now)  # fmt: skip
    return Scene(screen=Screen.CALL, time=now, call=call, far_picture=True)


@pytest.fixture
async def server() -> AsyncIterator[ScreenServer]:
    server = ScreenServer(lambda _action: None)
    await server.start(0)
    server.show(draw(in_call()))
    yield server
    await server.close()


@pytest.fixture
async def page(server: ScreenServer) -> AsyncIterator[Page]:
    async with launch("firefox") as browser:
        page = await browser.new_page()
        await page.open(f"http://127.0.0.1:{server.port}/")
        await page.until("!!document.querySelector('#far-picture')")
        yield page
        assert page.console == []


async def test_what_it_decodes_and_what_was_decoded_is_shown(
    server: ScreenServer, page: Page
) -> None:
    told: list[Seen | None] = []

    async def show(*pictures: Decodable) -> None:
        count = len(told) + len(pictures)
        for picture in pictures:
            server.push_coded(picture, told.append)
        await until(lambda: len(told) == count)

    for codec, lumas in (("VP8", (60, 180)), ("AV1", (180, 120))):
        await until(partial(server.decodes, codec))
        await show(*coded(codec, lumas))
        assert await page.evaluate(LUMA) == pytest.approx(GREY[lumas[-1]], abs=4)
    assert all(seen and (seen.width, seen.height) == (WIDTH, HEIGHT) for seen in told)
    await show(Decodable("AV1", 700 * b"\xff", whole=False))
    assert told[-1] is None
    plain = av.VideoFrame.from_ndarray(grey(60), format="yuv420p")
    server.push_picture(FAR, Packer(FAR_WIDTH).pack(plain))
    await page.until(f"Math.abs({LUMA} - {GREY[60]}) <= 4")
