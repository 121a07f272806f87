"""Booked rooms at a venue's desk: who came, yes or no to who asks, keys and badges."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from visiohub.booking.rooms import attendance, changes, keys, lists, printing
from visiohub.booking.rooms.lists import VenueRow
from visiohub.booking.rooms.scope import check_manages, manages
from visiohub.booking.secrets import new_token
from visiohub.domain import hours
from visiohub.domain.door import door_code
from visiohub.domain.model import Person
from visiohub.errors import NotAllowed, NotFound, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.inputs import FormData, local_path, read_posted
from visiohub.web.render import page, see_other
from visiohub.web.room_words import ROOM_STATE, euros

routes = web.RouteTableDef()
_PATH = "/planning/bookings/{booked_room_id}"
_STEPS = {
    "check-in": (attendance.check_in, "room_checked_in"),
    "approve": (changes.approve, "room_approved"),
    "refuse": (changes.refuse, "room_refused"),
}


def booked_room(uow: UnitOfWork, booked_room_id: str, by: Person) -> VenueRow:
    """One room of a booking at a venue that this person runs. Raises NotFound, NotAllowed."""
    booked = uow.booked_rooms.get(booked_room_id)
    check_manages(by, booked.venue_id)
    whole = lists.rows_of(uow, [uow.bookings.get(booked.booking_id)])[0]
    return VenueRow(next(r for r in whole.rooms if r.booked.id == booked.id), whole)


@routes.get(_PATH)
async def show(request: web.Request) -> web.Response:
    """One booked room, and what the desk can do."""
    return await _show(request)


async def _show(
    request: web.Request, error: VisiohubError | None = None, typed: FormData | None = None
) -> web.Response:
    hub, now = request.app[HUB], request.app[HUB].clock()
    found = await hub.read(booked_room, request.match_info["booked_room_id"], staff(request))
    context = {
        "one": found,
        "typed": typed or FormData(),
        "errors": field_sentences(error) if error else {},
        "wrong": sentence(error) if error else "",
        "may": _may(found, staff(request), now),
        "room_words": ROOM_STATE,
        "code": door_code(found.row.booked.id),
        "price": euros(found.whole.totals.total),
        "printing": await hub.read(printing.print_terms, found.row.booked, now),
        "key": new_token(),
        "done": done_sentence(request),
    }
    return page(request, "planning/booking.html", context, status=error.status if error else 200)


def _may(found: VenueRow, by: Person, now: datetime) -> dict[str, bool]:
    booked, booking = found.row.booked, found.whole.booking
    confirmed = booked.state == "confirmed"
    noted = attendance.is_noted(booking, hours.zone_of(found.row.venue.time_zone), now)
    return {
        "check_in": (confirmed or booked.state == "no_show") and noted,
        "decide": booked.state == "requested",
        "refuse": found.whole.may_refuse(),
        "cancel": booked.state == "confirmed"
        and found.whole.may_cancel(now)
        and all(manages(by, room.venue.id) for room in found.whole.rooms),
        "move": found.whole.may_move(),
        "hand_out": booked.state in {"confirmed", "checked_in"},
    }


@routes.post(_PATH + "/pages")
async def pages(request: web.Request) -> web.Response:
    """Count pages that were printed."""
    typed = await read_posted(request)
    hub, booked_room_id = request.app[HUB], request.match_info["booked_room_id"]
    said = booked_room_id, typed.whole("pages"), typed.one("key")[:64] or new_token()
    try:
        counted = await hub.run(printing.count_pages_once, *said, staff(request), hub.clock())
    except (NotFound, NotAllowed):
        raise
    except VisiohubError as error:
        return await _show(request, error, typed)
    return _back(request, typed, "pages_counted" if counted else "pages_counted_before")


@routes.post(_PATH + "/{step}")
async def step(request: web.Request) -> web.Response:
    """Check in, approve, refuse: one step of its life."""
    known = _STEPS.get(request.match_info["step"])
    if known is None:
        raise web.HTTPNotFound
    use_case, done = known
    typed = await read_posted(request)
    hub, booked_room_id = request.app[HUB], request.match_info["booked_room_id"]
    try:
        await hub.run(use_case, booked_room_id, typed.whole("version"), staff(request), hub.clock())
    except (NotFound, NotAllowed):
        raise
    except VisiohubError as error:
        return await _show(request, error, typed)
    return _back(request, typed, done)


@routes.post(_PATH + "/keys/out")
async def key_out(request: web.Request) -> web.Response:
    """Hand out a key or a badge."""
    typed = await read_posted(request)
    hub, booked_room_id = request.app[HUB], request.match_info["booked_room_id"]
    name = typed.one("name")
    try:
        await hub.run(keys.hand_out_key, booked_room_id, name, staff(request), hub.clock())
    except (NotFound, NotAllowed):
        raise
    except VisiohubError as error:
        return await _show(request, error, typed)
    return _back(request, typed, "key_out")


@routes.post(_PATH + "/keys/back")
async def key_back(request: web.Request) -> web.Response:
    """It is back."""
    typed = await read_posted(request)
    hub = request.app[HUB]
    try:
        await hub.run(keys.take_key_back, typed.one("loan_id"), staff(request), hub.clock())
    except (NotFound, NotAllowed):
        raise
    except VisiohubError as error:
        return await _show(request, error, typed)
    return _back(request, typed, "key_back")


def _back(request: web.Request, typed: FormData, done: str) -> web.Response:
    own = f"/planning/bookings/{request.match_info['booked_room_id']}"
    return see_other(local_path(typed.one("back"), own), done)
