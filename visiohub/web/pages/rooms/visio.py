"""The visio of a booking: which of its rooms calls, and the way to each call."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from visiohub.booking.rooms import visio
from visiohub.booking.rooms.visio import Side
from visiohub.web.context import HUB, staff
from visiohub.web.i18n import later
from visiohub.web.live import live_page, live_part
from visiohub.web.words import CALL, Word

routes = web.RouteTableDef()
TEMPLATE = "rooms/visio"

_NONE = Word(later("Sans borne : utilisez l’équipement de la salle"), "barred")
_AWAY = Word(later("La borne ne répond pas"), "crossed", "def")
_SILENT = Word(later("La salle n’a pas encore appelé"), "ring")
_WAITS = Word(later("La salle vous attend"), "half", "att")


def _word(side: Side) -> Word:
    if side.call is not None:
        return _WAITS if side.call.state == "waiting" else CALL[side.call.state]
    if side.kiosk is None:
        return _NONE
    return _SILENT if side.kiosk.here else _AWAY


async def _context(request: web.Request) -> dict[str, Any]:
    hub, booking_id = request.app[HUB], request.match_info["booking_id"]
    found = await hub.read(visio.show, booking_id, staff(request), hub.clock())
    return {
        "found": found,
        "row": found.whole,
        "sides": [(side, _word(side)) for side in found.sides],
        "kiosks": any(side.kiosk for side in found.sides),
        "busy": any(side.call and side.call.person_id for side in found.sides),
    }


@routes.get("/bookings/{booking_id}/visio")
async def show(request: web.Request) -> web.Response:
    """The rooms, live."""
    topic = f"booking:{request.match_info['booking_id']}"
    return live_page(request, TEMPLATE, await _context(request), topic)


@routes.get("/bookings/{booking_id}/visio/part")
async def part(request: web.Request) -> web.Response:
    """What of it changes."""
    return live_part(request, TEMPLATE, await _context(request))
