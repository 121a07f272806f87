"""One appointment, and what is done on its page: given to an agent, cancelled, checked in."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from visiohub.booking import appointments, assignment
from visiohub.booking.journeys import journey_saved
from visiohub.booking.views import AppointmentRow
from visiohub.domain.appointment import comes_from
from visiohub.domain.connections import Despite
from visiohub.domain.hours import zone_of
from visiohub.domain.model import CancelledBy, Role
from visiohub.errors import AgentAway, AgentOffDuty, BusyElsewhere, VisiohubError
from visiohub.web import lookups
from visiohub.web.appointment_access import changeable, visible
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.inputs import local_path, read_posted
from visiohub.web.public_words import NEED
from visiohub.web.render import page, see_other
from visiohub.web.scope import may_change, require_venue, sees_venue

routes = web.RouteTableDef()


@routes.get("/appointments/{appointment_id}")
async def show(request: web.Request) -> web.Response:
    """One appointment and what can be done with it."""
    return await _show(request, await visible(request))


async def _show(
    request: web.Request,
    row: AppointmentRow,
    wrong: str = "",
    status: int = 200,
    *,
    asked_agent: str | None = None,
) -> web.Response:
    paper = await request.app[HUB].read(appointments.convocation, row.id)
    person = staff(request)
    hub, open_state = request.app[HUB], row.state in ("booked", "confirmed")
    early = timedelta(minutes=hub.settings.code_early_minutes)
    expected = comes_from(row.starts_at, zone_of(row.place.time_zone), early) <= hub.clock()
    context = {
        "row": row,
        "asked_agent": asked_agent,
        "paper": paper,
        "saved": await request.app[HUB].read(journey_saved, row.service_id, row.place.venue_id),
        "wrong": wrong,
        "may_change": may_change(person, row),
        "may_assign": not {Role.AGENT, Role.RECEPTION}.isdisjoint(person.roles),
        "may_print": row.state in ("booked", "confirmed", "arrived"),
        "may_confirm": row.state == "booked" and row.starts_at > request.app[HUB].clock(),
        "may_move": open_state,
        "may_cancel": row.state in ("booked", "confirmed", "arrived"),
        "may_check_in": open_state
        and expected
        and row.arrived_at is None
        and sees_venue(person, row.place.venue_id),
        "done": done_sentence(request),
        "agents": await request.app[HUB].read(lookups.agents_of, row.partner_id),
        "needs": [_(NEED[need]) for need in sorted(row.needs)],
    }
    return page(request, "appointments/show.html", context, status=status)


@routes.post("/appointments/{appointment_id}/assign")
async def assign(request: web.Request) -> web.Response:
    """Give it to an agent, or to whoever is free first."""
    row = await changeable(request)
    typed = await read_posted(request)
    hub, person = request.app[HUB], staff(request)
    agent_id, version = typed.one("agent_id") or None, typed.whole("version")
    reason = typed.one("despite_calendar")
    despite = Despite(reason) if reason in list(Despite) else None
    try:
        await hub.run(
            assignment.assign,
            row.id,
            agent_id,
            version,
            person,
            hub.clock(),
            despite_calendar=despite,
        )
    except (AgentAway, AgentOffDuty, BusyElsewhere) as error:
        return await _show(request, row, sentence(error), error.status, asked_agent=agent_id)
    except VisiohubError as error:
        return await _show(request, row, sentence(error), error.status)
    return see_other(f"/appointments/{row.id}", "assigned")


@routes.post("/appointments/{appointment_id}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """Annuler le rendez-vous."""
    row = await changeable(request)
    typed = await read_posted(request)
    hub, person = request.app[HUB], staff(request)
    by = typed.one("cancelled_by")
    if by not in list(CancelledBy):
        raise web.HTTPBadRequest
    version = typed.whole("version")
    try:
        await hub.run(appointments.cancel, row.id, CancelledBy(by), version, person, hub.clock())
    except VisiohubError as error:
        return await _show(request, await visible(request), sentence(error), error.status)
    return see_other(f"/appointments/{row.id}", "cancelled")


@routes.post("/appointments/{appointment_id}/confirm")
async def confirm(request: web.Request) -> web.Response:
    """The person told staff that they come, by telephone or at the desk."""
    row = await changeable(request)
    typed = await read_posted(request)
    hub = request.app[HUB]
    back = local_path(typed.one("back"), f"/appointments/{row.id}")
    try:
        version = typed.whole("version")
        await hub.run(appointments.confirm, row.id, version, staff(request), hub.clock())
    except VisiohubError as error:
        return await _show(request, await visible(request), sentence(error), error.status)
    return see_other(back, "confirmed")


@routes.post("/appointments/{appointment_id}/check-in")
async def check_in(request: web.Request) -> web.Response:
    """Sur place: reception saw the person come."""
    row = await visible(request)
    require_venue(staff(request), row.place.venue_id)
    typed = await read_posted(request)
    hub = request.app[HUB]
    back = local_path(typed.one("back"), f"/appointments/{row.id}")
    try:
        await hub.run(appointments.check_in, row.id, row.version, staff(request), hub.clock())
    except VisiohubError as error:
        return await _show(request, await visible(request), sentence(error), error.status)
    return see_other(back, "checked_in")
