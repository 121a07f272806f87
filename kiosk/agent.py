"""The kiosk's composition root: devices, media, the stay, the hub, the screen, systemd.

Everything happens on one event loop; the devices have threads of their own. The machine in
`lifecycle.py` decides, `conduct.py` carries out, this module puts the parts together. Liveness
guarantee: `run` ends by SIGTERM, by SIGINT, or with the exception that ended one of its tasks;
systemd starts the kiosk again.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import structlog

from kiosk import heap, venue_file
from kiosk.call_statistics import StatisticsFile
from kiosk.conduct import Conduct
from kiosk.devices import DeviceSet
from kiosk.hub_duty import HubDuty
from kiosk.lifecycle import Lifecycle
from kiosk.rtc import attach
from kiosk.rtc.line import Line
from kiosk.self_view import SelfView
from kiosk.service_manager import ServiceManager
from kiosk.settings import Settings

log = structlog.get_logger(__name__)

TICK_S = 1.0


class Agent:
    """One kiosk. `run` it once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        life = Lifecycle(
            time.monotonic(),
            datetime.now(UTC),
            venue=venue_file.recall(settings.state_dir),
            low_controls=settings.low_controls,
        )
        line = Line.of_kbit(
            settings.line_up_kbit or None,
            settings.line_down_kbit or None,
            settings.call_most_kbit,
            cells=settings.line_cells,
        )
        software = f"visiohub-kiosk/{version('visiohub')}"
        self._hub = HubDuty(settings, software, lambda: life.in_call, lambda: life.on_the_line)
        statistics = StatisticsFile(Path(settings.stats)) if settings.stats else None
        self._conduct = Conduct(life, self._hub, line, settings.state_dir, statistics)
        self._screen = self._conduct.screen
        self._manager = ServiceManager()
        self._devices: DeviceSet | None = None

    @property
    def screen_port(self) -> int:
        """Where the citizen's page is, once the kiosk is ready."""
        return self._screen.port

    async def run(self, ready: asyncio.Event | None = None) -> None:
        """Live until asked to stop.

        Raises:
            ScreenPortTakenError, KeyUnreadableError, DeviceError, AttachError: it cannot start.
        """
        heap.keep_small()
        attach.install()  # checks first; in a call it would be too late, and cost its time
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        try:
            specs = (self._settings.camera, self._settings.microphone, self._settings.speaker)
            self._devices = DeviceSet.open(
                *specs, self._conduct.devices_changed, clean=self._settings.echo_cancellation
            )
            await self._screen.start(self._settings.screen_port)
            self._conduct.equip(self._devices)
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
        conduct = self._conduct
        self_view = SelfView(
            devices, self._screen, lambda: conduct.scene, heard=conduct.heard, read=conduct.read
        )
        hub = self._hub.run(
            conduct.hub_events(), enrolled=conduct.enrolled, not_enrolled=conduct.not_enrolled
        )
        tasks = [asyncio.create_task(duty) for duty in (hub, self._tick(), self_view.run())]
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
        await self._conduct.close()
        await self._screen.close()
        if self._devices is not None:
            self._devices.close()
            await asyncio.to_thread(self._devices.join)

    async def _tick(self) -> None:
        while True:
            self._conduct.tick()
            self._manager.tell("WATCHDOG=1")
            await asyncio.sleep(TICK_S)
