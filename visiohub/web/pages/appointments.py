"""Appointments from a day on."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby

from aiohttp import web

from visiohub.domain import hours
from visiohub.domain.model import Role
from visiohub.web import lookups
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.formats import local
from visiohub.web.inputs import day_errors, day_in
from visiohub.web.narrow import SHOWN, shown_in
from visiohub.web.render import page

routes = web.RouteTableDef()

SPAN = timedelta(days=60)
_SERVES = frozenset({Role.AGENT, Role.RECEPTION})
_BOOKS = _SERVES | {Role.SOCIAL_WORKER}


@routes.get("/appointments")
async def listing(request: web.Request) -> web.Response:
    """Appointments from a day on, the next first."""
    hub, person = request.app[HUB], staff(request)
    zone = hours.zone_of(hub.settings.time_zone)
    typed = day_in(request, "from", hours.local_day(hub.clock(), zone))
    day = typed.day
    start, _end = hours.day_span(day, zone)
    venue_id, partner_id = request.query.get("venue", ""), request.query.get("partner", "")
    rows = await hub.read(
        lookups.appointments_between, person, start, start + SPAN, venue_id, partner_id
    )
    shown = shown_in(request)
    by_day = groupby(rows[:shown], lambda row: local(row.starts_at, row.place.time_zone).date())
    context = {
        "days": [(one, list(group)) for one, group in by_day],
        "shown": min(shown, len(rows)),
        "total": len(rows),
        "more": shown + SHOWN if len(rows) > shown else 0,
        "day": day,
        "typed_from": typed.text,
        "errors": day_errors({"from": typed}),
        "venue_id": venue_id,
        "partner_id": partner_id,
        "venues": await hub.read(lookups.venue_options, person),
        "partners": await hub.read(lookups.partner_options),
        "may_book": not _BOOKS.isdisjoint(person.roles),
        "may_serve": not _SERVES.isdisjoint(person.roles),
        "done": done_sentence(request),
    }
    return page(request, "appointments/list.html", context)
