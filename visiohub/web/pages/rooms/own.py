"""One's own bookings: list, look, cancel, say that one is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from visiohub.booking.planning import doors
from visiohub.booking.rooms import attendance, changes, lists, visio
from visiohub.booking.rooms.lists import BookingRow
from visiohub.domain import hours
from visiohub.domain.booking import Membership, RoomState
from visiohub.domain.model import Person
from visiohub.domain.tariff.money import totals
from visiohub.domain.tariff.months import Month
from visiohub.errors import VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import say_when, sentence
from visiohub.web.inputs import read_posted
from visiohub.web.pages.rooms.terms import venue_rules
from visiohub.web.render import page, see_other
from visiohub.web.room_words import ROOM_STATE, span_words

routes = web.RouteTableDef()

_BY_VENUE = {"venue": True, "person": False}
BACK, AHEAD = timedelta(days=62), timedelta(days=800)


@dataclass(frozen=True)
class AccountRow:
    """One's account, as the list shows it."""

    account: Membership
    payer: str
    """Empty: the person pays alone."""


@routes.get("/bookings")
async def listing(request: web.Request) -> web.Response:
    """What comes, what was, and the accounts that it goes on."""
    hub, person = request.app[HUB], staff(request)
    now = hub.clock()
    rows = await hub.read(lists.own_bookings, person, now - BACK, now + AHEAD)
    today = hours.local_day(now, hours.zone_of(hub.settings.time_zone))
    this_month = Month.of(today)
    context = {
        "coming": [row for row in rows if _is_coming(row, now)],
        "past": [row for row in reversed(rows) if not _is_coming(row, now)],
        "accounts": await hub.read(_accounts, person),
        "months": (this_month, Month.of(this_month.first() - timedelta(days=1))),
        "room_words": ROOM_STATE,
        "done": done_sentence(request),
    }
    return page(request, "rooms/own.html", context)


def _is_coming(row: BookingRow, now: datetime) -> bool:
    over = {RoomState.CANCELLED, RoomState.REFUSED, RoomState.NO_SHOW}
    return row.booking.ends_at > now and any(r.booked.state not in over for r in row.rooms)


def _accounts(uow: UnitOfWork, person: Person) -> list[AccountRow]:
    found = lists.own_accounts(uow, person)
    payers = uow.organisations.by_ids([a.organisation_id for a in found])
    return [
        AccountRow(a, payers[a.organisation_id].name if a.organisation_id else "") for a in found
    ]


async def booking_of(request: web.Request) -> BookingRow:
    """The booking of the address. Raises NotFound, also for somebody else's."""
    hub = request.app[HUB]
    return await hub.read(lists.show, request.match_info["booking_id"], staff(request))


@routes.get("/bookings/{booking_id}")
async def show(request: web.Request) -> web.Response:
    """One booking, and what can be done with it."""
    return await _show(request)


async def _show(request: web.Request, error: VisiohubError | None = None) -> web.Response:
    row, hub = await booking_of(request), request.app[HUB]
    now = hub.clock()
    may_come = _may_come(row, now, staff(request))
    told = await hub.read(_told_by, row, now)
    screens = await hub.read(lambda uow: uow.doors.by_ids([r.room.id for r in row.rooms]))
    settled = row.if_cancelled(now)
    context = {
        "row": row,
        "when": span_words(row.booking.starts_at, row.booking.ends_at, row.zone),
        "stays": totals(amount for s in settled for amount in s.kept),
        "for_somebody": row.membership.person_id != staff(request).id,
        "rules": venue_rules((r.venue.name, r.booked.cancellation) for r in row.rooms),
        "may_cancel": row.may_cancel(now),
        "may_move": row.may_move() and row.booking.starts_at > now,
        "may_come": may_come,
        "told_by": told,
        "screens": screens,
        "freed": any(told[i] is not attendance.ToldBy.NOBODY for i in may_come),
        "may_call": now < row.booking.ends_at and await _hosts(request, row),
        "release_minutes": hub.settings.room_release_minutes,
        "names": room_names(row),
        "room_words": ROOM_STATE,
        "wrong": sentence(error) if error else "",
        "done": done_sentence(request),
    }
    answer = page(request, "rooms/show.html", context, status=error.status if error else 200)
    return say_when(answer, error) if error else answer


def _told_by(uow: UnitOfWork, row: BookingRow, now: datetime) -> dict[str, attendance.ToldBy]:
    """By id of the room."""
    starts_at = row.booking.starts_at
    return {r.room.id: attendance.told_by(uow, r.booked, starts_at, now) for r in row.rooms}


async def _hosts(request: web.Request, row: BookingRow) -> bool:
    """Whether one answers the rooms of this booking, which has a visio."""
    return await request.app[HUB].read(visio.is_host, staff(request), row.booking.id)


def _may_come(row: BookingRow, now: datetime, person: Person) -> list[str]:
    """Ids of the rooms in which one may say that one is here."""
    if row.membership.person_id != person.id:
        return []
    if not row.booking.starts_at - attendance.EARLY <= now < row.booking.ends_at:
        return []
    return [r.room.id for r in row.rooms if r.booked.state is RoomState.CONFIRMED]


@routes.post("/bookings/{booking_id}/here")
async def come(request: web.Request) -> web.Response:
    """Je suis là, with what the screen beside one of its rooms shows."""
    row, hub = await booking_of(request), request.app[HUB]
    typed = await read_posted(request)
    try:
        here = row.booking.id, typed.one("room_id"), typed.one("code"), staff(request)
        await hub.run(doors.check_in_from_own_page, *here, hub.clock())
    except VisiohubError as error:
        return await _show(request, error)
    return see_other(f"/bookings/{row.booking.id}", "came")


@routes.post("/bookings/{booking_id}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """Annuler la réservation."""
    row, hub = await booking_of(request), request.app[HUB]
    typed = await read_posted(request)
    try:
        version = typed.whole("version")
        await hub.run(
            changes.cancel,
            row.booking.id,
            version,
            staff(request),
            hub.clock(),
            by_venue=_BY_VENUE.get(typed.one("cancelled_by")),
        )
    except VisiohubError as error:
        return await _show(request, error)
    return see_other(f"/bookings/{row.booking.id}", "room_cancelled")


def room_names(row: BookingRow) -> dict[str, str]:
    """Town and name by id of the room."""
    return {r.room.id: f"{r.venue.town}, {r.room.name}" for r in row.rooms}
