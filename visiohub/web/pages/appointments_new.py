"""Make an appointment for somebody: service and place, day and hour, the person."""

from __future__ import annotations

from aiohttp import web

from visiohub.booking import appointments
from visiohub.booking.forms import AppointmentForm, read_form
from visiohub.errors import VisiohubError
from visiohub.web.appointment_access import require_bookable
from visiohub.web.context import HUB, staff
from visiohub.web.error_pages import say_when, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import spoken
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.pages.appointments_form import (
    choices,
    errors_of,
    labels,
    today_of,
    turn_to_day,
)
from visiohub.web.public_words import NEED
from visiohub.web.render import page, see_other
from visiohub.web.typed import iso_day

routes = web.RouteTableDef()

LANGUAGES = (("fr", "Français"), ("en", "English"))
"""Of the letter, each in its own words."""


@routes.get("/appointments/new")
async def new_page(request: web.Request) -> web.Response:
    """The empty form, with what the address already says."""
    typed = FormData()
    for name in ("service_id", "kiosk_id", "day", "time"):
        typed[name] = request.query.get(name, "")
    return await _new(request, typed, {}, "", venue_id=request.query.get("venue", ""))


@routes.post("/appointments/new")
async def new(request: web.Request) -> web.Response:
    """Show the times of what was chosen, or book. Whatever was typed comes back."""
    typed = await read_posted(request)
    hub, person = request.app[HUB], staff(request)
    errors = turn_to_day(typed, today_of(request))
    if errors or "book" not in typed:
        wrong, status = next(iter(errors.values()), ""), 422 if errors else 200
        return await _new(request, typed, errors, wrong, status=status)
    data = {
        "service_id": typed.one("service_id"),
        "kiosk_id": typed.one("kiosk_id"),
        "day": iso_day(typed.one("day")),
        "time": typed.one("time"),
        "initials": typed.one("initials").upper(),
        "phone": typed.one("phone"),
        "email": typed.one("email"),
        "language": typed.one("language"),
        "needs": typed.many("needs"),
        "agent_id": typed.one("agent_id") or None,
        "picture": typed.one("picture") or None,
        "duration_minutes": typed.one("duration_minutes") or None,
        "despite_calendar": typed.one("despite_calendar") or None,
    }
    try:
        form = read_form(AppointmentForm, data)
        await hub.read(require_bookable, person, form.service_id, form.kiosk_id)
        booked = await hub.run_hashing(appointments.book, form, person, hub.clock())
    except VisiohubError as error:
        errors = errors_of(error, typed)
        answer = await _new(request, typed, errors, sentence(error), status=error.status)
        return say_when(answer, error)
    return see_other(f"/appointments/{booked.appointment_id}", "booked")


async def _new(
    request: web.Request,
    typed: FormData,
    errors: dict[str, str],
    wrong: str,
    *,
    venue_id: str = "",
    status: int = 200,
) -> web.Response:
    hub, person = request.app[HUB], staff(request)
    context = await hub.read(spoken(choices), person, typed, venue_id, hub.clock())
    context |= {"typed": typed, "errors": errors, "wrong": wrong, "labels": labels()}
    context["languages"] = LANGUAGES
    context["needs"] = [(value, _(text)) for value, text in NEED.items()]
    return page(request, "appointments/new.html", context, status=status)
