"""Points visio: all kiosks with their state, and one of them for the technician."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from visiohub.booking import agenda
from visiohub.booking.views import KioskState
from visiohub.domain.model import Role
from visiohub.web.context import HUB, staff
from visiohub.web.kiosk_words import TROUBLES, kiosk_state, kiosk_word, worst_first
from visiohub.web.live import live_page, live_part
from visiohub.web.narrow import narrow

routes = web.RouteTableDef()


async def _list(request: web.Request) -> dict[str, Any]:
    hub = request.app[HUB]
    rows = worst_first(list(await hub.read(agenda.kiosk_states, hub.clock())))
    technical = {Role.TECHNICIAN, Role.ADMINISTRATOR}
    return {
        "kiosks": narrow(request, rows, _searched),
        "query": f"?{request.rel_url.raw_query_string}" if request.query_string else "",
        "all": len(rows),
        "troubled": sum(kiosk_state(row) in TROUBLES for row in rows),
        "fresh": sum(kiosk_state(row) == "new" for row in rows),
        "detailed": not technical.isdisjoint(staff(request).roles),
        "kiosk_word": kiosk_word,
    }


def _searched(row: KioskState) -> str:
    place = row.place
    state = str(kiosk_word(row))
    return f"{place.town} {place.venue_name} {place.room_name} {row.kiosk.name} {state}"


async def _one(request: web.Request) -> dict[str, Any]:
    hub = request.app[HUB]
    wanted = request.match_info["kiosk_id"]
    rows = await hub.read(agenda.kiosk_states, hub.clock())
    row = next((row for row in rows if row.kiosk.id == wanted), None)
    if row is None:
        raise web.HTTPNotFound
    return {"row": row, "kiosk_word": kiosk_word}


@routes.get("/kiosks")
async def kiosks(request: web.Request) -> web.Response:
    """All kiosks, the worst first."""
    return live_page(request, "kiosks/list", await _list(request), "kiosks")


@routes.get("/kiosks/states")
async def kiosks_part(request: web.Request) -> web.Response:
    """The part of the list that changes."""
    return live_part(request, "kiosks/list", await _list(request))


@routes.get("/kiosks/{kiosk_id}")
async def kiosk(request: web.Request) -> web.Response:
    """One kiosk: devices, software, last seen, line."""
    return live_page(request, "kiosks/one", await _one(request), "kiosks")


@routes.get("/kiosks/{kiosk_id}/state")
async def kiosk_part(request: web.Request) -> web.Response:
    """The part of one kiosk's page that changes."""
    return live_part(request, "kiosks/one", await _one(request))
