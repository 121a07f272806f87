"""Public: wait for a slot, see what is offered, take it, decline it, leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from aiohttp import web

from visiohub.booking import waiting
from visiohub.booking.announce import way_to
from visiohub.booking.forms import read_form
from visiohub.booking.online import offer
from visiohub.booking.search import VenueSlots
from visiohub.booking.search_places import Point, around
from visiohub.booking.secrets import new_token
from visiohub.booking.waiting import WaitingForm
from visiohub.domain import hours
from visiohub.domain.model import Partner, Service, Venue
from visiohub.domain.waiting_list import UNTOLD_OFFER, WaitingEntry
from visiohub.errors import VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, address_of
from visiohub.web.error_pages import field_sentences, say_when, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import language
from visiohub.web.inputs import FormData, day_to_look_at, not_a_day, read_posted
from visiohub.web.lookups import Options
from visiohub.web.pages.convocation import own_paper
from visiohub.web.public_form import count_search, instant_text, require_choice
from visiohub.web.public_words import NEED, WAIT
from visiohub.web.render import page, see_other

routes = web.RouteTableDef()

WITHIN_KM = 50
"""Venues that may be chosen beside the first."""
USUAL_DAYS = 21


@routes.get("/wait")
async def form(request: web.Request) -> web.Response:
    """For which service, where, until when."""
    count_search(request)
    typed = FormData()
    for name in ("service_id", "venue_id"):
        typed[name] = request.query.get(name, "")[:64]
    typed["venue_ids"] = typed["venue_id"]
    require_choice(typed)
    typed["key"] = new_token()
    return await _form(request, typed, {}, "")


@routes.post("/wait")
async def join(request: web.Request) -> web.Response:
    """Wait from now on; or show the form first, with what was typed for a slot that is gone."""
    count_search(request)
    typed = await read_posted(request)
    require_choice(typed)
    if "show" in typed:
        return await _form(request, typed, {}, "")
    hub, now = request.app[HUB], request.app[HUB].clock()
    zone = hours.zone_of(hub.settings.time_zone)
    day = day_to_look_at(typed.one("until"))
    key = typed.one("key")[:64] or new_token()
    try:
        data = {
            "service_id": typed.one("service_id"),
            "venue_ids": typed.many("venue_ids"),
            "not_after": hours.day_span(day, zone)[1] if day else None,
            "initials": typed.one("initials").upper(),
            "phone": typed.one("phone"),
            "email": typed.one("email"),
            "needs": typed.many("needs"),
        }
        asked = read_form(WaitingForm, data)
        if free := await hub.read(waiting.free_instead, asked, key, now):
            wrong = _(
                "Il y a des places libres jusqu’à ce jour. "
                "Choisissez-en une, ou donnez un jour plus proche."
            )
            return await _form(request, typed, {}, wrong, free=free, status=409)
        entry = await hub.run(waiting.join, asked, key, address_of(request), language(), now)
    except VisiohubError as error:
        errors = field_sentences(error)
        if "not_after" in errors:
            errors["until"] = errors.pop("not_after") if day else not_a_day()
        answer = await _form(request, typed, errors, sentence(error), status=error.status)
        return say_when(answer, error)
    return see_other(f"/wait/{entry.id}?key={key}")


async def _form(
    request: web.Request,
    typed: FormData,
    errors: dict[str, str],
    wrong: str,
    *,
    free: Sequence[VenueSlots] = (),
    status: int = 200,
) -> web.Response:
    hub = request.app[HUB]
    zone = hours.zone_of(hub.settings.time_zone)
    today = hours.local_day(hub.clock(), zone)
    service, partner, venue, venues = await hub.read(_chosen, typed)
    context = {
        "typed": typed,
        "errors": errors,
        "wrong": wrong,
        "free": free,
        "instant": instant_text,
        "service": service,
        "partner": partner,
        "venue": venue,
        "venues": venues,
        "until": typed.one("until") or f"{today + timedelta(days=USUAL_DAYS):%d/%m/%Y}",
        "mails": bool(hub.settings.mail_host),
        "untold": UNTOLD_OFFER // timedelta(minutes=1),
        "needs": [(value, _(text)) for value, text in NEED.items()],
    }
    return page(request, "near/wait.html", context, status=status)


def _chosen(uow: UnitOfWork, typed: FormData) -> tuple[Service, Partner, Venue, Options]:
    """Raises NotOffered."""
    service, near = offer(uow, typed.one("service_id"), typed.one("venue_id"))
    venue = near.venue
    around_it = around(uow, Point(venue.town, venue.latitude, venue.longitude), WITHIN_KM)
    others = (n.venue for n in around_it if n.venue.id != venue.id)
    close = [venue, *(v for v in others if not service.venue_ids or v.id in service.venue_ids)]
    options = [(v.id, f"{v.town}, {v.name}") for v in close[: waiting.MOST_VENUES]]
    return service, uow.partners.get(service.partner_id), venue, options


@routes.get("/wait/{entry_id}")
async def show(request: web.Request) -> web.Response:
    """Where one stands in the list, and what is offered."""
    count_search(request)
    return await _show(request, request.query.get("key", "")[:64])


@routes.post("/wait/{entry_id}")
async def answer(request: web.Request) -> web.Response:
    """Take the offer, decline it, or leave the list."""
    typed = await read_posted(request)
    hub, entry_id = request.app[HUB], request.match_info["entry_id"]
    key, now = typed.one("key")[:64], hub.clock()
    try:
        match typed.one("do"):
            case "accept":
                booked = await hub.run_at_door(waiting.accept, entry_id, key, now)
                return await own_paper(request, booked)
            case "decline":
                await hub.run(waiting.decline, entry_id, key, now)
            case "leave":
                await hub.run(waiting.leave, entry_id, key, now)
            case _:
                raise web.HTTPBadRequest
    except VisiohubError as error:
        return await _show(request, key, wrong=sentence(error), status=error.status)
    return see_other(f"/wait/{entry_id}?key={key}")


async def _show(
    request: web.Request, key: str, *, wrong: str = "", status: int = 200
) -> web.Response:
    hub = request.app[HUB]
    entry_id, now = request.match_info["entry_id"], hub.clock()
    entry, service, partner, venue, told = await hub.read(_entry, entry_id, key)
    context = {
        "entry": entry,
        "word": WAIT[entry.state],
        "service": service,
        "partner": partner,
        "venue": venue,
        "late": entry.offer is not None and now >= entry.offer.until,
        "told": told,
        "key": key,
        "wrong": wrong,
    }
    return page(request, "near/waiting.html", context, status=status)


def _entry(
    uow: UnitOfWork, entry_id: str, key: str
) -> tuple[WaitingEntry, Service, Partner, Venue, bool]:
    """With whether the hub can write to them. Raises WaitingLinkDead."""
    entry = waiting.own(uow, entry_id, key)
    service = uow.services.get(entry.service_id)
    venue_id = entry.venue_ids[0]
    if entry.offer is not None:
        kiosk = uow.kiosks.get(entry.offer.kiosk_id)
        venue_id = uow.rooms.get(kiosk.room_id).venue_id
    told = way_to(uow, entry.email, entry.phone) is not None
    return entry, service, uow.partners.get(service.partner_id), uow.venues.get(venue_id), told
