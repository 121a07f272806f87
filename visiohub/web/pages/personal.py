"""Administration: what is kept of people, for how long; one person's, shown, saved or erased."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web

from visiohub.booking.personal.erase import ERASURES, is_erased
from visiohub.booking.personal.export import EXPORTS, Export
from visiohub.booking.personal.retention import RETENTIONS
from visiohub.booking.personal.subjects import NobodyFound, Who, by_contact, by_paper
from visiohub.domain.codes import read_qr
from visiohub.errors import VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web import formats, lookups
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.inputs import day_to_look_at, not_a_day, read_posted
from visiohub.web.pages.connections import CHANNEL
from visiohub.web.pages.imports import KINDS as IMPORTED
from visiohub.web.permanence_words import rule_words
from visiohub.web.public_words import NEED, WAIT_OF_STAFF
from visiohub.web.render import page, see_other
from visiohub.web.rights import RIGHTS
from visiohub.web.room_words import BOOKS_AS, ROOM_STATE
from visiohub.web.trail_words import FEED, LANGUAGE, action_words
from visiohub.web.words import APPOINTMENT, END, REFUSAL, ROLE, Word

routes = web.RouteTableDef()

LABELS = {
    "account": later("Compte"), "active": later("En service"), "action": later("Action"),
    "agent_devices": later("Appareils de l’agent"), "amount": later("Montant"),
    "arrived_at": later("Arrivée"), "asked_at": later("Demandé le"), "at": later("Le"),
    "back_at": later("Rendu le"), "checked_in_at": later("Arrivée"),
    "month_pages": later("Pages du mois"), "out_at": later("Sorti le"),
    "passes": later("Carnets"), "quota_hours": later("Heures du quota utilisées"),
    "room": later("Salle"), "uses": later("Utilisations"),
    "admitted_at": later("Reçu le"), "books_as": later("Réserve comme"),
    "browser": later("Navigateur"), "channel": later("Moyen"), "closes": later("Fin"),
    "connected_at": later("Relié le"), "created_at": later("Créé le"), "email": later("Adresse"),
    "end_reason": later("Fin de l’appel"), "ended_at": later("Fini le"), "ends_at": later("Fin"),
    "expires_at": later("Valable jusqu’au"), "first_day": later("Premier jour"),
    "initials": later("Initiales"), "kind": later("Genre"), "kiosk": later("Borne"),
    "label": later("Nom affiché"), "language": later("Langue"), "last_used_at": later("Utilisé le"),
    "login": later("Identifiant"), "name": later("Nom"), "needs": later("Besoins"),
    "not_after": later("Au plus tard"), "not_before": later("Au plus tôt"), "on": later("Jour"),
    "opened_at": later("Ouverte le"), "opens": later("Début"),
    "organisation": later("Organisation"), "partner": later("Organisme"),
    "phone": later("Téléphone"), "profile": later("Profil"),
    "read_at": later("Lu le"), "reason": later("Motif"), "refusal": later("Refus"),
    "refusal_text": later("Refus, texte"), "retired_at": later("Retiré le"),
    "revoked_at": later("Coupé le"), "roles": later("Rôles"), "rule": later("Répétition"),
    "scopes": later("Droits"), "seen_at": later("Vue le"), "service": later("Service"),
    "starts_at": later("Début"), "state": later("État"), "url": later("Adresse web"),
    "venues": later("Lieux"), "visio": later("Visio"),
}  # fmt: skip
"""Of what the exports hold; the codes themselves are what JSON says."""

_MESSAGE = {
    "waiting": later("En attente"), "sending": later("Part en ce moment"),
    "sent": later("Parti"), "dead": later("Jamais parti"),
}  # fmt: skip
_STATE: dict[str, Mapping[str, str | Word]] = {
    "appointment": APPOINTMENT, "received": APPOINTMENT, "made": APPOINTMENT,
    "bookings": ROOM_STATE, "waiting_list": WAIT_OF_STAFF, "messages": _MESSAGE, "offers": _MESSAGE,
}  # fmt: skip
"""By part of the export."""
_WORDS: dict[str, Mapping[str, str | Word]] = {
    "books_as": {str(key): words for key, words in BOOKS_AS.items()},
    "channel": CHANNEL,
    "end_reason": END,
    "kind": {**FEED, **IMPORTED},
    "language": LANGUAGE,
    "needs": NEED,
    "refusal": REFUSAL,
    "roles": ROLE,
}
"""Codes by column. JSON says the codes themselves."""
_INSTANTS = frozenset(n for n in LABELS if n.endswith("_at")) | {"at", "before", "after"}


@routes.get("/admin/data")
async def overview(request: web.Request) -> web.Response:
    """How long each kind is kept, and a form to find a citizen by the convocation."""
    return await _overview(request, {}, {})


@routes.post("/admin/data")
async def find(request: web.Request) -> web.Response:
    """To the page of whom a convocation is, or of who waits with this address or telephone."""
    posted = await read_posted(request)
    if contact := posted.one("contact"):
        try:
            waits = await request.app[HUB].read(by_contact, contact)
        except NobodyFound as error:
            return await _overview(request, dict(posted), {"contact": sentence(error)})
        return see_other(f"/admin/data/waiting/{waits.id}")
    code, venue_id = posted.one("code"), posted.one("venue_id")
    day = day_to_look_at(posted.one("day"))
    errors = {}
    if not code:
        errors["code"] = _("Remplissez ce champ.")
    elif read_qr(code) is None:
        errors |= {} if venue_id else {"venue_id": _("Choisissez un lieu.")}
        errors |= {} if day else {"day": not_a_day()}
    hub = request.app[HUB]
    if not errors:
        try:
            today = hub.clock().date()
            found = await hub.run_hashing(by_paper, code, venue_id, day or today)
        except NobodyFound as error:
            errors = {"code": sentence(error)}
        else:
            return see_other(f"/admin/data/citizen/{found.id}")
    return await _overview(request, dict(posted), errors)


@routes.get("/admin/data/{who}/{subject_id}")
async def show(request: web.Request) -> web.Response:
    """Everything that is kept of one person."""
    return await _show(request, None)


@routes.get("/admin/data/{who}/{subject_id}/export.json")
async def export(request: web.Request) -> web.Response:
    """The same, to be handed over."""
    made = await _export(request)
    text = json.dumps(made.plain(), ensure_ascii=False, indent=2)
    name = f"visiohub-{made.subject_id}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(text=text, content_type="application/json", headers=headers)


@routes.post("/admin/data/{who}/{subject_id}/erase")
async def erase(request: web.Request) -> web.Response:
    """For good; the record stays, without the person."""
    hub, by = request.app[HUB], staff(request)
    subject_id = request.match_info["subject_id"]
    use_case = ERASURES[_who(request)]
    try:
        async with request.app[RIGHTS].change_of(subject_id):
            await hub.run(use_case, subject_id, by, hub.clock())
    except VisiohubError as error:
        if error.status == 404:
            raise
        return await _show(request, error)
    return see_other("/admin/data", "erased")


def _who(request: web.Request) -> Who:
    """By what the address names somebody."""
    try:
        return Who(request.match_info["who"])
    except ValueError as error:
        raise web.HTTPNotFound from error


async def _export(request: web.Request) -> Export:
    hub = request.app[HUB]
    use_case = EXPORTS[_who(request)]
    return await hub.read(use_case, request.match_info["subject_id"], hub.clock())


async def _show(request: web.Request, error: VisiohubError | None) -> web.Response:
    hub, made = request.app[HUB], await _export(request)
    who = _who(request)
    context: dict[str, Any] = {
        "export": made,
        "readable": partial(_readable, hub.settings.time_zone),
        "labels": LABELS,
        "is_staff": who is Who.STAFF,
        "wrong": sentence(error) if error else "",
        **await hub.read(_ABOUT[who], made.subject_id),
    }
    return page(request, "personal/subject.html", context, status=error.status if error else 200)


def _readable(zone: str, part: str, column: str, value: object) -> object:
    """Instants as the wall clock of the territory shows them, codes in words; anything else as it
    is."""
    if isinstance(value, list):
        return [_readable(zone, part, column, one) for one in value]
    if not isinstance(value, str) or not value:
        return value
    if column.removeprefix("not_") in _INSTANTS:
        return formats.moment(datetime.fromisoformat(value), zone)
    if column == "action":
        return action_words(value)
    if column == "rule":
        return rule_words(value, zone)
    known = _STATE[part] if column == "state" else _WORDS.get(column, {})
    word = known.get(value)
    if word is None:
        return value
    return _(word) if isinstance(word, str) else str(word)


def _about_staff(uow: UnitOfWork, subject_id: str) -> dict[str, Any]:
    person = uow.persons.get(subject_id)
    return {"name": person.label, "erased": is_erased(person)}


def _about_waiting(uow: UnitOfWork, subject_id: str) -> dict[str, Any]:
    entry = uow.waiting_list.get(subject_id)
    return {"name": "", "erased": not (entry.initials or entry.phone or entry.email)}


def _about_citizen(uow: UnitOfWork, subject_id: str) -> dict[str, Any]:
    appointment = uow.appointments.get(subject_id)
    return {"name": "", "erased": not appointment.code_hash and not appointment.initials}


_ABOUT = {Who.STAFF: _about_staff, Who.CITIZEN: _about_citizen, Who.WAITING: _about_waiting}


async def _overview(
    request: web.Request, typed: dict[str, str], errors: dict[str, str]
) -> web.Response:
    hub = request.app[HUB]
    context = {
        "retentions": [(r, getattr(hub.settings, r.setting)) for r in RETENTIONS],
        "venues": await hub.read(lookups.venue_options, staff(request)),
        "typed": typed,
        "errors": errors,
        "done": done_sentence(request),
    }
    return page(request, "personal/overview.html", context, status=422 if errors else 200)
