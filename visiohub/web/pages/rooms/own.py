"""One's own bookings: list, look, move, cancel, say that one is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from visiohub.booking.forms import read_form
from visiohub.booking.rooms import attendance, changes, lists, visio
from visiohub.booking.rooms.choices import length_of
from visiohub.booking.rooms.forms import WhenForm
from visiohub.booking.rooms.lists import BookingRow
from visiohub.booking.rooms.refusals import NotBookable, PriceChanged
from visiohub.domain import hours
from visiohub.domain.booking import Membership, RoomState
from visiohub.domain.model import Person
from visiohub.domain.tariff.money import totals
from visiohub.domain.tariff.months import Month
from visiohub.errors import EditedMeanwhile, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.formats import local
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import spoken
from visiohub.web.inputs import FormData, not_a_day, read_posted
from visiohub.web.pages.rooms.terms import venue_rules
from visiohub.web.pages.rooms.times import Times, read_slot, times
from visiohub.web.render import page, see_other
from visiohub.web.room_words import ROOM_STATE, cause_sentence, span_words
from visiohub.web.typed import read_day

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


async def _row(request: web.Request) -> BookingRow:
    """The booking of the address. Raises NotFound, also for somebody else's."""
    hub = request.app[HUB]
    return await hub.read(lists.show, request.match_info["booking_id"], staff(request))


@routes.get("/bookings/{booking_id}")
async def show(request: web.Request) -> web.Response:
    """One booking, and what can be done with it."""
    return await _show(request)


async def _show(request: web.Request, error: VisiohubError | None = None) -> web.Response:
    row, now = await _row(request), request.app[HUB].clock()
    settled = row.if_cancelled(now)
    context = {
        "row": row,
        "when": span_words(row.booking.starts_at, row.booking.ends_at, row.zone),
        "stays": totals(amount for s in settled for amount in s.kept),
        "for_somebody": row.membership.person_id != staff(request).id,
        "rules": venue_rules((r.venue.name, r.booked.cancellation) for r in row.rooms),
        "may_cancel": row.may_cancel(now),
        "may_move": row.may_move() and row.booking.starts_at > now,
        "may_come": _may_come(row, now, staff(request)),
        "may_call": now < row.booking.ends_at and await _hosts(request, row),
        "release_minutes": request.app[HUB].settings.room_release_minutes,
        "names": _names(row),
        "room_words": ROOM_STATE,
        "wrong": sentence(error) if error else "",
        "done": done_sentence(request),
    }
    return page(request, "rooms/show.html", context, status=error.status if error else 200)


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
    """Je suis là, in one of its rooms."""
    row, hub = await _row(request), request.app[HUB]
    typed = await read_posted(request)
    try:
        room_id = typed.one("room_id")
        here = row.booking.id, room_id, staff(request)
        await hub.run(attendance.check_in_at_door, *here, hub.clock())
    except VisiohubError as error:
        return await _show(request, error)
    return see_other(f"/bookings/{row.booking.id}", "came")


@routes.post("/bookings/{booking_id}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """Annuler la réservation."""
    row, hub = await _row(request), request.app[HUB]
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


@routes.get("/bookings/{booking_id}/move")
async def move_page(request: web.Request) -> web.Response:
    """Choose another time in the same rooms."""
    row = await _row(request)
    day = local(row.booking.starts_at, row.zone).date()
    typed = FormData(day=day.isoformat(), version=str(row.booking.version))
    return await _move(request, row, typed)


@routes.post("/bookings/{booking_id}/move")
async def move(request: web.Request) -> web.Response:
    """Show other days, or move."""
    row, hub = await _row(request), request.app[HUB]
    typed = await read_posted(request)
    if typed.one("show_day"):
        typed["day"] = typed.one("show_day")
    elif typed.one("other_day"):
        day = read_day(typed.one("other_day"))
        if day is None:
            return await _move(request, row, typed, no_day=not_a_day())
        typed["day"], typed["other_day"] = day.isoformat(), ""
    if "book" not in typed:
        return await _move(request, row, typed)
    data = {
        "room_ids": [r.room.id for r in row.rooms],
        "day": typed.one("day"),
        **read_slot(typed.one("slot")),
        "shown_total": typed.one("shown_total") or row.totals.total,
    }
    try:
        form, version = read_form(WhenForm, data), typed.whole("version")
        await hub.run(changes.move, row.booking.id, form, version, staff(request), hub.clock())
    except VisiohubError as error:
        return await _move(request, await _row(request), typed, error)
    return see_other(f"/bookings/{row.booking.id}", "room_moved")


async def _move(
    request: web.Request,
    row: BookingRow,
    typed: FormData,
    error: VisiohubError | None = None,
    *,
    no_day: str = "",
) -> web.Response:
    hub = request.app[HUB]
    room_ids = [r.room.id for r in row.rooms]
    span = row.booking.starts_at, row.booking.ends_at
    try:
        length = await hub.read(length_of, room_ids[0], span)
        found: Times | None = await hub.read(
            spoken(times),
            room_ids,
            row.membership.id,
            length,
            read_day(typed.one("day")),
            staff(request),
            hub.clock(),
            [r.booked.owner for r in row.rooms],
            visio=row.booking.visio,
            moved=row.booking.id,
        )
    except VisiohubError as refused:
        found, error = None, error or refused
    errors = field_sentences(error) if error else {}
    if {"starts", "ends"} & errors.keys():
        errors = {"slot": _("Choisissez une heure libre.")}
    if no_day:
        errors["other_day"] = no_day
    slot = typed.one("slot")
    chosen = next((one.text for one in found.times if one.value == slot), slot) if found else slot
    dearer = error if isinstance(error, PriceChanged) else None
    changed = isinstance(error, EditedMeanwhile)
    if changed:  # both versions are on the page: what is kept above, what was chosen below
        typed["version"] = str(row.booking.version)
    context: dict[str, Any] = {
        "row": row,
        "times": found,
        "typed": typed,
        "errors": errors,
        "wrong": sentence(error) if error else no_day,
        "against": _against(error, row),
        "chosen": chosen if changed else "",
        "priced": dearer and list(zip(room_ids, dearer.quotes, strict=True)),
        "totals": dearer.totals if dearer else row.totals,
        "names": _names(row),
        "labels": {"slot": _("Heure"), "other_day": _("Autre jour")},
        "when": span_words(row.booking.starts_at, row.booking.ends_at, row.zone),
    }
    status = error.status if error else 422 if no_day else 200
    return page(request, "rooms/move.html", context, status=status)


def _names(row: BookingRow) -> dict[str, str]:
    return {r.room.id: f"{r.venue.town}, {r.room.name}" for r in row.rooms}


def _against(error: VisiohubError | None, row: BookingRow) -> list[str]:
    if not isinstance(error, NotBookable):
        return []
    said = (cause_sentence(c, row.zone) for some in error.causes.values() for c in some)
    return list(dict.fromkeys(said))
