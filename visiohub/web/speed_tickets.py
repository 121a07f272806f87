"""Tickets for NDT7: a technician asks for a line, a kiosk by its key for the line it hangs on.

The cost is said before, with what is left of today's octets: GET the same address. Beyond them a
ticket is for a technician alone, who says `beyond_budget=1`. While it is good its line is reserved,
and none is given while the line is needed.
"""

from __future__ import annotations

import secrets
import time

from aiohttp import web

from visiohub.booking.lines.refusals import SpeedRefused
from visiohub.booking.lines.speeds import SpeedCost, reserve_by_hand, speed_cost
from visiohub.domain.model import Line
from visiohub.linkquality.ndt7 import KIOSK_TICKET_PATH
from visiohub.linkquality.tickets import TicketRefused
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, staff
from visiohub.web.inputs import read_posted
from visiohub.web.kiosk_proof import NO_STORE, KioskProofs, ProofRefusedError, refused
from visiohub.web.ndt7 import TICKETS
from visiohub.web.pages.line_speed_runs import SPEED_RUNS

_PROOFS = web.AppKey("speed_proofs", KioskProofs)
_CODES = {"measured": "line_measured", "budget": "beyond_budget"}
"""Other reasons need the line."""


def setup(app: web.Application) -> None:
    """Keeps what kiosks showed, so that nobody shows it again; and the routes."""
    app[_PROOFS] = KioskProofs("ndt7")
    app.add_routes(
        [
            web.get("/lines/{line_id}/speed-ticket", say_cost),
            web.post("/lines/{line_id}/speed-ticket", for_technician),
            web.post(KIOSK_TICKET_PATH, for_kiosk),
        ]
    )


async def say_cost(request: web.Request) -> web.Response:
    """What a measurement of this line puts on it, and may today without more ado, in octets."""
    hub, line_id = request.app[HUB], request.match_info["line_id"]
    found = await hub.read(speed_cost, line_id, hub.clock())
    body = {
        "line_id": line_id,
        "octets": _octets(found),
        "left_down": int(found.left.down),
        "left_up": int(found.left.up),
        "beyond_budget": found.beyond_budget,
    }
    return web.json_response(body, headers=NO_STORE)


async def for_technician(request: web.Request) -> web.Response:
    """A ticket for the line, whoever then measures with it."""
    line = await request.app[HUB].read(_line, request.match_info["line_id"])
    beyond = (await read_posted(request)).one("beyond_budget") == "1"
    return await _given(request, line, staff(request).id, beyond_budget=beyond)


async def for_kiosk(request: web.Request) -> web.Response:
    """A ticket for the kiosk's own line, by its key."""
    try:
        kiosk_id = await request.app[_PROOFS].kiosk_id(request)
    except ProofRefusedError as error:
        return refused(error.code, error.status)
    line = await request.app[HUB].read(lambda uow: uow.lines.of_kiosk(kiosk_id))
    if line is None:
        return refused("no_line", web.HTTPConflict.status_code)
    return await _given(request, line, None, beyond_budget=False)


async def _given(
    request: web.Request, line: Line, person_id: str | None, *, beyond_budget: bool
) -> web.Response:
    hub, tickets = request.app[HUB], request.app[TICKETS]
    token = secrets.token_urlsafe(24)
    cost = await hub.read(speed_cost, line.id, hub.clock())
    try:
        ticket = tickets.give(token, line.id, cost.rates.down, cost.rates.up, time.monotonic())
    except TicketRefused as error:
        status = web.HTTPConflict if error.code == "line_measured" else web.HTTPTooManyRequests
        return refused(error.code, status.status_code, error.retry_after_s)
    try:
        run = await hub.run(
            reserve_by_hand, line.id, person_id, hub.clock(), beyond_budget=beyond_budget
        )
    except SpeedRefused as error:
        tickets.undo(ticket)
        return refused(_CODES.get(error.why, "line_in_use"), error.status)
    except Exception:
        tickets.undo(ticket)
        raise
    request.app[SPEED_RUNS].watch(run, ticket)
    body = {"token": ticket.token, "line_id": line.id, "octets": _octets(cost)}
    return web.json_response(body, status=201, headers=NO_STORE)


def _octets(cost: SpeedCost) -> int:
    """Both ways."""
    return int(cost.octets.down) + int(cost.octets.up)


def _line(uow: UnitOfWork, line_id: str) -> Line:
    return uow.lines.get(line_id)
