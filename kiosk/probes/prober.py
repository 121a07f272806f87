"""The venue's line, measured day and night: heartbeat, trains, looks before appointments.

Liveness: `run` ticks each second until cancelled. What goes wrong with one probe is logged and
costs that probe; results wait on disk until the hub says that it has them.
"""

from __future__ import annotations

import asyncio
import base64
import math
import random
import secrets
import socket
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from kiosk.probes import speed
from kiosk.probes.cards import minute_card, telling_octets, train_card, voice_card
from kiosk.probes.hub_clock import HubClock
from kiosk.probes.modem_watch import ModemWatch, OwnOctets
from kiosk.probes.own_octets import own_octets
from kiosk.probes.results import ResultStore
from kiosk.probes.schedule import TrainSchedule
from kiosk.probes.wire import ProbeWire
from signaling.protocol import codec
from signaling.protocol.line_cards import Result, Way
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
from visiohub.linkquality.delays import DelaySummary, summary
from visiohub.linkquality.ledger import Ledger, Purpose
from visiohub.linkquality.sockets import preferred
from visiohub.linkquality.train import Train
from visiohub.linkquality.voice import COST_OCTETS, SECONDS

log = structlog.get_logger(__name__)

TICK_S = 1.0
BATCH = 50
"""Results in a message: about half of what a frame takes."""
SEND_EVERY_S = 5.0
SEND_AGAIN_S = 30.0
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
        self._send = send
        self._in_call = in_call
        self._wire: ProbeWire | None = None
        self._heart: asyncio.Task[None] | None = None
        self._order: ProbeSession | None = None
        self._schedules: dict[Way, TrainSchedule] = {}
        self._ledgers: dict[Way, Ledger] = {}
        self._known_since: datetime | None = None
        self._beside_until = -math.inf
        self._checks: list[str] = []
        """That wait for a look."""
        self._speed: MeasureSpeed | None = None
        self._session_until: float | None = None
        self._minute: datetime | None = None
        self._parts: list[DelaySummary] = []
        self._spent = (0, 0)
        self._called = self._out = False
        self._batch: tuple[str, list[int]] | None = None
        self._sent_at = -SEND_EVERY_S
        self._probing: asyncio.Task[None] | None = None

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
                if self._batch is not None and self._batch[0] == batch:
                    self._store.drop(self._batch[1])
                    self._batch = None
            case CallBeside(holds_s=holds_s):
                self._beside_until = time.monotonic() + holds_s
            case CheckLine(check_id=check_id):
                self._checks.append(check_id)
            case _:
                return False
        return True

    def add(self, result: Result) -> None:
        """Another probe's result, to be kept and sent."""
        self._store.add(result)

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
        self._end_minute(now)
        wire = self._wire
        if wire is not None:
            in_call = self._busy()
            wire.heartbeat.in_call = in_call
            self._called |= in_call
            self._out |= wire.heartbeat.is_out(now)
        if self._probing is None or self._probing.done():
            self._probing = self._next_probe(wire, now)
        self._send_results(now)

    def _busy(self) -> bool:
        """Whether a call is on the line, here or at another kiosk of the venue."""
        return self._in_call() or time.monotonic() < self._beside_until

    async def _begin(self, order: ProbeSession, now: float) -> None:
        self._close_wire()
        key = base64.urlsafe_b64decode(order.key + "=")
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                self._host, order.port, type=socket.SOCK_DGRAM
            )
            address = preferred(found)[4]
            wire = ProbeWire((str(address[0]), int(address[1])), order.session, key)
        except OSError as error:
            log.warning("no way for probes", host=self._host, port=order.port, error=str(error))
            return
        self._ledger("up", order.octets_a_day_up, order.spent_up)
        self._ledger("down", order.octets_a_day_down, order.spent_down)
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
        wire.may_send = self._may_send_heartbeat
        self._wire = wire
        self._heart = asyncio.create_task(wire.run())

    def _ledger(self, way: Way, octets_a_day: int, spent: int) -> None:
        now = self._clock.local(time.monotonic())
        if way not in self._ledgers:
            self._ledgers[way] = Ledger(octets_a_day, now.date())
            self._store.restore_ledger(way, self._ledgers[way])
        self._ledgers[way].octets_a_day = octets_a_day
        self._ledgers[way].told(now, spent)

    def _close_wire(self) -> None:
        if self._wire is None:
            return
        if self._heart is not None:
            self._heart.cancel()
        self._collect(self._wire)
        self._wire.close()
        self._wire = self._heart = None

    # --- minutes --------------------------------------------------------------------------------

    def _end_minute(self, now: float) -> None:
        minute = self._clock.at(now).replace(second=0, microsecond=0)
        if minute == self._minute:
            return
        before, self._minute = self._minute, minute
        if self._wire is not None:
            self._collect(self._wire)
        # Sessions change within a minute: the longer part speaks for it.
        part = max(self._parts, key=lambda one: one.sent, default=None)
        if before is not None and part is not None and part.sent:
            card = minute_card(before, part, self._spent, in_call=self._called, out=self._out)
            self._store.add(card)
            self._spent = (0, 0)  # else the next one tells of them
        self._parts, self._called, self._out = [], False, False
        self._take_owed(now)
        for way, ledger in self._ledgers.items():
            self._store.save_ledger(way, ledger)

    def _take_owed(self, now: float) -> None:
        """What `kiosk probe` sent since counts as this minute's, and as the day's."""
        if not self._ledgers:
            return
        up, down = self._spent
        for way, octets in self._store.take_owed():
            up, down = (up + octets, down) if way == "up" else (up, down + octets)
            self._ledgers[way].charge_by_hand(self._clock.local(now), octets)
        self._spent = (up, down)

    def _collect(self, wire: ProbeWire) -> None:
        self._parts.append(wire.heartbeat.collect(time.monotonic()))
        up, down = wire.take_octets()
        self._spent = (self._spent[0] + up, self._spent[1] + down)

    # --- trains and voices ----------------------------------------------------------------------

    def _next_probe(self, wire: ProbeWire | None, now: float) -> asyncio.Task[None] | None:
        """One at a time: they would spoil each other's figures."""
        if self._speed is not None:
            order, self._speed = self._speed, None
            return asyncio.create_task(self._measure_speed(order))
        if wire is None:
            return None
        in_call = self._busy()
        if self._checks:
            asked, self._checks = self._checks, []
            return asyncio.create_task(self._look(wire, asked, in_call=in_call))
        for way, schedule in self._schedules.items():
            train = schedule.due(now, in_call=in_call)
            if train is None:
                continue
            if self._take_train(Purpose.TRAIN, train, way):
                return asyncio.create_task(self._send_train(wire, way, train))
            schedule.later(now)
        return None

    async def _send_train(self, wire: ProbeWire, way: Way, train: Train) -> None:
        schedule = self._schedules[way]
        at = self._clock.at(time.monotonic())
        send = wire.up if way == "up" else wire.down
        verdict = await send(train, schedule.burst_octets)
        # A call that began meanwhile met the train, and the train met the call; a session that
        # ended cut it short.
        if (not train.in_call and self._busy()) or self._wire is not wire:
            schedule.later(time.monotonic())
            return
        told = schedule.judged(train, verdict, time.monotonic())
        self._store.add(train_card(at, way, train, told))

    async def _look(self, wire: ProbeWire, asked: Sequence[str], *, in_call: bool) -> None:
        """Before an appointment: a train each way, then ten seconds like a voice (§10.5).

        Two appointments at one time are two checks: one look answers both. One that the end of
        its session cuts short saw nothing, and says so.
        """
        told = summary([], [])
        if not in_call:
            for way, schedule in self._schedules.items():
                train = schedule.short()
                if self._take_train(Purpose.APPOINTMENT, train, way):
                    await self._send_train(wire, way, train)
            free = self._wire is wire and not self._busy()
            if free and self._take_octets(Purpose.APPOINTMENT, COST_OCTETS, "up", "down"):
                heard = await wire.voice(self.voice_s)
                told = heard if self._wire is wire else told
        at = self._clock.at(time.monotonic())
        for check_id in asked:
            self._store.add(voice_card(at, told, check_id))

    async def _measure_speed(self, order: MeasureSpeed) -> None:
        """A technician's order (§10.7); what its load does to the minute is not the line's."""
        at = self._clock.at(time.monotonic())
        if not (order.beyond_budget or self._may_spend(order)):
            self._store.add(speed.refused(order, at, "budget"))
            return
        self._called = True
        self._store.add(await speed.measure(self._origin, order, at, self._busy))
        self._called = True  # the minute may have ended meanwhile

    def _may_spend(self, order: MeasureSpeed) -> bool:
        costs: dict[Way, int] = {"up": order.octets_up, "down": order.octets_down}
        return self._take(Purpose.ON_DEMAND, {w: n for w, n in costs.items() if w in self._ledgers})

    def _take_train(self, purpose: Purpose, train: Train, way: Way) -> bool:
        """With what asks for it and for its arrivals, which goes both ways."""
        costs = dict.fromkeys(self._ledgers, train.talk_octets)
        return self._take(purpose, {**costs, way: train.talk_octets + train.cost_octets})

    def _take_octets(self, purpose: Purpose, octets: int, *ways: Way) -> bool:
        return self._take(purpose, dict.fromkeys(ways, octets))

    def _take(self, purpose: Purpose, costs: Mapping[Way, int]) -> bool:
        """Of each of these directions, or of none."""
        now = self._clock.local(time.monotonic())
        return self._may_take(purpose, costs) and all(
            self._ledgers[way].take(now, purpose, octets) for way, octets in costs.items()
        )

    def _may_take(self, purpose: Purpose, costs: Mapping[Way, int]) -> bool:
        now = self._clock.local(time.monotonic())
        return all(self._ledgers[way].allows(now, purpose, octets) for way, octets in costs.items())

    def _may_send_heartbeat(self, octets: int) -> bool:
        return self._take_octets(Purpose.HEARTBEAT, octets, "up", "down")

    # --- results --------------------------------------------------------------------------------

    def _send_results(self, now: float) -> None:
        waited_s = now - self._sent_at
        if waited_s < (SEND_EVERY_S if self._batch is None else SEND_AGAIN_S):
            return
        rows = self._store.oldest(BATCH)
        if not rows:
            return
        self._sent_at = now
        name = secrets.token_hex(8)
        message = LineResults(batch=name, results=[result for _, result in rows])
        costs = telling_octets(codec.encode(message))
        known = {way: octets for way, octets in costs.items() if way in self._ledgers}
        if not self._may_take(Purpose.RESULTS, known):
            log.info("results wait: the day's octets are spent", waiting=self._store.count())
            self._sent_at = now + SEND_AGAIN_S
            return
        self._batch = (name, [number for number, _ in rows])
        if self._send(message):
            self._take(Purpose.RESULTS, known)
            self._spent = (self._spent[0] + costs["up"], self._spent[1] + costs["down"])


def open_store(state_dir: Path) -> ResultStore | None:
    """None where the disk takes nothing: then the line stays unmeasured, and the kiosk works."""
    try:
        return ResultStore(state_dir)
    except (OSError, sqlite3.Error) as error:
        log.warning("results of the line cannot be kept", folder=str(state_dir), error=str(error))
        return None
