"""The heartbeat as results, minute by minute of the hub's clock."""

from __future__ import annotations

import time
from datetime import datetime

from kiosk.probes.cards import minute_card
from kiosk.probes.hub_clock import HubClock
from kiosk.probes.purse import Purse
from kiosk.probes.results import ResultStore
from kiosk.probes.wire import ProbeWire
from visiohub.linkquality.delays import DelaySummary


class Minutes:
    """`look` each second; what a minute was is kept when the next one begins."""

    def __init__(self, store: ResultStore, clock: HubClock, purse: Purse) -> None:
        self._store = store
        self._clock = clock
        self._purse = purse
        self._minute: datetime | None = None
        self._parts: list[DelaySummary] = []
        self._called = self._out = False

    def note(self, *, in_call: bool = False, out: bool = False) -> None:
        """Of this minute, whatever is said of it later."""
        self._called |= in_call
        self._out |= out

    def collect(self, wire: ProbeWire) -> None:
        """What this session has seen so far; one that ends must not be lost."""
        self._parts.append(wire.heartbeat.collect(time.monotonic()))
        self._purse.move(*wire.take_octets())

    def look(self, now: float, wire: ProbeWire | None) -> None:
        """End the minute if it is over; `now` is monotonic."""
        minute = self._clock.at(now).replace(second=0, microsecond=0)
        if minute == self._minute:
            return
        if wire is not None:
            self.collect(wire)
        before, self._minute = self._minute, minute
        # Sessions change within a minute: the longer part speaks for it.
        part = max(self._parts, key=lambda one: one.sent, default=None)
        called, out = self._called, self._out
        self._parts, self._called, self._out = [], False, False
        if before is not None and part is not None and part.sent:
            moved, self._purse.moved = self._purse.moved, (0, 0)  # else the next one tells of them
            self._store.add(minute_card(before, part, moved, in_call=called, out=out))
        self._purse.end_minute()
