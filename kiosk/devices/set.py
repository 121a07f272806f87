"""The devices of one kiosk, together: what the call, the screen and the hub need of them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import structlog

from kiosk.devices import camera, microphone, portaudio, tone
from kiosk.devices.camera import Picture
from kiosk.devices.cleaning import Cleaner, CleaningUnavailable, RoomCleaner
from kiosk.devices.feed import Feed
from kiosk.devices.microphone import Sound
from kiosk.devices.playout import Playout, Source
from kiosk.devices.speaker import LOUDEST, Volume, play
from kiosk.devices.specs import Spec, parse_spec
from kiosk.devices.test_picture import stopped_picture
from kiosk.devices.tone import Pcm
from kiosk.devices.worker import Worker
from signaling.protocol.cards import DeviceCard, DeviceStatus

log = structlog.get_logger(__name__)

Changed = Callable[[list[DeviceCard]], None]

_JOIN_S = 1.0
_HEARD_S = 1.0
"""Sound older than this is no level of now: closing a device that stalls takes half a minute."""
_ADDRESS_LAG_S = 3.0
"""A picture from an address may have been taken so long before it came: it is kept on its way."""


class DeviceSet:
    """Camera, microphone and speaker, each in its own daemon thread.

    A device that fails or is unplugged never raises: its card changes, `on_change` is called on
    the event loop with all cards, and the device is tried again every few seconds. Devices run
    while somebody uses them (a call's track, `latest_picture`, `microphone_level`, sound for the
    speaker) and rest three seconds later. While one of the sound devices is looked for that was
    plugged in meanwhile, the other one pauses for a moment.

    With `clean`, what a real speaker gives off is taken out of what a real microphone hears.
    """

    def __init__(
        self, specs: tuple[Spec, Spec, Spec], on_change: Changed, *, clean: bool = True
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_change = on_change
        self._camera_spec, self._microphone_spec, self._speaker_spec = specs
        self._volume = Volume()
        self._playout = Playout()
        self._cleaner: Cleaner | None = None
        # A file's or a tone's echo is nowhere to be heard.
        self._cleans = clean and all(spec.form == "device" for spec in specs[1:])
        self._muted = False
        self._closed = False
        self._stopped_picture = stopped_picture()
        self.pictures: Feed[Picture] = Feed(self._loop, depth=1)
        self.sounds: Feed[Sound] = Feed(self._loop, depth=10)
        self._camera = self._worker(self._camera_spec, self._shoot)
        self._microphone = self._worker(self._microphone_spec, self._listen)
        self._speaker = self._worker(
            self._speaker_spec, self._speak, in_use=lambda: self._playout.busy
        )
        self._workers = [self._camera, self._microphone, self._speaker]
        for worker, spec in zip(self._workers, specs, strict=True):
            if spec.form != "none" and not (worker is self._speaker and spec.form == "file"):
                worker.start()

    @classmethod
    def open(
        cls, camera: str, microphone: str, speaker: str, on_change: Changed, *, clean: bool = True
    ) -> DeviceSet:
        """Open the devices named by three specs (see `parse_spec`). Call it on the event loop.

        Raises:
            DeviceError: a spec makes no sense or names a file that does not exist. A device that
                is merely broken or absent raises nothing: its card says so.
        """
        specs = (
            parse_spec("camera", camera),
            parse_spec("microphone", microphone),
            parse_spec("speaker", speaker),
        )
        return cls(specs, on_change, clean=clean)

    def cards(self) -> list[DeviceCard]:
        """The state of every device, for the hub and the screen."""
        cards = [worker.card for worker in self._workers]
        if self._muted and cards[1].status == "ok":
            cards[1] = cards[1].model_copy(update={"status": "muted"})
        return cards

    @property
    def has_camera(self) -> bool:
        """A camera is configured, working or not."""
        return self._camera_spec.form != "none"

    @property
    def has_microphone(self) -> bool:
        """A microphone is configured, working or not."""
        return self._microphone_spec.form != "none"

    def latest_picture(self, since: float = 0.0) -> av.VideoFrame | None:
        """The camera's newest picture (yuv420p), None before the first or after it stopped.

        Nor one taken before `since`, an instant of `time.monotonic()`: it may show somebody else.
        """
        self._camera.want()
        latest = self.pictures.latest
        lag = _ADDRESS_LAG_S if self._camera_spec.form == "url" else 0.0
        if self._camera.card.status != "ok" or latest is None or latest.at - lag < since:
            return None
        return latest.frame

    @property
    def stopped_picture(self) -> av.VideoFrame:
        """What the far end sees while the camera gives nothing."""
        return self._stopped_picture

    @property
    def microphone_level(self) -> float:
        """How loud the microphone hears: 0 for -60 dBFS or less, 1 for full scale."""
        self._microphone.want()
        latest = self.sounds.latest
        if latest is None or self._microphone.card.status != "ok":
            return 0.0
        if time.monotonic() - latest.at > _HEARD_S:
            return 0.0
        return tone.level(latest.pcm)

    @property
    def speaker_volume(self) -> int:
        """0 (silent) to 10 (as it came), 3 dB a step."""
        return self._volume.value

    @speaker_volume.setter
    def speaker_volume(self, value: int) -> None:
        self._volume.value = max(0, min(LOUDEST, value))

    @property
    def muted(self) -> bool:
        """The microphone is muted: the far end gets silence, and the card says so."""
        return self._muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        if muted != self._muted:
            self._muted = muted
            self._on_change(self.cards())

    def want_camera(self) -> None:
        """A track uses the camera now."""
        self._camera.want()

    def want_microphone(self) -> None:
        """A track uses the microphone now."""
        self._microphone.want()

    def play_from(self, source: Source) -> None:
        """The speaker asks `source` for sound, in its own pace and thread, until `stop_playing`."""
        if self._closed:
            return
        self._playout.add(source)
        self._speaker.want()
        self._speaker.start()

    def stop_playing(self, source: Source) -> None:
        """This source is heard no longer; unknown ones are passed over."""
        self._playout.remove(source)

    def close(self) -> None:
        """Ask all devices to stop; returns at once. `join` waits for them."""
        self._closed = True
        for worker in self._workers:
            worker.close()

    def join(self) -> None:
        """Wait until the devices' threads have ended and files are written. Not on the loop."""
        for worker in self._workers:
            worker.join(_JOIN_S)

    def _worker(
        self,
        spec: Spec,
        work: Callable[[threading.Event], None],
        in_use: Callable[[], bool] = lambda: False,
    ) -> Worker:
        kind = spec.kind
        if kind == "video_out":
            raise ValueError("a picture sink is no device of a kiosk")
        status: DeviceStatus = "absent" if spec.form in ("device", "url") else "ok"
        if spec.form == "none":
            status = "not_fitted"

        def absent() -> str | None:
            if spec.form == "device":
                if kind == "camera":
                    return None if camera.device_path(spec.name) else "the camera is not plugged in"
                return portaudio.lack(spec.name, "output" if kind == "speaker" else "input", kind)
            if spec.form == "file" and kind != "speaker" and not Path(spec.name).is_file():
                return f"{spec.name} is gone"
            return None

        return Worker(
            kind, str(spec), work, self._changed, absent=absent, in_use=in_use, status=status
        )

    def _changed(self) -> None:
        def tell() -> None:
            if not self._closed:
                self._on_change(self.cards())

        try:
            self._loop.call_soon_threadsafe(tell)
        except RuntimeError:  # the loop has ended; nobody wants to know any more
            self._closed = True

    def _make_cleaner(self) -> Cleaner | None:
        try:
            return RoomCleaner()
        except CleaningUnavailable as error:
            self._cleans = False
            log.warning("no echo canceller: the far end may hear itself", reason=str(error))
            return None

    def _shoot(self, stop: threading.Event) -> None:
        try:
            for picture in camera.pictures(self._camera_spec, stop):
                self.pictures.push(picture)
                self._camera.working()
                if not self._camera.wanted:
                    return
        finally:
            self.pictures.rest()

    def _listen(self, stop: threading.Event) -> None:
        if self._cleans and self._cleaner is None:
            self._cleaner = self._make_cleaner()
        try:
            for sound in microphone.sounds(self._microphone_spec, stop, self._microphone.failing):
                if self._cleaner is not None:
                    sound = replace(sound, pcm=self._cleaner.clean(sound.pcm))
                self.sounds.push(sound)
                self._microphone.working()
                if not self._microphone.wanted:
                    return
        finally:
            self.sounds.rest()

    def _speak(self, stop: threading.Event) -> None:
        to_file = self._speaker_spec.form == "file"

        def pull(samples: int, heard_at: float) -> Pcm:
            if self._playout.busy:
                self._speaker.want()
            pcm = self._playout.pull(samples, heard_at)
            if not to_file:
                pcm = self._volume.apply(pcm)
            if self._cleaner is not None:
                self._cleaner.played(pcm)
            return pcm

        def go_on() -> bool:
            # A file is one recording: pausing would begin it anew.
            return not stop.is_set() if to_file else self._speaker.wanted

        play(self._speaker_spec, pull, self._speaker.working, self._speaker.failing, go_on)
