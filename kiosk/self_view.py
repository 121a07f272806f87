"""The citizen's own picture, QR code and voice, only while the screen shows or wants them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import av

from kiosk.devices import DeviceSet
from kiosk.qr import QrReader, convocation
from kiosk.scene import Scene
from kiosk.screen.frames import SELF
from kiosk.screen.pictures import SELF_WIDTH, Packer, grey
from kiosk.screen.server import ScreenServer

EVERY_S = 0.1
QR_EVERY_S = 0.3
HEARD_FROM = 0.35
"""Level of the microphone from which it hears somebody: -39 dBFS; a quiet room is below."""


class SelfView:
    """From the kiosk's own camera and microphone to its own screen; `run` is a duty."""

    def __init__(
        self,
        devices: DeviceSet,
        screen: ScreenServer,
        scene: Callable[[], Scene],
        *,
        heard: Callable[[], None],
        read: Callable[[str | None], None],
    ) -> None:
        """`heard`: the microphone hears somebody; `read`: a QR code was seen, `convocation`."""
        self._devices = devices
        self._screen = screen
        self._scene = scene
        self._heard = heard
        self._read = read

    async def run(self) -> None:
        """Until cancelled."""
        reader: QrReader | None = None
        packer = Packer(SELF_WIDTH)
        shown: av.VideoFrame | None = None
        since: float | None = None  # what the camera gave before shows who was here before
        read_at = 0.0
        while True:
            await asyncio.sleep(EVERY_S)
            scene = self._scene()
            if not (scene.shows_self and self._screen.watched):
                since = shown = None
                continue
            since = since or time.monotonic()
            if scene.tries_microphone and self._devices.microphone_level >= HEARD_FROM:
                self._heard()
            frame = self._devices.latest_picture(since)
            if frame is None or frame is shown:
                continue
            shown = frame
            self._screen.push_picture(SELF, packer.pack(frame))
            now = time.monotonic()
            if self._scene().reads_qr and now >= read_at + QR_EVERY_S:
                read_at, reader = now, reader or QrReader()
                text = await asyncio.to_thread(reader.read, grey(frame))
                if text is not None:
                    self._read(convocation(text))
