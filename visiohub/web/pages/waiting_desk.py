"""The waiting list for staff: who waits, offers by hand, answers taken on the telephone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from aiohttp import web

from visiohub.booking import waiting_desk
from visiohub.booking.search import FreeSlot, VenueSlots
from visiohub.booking.waiting_desk import WaitingRow
from visiohub.domain.model import Person
from visiohub.domain.waiting_list import OPEN
from visiohub.errors import NotAllowed, NotFound, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import sentence
from visiohub.web.formats import local
from visiohub.web.i18n import gettext as _
from visiohub.web.inputs import read_posted
from visiohub.web.narrow import narrow
from visiohub.web.public_form import instant_in, instant_text
from visiohub.web.public_words import NEED, WAIT_OF_STAFF
from visiohub.web.render import page, see_other

routes = web.RouteTableDef()


@routes.get("/waiting")
async def listing(request: web.Request) -> web.Response:
    """Who waits, for what, since when."""
    found = await request.app[HUB].read(waiting_desk.rows, staff(request))
    context = {
        "list": narrow(request, found, _words_of),
        "state_words": WAIT_OF_STAFF,
        "done": done_sentence(request),
    }
    return page(request, "waiting/list.html", context)


def _words_of(row: WaitingRow) -> str:
    towns = " ".join(f"{venue.town} {venue.name}" for venue in row.venues)
    return f"{row.entry.initials} {row.partner.short_name} {row.service.name} {towns}"


@routes.get("/waiting/{entry_id}")
async def show(request: web.Request) -> web.Response:
    """One of them: whom to call, and what can be offered."""
    return await _show(request)


async def _show(request: web.Request, error: VisiohubError | None = None) -> web.Response:
    hub, now = request.app[HUB], request.app[HUB].clock()
    row, slots = await hub.read(_read, request.match_info["entry_id"], staff(request), now)
    context: dict[str, Any] = {
        "row": row,
        "word": WAIT_OF_STAFF[row.entry.state],
        "needs": [_(NEED[need]) for need in sorted(row.entry.needs)],
        "venues": [(one.near.venue, _by_day(one)) for one in slots],
        "open": row.entry.state in OPEN,
        "instant": instant_text,
        "wrong": sentence(error) if error else "",
        "done": done_sentence(request),
    }
    return page(request, "waiting/one.html", context, status=error.status if error else 200)


def _read(
    uow: UnitOfWork, entry_id: str, by: Person, now: datetime
) -> tuple[WaitingRow, Sequence[VenueSlots]]:
    row = waiting_desk.show(uow, entry_id, by)
    return row, waiting_desk.free_slots(uow, row, now)


def _by_day(one: VenueSlots) -> list[tuple[date, list[FreeSlot]]]:
    zone = one.near.venue.time_zone
    days = groupby(one.slots, lambda slot: local(slot.starts_at, zone).date())
    return [(day, list(slots)) for day, slots in days]


@routes.post("/waiting/{entry_id}")
async def answer(request: web.Request) -> web.Response:
    """Offer a slot ("instant venue"), note the person's answer, or take them off the list."""
    typed = await read_posted(request)
    hub, entry_id, now = request.app[HUB], request.match_info["entry_id"], request.app[HUB].clock()
    by, version = staff(request), typed.whole("version")
    try:
        match typed.one("do"):
            case "accept":
                use_case = waiting_desk.accept
                booked = await hub.run_hashing(use_case, entry_id, version, by, now)
                return see_other(f"/appointments/{booked.appointment_id}", "booked")
            case "decline":
                await hub.run(waiting_desk.decline, entry_id, version, by, now)
                return see_other(f"/waiting/{entry_id}", "offer_declined")
            case "remove":
                await hub.run(waiting_desk.remove, entry_id, version, by, now)
                return see_other("/waiting", "waiting_removed")
        text, _sep, venue_id = typed.one("offer").partition(" ")
        at = instant_in(text)
        if at is None:
            raise web.HTTPBadRequest
        await hub.run(waiting_desk.offer, entry_id, venue_id, at, version, by, now)
    except (NotFound, NotAllowed):
        raise
    except VisiohubError as error:
        return await _show(request, error)
    return see_other(f"/waiting/{entry_id}", "offered")
