"""What happens goes to the machine of lifecycle.py, and what that decides is done here.

All of it on the event loop, and nothing waits: what takes time is an errand.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from kiosk import venue_file
from kiosk.call_media import CallMedia
from kiosk.call_statistics import StatisticsFile
from kiosk.devices import DeviceSet
from kiosk.far_screen import FarScreen
from kiosk.hub_duty import HubDuty
from kiosk.hub_link import Events
from kiosk.lifecycle import Lifecycle
from kiosk.ring import Bell
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
from kiosk.screen.server import ScreenServer
from kiosk.screen.view import draw
from signaling.protocol.cards import DeviceCard
from signaling.protocol.messages import CallBudget, FromHub, HangUp


class Conduct:
    """Between machine, hub, screen and devices. `equip` it once the devices are open."""

    def __init__(
        self,
        life: Lifecycle,
        hub: HubDuty,
        line: Line,
        state_dir: Path,
        statistics: StatisticsFile | None = None,
    ) -> None:
        self._life = life
        self._hub = hub
        self._line = line
        self._state_dir = state_dir
        self._statistics = statistics
        self.screen = ScreenServer(self._act)
        self._far_screen = FarScreen(self.screen, self._far_picture)
        self.scene: Scene = life.scene(time.monotonic())
        """What is shown now."""
        self._devices: DeviceSet | None = None
        self._media: CallMedia | None = None
        self._bell: Bell | None = None
        self._errands: set[asyncio.Task[Any]] = set()

    def equip(self, devices: DeviceSet) -> None:
        """The devices are open; calls can be held."""
        self._devices = devices
        self._media = CallMedia(
            devices,
            self._line,
            show=self._far_screen.show,
            screen=self._far_screen,
            on_event=self._media_event,
        )
        self.devices_changed(devices.cards())

    async def close(self) -> None:
        """End the call's media, and everything that is still being done."""
        self._ring(on=False)
        closing = None if self._media is None else self._media.stop()
        if closing is not None:
            await closing
        for errand in list(self._errands):
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    # --- inputs -------------------------------------------------------------------------------

    def hub_events(self) -> Events:
        """What the link shall tell."""
        return Events(self._message, self._lost, self._bye, self._life.hub_answered)

    def tick(self) -> None:
        """Once a second."""
        now = time.monotonic()
        self._carry_out(self._life.tick(now))
        if self._media is not None and self._media.on:
            self._errand(self._look(self._media))

    def enrolled(self) -> None:
        """This kiosk has a key."""
        self._life.enrolled(time.monotonic())

    def not_enrolled(self) -> None:
        """It has none yet."""
        self._life.not_enrolled()
        self._refresh()

    def devices_changed(self, cards: list[DeviceCard]) -> None:
        """What works and what does not."""
        self._carry_out(self._life.devices(cards))

    def heard(self) -> None:
        """The microphone hears somebody."""
        self._life.heard(time.monotonic())

    def read(self, code: str | None) -> None:
        """A QR was before the camera."""
        self._carry_out(self._life.qr(code, time.monotonic()))

    def _message(self, message: FromHub) -> None:
        if isinstance(message, CallBudget):
            self._line.share(message.budget)
            if self._media is not None:
                self._media.line_changed()
        elif not self._hub.take(message):
            self._carry_out(self._life.receive(message, time.monotonic()))

    def _lost(self) -> None:
        self._life.link_lost(time.monotonic())
        self._refresh()

    def _bye(self, code: str) -> None:
        self._hub.rest()
        self._carry_out(self._life.turned_away(code, time.monotonic()))

    def _act(self, action: Action) -> None:
        self._carry_out(self._life.act(action, time.monotonic()))

    def _media_event(self, event: MediaEvent) -> None:
        now = time.monotonic()
        match event:
            case Flowing(generation):
                if self._media is not None:
                    self._media.flows(now)
                self._carry_out(self._life.media_flows(generation, now))
            case Silent(generation):
                self._carry_out(self._life.media_silent(generation, now))
                self._hub.doubt()
            case Failed(generation):
                self._carry_out(self._life.media_failed(generation, now))
            case Gathered():
                self._carry_out(
                    self._life.gathered(
                        event.generation, event.candidate, event.sdp_mid, event.sdp_m_line_index
                    )
                )

    def _far_picture(self) -> None:
        self._life.picture(time.monotonic())
        scene = self.scene
        if scene.picture_awaited or not (scene.far_picture and scene.screen is Screen.CALL):
            self._refresh()

    # --- effects ------------------------------------------------------------------------------

    def _carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            self._do(effect)
        self._refresh()

    def _do(self, effect: Effect) -> None:
        match effect:
            case Send(message):
                if isinstance(message, HangUp):
                    self._report()
                self._hub.send(message)
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
                venue_file.remember(self._state_dir, venue)

    async def _answer(self, wish: StartAnswer) -> None:
        call = self.scene.call
        if self._media is None or call is None or call.call_id != wish.call_id:
            return  # it ended before its offer had its turn: both were read at once
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
            self.screen.drop_pictures()

    def _report(self) -> None:
        report = None if self._media is None else self._media.report(time.monotonic())
        if report is not None:
            self._hub.send(report)

    async def _look(self, media: CallMedia) -> None:
        """The second's statistics, once: for the file, the hub's report and the screen."""
        call_id, entries = await media.look()
        now = time.monotonic()
        if media.report_due(now):
            self._report()
        glimpse = media.glimpse(now, picture=self.scene.far_picture)
        if glimpse is not None:
            self._life.glimpse(glimpse)
        if entries and self._statistics is not None:
            await asyncio.to_thread(self._statistics.add, call_id, entries)

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
        self.scene = self._life.scene(time.monotonic())
        self.screen.show(draw(self.scene))
