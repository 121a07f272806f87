"""A far end for a kiosk's media session: the same engine offering, on loopback."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

import av
import numpy as np
from scripted_line import ScriptedLine, without_candidates

from kiosk.devices import DeviceSet, frame_number
from kiosk.devices.tone import Pcm
from kiosk.rtc import MediaEvent, MediaSession
from kiosk.rtc.decoding_screen import DecodingScreen
from kiosk.rtc.generation import Generation


class Watched:
    """What one end saw, heard and was told, with instants. Its ear is a speaker's thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.pictures: list[tuple[float, int | None]] = []
        self.ages_s: list[float] = []
        """Of pictures, since they were decoded."""
        self.sounds: deque[Pcm] = deque(maxlen=500)
        self.events: list[tuple[float, MediaEvent]] = []
        self._changed = asyncio.Event()

    def show(self, frame: av.VideoFrame) -> None:
        if isinstance(frame.opaque, float):
            self.ages_s.append(time.monotonic() - frame.opaque)
        luma = frame.to_ndarray()[: frame.height]
        self.pictures.append((time.monotonic(), frame_number.read(luma)))
        self._changed.set()

    def hear(self, pcm: Pcm) -> None:
        self.sounds.append(pcm)
        self._changed.set()

    def tap(self, devices: DeviceSet) -> None:
        """Hear what the speaker of these devices plays."""
        pull = devices._playout.pull

        def heard(samples: int, heard_at: float) -> Pcm:
            pcm = pull(samples, heard_at)
            self._loop.call_soon_threadsafe(self.hear, pcm)
            return pcm

        devices._playout.pull = heard  # type: ignore[method-assign]

    def told(self, event: MediaEvent) -> None:
        self.events.append((time.monotonic(), event))
        self._changed.set()

    @property
    def numbers(self) -> list[int]:
        return [number for _, number in self.pictures if number is not None]

    def heard(self) -> Pcm:
        return np.concatenate(list(self.sounds)) if self.sounds else np.empty(0, np.int16)

    async def until(self, met: Callable[[], object], within_s: float = 20.0) -> None:
        async with asyncio.timeout(within_s):
            while not met():
                self._changed.clear()
                await self._changed.wait()


class Call:
    """A kiosk's session and the far ends that call it."""

    def __init__(
        self,
        camera: str = "synthetic",
        microphone: str = "synthetic",
        *,
        relay_only: bool = False,
        screen: DecodingScreen | None = None,
    ) -> None:
        self.kiosk = Watched()
        self.far = Watched()
        self.cards: list[str] = []
        self.kiosk_devices = DeviceSet.open(camera, microphone, "none", self._cards)
        self.far_devices = DeviceSet.open("synthetic", "synthetic", "none", lambda _cards: None)
        self.kiosk.tap(self.kiosk_devices)
        self.far.tap(self.far_devices)
        self.session = MediaSession(
            self.kiosk_devices,
            show=self.kiosk.show,
            screen=screen,
            on_event=self.kiosk.told,
            relay_only=relay_only,
        )
        self.ends: list[Generation] = []
        self.lines: list[ScriptedLine] = []

    async def connect(
        self, generation: int, line: ScriptedLine | None = None, codecs: Sequence[str] = ()
    ) -> Generation:
        end = Generation(
            generation,
            self.far_devices,
            show=self.far.show,
            on_event=self.far.told,
        )
        self.far_devices.play_from(end.far.sound.pull)
        self.ends.append(end)
        offer = await end.offer(codecs)
        if line is None:
            answer = await self.session.answer(generation, offer, [])
        else:
            self.lines.append(line)
            answer = await self.session.answer(generation, without_candidates(offer), [])
            answer = await line.join(answer)
        await end.accept(answer)
        return end

    async def close(self) -> None:
        await self.session.close()
        for end in self.ends:
            await end.close()
        for line in self.lines:
            line.close()
        for devices in (self.kiosk_devices, self.far_devices):
            devices.close()
            await asyncio.to_thread(devices.join)

    def _cards(self, cards: list) -> None:
        self.cards.append(cards[0].status)
        self.kiosk._changed.set()
