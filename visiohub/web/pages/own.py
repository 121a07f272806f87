"""Public: the citizen's own appointment, by link or by code: confirm, move, cancel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from aiohttp import web

from visiohub.booking import appointments, online, own
from visiohub.booking.journeys import journey_saved
from visiohub.booking.search import AHEAD, FreeSlot, VenueSlots, first_free
from visiohub.booking.search_places import Point, around
from visiohub.booking.views import AppointmentRow
from visiohub.domain import hours
from visiohub.domain.model import Appointment, CancelledBy, Venue
from visiohub.errors import CodeUnknown, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, address_of
from visiohub.web.error_pages import say_when, sentence
from visiohub.web.formats import local
from visiohub.web.i18n import gettext as _
from visiohub.web.inputs import FormData, day_to_look_at, not_a_day, read_posted
from visiohub.web.lookups import Options
from visiohub.web.public_form import count_search, instant_in, instant_text
from visiohub.web.render import page
from visiohub.web.typed import read_time

routes = web.RouteTableDef()

WITHIN_KM = 50
"""Other venues that an appointment may be moved to."""
SLOTS_EACH = 40
DAYS_SHOWN = 5


@dataclass(frozen=True)
class Proof:
    """What opens it: the link's key, or the paper's code; one of them."""

    key: str
    code: str


@routes.get("/my")
async def ask(request: web.Request) -> web.Response:
    """By the code of a paper."""
    return await _ask(request, FormData(), {}, "")


@routes.post("/my")
async def by_code(request: web.Request) -> web.Response:
    """The appointment of a paper's place, day, hour and code."""
    typed = await read_posted(request)
    hub = request.app[HUB]
    venue = await hub.read(lambda uow: uow.venues.find(typed.one("venue_id")))
    day, at = day_to_look_at(typed.one("day")), read_time(typed.one("time"))
    errors = {}
    if venue is None:
        errors["venue_id"] = _("Choisissez dans la liste.")
    if day is None:
        errors["day"] = not_a_day()
    if at is None:
        errors["time"] = _("Donnez une heure, par exemple 09:45.")
    if venue is None or day is None or at is None:
        return await _ask(request, typed, errors, next(iter(errors.values())), status=422)
    zone = hours.zone_of(venue.time_zone)
    starts_at = hours.edge_instant(day, datetime.fromisoformat(f"{day}T{at}").time(), zone)
    code, address = typed.one("code"), address_of(request)
    try:
        found = await hub.run_at_door(own.by_code, venue.id, starts_at, code, address, hub.clock())
    except VisiohubError as error:
        says = sentence(error)
        if isinstance(error, CodeUnknown):
            says = _("Aucun rendez-vous ce jour-là, à cette heure, avec ce code. Vérifiez tout.")
        answer = await _ask(request, typed, {"code": says}, says, status=error.status)
        return say_when(answer, error)
    return await _show(request, found.id, Proof("", code))


async def _ask(
    request: web.Request,
    typed: FormData,
    errors: dict[str, str],
    wrong: str,
    *,
    status: int = 200,
) -> web.Response:
    venues = await request.app[HUB].read(_venues)
    context = {"typed": typed, "errors": errors, "wrong": wrong, "venues": venues}
    return page(request, "near/ask.html", context, status=status)


def _venues(uow: UnitOfWork) -> Options:
    found = sorted(uow.venues.list(active=True), key=lambda v: (v.town, v.name))
    return [(v.id, f"{v.town}, {v.name}") for v in found]


@routes.get("/my/{appointment_id}")
async def by_link(request: web.Request) -> web.Response:
    """The appointment of a link."""
    proof = Proof(request.query.get("key", "")[:64], "")
    found = await _opened(request, proof)
    return await _show(request, found.id, proof)


@routes.post("/my/{appointment_id}/confirm")
async def confirm(request: web.Request) -> web.Response:
    """Je viens."""
    typed, proof, found = await _posted(request)
    hub = request.app[HUB]
    try:
        await hub.run(appointments.confirm, found.id, typed.whole("version"), None, hub.clock())
    except VisiohubError as error:
        return await _show(request, found.id, proof, wrong=sentence(error), status=error.status)
    return await _show(request, found.id, proof, done=_("C’est noté : vous venez."))


@routes.post("/my/{appointment_id}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """Annuler le rendez-vous."""
    typed, proof, found = await _posted(request)
    hub, version = request.app[HUB], typed.whole("version")
    by = CancelledBy.CITIZEN
    try:
        await hub.run(appointments.cancel, found.id, by, version, None, hub.clock())
    except VisiohubError as error:
        return await _show(request, found.id, proof, wrong=sentence(error), status=error.status)
    done = _("Votre rendez-vous est annulé. La place est libre pour quelqu’un d’autre.")
    return await _show(request, found.id, proof, done=done)


@routes.post("/my/{appointment_id}/move")
async def move(request: web.Request) -> web.Response:
    """Show other times, or move to the one that was pressed ("instant venue")."""
    typed, proof, found = await _posted(request)
    hub, version = request.app[HUB], typed.whole("version")
    text, _sep, venue_id = typed.one("to").partition(" ")
    at = instant_in(text)
    wrong, status = "", 200
    if at is not None:
        try:
            await hub.run(online.move_online, found.id, venue_id, at, version, None, hub.clock())
        except VisiohubError as error:
            wrong, status = sentence(error), error.status
        else:
            done = _("Votre rendez-vous est déplacé. Le même code marche, à la nouvelle heure.")
            return await _show(request, found.id, proof, done=done)
    row = await hub.read(appointments.show, found.id)
    slots = await hub.read(_elsewhere, found.id, hub.clock())
    context = {
        "row": row,
        "proof": proof,
        "wrong": wrong,
        "venues": [(one.near, _by_day(one)) for one in slots],
        "instant": instant_text,
    }
    return page(request, "near/move.html", context, status=status)


def _elsewhere(uow: UnitOfWork, appointment_id: str, now: datetime) -> list[VenueSlots]:
    """Free slots where it is, then at venues near it."""
    appointment = uow.appointments.get(appointment_id)
    service = uow.services.get(appointment.service_id)
    venue = _venue_of(uow, appointment)
    here = Point(venue.town, venue.latitude, venue.longitude)
    near = around(uow, here, WITHIN_KM)
    near.sort(key=lambda n: (n.venue.id != venue.id, n.km or 0.0))
    found = first_free(uow, service, near, now, now + AHEAD, now, SLOTS_EACH, moved=appointment)
    is_at = venue.id, appointment.starts_at
    others = (
        replace(v, slots=tuple(s for s in v.slots if (v.near.venue.id, s.starts_at) != is_at))
        for v in found
    )
    return [one for one in others if one.slots][:4]


def _venue_of(uow: UnitOfWork, appointment: Appointment) -> Venue:
    kiosk = uow.kiosks.get(appointment.kiosk_id)
    return uow.venues.get(uow.rooms.get(kiosk.room_id).venue_id)


def _by_day(one: VenueSlots) -> list[tuple[date, list[FreeSlot]]]:
    zone = one.near.venue.time_zone
    days = groupby(one.slots, lambda s: local(s.starts_at, zone).date())
    return [(day, list(slots)) for day, slots in days][:DAYS_SHOWN]


async def _posted(request: web.Request) -> tuple[FormData, Proof, Appointment]:
    typed = await read_posted(request)
    proof = Proof(typed.one("key")[:64], typed.one("code")[:20])
    return typed, proof, await _opened(request, proof)


async def _opened(request: web.Request, proof: Proof) -> Appointment:
    """Raises AppointmentLinkDead, CodeUnknown, TooManyAttempts."""
    count_search(request)
    hub, appointment_id = request.app[HUB], request.match_info["appointment_id"]
    if proof.code:
        return await hub.run_at_door(
            own.with_code, appointment_id, proof.code, address_of(request), hub.clock()
        )
    return await hub.read(own.by_link, appointment_id, proof.key)


async def _show(
    request: web.Request,
    appointment_id: str,
    proof: Proof,
    *,
    wrong: str = "",
    done: str = "",
    status: int = 200,
) -> web.Response:
    hub = request.app[HUB]
    paper = await hub.read(appointments.convocation, appointment_id)
    row: AppointmentRow = paper.appointment
    to_come = row.starts_at > hub.clock() - timedelta(minutes=1)
    context = {
        "row": row,
        "paper": paper,
        "saved": await hub.read(journey_saved, row.service_id, row.place.venue_id),
        "proof": proof,
        "wrong": wrong,
        "done": done,
        "may_confirm": to_come and row.state == "booked",
        "may_change": to_come and row.state in ("booked", "confirmed"),
    }
    return page(request, "near/own.html", context, status=status)
