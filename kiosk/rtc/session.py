"""One call's media: several generations of connections, one picture, one sound."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import av
import structlog

from kiosk.devices import DeviceSet
from kiosk.rtc.decoding_screen import DecodingScreen, InTurn
from kiosk.rtc.errors import SdpRefused
from kiosk.rtc.events import Failed, Flowing, MediaEvent
from kiosk.rtc.generation import Generation
from kiosk.rtc.line import Line
from kiosk.rtc.report import Entry, Reporter, Snapshot
from kiosk.rtc.statistics import snapshot
from signaling.protocol.cards import IceServer

log = structlog.get_logger(__name__)


class MediaSession:
    """The kiosk's media in one call.

    Each offer of a new generation makes a new connection beside the one in force; the new one
    takes over when its media flows, and only then is the old one closed (design.md, decision 4).
    What one connection learns of the line, the next begins with (`line`).
    A `screen` gets what it decodes itself; `show` is called on the event loop right after decode
    with the newest of all other pictures. `on_event` is called on the event loop; after `Failed` of
    the generation in force, ask for a new one.
    """

    def __init__(
        self,
        devices: DeviceSet,
        *,
        show: Callable[[av.VideoFrame], None],
        screen: DecodingScreen | None = None,
        on_event: Callable[[MediaEvent], None],
        relay_only: bool = False,
        line: Line | None = None,
    ) -> None:
        self._devices = devices
        self._show = show
        self._screen = screen
        self._on_event = on_event
        self._relay_only = relay_only
        self._line = line or Line()
        self._generations: dict[int, Generation] = {}
        self._newest = 0
        self._current: Generation | None = None
        began = time.monotonic()
        self._latest = Snapshot(began, 0, {})
        self._reports, self._glances = Reporter(began), Reporter(began)
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def generation(self) -> int:
        """Number of the generation whose media is shown; 0 before the first flows."""
        return self._current.number if self._current else 0

    @property
    def picture_height(self) -> int:
        """Of the far picture shown last, in pixels; 0 before the first."""
        return self._current.far.picture.height if self._current else 0

    @property
    def flowing(self) -> bool:
        """Media of the far end arrives now."""
        return self._current is not None and self._current.flowing

    async def answer(
        self, generation: int, offer_sdp: str, ice_servers: Sequence[IceServer]
    ) -> str:
        """The SDP answer to an offer; candidates found later come as `Gathered` events.

        Raises:
            SdpRefused: the offer makes no sense, or its generation is not newer than the last.
        """
        if self._closed:
            raise SdpRefused("the call is over")
        if generation <= self._newest:
            raise SdpRefused(f"generation {generation} is not new")
        fresh = self._add(generation)
        try:
            return await fresh.answer(offer_sdp, ice_servers)
        except SdpRefused:
            self._drop(fresh)
            raise

    async def add_candidate(
        self, generation: int, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None
    ) -> None:
        """One ICE candidate of the far end; unknown generations and nonsense are passed over."""
        known = self._generations.get(generation)
        if known is not None:
            known.add_candidate(candidate, sdp_mid, sdp_m_line_index)

    def line_changed(self) -> None:
        """The line knows another budget: connections keep within it from now on."""
        for generation in self._generations.values():
            generation.line_changed()

    def mute(self, muted: bool) -> None:
        """Send silence instead of the microphone's sound."""
        self._devices.muted = muted

    async def look(self) -> Mapping[str, Entry]:
        """Take the statistics of the connection in force, once a second: W3C webrtc-stats by id.

        What `report` and `glance` say is from the last of these.
        """
        self._latest = await snapshot(self._current)
        return self._latest.entries

    def report(self) -> dict[str, Any]:
        """Fields of signaling's `Report` since the last call of this, less the call's id."""
        return self._reports.report(self._latest)

    def glance(self) -> dict[str, Any]:
        """The same figures since the last call of this: for the screen."""
        return self._glances.report(self._latest)

    async def close(self) -> None:
        """End every connection; within about two seconds, whatever the network does."""
        self._closed = True
        if self._current is not None:
            self._devices.stop_playing(self._current.far.sound.pull)
        for generation in list(self._generations.values()):
            self._drop(generation)
        if self._closing:
            await asyncio.wait(self._closing)

    def _add(self, number: int) -> Generation:
        # What never flowed and is now surpassed will not be missed.
        for older in list(self._generations.values()):
            if older is not self._current:
                self._drop(older)
        holder: list[Generation] = []
        screen = self._screen
        fresh = Generation(
            number,
            self._devices,
            show=lambda frame: self._show_from(holder[0], frame),
            screen=screen and InTurn(screen, lambda: self._in_force(holder[0])),
            on_event=self._event,
            relay_only=self._relay_only,
            line=self._line,
        )
        holder.append(fresh)
        self._newest = number
        self._generations[number] = fresh
        return fresh

    def _show_from(self, source: Generation, frame: av.VideoFrame) -> None:
        if self._in_force(source):
            self._show(frame)

    def _in_force(self, source: Generation) -> bool:
        return source is self._current and not self._closed

    def _event(self, event: MediaEvent) -> None:
        if self._closed or event.generation not in self._generations:
            return
        if isinstance(event, Flowing):
            self._take_over(self._generations[event.generation])
        self._on_event(event)
        if isinstance(event, Failed):
            failed = self._generations[event.generation]
            if failed is not self._current:
                self._drop(failed)

    def _take_over(self, fresh: Generation) -> None:
        if self._current is not None and fresh.number < self._current.number:
            return
        if self._current is not fresh:
            if self._current is not None:
                self._devices.stop_playing(self._current.far.sound.pull)
            self._devices.play_from(fresh.far.sound.pull)
        self._current = fresh
        for older in list(self._generations.values()):
            if older.number < fresh.number:
                self._drop(older)

    def _drop(self, generation: Generation) -> None:
        self._generations.pop(generation.number, None)
        task = asyncio.get_running_loop().create_task(generation.close())
        self._closing.add(task)
        task.add_done_callback(self._closed_one)

    def _closed_one(self, task: asyncio.Task[None]) -> None:
        self._closing.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.warning("connection did not close cleanly", error=repr(task.exception()))
