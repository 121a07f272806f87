"""What a kiosk owes its hub for as long as it lives: its key, its link, what it measures.

Liveness guarantee: `run` returns only when cancelled; without a key it looks for one each second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from kiosk import identity as identities
from kiosk.errors import NotEnrolledError
from kiosk.hub_link import Events, HubLink
from kiosk.identity import Identity
from kiosk.probes.hub_clock import HubClock
from kiosk.probes.own_octets import own_octets
from kiosk.probes.prober import Prober
from kiosk.probes.results import open_store
from kiosk.settings import Settings
from signaling.protocol.messages import FromHub, FromKiosk, HubTime, WelcomeKiosk

log = structlog.get_logger(__name__)

LOOKS_FOR_KEY_EVERY_S = 1.0


class HubDuty:
    """`run` it; what is sent while no hub is there to take it is dropped."""

    def __init__(
        self,
        settings: Settings,
        software: str,
        in_call: Callable[[], bool],
        on_the_line: Callable[[], bool],
    ) -> None:
        self._settings = settings
        self._software = software
        self._in_call = in_call
        self._on_the_line = on_the_line
        self._clock = HubClock(datetime.now(UTC), time.monotonic())
        self._link: HubLink | None = None
        self._prober: Prober | None = None

    def send(self, message: FromKiosk) -> None:
        """A welcome brings both ends up to date after a gap."""
        if self._link is not None:
            self._link.send(message)

    def doubt(self) -> None:
        """The media went silent: is the line there?"""
        if self._link is not None:
            self._link.doubt()

    def take(self, message: FromHub) -> bool:
        """Whether this message was for the clock or the probes alone."""
        if isinstance(message, WelcomeKiosk | HubTime):
            self._clock.told(message.now, time.monotonic())
        if isinstance(message, HubTime):
            return True
        return self._prober is not None and self._prober.take(message)

    def rest(self) -> None:
        """The hub does not want this kiosk: nothing is measured meanwhile."""
        if self._prober is not None:
            self._prober.rest()

    async def run(
        self, events: Events, *, enrolled: Callable[[], None], not_enrolled: Callable[[], None]
    ) -> None:
        """Until cancelled. `enrolled` and `not_enrolled` say whether there is a key."""
        identity = await self._identity(not_enrolled)
        enrolled()
        address = self._settings.hub or identity.hub_origin
        self._link = link = HubLink(address, identity, self._software, events, self._in_call)
        store = open_store(self._settings.state_dir)
        if store is None:
            await link.run()
            return
        # what a camera on the venue's network sends us never was on the line
        own = (lambda: None) if self._settings.camera.startswith("url:") else own_octets
        self._prober = Prober(address, store, self._clock, link.send, self._on_the_line, own)
        probing = asyncio.create_task(self._prober.run())
        try:
            await link.run()
        finally:
            probing.cancel()
            await asyncio.gather(probing, return_exceptions=True)
            store.close()

    async def _identity(self, not_enrolled: Callable[[], None]) -> Identity:
        """The key, as soon as somebody enrols this kiosk."""
        told = False
        while True:
            try:
                return identities.load(self._settings.state_dir)
            except NotEnrolledError:
                not_enrolled()
                if not told:
                    told = True
                    log.warning("no key yet; waiting for: kiosk enrol HUB CODE")
                await asyncio.sleep(LOOKS_FOR_KEY_EVERY_S)
