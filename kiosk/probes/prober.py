"""The venue's line, measured day and night: heartbeat, trains, looks before appointments.

Liveness: `run` ticks each second until cancelled. What goes wrong with one probe is logged and
costs that probe; results wait on disk until the hub says that it has them.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import structlog

from kiosk.probes import speed
from kiosk.probes.cards import train_card, voice_card
from kiosk.probes.hub_clock import HubClock
from kiosk.probes.minutes import Minutes
from kiosk.probes.modem_watch import ModemWatch, OwnOctets
from kiosk.probes.opening import open_wire
from kiosk.probes.own_octets import own_octets
from kiosk.probes.purse import Purse
from kiosk.probes.results import ResultStore
from kiosk.probes.schedule import TrainSchedule
from kiosk.probes.teller import Teller
from kiosk.probes.wire import ProbeWire
from signaling.protocol.line_cards import Way
from signaling.protocol.messages import (
    CallBeside,
    CheckLine,
    FromHub,
    LineResults,
    MeasureSpeed,
    ProbeSession,
    ResultsKept,
    WelcomeKiosk,
)
from visiohub.linkquality.delays import summary
from visiohub.linkquality.ledger import Purpose
from visiohub.linkquality.train import Train
from visiohub.linkquality.voice import COST_OCTETS, SECONDS

log = structlog.get_logger(__name__)

TICK_S = 1.0
SESSION_WITHIN_S = 15.0
"""Of a welcome: else another kiosk measures here. What two read of a modem counts twice, and of
probes in a session that the hub has forgotten none is answered."""


class Prober:
    """One kiosk's. `take` it the hub's messages, `run` it for as long as the kiosk lives."""

    def __init__(
        self,
        hub: str,
        store: ResultStore,
        clock: HubClock,
        send: Callable[[LineResults], bool],
        in_call: Callable[[], bool],
        own: OwnOctets = own_octets,
    ) -> None:
        """`hub` is the address of signaling: probes go to the same host. `send` says whether there
        is a connection to send on."""
        self.voice_s = SECONDS
        """How long a voice-like look lasts."""
        self.modem = ModemWatch(store.add, clock, own, in_call)
        self._origin = hub
        self._host = urlsplit(hub).hostname or "127.0.0.1"
        self._store = store
        self._clock = clock
        self._purse = Purse(store, clock)
        self._minutes = Minutes(store, clock, self._purse)
        self._teller = Teller(store, self._purse, send)
        self._in_call = in_call
        self._wire: ProbeWire | None = None
        self._heart: asyncio.Task[None] | None = None
        self._order: ProbeSession | None = None
        self._schedules: dict[Way, TrainSchedule] = {}
        self._known_since: datetime | None = None
        self._beside_until = -math.inf
        self._checks: list[str] = []
        """That wait for a look."""
        self._speed: MeasureSpeed | None = None
        self._session_until: float | None = None
        self._probing: asyncio.Task[None] | None = None
        self._fills_the_line = self._was_cut = False
        """A train is under way that is none for beside a call; it met one."""

    def take(self, message: FromHub) -> bool:
        """Whether the message was for the prober."""
        match message:
            case WelcomeKiosk(venue=venue):
                self._clock.stands_in(venue.time_zone)
                self._session_until = time.monotonic() + SESSION_WITHIN_S
                return False
            case ProbeSession():
                self._order, self._session_until = message, None
                self.modem.order(message.modem)
            case MeasureSpeed():
                self._speed = message
            case ResultsKept(batch=batch):
                self._teller.kept(batch)
            case CallBeside(holds_s=holds_s):
                self._beside_until = time.monotonic() + holds_s
            case CheckLine(check_id=check_id):
                self._checks.append(check_id)
            case _:
                return False
        return True

    def rest(self) -> None:
        """The hub stops: silence from now on says nothing of the line."""
        self._close_wire()

    async def run(self) -> None:
        """Measure, until cancelled."""
        reading = asyncio.create_task(self.modem.run())
        try:
            while True:
                try:
                    await self._tick(time.monotonic())
                except Exception:
                    log.exception("probe_failed")
                await asyncio.sleep(TICK_S)
        finally:
            tasks = [reading, *([self._probing] if self._probing is not None else [])]
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            self._close_wire()

    # --- each second ----------------------------------------------------------------------------

    async def _tick(self, now: float) -> None:
        if self._order is not None:
            order, self._order = self._order, None
            await self._begin(order, now)
        if self._session_until is not None and now > self._session_until:
            self.modem.order(None)
            self._close_wire()
        self._minutes.look(now, self._wire)
        wire = self._wire
        if wire is not None:
            in_call = self._busy()
            wire.heartbeat.in_call = in_call
            if in_call and self._fills_the_line:
                wire.cut_train()
                self._was_cut = True
            self._minutes.note(in_call=in_call, out=wire.heartbeat.is_out(now))
        if self._probing is None or self._probing.done():
            self._probing = self._next_probe(wire, now)
        self._teller.tell(now)

    def _busy(self) -> bool:
        """Whether a call is on the line, here or at another kiosk of the venue."""
        return self._in_call() or time.monotonic() < self._beside_until

    async def _begin(self, order: ProbeSession, now: float) -> None:
        self._close_wire()
        wire = await open_wire(self._host, order)
        if wire is None:
            return
        self._purse.told(order)
        told: dict[Way, tuple[float, int | None]] = {
            "up": (order.up_kbit_s, order.burst_up_octets),
            "down": (order.down_kbit_s, order.burst_down_octets),
        }
        another = order.known_since != self._known_since
        self._known_since = order.known_since
        for way, (rate, burst) in told.items():
            if another or way not in self._schedules:
                self._schedules[way] = TrainSchedule(rate, burst, random.random, now)
            elif burst is not None:
                self._schedules[way].told(burst, now)
        wire.may_send = self._purse.take_heartbeat
        self._wire = wire
        self._heart = asyncio.create_task(wire.run())

    def _close_wire(self) -> None:
        if self._wire is None:
            return
        if self._heart is not None:
            self._heart.cancel()
        self._minutes.collect(self._wire)
        self._wire.close()
        self._wire = self._heart = None

    # --- trains and voices ----------------------------------------------------------------------

    def _next_probe(self, wire: ProbeWire | None, now: float) -> asyncio.Task[None] | None:
        """One at a time: they would spoil each other's figures."""
        if self._speed is not None:
            order, self._speed = self._speed, None
            return asyncio.create_task(self._measure_speed(order))
        in_call = self._busy()
        if self._checks:
            asked, self._checks = self._checks, []
            return asyncio.create_task(self._look(wire, asked, in_call=in_call))
        if wire is None:
            return None
        for way, schedule in self._schedules.items():
            if (train := schedule.due(now, in_call=in_call)) is None:
                continue
            if self._purse.take_train(Purpose.TRAIN, train, way):
                return asyncio.create_task(self._send_train(wire, way, train))
            schedule.later(now)
        return None

    async def _send_train(self, wire: ProbeWire, way: Way, train: Train) -> None:
        schedule = self._schedules[way]
        at = self._clock.at(time.monotonic())
        send = wire.up if way == "up" else wire.down
        self._fills_the_line, self._was_cut = not train.in_call, False
        try:
            verdict = await send(train, schedule.burst_octets)
        finally:
            self._fills_the_line = False
        # A call that began meanwhile met the train, and the train met the call; a session that
        # ended cut it short.
        met = self._was_cut or (not train.in_call and self._busy())
        if met or self._wire is not wire:
            schedule.later(time.monotonic())
            return
        told = schedule.judged(train, verdict, time.monotonic())
        self._store.add(train_card(at, way, train, told))

    async def _look(self, wire: ProbeWire | None, asked: Sequence[str], *, in_call: bool) -> None:
        """Before an appointment: a train each way, then ten seconds like a voice (§10.5).

        Two appointments at one time are two checks: one look answers both. One without a session,
        or that the session's end cuts short, saw nothing, and says so.
        """
        told = summary([], [])
        if wire is not None and not in_call:
            for way, schedule in self._schedules.items():
                train = schedule.short()
                if not self._busy() and self._purse.take_train(Purpose.APPOINTMENT, train, way):
                    await self._send_train(wire, way, train)
            free = self._wire is wire and not self._busy()
            if free and self._purse.take_both(Purpose.APPOINTMENT, COST_OCTETS):
                heard = await wire.voice(self.voice_s)
                told = heard if self._wire is wire else told
        at = self._clock.at(time.monotonic())
        for check_id in asked:
            self._store.add(voice_card(at, told, check_id))

    async def _measure_speed(self, order: MeasureSpeed) -> None:
        """A technician's order (§10.7); what its load does to the minute is not the line's."""
        at = self._clock.at(time.monotonic())
        if not (order.beyond_budget or speed.may_spend(order, self._purse)):
            self._store.add(speed.refused(order, at, "budget"))
            return
        self._minutes.note(in_call=True)
        self._store.add(await speed.measure(self._origin, order, at, self._busy))
        self._minutes.note(in_call=True)  # the minute may have ended meanwhile
