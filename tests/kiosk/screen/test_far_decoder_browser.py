"""The page decodes the far picture in a real Chromium, and finds its way back when it cannot."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest
from coded import HEIGHT, WIDTH, coded
from playwright.async_api import Page, async_playwright
from samples import SAMPLES
from stage import Stage, launch, until

from kiosk.rtc.backlog import MOST_WAITING
from kiosk.rtc.decoding_screen import Decodable, Seen
from kiosk.screen.view import draw

pytestmark = pytest.mark.browser

LUMA = """() => {
  const canvas = document.querySelector('#far-picture');
  const { data } = canvas.getContext('2d').getImageData(canvas.width - 8, canvas.height / 2, 1, 1);
  return data[0];
}"""
SHOWN_AS = {60: 51, 120: 121, 180: 191}
"""Luminance in BT.601's limited range to what a screen shows of a grey (BT.601 §3.5)."""
SHOW_FRAME = 0x10
"""In the first octet of a VP8 picture."""


class Shown:
    """A page in a call; what it told of each picture."""

    def __init__(self, stage: Stage, page: Page) -> None:
        self.stage, self.page = stage, page
        self.told: list[Seen | None] = []

    async def begin(self, codec: str) -> None:
        self.stage.server.show(draw(SAMPLES["call"]))
        await self.page.wait_for_selector("body[data-screen=call] #far-picture")
        await until(lambda: self.stage.server.decodes(codec))

    def push(self, *pictures: Decodable) -> None:
        for picture in pictures:
            self.stage.server.push_coded(picture, self.told.append)

    def has_told(self, count: int) -> bool:
        return len(self.told) >= count

    async def luma(self) -> int:
        return int(await self.page.evaluate(LUMA))


@pytest.fixture
async def shown() -> AsyncIterator[Shown]:
    async with Stage() as stage, async_playwright() as playwright:
        browser = await launch(playwright.chromium)
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        await page.goto(stage.address)
        yield Shown(stage, page)
        await browser.close()
        assert faults == []


@pytest.mark.parametrize("codec", ["VP8", "AV1"])
async def test_pictures_are_shown_as_they_were(shown: Shown, codec: str) -> None:
    await shown.begin(codec)
    shown.push(*coded(codec, 10, luma=180))
    await until(lambda: len(shown.told) == 10)
    sizes = {(seen.width, seen.height) for seen in shown.told if seen}
    assert sizes == {(WIDTH, HEIGHT)}
    assert len([seen for seen in shown.told if seen]) == 10
    assert await shown.luma() == pytest.approx(SHOWN_AS[180], abs=4)


@pytest.mark.parametrize("codec", ["VP8", "AV1"])
async def test_sizes_change_within_a_stream(shown: Shown, codec: str) -> None:
    await shown.begin(codec)
    for share in (1, 4, 16, 2):
        shown.push(*coded(codec, 3, luma=120, pixels=WIDTH * HEIGHT // share))
    await until(lambda: len(shown.told) == 12)
    assert None not in shown.told
    widths = [seen.width for seen in shown.told if seen]
    assert widths[0] == WIDTH > widths[3] > widths[6] < widths[9]
    assert await shown.luma() == pytest.approx(SHOWN_AS[120], abs=4)


@pytest.mark.parametrize("codec", ["VP8", "AV1"])
async def test_a_picture_that_cannot_be_decoded_is_told_once(shown: Shown, codec: str) -> None:
    await shown.begin(codec)
    first, second, *late = coded(codec, 8, luma=60)
    shown.push(first, second, Decodable(codec, b"\xff" * 700, whole=False), *late)
    await until(lambda: None in shown.told)
    shown.push(*coded(codec, 4, luma=180))
    await until(lambda: len([seen for seen in shown.told[shown.told.index(None) :] if seen]) == 4)
    assert shown.told.count(None) == 1
    assert await shown.luma() == pytest.approx(SHOWN_AS[180], abs=4)


async def test_a_page_that_is_loaded_anew_asks_for_a_whole_picture(shown: Shown) -> None:
    await shown.begin("VP8")
    first, *rest = coded("VP8", 9, luma=60)
    shown.push(first, *rest[:2])
    await until(lambda: len(shown.told) == 3)
    await shown.page.reload()
    await shown.begin("VP8")
    shown.push(*rest[2:])
    await until(lambda: len(shown.told) == 4)
    assert shown.told[3:] == [None]
    shown.push(*coded("VP8", 3, luma=180))
    await until(lambda: len(shown.told) == 7)
    assert shown.told.count(None) == 1
    assert await shown.luma() == pytest.approx(SHOWN_AS[180], abs=4)


async def test_a_codec_may_change_within_a_call(shown: Shown) -> None:
    await shown.begin("VP8")
    shown.push(*coded("VP8", 3, luma=60))
    await until(lambda: len(shown.told) == 3)
    shown.push(*coded("AV1", 3, luma=180))
    await until(lambda: len(shown.told) == 6)
    shown.push(*coded("VP8", 3, luma=120))
    await until(lambda: len(shown.told) == 9)
    assert None not in shown.told
    assert await shown.luma() == pytest.approx(SHOWN_AS[120], abs=4)


async def test_pictures_that_show_nothing_take_no_places_for_good(shown: Shown) -> None:
    await shown.begin("VP8")
    first, *rest = coded("VP8", 2 * MOST_WAITING + 1, luma=120)
    shown.push(first)
    for number, picture in enumerate(rest):
        if number % 2 == 0:  # as VP8's alternate references (RFC 6386 §9.1)
            hidden = bytes((picture.data[0] & ~SHOW_FRAME,)) + picture.data[1:]
            picture = replace(picture, data=hidden)
        shown.push(picture)
        await until(partial(shown.has_told, 1 + (number + 1) // 2))
    assert None not in shown.told
    assert len(shown.told) == MOST_WAITING + 1


async def test_garbage_never_takes_the_picture_away(shown: Shown) -> None:
    dice = random.Random(20261122)
    await shown.begin("VP8")
    for _ in range(60):
        codec = dice.choice(("VP8", "AV1"))
        octets = bytearray(b"".join(picture.data for picture in coded(codec, 1, luma=60)))
        for _ in range(dice.randrange(1, 40)):
            octets[dice.randrange(len(octets))] = dice.randrange(256)
        cut = dice.randrange(len(octets)) if dice.random() < 0.3 else len(octets)
        shown.push(Decodable(codec, bytes(octets[:cut]), whole=dice.random() < 0.7))
        await asyncio.sleep(0)
    asked = len(shown.told)
    async with asyncio.timeout(30):
        while not any(seen for seen in shown.told[asked:]):
            shown.push(*coded("VP8", 3, luma=180))
            await asyncio.sleep(0.2)
    await asyncio.sleep(0.2)
    assert await shown.luma() == pytest.approx(SHOWN_AS[180], abs=4)


@pytest.mark.parametrize("state", ["home", "ended-agent", "waiting", "too-old"])
async def test_nothing_of_a_call_stays_in_the_decoder(shown: Shown, state: str) -> None:
    await shown.begin("VP8")
    first, *rest = coded("VP8", 6, luma=60)
    shown.push(first, *rest[:2])
    await until(lambda: len(shown.told) == 3)
    scene = SAMPLES[state]
    shown.stage.server.show(draw(scene))
    await shown.page.wait_for_selector(f"body[data-screen={scene.screen.value}]")
    await shown.begin("VP8")
    shown.push(*rest[2:])
    await until(lambda: len(shown.told) == 4)
    assert shown.told[3:] == [None]
