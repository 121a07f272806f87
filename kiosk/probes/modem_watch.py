"""The venue's modem, read again and again while the hub wants it.

A reading is some twenty questions on the venue's own network; what goes over the line is its
result, 0.6 kB every four minutes. The hub takes readings of the last five minutes for now.

Liveness: `run` reads until cancelled; a reading ends within modem.READING_S, and whatever goes
wrong with it is told as trouble and costs that reading.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from kiosk.probes.hub_clock import HubClock
from kiosk.probes.modem_reading import modem_card
from signaling.protocol.line_cards import ModemCard, ModemTroubleCard
from signaling.protocol.modem import ModemAccess
from visiohub.linkquality.modem import ModemState, ModemTrouble

if TYPE_CHECKING:
    from kiosk.probes.modem import Modem

log = structlog.get_logger(__name__)

READ_EVERY_S = 240.0
TOLD_AGAIN_S = 3600.0
"""A trouble that lasts is said again, so that the hub knows that it does."""
_LOOKS_UP_S = 1.0

OwnOctets = Callable[[], tuple[int, int] | None]
"""What this PC received and sent so far; None: not known."""


class ModemWatch:
    """One kiosk's. `order` it as the hub says, `run` it for as long as the kiosk lives."""

    def __init__(
        self,
        keep: Callable[[ModemCard | ModemTroubleCard], None],
        clock: HubClock,
        own_octets: OwnOctets,
        in_call: Callable[[], bool],
        every_s: float = READ_EVERY_S,
    ) -> None:
        self._keep = keep
        self._clock = clock
        self._own_octets = own_octets
        self._in_call = in_call
        self._every_s = every_s
        self._access: ModemAccess | None = None
        self._asked: ModemAccess | None = None
        self._modem: Modem | None = None
        """The one that `_asked` leads to."""
        self._reading: asyncio.Task[None] | None = None
        self._due_at = 0.0
        self._before: tuple[float, ModemState, tuple[int, int] | None] | None = None
        self._told: tuple[ModemTrouble, float] | None = None

    def order(self, access: ModemAccess | None) -> None:
        """Read this one from now on; None: none."""
        if access == self._access:
            return
        if self._reading is not None:
            self._reading.cancel()
        self._access, self._before, self._told, self._due_at = access, None, None, 0.0

    async def run(self) -> None:
        """Read, until cancelled."""
        try:
            while True:
                access, now = self._access, time.monotonic()
                if access is not self._asked:
                    self._let_go()
                    self._asked = access
                # a first reading holds the loop for half a second: pysnmp is loaded
                ready = self._modem is not None or not self._in_call()
                if access is not None and now >= self._due_at and ready:
                    self._due_at = now + self._every_s
                    self._reading = asyncio.create_task(self._read(access))
                    await asyncio.wait([self._reading])
                await asyncio.sleep(_LOOKS_UP_S)
        finally:
            if self._reading is not None:
                self._reading.cancel()
                await asyncio.wait([self._reading])
            self._let_go()

    async def _read(self, access: ModemAccess) -> None:
        # pysnmp takes 30 MB and half a second: only a kiosk whose modem is read loads it
        from kiosk.probes.modem import Modem, ModemError

        try:
            if self._modem is None:
                self._modem = Modem(access)
            state = await self._modem.read()
        except ModemError as error:
            self._trouble(access, error.trouble, str(error))
        except Exception:
            log.exception("modem_reading_failed")
            self._trouble(access, ModemTrouble.NONSENSE, "see the log")
        else:
            self._tell(access, state)

    def _tell(self, access: ModemAccess, state: ModemState) -> None:
        if access is not self._access:  # another one was ordered meanwhile
            return
        now, own = time.monotonic(), self._own_octets()
        before, self._before = self._before, (now, state, own)
        self._told = None
        at = self._clock.at(now)
        if before is None:
            self._keep(modem_card(at, None, state, 0.0))
            return
        begun, earlier, own_before = before
        spent = None
        if own is not None and own_before is not None:
            received, sent = own[0] - own_before[0], own[1] - own_before[1]
            spent = (received, sent) if received >= 0 and sent >= 0 else None
        self._keep(modem_card(at, earlier, state, now - begun, spent))

    def _trouble(self, access: ModemAccess, trouble: ModemTrouble, detail: str) -> None:
        now = time.monotonic()
        told, told_at = self._told or (None, 0.0)
        known = told is trouble and now < told_at + TOLD_AGAIN_S
        if known or access is not self._access:
            return
        log.warning("modem_unread", trouble=str(trouble), detail=detail)
        self._told = (trouble, now)
        self._keep(ModemTroubleCard(at=self._clock.at(now), trouble=trouble.value))

    def _let_go(self) -> None:
        if self._modem is not None:
            self._modem.close()
            self._modem = None
