"""Appointments: list, make, look, move, cancel, check in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from aiohttp import web

from visiohub.booking import appointments, assignment
from visiohub.booking.forms import AppointmentForm, MoveForm, read_form
from visiohub.booking.slots import Wish
from visiohub.booking.views import AppointmentRow
from visiohub.domain import hours
from visiohub.domain.connections import Despite
from visiohub.domain.model import CancelledBy, Person, Role, Service
from visiohub.errors import (
    AgentAway,
    BusyElsewhere,
    EditedMeanwhile,
    NotAllowed,
    NotFound,
    TooFarAhead,
    VisiohubError,
)
from visiohub.linkquality.budget import Picture
from visiohub.storage.uow import UnitOfWork
from visiohub.web import formats, lookups
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, say_when, sentence
from visiohub.web.formats import local
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import spoken
from visiohub.web.inputs import FormData, day_errors, day_in, local_path, not_a_day, read_posted
from visiohub.web.narrow import SHOWN, shown_in
from visiohub.web.opening import times_of
from visiohub.web.pages.slots import Slots, slots
from visiohub.web.public_words import NEED
from visiohub.web.render import page, see_other
from visiohub.web.scope import may_change, may_see, require_venue, sees_partner, sees_venue
from visiohub.web.typed import read_day

routes = web.RouteTableDef()

SPAN = timedelta(days=60)
_QUARTER = 15
"""Minutes: lengths are whole quarters of an hour."""


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
        "may_book": not {Role.AGENT, Role.RECEPTION}.isdisjoint(person.roles),
        "done": done_sentence(request),
    }
    return page(request, "appointments/list.html", context)


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0


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
    errors = _turn_to_day(typed, _today(request))
    if errors or "book" not in typed:
        wrong, status = next(iter(errors.values()), ""), 422 if errors else 200
        return await _new(request, typed, errors, wrong, status=status)
    data = {
        "service_id": typed.one("service_id"),
        "kiosk_id": typed.one("kiosk_id"),
        "day": _iso_day(typed.one("day")),
        "time": typed.one("time"),
        "initials": typed.one("initials").upper(),
        "phone": typed.one("phone"),
        "email": typed.one("email"),
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
        errors = _errors(error, typed)
        answer = await _new(request, typed, errors, sentence(error), status=error.status)
        return say_when(answer, error)
    return see_other(f"/appointments/{booked.appointment_id}", "booked")


def _errors(error: VisiohubError, typed: FormData) -> dict[str, str]:
    """By field; a time is chosen here, not typed."""
    errors = field_sentences(error)
    if "time" in errors and not typed.one("time"):
        errors["time"] = _("Choisissez une heure libre.")
    return errors


def _labels() -> dict[str, str]:
    return {
        "service_id": _("Service"),
        "kiosk_id": _("Lieu et borne"),
        "day": _("Jour"),
        "other_day": _("Autre jour"),
        "time": _("Heure"),
        "initials": _("Initiales de la personne"),
        "phone": _("Téléphone"),
        "email": _("Courriel"),
        "agent_id": _("Agent"),
        "picture": _("Image"),
        "duration_minutes": _("Durée"),
        "despite_calendar": _("Malgré l’agenda de l’agent"),
    }


def require_bookable(uow: UnitOfWork, person: Person, service_id: str, kiosk_id: str) -> None:
    """Raises NotAllowed when the person may not book this service at this kiosk.

    Reception books every service at its venues, an agent the own partner's at every venue; who is
    both books no other partner's elsewhere.
    """
    offered = lookups.bookable_services(uow, person)
    partner_id = {s.id: partner.id for partner, services in offered for s in services}
    venue_id = {p.kiosk.id: p.venue.id for p in lookups.bookable_kiosks(uow, person)}
    if service_id not in partner_id:
        raise NotAllowed("no service that this person books", field="service_id")
    if kiosk_id not in venue_id:
        raise NotAllowed("no kiosk that this person books", field="kiosk_id")
    if not (sees_partner(person, partner_id[service_id]) or sees_venue(person, venue_id[kiosk_id])):
        raise NotAllowed("another partner's service at another venue", field="kiosk_id")


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
    context = await hub.read(spoken(_choices), person, typed, venue_id, hub.clock())
    context |= {"typed": typed, "errors": errors, "wrong": wrong, "labels": _labels()}
    context["needs"] = [(value, _(text)) for value, text in NEED.items()]
    return page(request, "appointments/new.html", context, status=status)


def _choices(
    uow: UnitOfWork, person: Person, typed: FormData, venue_id: str, now: datetime, moved: str = ""
) -> dict[str, Any]:
    offered = lookups.bookable_services(uow, person)
    kiosks = lookups.bookable_kiosks(uow, person)
    services = {s.id: (p, s) for p, all_of_them in offered for s in all_of_them}
    at_venue = [p for p in kiosks if p.venue.id == venue_id] or (kiosks if len(kiosks) == 1 else [])
    if not typed.one("kiosk_id") and at_venue:
        typed["kiosk_id"] = at_venue[0].kiosk.id
    service_id, kiosk_id = typed.one("service_id"), typed.one("kiosk_id")
    known = service_id in services and any(p.kiosk.id == kiosk_id for p in kiosks)
    choice = None
    refusal = ""
    if known:
        try:
            wish = wish_of(uow, services[service_id][1], typed, moved)
            choice = slots(uow, service_id, kiosk_id, read_day(typed.one("day")), now, wish)
        except VisiohubError as error:
            refusal = sentence(error)
    partner, service = services.get(service_id, (None, None))
    return {
        "lengths": _lengths(service) if service else [],
        "minutes_long": _minutes_of(service, typed) if service else 0,
        "services": lookups.service_choices(offered),
        "kiosks": lookups.kiosk_choices(kiosks),
        "choice": choice,
        "refusal": refusal,
        "open_times": _open_times(choice),
        "agents": lookups.agents_of(uow, partner.id) if partner else [],
    }


def wish_of(uow: UnitOfWork, service: Service, typed: FormData, moved: str) -> Wish:
    """What the form says of the appointment, or what is kept of the one that is moved."""
    despite = bool(typed.one("despite_calendar"))
    if moved:
        kept, choice = uow.appointments.get(moved), uow.linkquality.pictures.find(moved)
        shown = choice.picture if choice else Picture.STANDARD
        return Wish(kept.ends_at - kept.starts_at, kept.agent_id, despite, shown, moved)
    known = {agent_id for agent_id, _label in lookups.agents_of(uow, service.partner_id)}
    agent_id = typed.one("agent_id") if typed.one("agent_id") in known else None
    picture_typed = typed.one("picture")
    picture = Picture(picture_typed) if picture_typed in list(Picture) else None
    length = timedelta(minutes=_minutes_of(service, typed))
    return Wish(length, agent_id, despite, picture)


def _minutes_of(service: Service, typed: FormData) -> int:
    """The chosen length where the service has it, else its usual one."""
    chosen = typed.one("duration_minutes")
    offered = {value for value, _text in _lengths(service)}
    return int(chosen) if chosen in offered else service.duration_minutes


def _lengths(service: Service) -> list[tuple[str, str]]:
    """Lengths to choose from, the usual one first; none where there is but one."""
    usual = service.duration_minutes
    shortest, longest = service.shortest_minutes or usual, service.longest_minutes or usual
    others = [n for n in range(shortest, longest + 1, _QUARTER) if n != usual]
    return [(str(n), formats.minutes(n)) for n in (usual, *others)] if others else []


def _open_times(choice: Slots | None) -> str:
    if choice is None:
        return ""
    return times_of([r for r in choice.venue.opening if r.weekday == choice.day.weekday()])


def _today(request: web.Request) -> date:
    hub = request.app[HUB]
    return hours.local_day(hub.clock(), hours.zone_of(hub.settings.time_zone))


def _iso_day(text: str) -> str:
    """As the form wants it; what is no day is left to be refused by it."""
    day = read_day(text)
    return day.isoformat() if day else text


def _turn_to_day(typed: FormData, today: date) -> dict[str, str]:
    """Make `day` the one that was pressed or typed; what is wrong with it, by field."""
    if typed.one("show_day"):
        typed["day"], typed["other_day"] = typed.one("show_day"), ""
    if not typed.one("other_day"):
        return {}
    day = read_day(typed.one("other_day"))
    if day is None:
        return {"other_day": not_a_day()}
    if day < today:
        return {"other_day": _("Ce jour est passé. Choisissez un jour à venir.")}
    if day > today + hours.BOOKABLE_AHEAD:
        return {"other_day": sentence(TooFarAhead())}
    typed["day"], typed["other_day"] = day.isoformat(), ""
    # pressed before the hours of that day were seen: nothing may be booked on it
    return {"time": _("Choisissez une heure libre.")} if "book" in typed else {}


async def visible(request: web.Request) -> AppointmentRow:
    """The appointment of the address. Raises NotFound, also for somebody else's."""
    row = await request.app[HUB].read(appointments.show, request.match_info["appointment_id"])
    if not may_see(staff(request), row):
        raise NotFound("not this person's appointment")
    return row


async def changeable(request: web.Request) -> AppointmentRow:
    """The appointment of the address, if the person may change it. Raises NotFound, NotAllowed."""
    row = await visible(request)
    if not may_change(staff(request), row):
        raise NotAllowed("not this person's to change")
    return row


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
    open_state = row.state in ("booked", "confirmed")
    context = {
        "row": row,
        "asked_agent": asked_agent,
        "paper": paper,
        "wrong": wrong,
        "may_change": may_change(person, row),
        "may_print": row.state in ("booked", "confirmed", "arrived"),
        "may_move": open_state,
        "may_cancel": row.state in ("booked", "confirmed", "arrived"),
        "may_check_in": open_state
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
    agent_id, version = typed.one("agent_id") or None, _whole(typed.one("version"))
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
    except (AgentAway, BusyElsewhere) as error:
        return await _show(request, row, sentence(error), error.status, asked_agent=agent_id)
    except VisiohubError as error:
        return await _show(request, row, sentence(error), error.status)
    return see_other(f"/appointments/{row.id}", "assigned")


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
    errors = _turn_to_day(typed, _today(request))
    if errors or "book" not in typed:
        wrong, status = next(iter(errors.values()), ""), 422 if errors else 200
        return await _move(request, row, typed, errors, wrong, status=status)
    data: dict[str, object] = {name: typed.one(name) for name in ("kiosk_id", "time")}
    data["day"] = _iso_day(typed.one("day"))
    data["despite_calendar"] = typed.one("despite_calendar") or None
    try:
        form = read_form(MoveForm, data)
        await hub.read(require_bookable, person, row.service_id, form.kiosk_id)
        version = _whole(typed.one("version"))
        await hub.run(appointments.move, row.id, form, version, person, hub.clock())
    except VisiohubError as error:
        row = await changeable(request)  # as somebody else may have left it
        typed["version"] = str(row.version)
        errors = _errors(error, typed)
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
    context = await hub.read(spoken(_choices), person, typed, "", hub.clock(), row.id)
    context["minutes_long"] = row.duration_minutes
    context |= {"row": row, "typed": typed, "errors": errors, "wrong": wrong, "labels": _labels()}
    context["both"] = both
    return page(request, "appointments/move.html", context, status=status)


@routes.post("/appointments/{appointment_id}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """Annuler le rendez-vous."""
    row = await changeable(request)
    typed = await read_posted(request)
    hub, person = request.app[HUB], staff(request)
    by = typed.one("cancelled_by")
    if by not in list(CancelledBy):
        raise web.HTTPBadRequest
    version = _whole(typed.one("version"))
    try:
        await hub.run(appointments.cancel, row.id, CancelledBy(by), version, person, hub.clock())
    except VisiohubError as error:
        return await _show(request, await visible(request), sentence(error), error.status)
    return see_other(f"/appointments/{row.id}", "cancelled")


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
