"""The kiosk's composition root: devices, media, the stay, the hub, the screen, systemd.

Everything happens on one event loop; the devices have threads of their own. The machine in
`lifecycle.py` decides, this module carries out. Liveness guarantee: `run` ends by SIGTERM, by
SIGINT, or with the exception that ended one of its tasks; systemd starts the kiosk again.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import av
import structlog

from kiosk import identity as identities
from kiosk import venue_file
from kiosk.call_media import CallMedia
from kiosk.devices import DeviceSet
from kiosk.errors import NotEnrolledError
from kiosk.hub_link import Events, HubLink
from kiosk.identity import Identity
from kiosk.lifecycle import Lifecycle
from kiosk.probes.hub_clock import HubClock
from kiosk.probes.own_octets import own_octets
from kiosk.probes.prober import Prober, open_store
from kiosk.ring import Bell
from kiosk.rtc import attach
from kiosk.rtc.events import Failed, Flowing, Gathered, MediaEvent, Silent
from kiosk.rtc.line import Line
from kiosk.scene import (
    Action,
    AddCandidate,
    Effect,
    Mute,
    RememberVenue,
    Ring,
    Scene,
    Screen,
    Send,
    StartAnswer,
    StopMedia,
    Volume,
)
from kiosk.screen.pictures import FAR_WIDTH, Packer
from kiosk.screen.server import FAR, ScreenServer
from kiosk.screen.view import draw
from kiosk.self_view import SelfView
from kiosk.service_manager import ServiceManager
from kiosk.settings import Settings
from signaling.protocol.cards import DeviceCard
from signaling.protocol.messages import CallBudget, FromHub, HangUp, WelcomeKiosk

log = structlog.get_logger(__name__)

TICK_S = 1.0
LOOKS_FOR_KEY_EVERY_S = 1.0


class Agent:
    """One kiosk. `run` it once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._software = f"visiohub-kiosk/{version('visiohub')}"
        self._life = Lifecycle(
            time.monotonic(),
            datetime.now(UTC),
            venue=venue_file.recall(settings.state_dir),
            low_controls=settings.low_controls,
        )
        self._screen = ScreenServer(self._act)
        self._packer = Packer(FAR_WIDTH)
        self._manager = ServiceManager()
        self._devices: DeviceSet | None = None
        self._link: HubLink | None = None
        self._hub_clock = HubClock(datetime.now(UTC), time.monotonic())
        self._prober: Prober | None = None
        self._line = Line.of_kbit(
            settings.line_up_kbit or None,
            settings.line_down_kbit or None,
            settings.call_most_kbit,
            cells=settings.line_cells,
        )
        self._media: CallMedia | None = None
        self._bell: Bell | None = None
        self._errands: set[asyncio.Task[Any]] = set()
        self._scene: Scene = self._life.scene(time.monotonic())

    @property
    def screen_port(self) -> int:
        """Where the citizen's page is, once the kiosk is ready."""
        return self._screen.port

    async def run(self, ready: asyncio.Event | None = None) -> None:
        """Live until asked to stop.

        Raises:
            ScreenPortTakenError, KeyUnreadableError, DeviceError, AttachError: it cannot start.
        """
        attach.install()  # checks first; in a call it would be too late, and cost its time
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        try:
            specs = (self._settings.camera, self._settings.microphone, self._settings.speaker)
            self._devices = DeviceSet.open(
                *specs, self._devices_changed, clean=self._settings.echo_cancellation
            )
            self._media = CallMedia(
                self._devices, self._line, show=self._far_picture, on_event=self._media_event
            )
            await self._screen.start(self._settings.screen_port)
            self._carry_out(self._life.devices(self._devices.cards()))
            # What is here now stays: a full collection in a call would hold its sound for 30 ms.
            gc.collect()
            gc.freeze()
            self._manager.tell("READY=1")
            log.info("ready", screen=f"http://127.0.0.1:{self._screen.port}/")
            if ready is not None:
                ready.set()
            await self._live(stop, self._devices)
        finally:
            self._manager.tell("STOPPING=1")
            await self._close()

    async def _live(self, stop: asyncio.Event, devices: DeviceSet) -> None:
        self_view = SelfView(
            devices, self._screen, lambda: self._scene, heard=self._heard, read=self._read
        )
        duties = [self._call_hub(), self._tick(), self_view.run()]
        tasks = [asyncio.create_task(duty) for duty in duties]
        stopped = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (*tasks, stopped):
                task.cancel()
            await asyncio.gather(*tasks, stopped, return_exceptions=True)

    async def _close(self) -> None:
        self._ring(on=False)
        closing = None if self._media is None else self._media.stop()
        if closing is not None:
            await closing
        for errand in list(self._errands):
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)
        await self._screen.close()
        if self._devices is not None:
            self._devices.close()
            await asyncio.to_thread(self._devices.join)

    # --- duties -------------------------------------------------------------------------------

    async def _call_hub(self) -> None:
        identity = await self._identity()
        address = self._settings.hub or identity.hub_origin
        self._link = link = HubLink(
            address,
            identity,
            self._software,
            Events(
                message=self._message,
                lost=self._lost,
                bye=self._bye,
                answered=self._life.hub_answered,
            ),
            in_call=lambda: self._life.in_call,
        )
        store = open_store(self._settings.state_dir)
        if store is None:
            await link.run()
            return
        # what a camera on the venue's network sends us never was on the line
        own = (lambda: None) if self._settings.camera.startswith("url:") else own_octets
        self._prober = Prober(
            address, store, self._hub_clock, link.send, lambda: self._life.in_call, own
        )
        probing = asyncio.create_task(self._prober.run())
        try:
            await link.run()
        finally:
            probing.cancel()
            await asyncio.gather(probing, return_exceptions=True)
            store.close()

    async def _identity(self) -> Identity:
        """The key, as soon as somebody enrols this kiosk."""
        told = False
        while True:
            try:
                identity = identities.load(self._settings.state_dir)
            except NotEnrolledError:
                self._life.not_enrolled()
                self._refresh()
                if not told:
                    told = True
                    log.warning("no key yet; waiting for: kiosk enrol HUB CODE")
                await asyncio.sleep(LOOKS_FOR_KEY_EVERY_S)
                continue
            self._life.enrolled(time.monotonic())
            return identity

    async def _tick(self) -> None:
        while True:
            self._carry_out(self._life.tick(time.monotonic()))
            self._manager.tell("WATCHDOG=1")
            if self._media is not None:
                now = time.monotonic()
                if self._media.report_due(now):
                    self._report()
                glimpse = self._media.glimpse(now, picture=self._scene.far_picture)
                if glimpse is not None:
                    self._life.glimpse(glimpse)
            await asyncio.sleep(TICK_S)

    # --- inputs -------------------------------------------------------------------------------

    def _message(self, message: FromHub) -> None:
        if isinstance(message, WelcomeKiosk):
            self._hub_clock.told(message.now, time.monotonic())
        if isinstance(message, CallBudget):
            self._line.share(message.budget)
            if self._media is not None:
                self._media.line_changed()
            return
        if self._prober is not None and self._prober.take(message):
            return
        self._carry_out(self._life.receive(message, time.monotonic()))

    def _lost(self) -> None:
        self._life.link_lost(time.monotonic())
        self._refresh()

    def _bye(self, code: str) -> None:
        if self._prober is not None:
            self._prober.rest()
        self._carry_out(self._life.turned_away(code, time.monotonic()))

    def _act(self, action: Action) -> None:
        self._carry_out(self._life.act(action, time.monotonic()))

    def _devices_changed(self, cards: list[DeviceCard]) -> None:
        self._carry_out(self._life.devices(cards))

    def _heard(self) -> None:
        self._life.heard(time.monotonic())

    def _read(self, code: str | None) -> None:
        self._carry_out(self._life.qr(code, time.monotonic()))

    def _media_event(self, event: MediaEvent) -> None:
        now = time.monotonic()
        match event:
            case Flowing(generation):
                if self._media is not None:
                    self._media.flows(now)
                self._carry_out(self._life.media_flows(generation, now))
            case Silent(generation):
                self._carry_out(self._life.media_silent(generation, now))
                if self._link is not None:
                    self._link.doubt()
            case Failed(generation):
                self._carry_out(self._life.media_failed(generation, now))
            case Gathered():
                self._carry_out(
                    self._life.gathered(
                        event.generation, event.candidate, event.sdp_mid, event.sdp_m_line_index
                    )
                )

    def _far_picture(self, frame: av.VideoFrame) -> None:
        self._life.picture(time.monotonic())
        if self._screen.watched:
            self._screen.push_picture(FAR, self._packer.pack(frame))
        if not (self._scene.far_picture and self._scene.screen is Screen.CALL):
            self._refresh()

    # --- effects ------------------------------------------------------------------------------

    def _carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            self._do(effect)
        self._refresh()

    def _do(self, effect: Effect) -> None:
        match effect:
            case Send(message) if self._link is not None:
                if isinstance(message, HangUp):
                    self._report()
                self._link.send(message)
            case StartAnswer():
                self._errand(self._answer(effect))
            case AddCandidate(found) if self._media is not None:
                self._errand(
                    self._media.add_candidate(
                        found.generation, found.candidate, found.sdp_mid, found.sdp_m_line_index
                    )
                )
            case StopMedia():
                self._stop_media()
            case Mute(muted) if self._media is not None:
                self._media.mute(muted)
            case Volume(level) if self._devices is not None:
                self._devices.speaker_volume = level
            case Ring(on):
                self._ring(on=on)
            case RememberVenue(venue):
                venue_file.remember(self._settings.state_dir, venue)

    async def _answer(self, wish: StartAnswer) -> None:
        if self._media is None:
            return
        if self._media.begins(wish.call_id):
            self._stop_media()
        sdp = await self._media.answer(
            wish.call_id, wish.generation, wish.sdp, wish.ice_servers, time.monotonic()
        )
        if sdp is not None:
            self._carry_out(self._life.answered(wish.call_id, wish.generation, sdp))

    def _stop_media(self) -> None:
        closing = None if self._media is None else self._media.stop()
        if closing is not None:
            self._errand(closing)
            self._screen.drop_pictures()

    def _report(self) -> None:
        report = None if self._media is None else self._media.report(time.monotonic())
        if report is not None and self._link is not None:
            self._link.send(report)

    def _ring(self, *, on: bool) -> None:
        if self._bell is not None and self._devices is not None:
            self._devices.stop_playing(self._bell.pull)
            self._bell = None
        if on and self._devices is not None:
            self._bell = Bell()
            self._devices.play_from(self._bell.pull)

    def _errand(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def _refresh(self) -> None:
        self._scene = self._life.scene(time.monotonic())
        self._screen.show(draw(self._scene))
