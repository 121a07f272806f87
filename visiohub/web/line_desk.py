"""Lines on the hub: sessions for kiosks, their results, outages, looks before appointments.

Implements signaling.ports.LineDesk. Liveness: `run` looks every WATCH_S until cancelled; a look
that fails is logged and the next one tries again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime

import structlog
from aiohttp import web

from signaling.protocol.line_cards import Result
from signaling.protocol.messages import CallBeside, CheckLine, HubTime, ProbeSession
from signaling.server import SignalingServer
from visiohub.booking.lines.absent_kiosks import note_absent_kiosks
from visiohub.booking.lines.checks import due_checks, give_up_checks
from visiohub.booking.lines.grades import outages
from visiohub.booking.lines.modems import reseal
from visiohub.booking.lines.ordered import due_tests, give_up_tests
from visiohub.booking.lines.probing import (
    ProbePlan,
    calls_beside,
    changed_lines,
    dismissed,
    measured_before,
    measured_by,
    plan_of,
)
from visiohub.booking.lines.shares import budgets
from visiohub.booking.lines.speeds import give_up_speeds
from visiohub.booking.lines.unheard import note_silences
from visiohub.bootstrap import Hub
from visiohub.linkquality.awaited import Awaited
from visiohub.linkquality.clocks import TimeTeller
from visiohub.linkquality.probe_server import ProbeServer
from visiohub.linkquality.silence import Seen, Silences
from visiohub.web.context import HUB
from visiohub.web.line_gathering import Gathering
from visiohub.web.line_sessions import HandSessions, told

log = structlog.get_logger(__name__)

WATCH_S = 5.0
BESIDE_HOLDS_S = 15
"""A call beside the kiosk that measures is told at each look; so long it holds without."""
_CHECKS_EVERY = 6
_TOLD_WITHIN_S = 300.0
"""Of the hub's start: so long kiosks may take to tell what they measured without it."""


class LineDesk:
    """One a hub. `serve` opens the UDP port, `run` watches; without them no kiosk measures."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._server: ProbeServer | None = None
        self._prober: dict[str, str] = {}
        """Kiosk by line."""
        self._silent, self._seen = Silences(), Seen()
        self._begun = time.monotonic()
        self._awaited: Awaited | None = None
        self._known_since: dict[str, datetime | None] = {}
        """As the kiosks that measure were told."""
        self._gathering = Gathering(hub)
        self._by_hand = HandSessions()
        self._time = TimeTeller(hub.clock().timestamp(), time.monotonic())

    def measures(self, line_id: str) -> str | None:
        """The kiosk that does, as far as one was told to."""
        return self._prober.get(line_id)

    def unheard_port(self, line_id: str) -> int | None:
        """UDP's, where the kiosk that measures is connected and its probes do not arrive."""
        return self._server.port if self._server and line_id in self._seen.unheard else None

    @property
    def server(self) -> ProbeServer | None:
        """The UDP end, while there is one."""
        return self._server

    def serve(self, host: str, port: int) -> None:
        """Listen for probes; a port that is taken is logged, and lines stay unmeasured."""
        try:
            self._server = ProbeServer(host, port)
        except OSError as error:
            log.error("probe_port_taken", host=host, port=port, error=error.strerror)  # noqa: TRY400 - no trace: the port says it all

    async def close(self) -> None:
        """Hear no more probes."""
        if self._server is not None:
            await self._server.close()
            self._server = None

    # --- signaling.ports.LineDesk ---------------------------------------------------------------

    async def probe_session(self, kiosk_id: str) -> ProbeSession | None:
        """For the one kiosk of a venue that measures: the first that came."""
        if self._server is None:
            return None
        plan = await self._hub.read(plan_of, kiosk_id, self._hub.clock())
        if plan is None or self._prober.get(plan.line_id, kiosk_id) != kiosk_id:
            return None
        await self._measures(plan.line_id, kiosk_id)
        return self._granted(self._server, kiosk_id, plan)

    async def console_session(self, kiosk_id: str) -> ProbeSession | None:
        """For a technician at the kiosk's PC, beside the one that measures day and night; the modem
        is not asked by hand."""
        if self._server is None:
            return None
        plan = await self._hub.read(plan_of, kiosk_id, self._hub.clock())
        if plan is None:
            return None
        session = self._by_hand.grant(self._server, kiosk_id, time.monotonic())
        return told(session, self._server.port, replace(plan, modem=None))

    async def line_results(self, kiosk_id: str, results: list[Result]) -> None:
        """Keep them. Raises what their keeping raised."""
        await self._gathering.keep(kiosk_id, results)

    async def kiosk_left(self, kiosk_id: str, *, closed: bool) -> None:
        """A kiosk that was shut down measures no more; of one that fell silent it shows soon
        whether its line did."""
        if closed and self._server is not None:
            self._server.revoke(kiosk_id)
            for line_id in [line for line, kiosk in self._prober.items() if kiosk == kiosk_id]:
                del self._prober[line_id]
                await self._hub.run(measured_by, line_id, None)

    # --- watching -------------------------------------------------------------------------------

    async def run(self, signaling: SignalingServer) -> None:
        """Look at silences, and at what is due before appointments, until cancelled."""
        looks = 0
        while True:
            await asyncio.sleep(WATCH_S)
            try:
                await self.watch(signaling)
                if looks % _CHECKS_EVERY == 0:
                    await self.check(signaling)
            except Exception:
                log.exception("line_watch_failed")
            looks += 1

    async def watch(self, signaling: SignalingServer) -> None:
        """Budgets of calls, silences of lines, calls beside those who measure, and who measures for
        a kiosk that left; and the time, where it has to be told."""
        await signaling.budgets_changed(await self._hub.read(budgets, self._hub.clock()))
        if self._server is None:
            return
        present = signaling.present_kiosks()
        if self._time.is_due(self._hub.clock().timestamp(), time.monotonic()):
            for kiosk_id in present:
                signaling.tell_kiosk(kiosk_id, HubTime(now=self._hub.clock()))
        await self._dismiss(self._server, present)
        out = dict(self._silences(self._server, present))
        out |= dict.fromkeys(await self._not_back(), True)
        if out:
            await self._hub.run(outages, out, self._hub.clock())
        for kiosk_id in await self._hub.read(calls_beside, dict(self._prober)):
            signaling.tell_kiosk(kiosk_id, CallBeside(holds_s=BESIDE_HOLDS_S))
        for kiosk_id in sorted(present - set(self._prober.values())):
            await self._take_over(signaling, kiosk_id, present)

    async def _dismiss(self, server: ProbeServer, present: set[str]) -> None:
        """Sessions of kiosks whose key was withdrawn are over, whoever has that key; their lines
        are not out for it."""
        away = set(self._prober.values()) - present
        gone = await self._hub.read(dismissed, away) if away else frozenset()
        for kiosk_id in gone:
            await self.kiosk_left(kiosk_id, closed=True)
        self._by_hand.end(server, time.monotonic(), gone)

    def _silences(self, server: ProbeServer, present: set[str]) -> Mapping[str, bool]:
        """Whether lines are out, of those of which that can be said."""
        before = self._seen
        self._seen = seen = self._silent.look(
            self._prober, present, server.silent_s(), server.waited_s(), time.monotonic()
        )
        for line_id in sorted(seen.unheard - before.unheard):
            log.warning("no_probes_arrive", line=line_id, udp_port=server.port)
        if seen.together and not before.together:
            log.error("lines_silent_together", lines=len(seen.together))
        return seen.out

    async def _not_back(self) -> frozenset[str]:
        """Lines that died while no hub was there to hear it."""
        now = time.monotonic()
        if self._awaited is None:
            before = await self._hub.read(measured_before, self._hub.clock())
            self._awaited = Awaited(before, now)
        return self._awaited.look(self._prober, now)

    async def _measures(self, line_id: str, kiosk_id: str) -> None:
        if self._prober.get(line_id) != kiosk_id:
            self._prober[line_id] = kiosk_id
            await self._hub.run(measured_by, line_id, kiosk_id)

    async def _take_over(
        self, signaling: SignalingServer, kiosk_id: str, present: set[str]
    ) -> None:
        """A kiosk that is here measures for one that is not."""
        plan = await self._hub.read(plan_of, kiosk_id, self._hub.clock())
        if self._server is None or plan is None or self._prober.get(plan.line_id) in present:
            return
        if (before := self._prober.get(plan.line_id)) is not None:
            self._server.revoke(before)  # it may be there and out of touch: no two at once
        await self._measures(plan.line_id, kiosk_id)
        signaling.tell_kiosk(kiosk_id, self._granted(self._server, kiosk_id, plan))

    async def anew(self, signaling: SignalingServer, line_id: str) -> None:
        """Have the kiosk that measures begin anew: what it is told to begin with has changed."""
        kiosk_id = self._prober.get(line_id)
        if self._server is None or kiosk_id not in signaling.present_kiosks():
            return
        plan = await self._hub.read(plan_of, kiosk_id, self._hub.clock())
        if plan is not None:
            signaling.tell_kiosk(kiosk_id, self._granted(self._server, kiosk_id, plan))

    async def check(self, signaling: SignalingServer) -> None:
        """Have kiosks look at lines that are needed soon, and make the tests that are due."""
        now, probers = self._hub.clock(), frozenset(self._prober.values())
        for check in await self._hub.run(due_checks, probers, now):
            signaling.tell_kiosk(check.kiosk_id, CheckLine(check_id=check.id))
        await self._hub.run(give_up_checks, now)
        await self._hub.run(give_up_speeds, now)
        for test in await self._hub.run(due_tests, probers, now):
            if test.kiosk_id is not None:
                signaling.tell_kiosk(test.kiosk_id, CheckLine(check_id=test.id))
        await self._hub.run(give_up_tests, now)
        known = {line: self._known_since.get(line) for line in self._prober}
        for line_id in await self._hub.read(changed_lines, known):
            await self.anew(signaling, line_id)
        if time.monotonic() - self._begun > _TOLD_WITHIN_S:
            await self._hub.run(note_silences, now)
            await self._hub.run(note_absent_kiosks, now)

    def _granted(self, server: ProbeServer, kiosk_id: str, plan: ProbePlan) -> ProbeSession:
        self._known_since[plan.line_id] = plan.known_since
        return told(server.grant(kiosk_id), server.port, plan)


LINE_DESK = web.AppKey("line_desk", LineDesk)


def setup(app: web.Application, desk: LineDesk, signaling: SignalingServer) -> None:
    """Listen and watch for as long as the application runs."""
    app[LINE_DESK] = desk

    async def life(app: web.Application) -> AsyncIterator[None]:
        settings = app[HUB].settings
        if lost := await app[HUB].run(reseal):
            log.error("modem_secrets_lost", lines=lost, remedy="setting encryption_keys")
        desk.serve(settings.probe_host or settings.host, settings.probe_port)
        watching = asyncio.create_task(desk.run(signaling))
        yield
        watching.cancel()
        await asyncio.wait([watching])
        await desk.close()

    app.cleanup_ctx.append(life)
