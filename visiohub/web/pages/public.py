"""Pages for everybody, and the two that all staff share: help, rooms."""

from __future__ import annotations

from aiohttp import web

from visiohub.domain.model import Venue
from visiohub.web import lookups, opening
from visiohub.web.context import HUB
from visiohub.web.narrow import narrow
from visiohub.web.public_form import asked, choices
from visiohub.web.render import page

routes = web.RouteTableDef()


@routes.get("/")
async def landing(request: web.Request) -> web.Response:
    """What visiohub is, where, and when it is open."""
    hub = request.app[HUB]
    venues = await hub.read(lookups.venues_with_rooms)
    served = [v for v, _rooms, kiosks in venues if kiosks]
    context = {
        "venues": narrow(request, served, _searched),
        "opening": opening,
        "form": asked(request),
        "choices": await hub.read(choices),
    }
    return page(request, "public/landing.html", context)


def _searched(venue: Venue) -> str:
    return f"{venue.town} {venue.name} {venue.postcode}"


@routes.get("/favicon.ico")
async def icon(_request: web.Request) -> web.Response:
    """Browsers ask for it whatever the page says."""
    raise web.HTTPNotFound


@routes.get("/venues")
async def rooms(request: web.Request) -> web.Response:
    """Rooms to be booked, by telephone for now."""
    venues = await request.app[HUB].read(lookups.venues_with_rooms)
    context = {"venues": narrow(request, venues, lambda v: _searched(v[0])), "opening": opening}
    return page(request, "public/rooms.html", context)


@routes.get("/help")
async def help_page(request: web.Request) -> web.Response:
    """Short answers by role, and whom to telephone."""
    settings = request.app[HUB].settings
    return page(request, "public/help.html", {"phone": settings.fallback_phone})
