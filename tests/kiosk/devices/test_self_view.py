"""Nobody sees who was before the kiosk's camera earlier, and nobody's code is read from there."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from kiosk import self_view
from kiosk.devices import DeviceSet
from kiosk.devices.camera import Picture
from kiosk.devices.test_picture import to_frame
from kiosk.scene import Scene, Screen
from kiosk.self_view import SelfView

CODE = "VH1.1670650053979520.RzQqkldQAFApkJZtdLtifQ"
WIDTH, HEIGHT = 480, 360


def person(grey: int, code: str = "", *, in_s: float = 0.0) -> Picture:
    """Somebody as the camera gives them then, all of one grey, with a QR in their hands."""
    planes = np.full((HEIGHT * 3 // 2, WIDTH), grey, np.uint8)
    if code:
        sheet = cv2.copyMakeBorder(
            cv2.QRCodeEncoder.create().encode(code), 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=255
        )
        sheet = cv2.resize(sheet, (240, 240), interpolation=cv2.INTER_NEAREST)
        planes[60:300, 120:360] = sheet
        planes[HEIGHT:] = 128
    return Picture(to_frame(planes), time.monotonic() + in_s)


class Booth:
    """A kiosk whose camera gives what it is handed; stands in for its screen, too."""

    watched = True

    def __init__(self, monkeypatch: pytest.MonkeyPatch, camera: str) -> None:
        self.lens: queue.Queue[Picture] = queue.Queue()
        monkeypatch.setattr("kiosk.devices.camera.pictures", self._pictures)
        monkeypatch.setattr(self_view, "EVERY_S", 0.005)
        monkeypatch.setattr(self_view, "QR_EVERY_S", 0.0)
        self.devices = DeviceSet.open(camera, "none", "none", lambda _cards: None)
        self.seen = self.devices.pictures.subscribe()
        self.screen = Screen.HOME
        self.looks = 0
        self.shown: asyncio.Queue[int] = asyncio.Queue()
        self.read: asyncio.Queue[str | None] = asyncio.Queue()

    def _pictures(self, _spec: object, stop: threading.Event) -> Iterator[Picture]:
        while not stop.is_set():
            with contextlib.suppress(queue.Empty):
                yield self.lens.get(timeout=0.01)

    def scene(self) -> Scene:
        self.looks += 1
        return Scene(screen=self.screen, time=datetime.now(UTC))

    def push_picture(self, _kind: int, packed: bytes) -> None:
        """The grey of its first pixel."""
        self.shown.put_nowait(packed[4])

    async def shows(self, screen: Screen) -> None:
        """The screen, until it was looked at."""
        self.screen, before = screen, self.looks
        async with asyncio.timeout(20):
            while self.looks < before + 3:  # noqa: ASYNC110 - it is looked at from outside
                await asyncio.sleep(0)

    async def sees(self, picture: Picture) -> None:
        """The camera gives this one."""
        self.lens.put(picture)
        assert await self.seen.next(5) is not None


@pytest.fixture
async def booth(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Booth]:
    booth = Booth(monkeypatch, getattr(request, "param", "synthetic"))
    view = SelfView(
        booth.devices, booth, booth.scene, heard=lambda: None, read=booth.read.put_nowait  # type: ignore[arg-type]
    )  # fmt: skip
    duty = asyncio.create_task(view.run())
    yield booth
    duty.cancel()
    booth.devices.close()
    await asyncio.gather(duty, asyncio.to_thread(booth.devices.join), return_exceptions=True)


async def test_who_comes_next_sees_nothing_of_who_left_while_the_camera_ran_on(
    booth: Booth,
) -> None:
    await booth.shows(Screen.CODE)
    await booth.sees(person(60))
    async with asyncio.timeout(20):
        assert await booth.shown.get() == 60
    await booth.shows(Screen.HOME)
    await booth.sees(person(90, CODE))
    await booth.shows(Screen.CODE)
    assert booth.shown.empty()
    await booth.sees(person(120))
    async with asyncio.timeout(20):
        assert await booth.shown.get() == 120
    await booth.shows(Screen.CODE)
    assert booth.read.empty()


@pytest.mark.parametrize("booth", ["url:rtsp://camera.example/"], indirect=True)
async def test_who_comes_next_sees_nothing_of_who_left_while_a_picture_was_on_its_way(
    booth: Booth,
) -> None:
    await booth.shows(Screen.CODE)
    await booth.sees(person(90, CODE))
    await booth.shows(Screen.CODE)
    assert booth.shown.empty()
    await booth.sees(person(120, in_s=3.5))
    async with asyncio.timeout(20):
        assert await booth.shown.get() == 120
    assert booth.read.empty()


async def test_a_code_that_is_held_up_now_is_read(booth: Booth) -> None:
    await booth.shows(Screen.CODE)
    await booth.sees(person(90, CODE))
    async with asyncio.timeout(20):
        assert await booth.read.get() == CODE
