"""The screen beside a room: public by its secret address, made for a wall."""

from __future__ import annotations

from typing import Any

import structlog
from aiohttp import web

from visiohub.booking.planning import doors
from visiohub.domain.door import LIVING
from visiohub.domain.model import Person, Venue
from visiohub.errors import Busy, NotFound, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import say_when, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.inputs import read_posted
from visiohub.web.pages.convocation import qr_picture
from visiohub.web.pages.planning import seen_venues
from visiohub.web.render import page, see_other

log = structlog.get_logger(__name__)

routes = web.RouteTableDef()


async def _door(
    request: web.Request, *, said: str = "", error: VisiohubError | None = None
) -> web.Response:
    hub = request.app[HUB]
    now = hub.clock()
    token = request.match_info["token"]
    view = await hub.read(doors.door_view, token, now)
    if view.is_news:
        try:
            await hub.run(doors.seen, token, now)
        except Busy:  # the next look notes it; the screen shows what it has to
            log.info("a door screen was seen, not noted", room=view.room.id)
    context: dict[str, Any] = {
        "view": view,
        "token": token,
        "said": said,
        "wrong": sentence(error) if error else "",
        "phone": view.venue.phone or hub.settings.fallback_phone,
    }
    part = "X-Fragment" in request.headers
    template = "planning/door_part.html" if part else "planning/door.html"
    answer = page(request, template, context, status=error.status if error else 200)
    return say_when(answer, error) if error else answer


@routes.get("/door/{token}")
async def show(request: web.Request) -> web.Response:
    """The screen; with `X-Fragment` its part alone."""
    return await _door(request)


@routes.post("/door/{token}/check-in")
async def check_in(request: web.Request) -> web.Response:
    """Who booked types the code: they are here."""
    typed = await read_posted(request)
    hub = request.app[HUB]
    try:
        await hub.run(
            doors.check_in_with_code, request.match_info["token"], typed.one("code"), hub.clock()
        )
    except NotFound:
        raise
    except VisiohubError as error:
        return await _door(request, error=error)
    return await _door(request, said=_("C’est noté. Bonne séance."))


def _venue(uow: UnitOfWork, person: Person, venue_id: str) -> Venue:
    for venue in seen_venues(uow, person):
        if venue.id == venue_id:
            return venue
    raise NotFound(f"no doors of {venue_id}")


@routes.get("/planning/doors/{venue_id}")
async def listing(request: web.Request) -> web.Response:
    """The rooms of a venue, and which have a screen."""
    return await _listing(request, "", "")


async def _listing(request: web.Request, room_id: str, token: str) -> web.Response:
    hub, person = request.app[HUB], staff(request)
    venue = await hub.read(_venue, person, request.match_info["venue_id"])
    address = f"{hub.settings.public_origins[0]}/door/{token}" if token else ""
    context = {
        "venue": venue,
        "rows": await hub.read(doors.door_rows, venue.id, person),
        "given": room_id,
        "silent": LIVING.total_seconds() // 60,
        "address": address,
        "qr": qr_picture(address) if address else "",
        "done": done_sentence(request),
    }
    return page(request, "planning/doors.html", context)


@routes.post("/planning/doors/{venue_id}")
async def give(request: web.Request) -> web.Response:
    """A new address, shown on this page alone."""
    typed = await read_posted(request)
    hub, room_id = request.app[HUB], typed.one("room_id")
    token = await hub.run(doors.give_address, room_id, staff(request), hub.clock())
    return await _listing(request, room_id, token)


@routes.post("/planning/doors/{venue_id}/remove")
async def remove(request: web.Request) -> web.Response:
    """Retirer l'écran: its address opens nothing any more."""
    typed = await read_posted(request)
    hub, venue_id = request.app[HUB], request.match_info["venue_id"]
    await hub.run(doors.remove_screen, typed.one("room_id"), staff(request), hub.clock())
    return see_other(f"/planning/doors/{venue_id}", "screen_removed")
