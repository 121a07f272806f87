"""The audit trail: of everything, of one person, of one thing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from visiohub.booking.trail import TrailRow, trail
from visiohub.domain.model import AuditEntry
from visiohub.storage.uow import UnitOfWork
from visiohub.web import trail_words
from visiohub.web.appointment_access import visible
from visiohub.web.context import HUB, staff
from visiohub.web.i18n import gettext as _
from visiohub.web.pages.desk_rooms import booked_room
from visiohub.web.public_form import instant_in
from visiohub.web.render import page

routes = web.RouteTableDef()
SHOWN = 50
Place = tuple[datetime, str]
"""Instant and id of the last entry of a page."""


def _people(uow: UnitOfWork) -> list[tuple[str, str]]:
    return [(p.id, p.label) for p in uow.persons.list()]


def _read(uow: UnitOfWork, subject: str, person: str, before: Place | None) -> list[TrailRow]:
    return trail(uow, subject=subject, person_id=person, before=before, limit=SHOWN + 1)


def _place(text: str) -> Place | None:
    """What an earlier page ended with; anything else means the newest."""
    at, _comma, entry_id = text.partition(",")
    found = instant_in(at)
    return (found, entry_id[:64]) if found else None


def _written(entry: AuditEntry) -> str:
    return f"{entry.at.isoformat()},{entry.id}"


async def _context(request: web.Request, subject: str) -> dict[str, Any]:
    hub = request.app[HUB]
    person = request.query.get("person", "")[:64]
    before = _place(request.query.get("before", ""))
    rows = await hub.read(_read, subject, person, before)
    return {
        "rows": rows[:SHOWN],
        "older": _written(rows[SHOWN - 1].entry) if len(rows) > SHOWN else "",
        "subject": subject,
        "chosen_person": person,
        "people": await hub.read(_people),
        "words_of": trail_words,
        "back": "",
    }


@routes.get("/trail")
async def whole(request: web.Request) -> web.Response:
    """Who changed what."""
    subject = request.query.get("subject", "")[:100]
    return page(request, "trail/trail.html", await _context(request, subject))


@routes.get("/appointments/{appointment_id}/trail")
async def of_appointment(request: web.Request) -> web.Response:
    """Who changed this appointment."""
    row = await visible(request)
    context = await _context(request, row.id)
    context |= {"back": f"/appointments/{row.id}", "back_title": _("Le rendez-vous")}
    return page(request, "trail/trail.html", context)


@routes.get("/lines/{line_id}/trail")
async def of_line(request: web.Request) -> web.Response:
    """Who changed this line, its contract, its notes and works."""
    line = await request.app[HUB].read(lambda uow: uow.lines.get(request.match_info["line_id"]))
    context = await _context(request, line.id)
    context |= {"back": f"/lines/{line.id}", "back_title": _("La ligne")}
    return page(request, "trail/trail.html", context)


@routes.get("/planning/bookings/{booked_room_id}/trail")
async def of_booking(request: web.Request) -> web.Response:
    """Who changed this booking."""
    booked_room_id = request.match_info["booked_room_id"]
    found = await request.app[HUB].read(booked_room, booked_room_id, staff(request))
    context = await _context(request, found.whole.booking.id)
    back = f"/planning/bookings/{booked_room_id}"
    context |= {"back": back, "back_title": _("La réservation")}
    return page(request, "trail/trail.html", context)
