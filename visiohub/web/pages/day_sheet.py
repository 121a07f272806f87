"""A venue's day on paper, for when the power or the line is out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from aiohttp import web

from visiohub.booking.planning.read import planning, rooms_at
from visiohub.domain import hours
from visiohub.domain.model import Person
from visiohub.errors import NotFound
from visiohub.storage.uow import UnitOfWork
from visiohub.web import planning_words
from visiohub.web.context import HUB, staff
from visiohub.web.inputs import day_in
from visiohub.web.pages.planning import seen_venues
from visiohub.web.render import page

routes = web.RouteTableDef()


def _read(
    uow: UnitOfWork, venue_id: str, day: date, person: Person, now: datetime
) -> dict[str, Any]:
    """Raises NotFound."""
    venue = next((v for v in seen_venues(uow, person) if v.id == venue_id), None)
    if venue is None:
        raise NotFound(f"no planning of {venue_id}")
    view = planning(uow, rooms_at(uow, [venue.id]), [day], person, now)
    return {"venue": venue, "view": view, "day": day}


@routes.get("/planning/sheet")
async def sheet(request: web.Request) -> web.Response:
    """Feuille du jour: black and white, A4."""
    hub = request.app[HUB]
    now = hub.clock()
    today = hours.local_day(now, hours.zone_of(hub.settings.time_zone))
    typed = day_in(request, "day", today)
    venue_id = request.query.get("venue", "")
    context = await hub.read(_read, venue_id, typed.day, staff(request), now)
    context["words_of"] = planning_words
    return page(request, "planning/sheet.html", context)
