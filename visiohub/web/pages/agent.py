"""The agent's day: who is at a kiosk, what comes, what was."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from visiohub.booking import agenda, presence
from visiohub.booking.lines.checks import newest_checks
from visiohub.errors import N_, FieldError, InvalidForm
from visiohub.web.context import HUB, SIGNALING, staff
from visiohub.web.formats import local
from visiohub.web.inputs import read_posted
from visiohub.web.line_fault_words import look_words
from visiohub.web.live import live_page, live_part
from visiohub.web.render import see_other

routes = web.RouteTableDef()
TEMPLATE = "agent/day"
_UNKNOWN = N_("Dites si vous recevez sans rendez-vous : « on » vaut 1 pour oui, 0 pour non.")


async def _context(request: web.Request) -> dict[str, Any]:
    hub = request.app[HUB]
    now = hub.clock()
    today = local(now, hub.settings.time_zone).date()
    view = await hub.read(agenda.agent_day, staff(request), today, now)
    ids = [row.id for row in view.upcoming]
    ids += [row.appointment_id for row in view.arrived if row.appointment_id]
    checks = await hub.read(newest_checks, ids)
    return {"view": view, "looks": {key: look_words(check) for key, check in checks.items()}}


@routes.get("/agent")
async def day(request: web.Request) -> web.Response:
    """Ma journée."""
    topic = f"day:{staff(request).partner_id}"
    return live_page(request, TEMPLATE, await _context(request), topic, "kiosks")


@routes.get("/agent/day")
async def day_part(request: web.Request) -> web.Response:
    """The part of Ma journée that changes."""
    return live_part(request, TEMPLATE, await _context(request))


@routes.post("/agent/walk-ins")
async def walk_ins(request: web.Request) -> web.Response:
    """Receive without an appointment, or no longer."""
    wanted = (await read_posted(request)).one("on")
    if wanted not in {"0", "1"}:
        raise InvalidForm([FieldError("on", "unknown_choice", _UNKNOWN)])
    on = wanted == "1"
    hub = request.app[HUB]
    await hub.run(presence.receive_walk_ins, staff(request).id, on)
    request.app[SIGNALING].refresh_lobbies()
    return see_other("/agent", "walk_ins_on" if on else "walk_ins_off")
