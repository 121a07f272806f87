"""Measurements by NDT7 that go on now: the kiosk is told, and pages hear of it each second.

What is kept of them is in the database (booking/lines/speeds.py); here is what only this process
knows, the ticket. Liveness: a watch ends with its ticket's time, and leaves nothing reserved.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

import structlog
from aiohttp import web

from signaling.protocol.messages import MeasureSpeed
from visiohub.booking.lines.refusals import SpeedRefused
from visiohub.booking.lines.speeds import (
    SpeedCost,
    call_beside,
    end_by_hand,
    fail_speed,
    give_up_speeds,
    order_speed,
    topic,
)
from visiohub.domain.line_orders import LineSpeed, SpeedState
from visiohub.domain.model import Person
from visiohub.linkquality.tickets import Ticket, TicketRefused
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, SIGNALING
from visiohub.web.line_desk import LINE_DESK
from visiohub.web.ndt7 import TICKETS

log = structlog.get_logger(__name__)

TELL_EVERY_S = 1.0
_TICKET_OCTETS = 24
Phase = Literal["told", "download", "upload", "result"]


@dataclass(frozen=True)
class Progress:
    """How far a measurement is; `moved` are octets of the direction that it is in."""

    phase: Phase
    moved: int


@dataclass
class _Running:
    ticket: Ticket
    allowed: dict[str, int]


class SpeedRuns:
    """One a hub."""

    def __init__(self, app: web.Application) -> None:
        self._app = app
        self._running: dict[str, _Running] = {}
        self._watches: set[asyncio.Task[None]] = set()

    def here(self, line_id: str) -> list[str]:
        """Kiosks in connection, the one that measures this line day and night first."""
        present = self._app[SIGNALING].present_kiosks()
        measures = self._app[LINE_DESK].measures(line_id)
        return sorted(present, key=lambda kiosk_id: (kiosk_id != measures, kiosk_id))

    async def begin(self, line_id: str, by: Person, *, beyond_budget: bool) -> None:
        """Order one. Raises NotFound, SpeedRefused."""
        hub = self._app[HUB]
        run, cost = await hub.run(
            order_speed,
            line_id,
            self.here(line_id),
            by,
            hub.clock(),
            beyond_budget=beyond_budget,
        )
        try:
            ticket = self._ticket(run, cost)
            self._tell(run, ticket)
        except SpeedRefused as error:
            await hub.run(fail_speed, run.id, error.why, hub.clock())
            raise
        self.watch(run, ticket)

    def watch(self, run: LineSpeed, ticket: Ticket) -> None:
        """Tell pages how far it is, and end it when a call begins."""
        self._running[run.id] = _Running(ticket, dict(ticket.octets))
        watch = asyncio.create_task(self._watch(run, ticket))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)

    def progress(self, run_id: str) -> Progress | None:
        """None: not of this process, the hub began anew since."""
        running = self._running.get(run_id)
        if running is None:
            return None
        ticket = running.ticket
        if not ticket.used:
            return Progress("told", 0)
        phase: Phase = "upload" if "upload" in ticket.used else "download"
        if phase == "upload" and not ticket.running:
            return Progress("result", 0)
        return Progress(phase, running.allowed[phase] - ticket.octets[phase])

    async def close(self) -> None:
        """Watch no more."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)

    def _ticket(self, run: LineSpeed, cost: SpeedCost) -> Ticket:
        token = secrets.token_urlsafe(_TICKET_OCTETS)
        rates = cost.rates
        try:
            tickets = self._app[TICKETS]
            return tickets.give(token, run.line_id, rates.down, rates.up, time.monotonic())
        except TicketRefused as refused:
            # somebody may hold one by hand, for M-Lab's own client (web/speed_tickets.py)
            why = "measured" if refused.code == "line_measured" else "often"
            raise SpeedRefused(why, refused.code) from refused

    def _tell(self, run: LineSpeed, ticket: Ticket) -> None:
        order = MeasureSpeed(
            run_id=run.id,
            token=ticket.token,
            octets_up=run.octets_up,
            octets_down=run.octets_down,
            beyond_budget=run.beyond_budget,
        )
        if run.kiosk_id is None or not self._app[SIGNALING].tell_kiosk(run.kiosk_id, order):
            raise SpeedRefused("away")

    async def _watch(self, run: LineSpeed, ticket: Ticket) -> None:
        hub, signaling = self._app[HUB], self._app[SIGNALING]
        try:
            while time.monotonic() < ticket.until + TELL_EVERY_S:
                await asyncio.sleep(TELL_EVERY_S)
                if not await hub.read(_is_open, run.id):
                    return
                if await hub.read(call_beside, run.line_id, run.kiosk_id):
                    self._app[TICKETS].withdraw(ticket)
                    await hub.run(fail_speed, run.id, "call", hub.clock())
                    return
                if run.kiosk_id is None and ticket.is_used_up:
                    await self._end_by_hand(run)
                    return
                signaling.changed(topic(run.line_id))
            if run.kiosk_id is None:
                await self._end_by_hand(run)
            await hub.run(give_up_speeds, hub.clock())
        except Exception:
            log.exception("speed_watch_failed", run=run.id)
        finally:
            del self._running[run.id]

    async def _end_by_hand(self, run: LineSpeed) -> None:
        running, hub = self._running[run.id], self._app[HUB]
        left = running.ticket.octets
        moved = {test: octets - left[test] for test, octets in running.allowed.items()}
        await hub.run(end_by_hand, run.id, moved, hub.clock())


SPEED_RUNS = web.AppKey("speed_runs", SpeedRuns)


def setup(app: web.Application) -> None:
    """Watches end with the application; what a hub before this one left open is given up."""
    app[SPEED_RUNS] = SpeedRuns(app)

    async def life(app: web.Application) -> AsyncIterator[None]:
        await app[HUB].run(give_up_speeds, app[HUB].clock())
        yield
        await app[SPEED_RUNS].close()

    app.cleanup_ctx.append(life)


def _is_open(uow: UnitOfWork, run_id: str) -> bool:
    run = uow.linkquality.speeds.find(run_id)
    return run is not None and run.state is SpeedState.ORDERED
