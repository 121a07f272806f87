"""Move what lies in a planning: asked before, refused with both versions where it was changed."""

from __future__ import annotations

from contextlib import suppress
from datetime import time
from typing import Any

from aiohttp import web

from visiohub.booking.forms import read_form
from visiohub.booking.planning.moves import Moved, Moving, WishForm, ends_then, move, moving
from visiohub.booking.planning.views import EntryKind
from visiohub.booking.rooms.refusals import NotBookable, PriceChanged
from visiohub.domain import hours
from visiohub.errors import EditedMeanwhile, NotAllowed, NotFound, VisiohubError
from visiohub.web.context import HUB, staff
from visiohub.web.error_pages import field_sentences, say_when, sentence
from visiohub.web.formats import typed_day
from visiohub.web.i18n import gettext as _
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.render import page
from visiohub.web.room_words import ROOM_STATE, cause_sentence, euros
from visiohub.web.typed import read_day, read_time

routes = web.RouteTableDef()
FIELDS = ("kind", "id", "version", "room_id", "day", "time")


@routes.get("/planning/move")
async def asked(request: web.Request) -> web.Response:
    """Where it lies, where it would go: nothing is moved yet."""
    typed = FormData({name: request.query.get(name, "") for name in FIELDS})
    kept = await _kept(request, typed)
    local = kept.entry.starts_at.astimezone(kept.zone)
    for name, value in (
        ("version", str(kept.entry.version)),
        ("room_id", kept.room.id),
        ("day", local.date().isoformat()),
        ("time", local.strftime("%H:%M")),
    ):
        typed[name] = typed.one(name) or value
    meanwhile = typed.one("version") != str(kept.entry.version)
    return _page(request, kept, typed, meanwhile=meanwhile)


@routes.post("/planning/move")
async def moved(request: web.Request) -> web.Response:
    """Move it. Refused, the form comes back with everything that was typed."""
    typed = await read_posted(request)
    hub, person = request.app[HUB], staff(request)
    kept = await _kept(request, typed)
    day, clock = read_day(typed.one("day")), read_time(typed.one("time"))
    data = {
        "room_id": typed.one("room_id"),
        "day": day.isoformat() if day else typed.one("day"),
        "time": clock or typed.one("time"),
        "despite_calendar": typed.one("despite_calendar") or None,
        "shown_total": typed.one("shown_total") or kept.price,
    }
    try:
        wish = read_form(WishForm, data)
        number = typed.whole("version")
        done = await hub.run(
            move, kept.entry.kind, kept.entry.id, wish, number, person, hub.clock()
        )
    except (NotFound, NotAllowed):
        raise
    except VisiohubError as error:
        now = await _kept(request, typed)
        meanwhile = isinstance(error, EditedMeanwhile)
        answer = _page(request, now, typed, error=error, meanwhile=meanwhile, status=error.status)
        return say_when(answer, error)
    now = await _kept(request, typed)
    return _answer(request, {"kept": now, "said": _said(done)})


async def _kept(request: web.Request, typed: FormData) -> Moving:
    kind, entry_id = typed.one("kind"), typed.one("id")
    if kind not in list(EntryKind):
        raise web.HTTPNotFound
    return await request.app[HUB].read(moving, EntryKind(kind), entry_id, staff(request))


def _said(done: Moved) -> str:
    if done.kind is EntryKind.APPOINTMENT:
        return _("Le rendez-vous est déplacé. Dites à la personne sa nouvelle heure.")
    if done.prices is None or done.prices[0] == done.prices[1]:
        return _("La réservation est déplacée. Le prix n’a pas changé.")
    before, price = done.prices
    return _(
        "La réservation est déplacée. Elle coûte maintenant %(price)s, %(before)s avant.",
        price=euros(price),
        before=euros(before),
    )


def _page(
    request: web.Request,
    kept: Moving,
    typed: FormData,
    *,
    error: VisiohubError | None = None,
    meanwhile: bool = False,
    status: int = 200,
) -> web.Response:
    zone = kept.venue.time_zone
    day, clock = read_day(typed.one("day")), read_time(typed.one("time"))
    wished = None
    wished_end = None
    if day and day.year in hours.YEARS_IN_SIGHT and clock:
        at = time.fromisoformat(clock)
        with suppress(hours.LocalTimeMissingError):
            wished = hours.to_instant(day, at, kept.zone)
            until = ends_then(kept, day, at)
            wished_end = hours.edge_instant(until.date(), until.time(), kept.zone)
    rooms = {room.id: room.name for room in kept.rooms}
    reasons = []
    if isinstance(error, NotBookable):
        reasons = [cause_sentence(c, zone) for found in error.causes.values() for c in found]
    errors = {_field(name): text for name, text in field_sentences(error).items()} if error else {}
    if meanwhile:
        typed["version"] = str(kept.entry.version)
    dearer = error if isinstance(error, PriceChanged) else None
    context = {
        "kept": kept,
        "dearer": dearer,
        "shown_total": dearer.totals.total if dearer else kept.price,
        "said": "",
        "typed": typed,
        "typed_day": typed_day(day) if day else typed.one("day"),
        "wished": wished,
        "wished_end": wished_end,
        "wished_room": rooms.get(typed.one("room_id"), ""),
        "rooms": list(rooms.items()),
        "errors": errors,
        "wrong": sentence(error) if error else "",
        "reasons": reasons,
        "meanwhile": meanwhile,
        "room_words": ROOM_STATE,
        "labels": {
            "room_id": _("Salle"),
            "day": _("Jour"),
            "time": _("Heure"),
            "despite_calendar": _("Malgré l’agenda"),
        },
    }
    return _answer(request, context, status)


def _field(name: str) -> str:
    """Fields of the use cases, as this form has them."""
    return {"starts": "time", "ends": "time", "room_ids": "room_id", "kiosk_id": "room_id"}.get(
        name, name
    )


def _answer(request: web.Request, context: dict[str, Any], status: int = 200) -> web.Response:
    part = "X-Fragment" in request.headers
    template = "planning/move_part.html" if part else "planning/move.html"
    return page(request, template, context, status=status)
