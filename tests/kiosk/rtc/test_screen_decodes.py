"""A call whose far pictures the screen decodes itself: whole to begin with, asked for when lost."""

from __future__ import annotations

import asyncio
import contextlib
import types
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from two_ends import Call

from kiosk.rtc.attach.by_screen import ByScreen
from kiosk.rtc.attach.decoding import DecoderWatch, Undecoded
from kiosk.rtc.decoding_screen import Decodable, InTurn, Seen, Told

pytestmark = pytest.mark.realtime

SMALL_SEQUENCE = bytes.fromhex("08 000000 07f801f801f8030010")
"""Of pictures up to 64x64."""
LARGE_PICTURE = bytes.fromhex("30 13fffffffe0000000000")
"""A frame that says that it has 65536x65536 all the same."""


class Page:
    """Says of each picture what it is told to say; None: it says nothing."""

    def __init__(self, codecs: tuple[str, ...]) -> None:
        self.codecs = codecs
        self.pictures: list[Decodable] = []
        self.answers: list[Seen | None] = []
        self._came = asyncio.Event()

    def decodes(self, codec: str) -> bool:
        return codec in self.codecs

    def take(self, picture: Decodable, told: Told) -> None:
        self.pictures.append(picture)
        told(self.answers.pop(0) if self.answers else Seen(640, 360, 0.004))
        self._came.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.pictures) < count:
                self._came.clear()
                await self._came.wait()


@contextlib.asynccontextmanager
async def calling(page: Page) -> AsyncIterator[Call]:
    call = Call(screen=page)
    try:
        await call.connect(1, codecs=["VP8"])
        yield call
    finally:
        await call.close()


async def inbound(call: Call) -> dict[str, object]:
    return next(
        dict(entry)
        for entry in (await call.session.look()).values()
        if entry["type"] == "inbound-rtp" and entry["kind"] == "video"
    )


async def test_what_the_screen_decodes_is_decoded_there_alone() -> None:
    page = Page(("VP8",))
    async with calling(page) as call:
        await page.until(20)
        seen = await inbound(call)
    assert [picture.whole for picture in page.pictures[:3]] == [True, False, False]
    assert call.kiosk.pictures == []
    assert seen["framesDecoded"] == len(page.pictures)
    assert seen["totalDecodeTime"] == round(0.004 * len(page.pictures), 3)
    assert (seen["frameWidth"], seen["frameHeight"]) == (640, 360)
    assert call.session.picture_height == 360


async def test_what_the_screen_lost_begins_again_with_a_whole_picture() -> None:
    page = Page(("VP8",))
    page.answers = [Seen(640, 360, 0.004)] * 5 + [None]
    async with calling(page) as call:
        await page.until(20)
        assert (await inbound(call))["framesDropped"] == 1
    later = page.pictures[6:]
    assert later[0].whole, "nothing that needs a picture before it is given to who lost it"


async def test_who_begins_to_decode_begins_with_a_whole_picture() -> None:
    page = Page(("VP8",))
    async with calling(page) as call:
        await page.until(10)
        page.codecs = ()  # the browser is gone
        await call.kiosk.until(lambda: len(call.kiosk.pictures) >= 10)
        assert len([number for number in call.kiosk.numbers if number is not None]) >= 8
        given = len(page.pictures)
        page.codecs = ("VP8",)
        await page.until(given + 5)
    assert page.pictures[given].whole
    numbers = call.kiosk.numbers
    assert all(later > earlier for earlier, later in pairwise(numbers))


async def test_a_codec_that_the_screen_does_not_know_is_decoded_here() -> None:
    page = Page(("AV1",))
    async with calling(page) as call:
        await call.kiosk.until(lambda: len(call.kiosk.pictures) >= 5)
    assert page.pictures == []


def test_a_connection_out_of_turn_shows_nothing() -> None:
    class Noted:
        taken = 0

        def decodes(self, _codec: str) -> bool:
            return True

        def take(self, _picture: Decodable, _told: Told) -> None:
            self.taken += 1

    noted, turn = Noted(), [False]
    screen = InTurn(noted, lambda: turn[0])
    picture = Decodable("VP8", b"", whole=True)
    screen.take(picture, lambda _seen: None)
    assert noted.taken == 0
    turn[0] = True
    screen.take(picture, lambda _seen: None)
    assert noted.taken == 1


@pytest.mark.parametrize(
    ("codec", "payload"),
    [
        ("VP8", b"\x10\x00\x00\x9d\x01\x2a\xff\x3f\xff\x3f"),  # 16383x16383
        ("AV1", b"\x18\x08\x18\x3f\xff\xff\xff\xff\xe0"),  # 65536x65536
        ("AV1", b"\x28\x0d" + SMALL_SEQUENCE + LARGE_PICTURE),
        ("AV1", b"\x18" + LARGE_PICTURE),  # nothing before it says how it is to be read
        ("AV1", b"\x50rest of what never began"),
    ],
)
async def test_what_no_decoder_should_see_does_not_reach_the_screen(
    codec: str, payload: bytes
) -> None:
    asked = asyncio.Event()
    watch, page = DecoderWatch(asked.set), Page((codec,))
    way = ByScreen(watch)
    picture = Undecoded(types.SimpleNamespace(name=codec), [payload], 0)  # type: ignore[arg-type]
    way.give(page, picture, whole=True)
    await asyncio.wait_for(asked.wait(), 2)
    assert watch.failures == 1
    assert page.pictures == []
