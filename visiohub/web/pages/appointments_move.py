"""Move an appointment to another time, perhaps to another kiosk."""

from __future__ import annotations

from aiohttp import web

from visiohub.booking import appointments
from visiohub.booking.forms import MoveForm, read_form
from visiohub.booking.views import AppointmentRow
from visiohub.domain import hours
from visiohub.errors import EditedMeanwhile, VisiohubError
from visiohub.web.appointment_access import changeable, require_bookable
from visiohub.web.context import HUB, staff
from visiohub.web.error_pages import sentence
from visiohub.web.i18n import spoken
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.pages.appointments_form import (
    choices,
    errors_of,
    labels,
    today_of,
    turn_to_day,
)
from visiohub.web.render import page, see_other
from visiohub.web.typed import iso_day

routes = web.RouteTableDef()


@routes.get("/appointments/{appointment_id}/move")
async def move_page(request: web.Request) -> web.Response:
    """Choose another time, perhaps another kiosk."""
    row = await changeable(request)
    zone = hours.zone_of(row.place.time_zone)
    typed = FormData(
        kiosk_id=row.place.kiosk_id,
        day=hours.local_day(row.starts_at, zone).isoformat(),
        version=str(row.version),
    )
    return await _move(request, row, typed, {}, "")


@routes.post("/appointments/{appointment_id}/move")
async def move(request: web.Request) -> web.Response:
    """Show other times, or move."""
    row = await changeable(request)
    typed = await read_posted(request)
    hub, person = request.app[HUB], staff(request)
    errors = turn_to_day(typed, today_of(request))
    if errors or "book" not in typed:
        wrong, status = next(iter(errors.values()), ""), 422 if errors else 200
        return await _move(request, row, typed, errors, wrong, status=status)
    data: dict[str, object] = {name: typed.one(name) for name in ("kiosk_id", "time")}
    data["day"] = iso_day(typed.one("day"))
    data["despite_calendar"] = typed.one("despite_calendar") or None
    try:
        form = read_form(MoveForm, data)
        await hub.read(require_bookable, person, row.service_id, form.kiosk_id)
        version = typed.whole("version")
        await hub.run(appointments.move, row.id, form, version, person, hub.clock())
    except VisiohubError as error:
        row = await changeable(request)  # as somebody else may have left it
        typed["version"] = str(row.version)
        errors = errors_of(error, typed)
        both = isinstance(error, EditedMeanwhile)
        return await _move(
            request, row, typed, errors, sentence(error), both=both, status=error.status
        )
    return see_other(f"/appointments/{row.id}", "moved")


async def _move(
    request: web.Request,
    row: AppointmentRow,
    typed: FormData,
    errors: dict[str, str],
    wrong: str,
    *,
    both: bool = False,
    status: int = 200,
) -> web.Response:
    hub, person = request.app[HUB], staff(request)
    typed["service_id"] = row.service_id
    context = await hub.read(spoken(choices), person, typed, "", hub.clock(), row.id)
    context["minutes_long"] = row.duration_minutes
    context |= {"row": row, "typed": typed, "errors": errors, "wrong": wrong, "labels": labels()}
    context["both"] = both
    return page(request, "appointments/move.html", context, status=status)
