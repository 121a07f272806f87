"""Public: the third and the fourth step, what somebody needs, and the paper."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from visiohub.booking import online
from visiohub.booking.forms import read_form
from visiohub.booking.journeys import journey_saved
from visiohub.booking.online import OnlineForm
from visiohub.booking.search import AHEAD, first_free
from visiohub.booking.search_why import why_no_slot
from visiohub.booking.secrets import new_token
from visiohub.errors import VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, address_of
from visiohub.web.error_pages import field_sentences, say_when, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import language
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.pages.convocation import own_paper
from visiohub.web.public_form import count_search, instant_in, instant_text, require_choice
from visiohub.web.public_words import NEED, why_words
from visiohub.web.render import page

routes = web.RouteTableDef()

INSTEAD = 6
"""Other slots shown when the one that was chosen is gone."""
_AS_HERE = {"starts_at": "at", "time": "at"}
"""Fields of the use case, as this form has them."""


@routes.get("/book")
async def needs(request: web.Request) -> web.Response:
    """What the person needs; the slot is not held while this page is open."""
    count_search(request)
    typed = FormData()
    for name in ("service_id", "venue_id", "at"):
        typed[name] = request.query.get(name, "")[:64]
    require_choice(typed)
    typed["key"] = new_token()
    return await _form(request, typed, {}, "")


@routes.post("/book")
async def book(request: web.Request) -> web.Response:
    """Book, and show the paper; or show the form, first or again, with what was typed."""
    typed = await read_posted(request)
    require_choice(typed)
    if "show" in typed:
        count_search(request)
        typed["key"] = new_token()  # each hour shown is an appointment of its own
        return await _form(request, typed, {}, "")
    hub = request.app[HUB]
    data = {
        "service_id": typed.one("service_id"),
        "venue_id": typed.one("venue_id"),
        "starts_at": instant_in(typed.one("at")),
        "initials": typed.one("initials").upper(),
        "phone": typed.one("phone"),
        "email": typed.one("email"),
        "needs": typed.many("needs"),
    }
    key = typed.one("key")[:64] or new_token()
    try:
        form = read_form(OnlineForm, data)
        booked = await hub.run_at_door(
            online.book_online, form, key, address_of(request), hub.clock(), language()
        )
    except VisiohubError as error:
        errors = {_AS_HERE.get(k, k): says for k, says in field_sentences(error).items()}
        if data["starts_at"] is None:
            errors["at"] = _("Choisissez une heure libre.")
        answer = await _form(request, typed, errors, sentence(error), status=error.status)
        return say_when(answer, error)
    return await own_paper(request, booked)


async def _form(
    request: web.Request,
    typed: FormData,
    errors: dict[str, str],
    wrong: str,
    *,
    status: int = 200,
) -> web.Response:
    hub = request.app[HUB]
    found = await hub.read(_chosen, typed, hub.clock())
    context = {
        **found,
        "typed": typed,
        "errors": {k: v for k, v in errors.items() if k in _labels()},
        "wrong": wrong,
        "labels": _labels(),
        "needs": [(value, _(text)) for value, text in NEED.items()],
        "instant": instant_text,
    }
    return page(request, "near/needs.html", context, status=status)


def _labels() -> dict[str, str]:
    return {
        "at": _("Heure"),
        "initials": _("Vos initiales"),
        "phone": _("Téléphone"),
        "email": _("Adresse mail"),
        "needs": _("Vos besoins"),
    }


def _chosen(uow: UnitOfWork, typed: FormData, now: datetime) -> dict[str, Any]:
    """Service, venue and time of the form, and other times if this one cannot be had.

    Raises NotOffered.
    """
    service, near = online.offer(uow, typed.one("service_id"), typed.one("venue_id"))
    at = instant_in(typed.one("at"))
    free = False
    if at is not None:
        try:
            online.free_at(uow, service, near, at, now)
            free = True
        except VisiohubError:
            free = False
    others = (
        []
        if free
        else [
            slot
            for one in first_free(uow, service, [near], now, now + AHEAD, now, INSTEAD)
            for slot in one.slots
        ]
    )
    why = None if free or others else why_no_slot(uow, service, [near], now)[near.venue.id]
    return {
        "service": service,
        "partner": uow.partners.get(service.partner_id),
        "saved": journey_saved(uow, service.id, near.venue.id),
        "venue": near.venue,
        "at": at,
        "free": free,
        "others": others,
        "why": why_words(why, near.venue.time_zone) if why else "",
    }
