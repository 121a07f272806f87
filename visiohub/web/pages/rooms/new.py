"""Book rooms in four steps: which and how long, when, the price with how it was made, done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from visiohub.booking.forms import read_form
from visiohub.booking.rooms import book, choices, lists
from visiohub.booking.rooms.book import Offer, SeriesOffer
from visiohub.booking.rooms.choices import OfferedPlace
from visiohub.booking.rooms.forms import BookingForm, SeriesForm
from visiohub.booking.rooms.refusals import NotBookable
from visiohub.domain.booking import MOST_ROOMS, Membership
from visiohub.domain.model import Person
from visiohub.errors import RoomTaken, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, staff
from visiohub.web.error_pages import field_sentences, say_when, sentence
from visiohub.web.far_ends import FAR_ENDS
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later, ngettext, spoken
from visiohub.web.inputs import FormData, not_a_day, read_posted
from visiohub.web.pages.rooms.lengths import USUAL, length_options, read_length
from visiohub.web.pages.rooms.times import times
from visiohub.web.render import page, see_other
from visiohub.web.room_words import BOOKS_AS, cause_sentence, rule_words, span_words
from visiohub.web.typed import read_day

routes = web.RouteTableDef()

SHOWN = 40
"""Rooms to choose from at a time; a word finds the others."""
REPEATS = {
    "FREQ=WEEKLY": later("Chaque semaine"),
    "FREQ=WEEKLY;INTERVAL=2": later("Toutes les deux semaines"),
    "FREQ=WEEKLY;INTERVAL=4": later("Toutes les quatre semaines"),
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR": later("Chaque jour de la semaine"),
}


@routes.get("/bookings/new")
async def new_page(request: web.Request) -> web.Response:
    """Which rooms, and how long."""
    typed = FormData(length=USUAL, people="1")
    for name in ("account", "room_ids"):
        if request.query.get(name):
            typed[name] = request.query[name]
    return await _page(request, typed)


@routes.post("/bookings/new")
async def new(request: web.Request) -> web.Response:
    """Show times, then the price, or book. Whatever was chosen comes back."""
    typed = await read_posted(request)
    errors = _turn_to_day(typed)
    if errors or not ("price" in typed or "book" in typed):
        return await _page(request, typed, errors=errors)
    hub, person = request.app[HUB], staff(request)
    try:
        form = _form(typed)
        if "book" not in typed:
            return await _page(request, typed, form=form)
        if isinstance(form, SeriesForm):
            await hub.run(book.book_series, form, person, hub.clock())
            return see_other("/bookings", "series_booked")
        made = await hub.run(book.book, form, person, hub.clock())
    except VisiohubError as error:
        return say_when(await _page(request, typed, error=error), error)
    return see_other(f"/bookings/{made.booking.id}", "room_booked")


def _turn_to_day(typed: FormData) -> dict[str, str]:
    """Make `day` the one that was pressed or typed; what is wrong with it, by field."""
    if typed.one("show_day"):
        typed["day"], typed["other_day"] = typed.one("show_day"), ""
        typed.pop("slot", None)
    if typed.one("other_day"):
        day = read_day(typed.one("other_day"))
        if day is None:
            return {"other_day": not_a_day()}
        typed["day"], typed["other_day"] = day.isoformat(), ""
        typed.pop("slot", None)
    return {}


def _form(typed: FormData) -> BookingForm | SeriesForm:
    """Raises InvalidForm."""
    starts, _dash, ends = typed.one("slot").partition("-")
    data: dict[str, object] = {
        "membership_id": typed.one("account"),
        "room_ids": typed.many("room_ids"),
        "day": typed.one("day"),
        "starts": starts,
        "ends": ends,
        "visio": typed.one("visio") == "1",
        "uses_passes": typed.one("keep_pass") != "1",
    }
    if typed.one("repeat") not in REPEATS:
        return read_form(BookingForm, data)
    data["rule"] = f"{typed.one('repeat')};COUNT={typed.one('times') or 1}"
    data["only_free"] = typed.one("book") == "free"
    return read_form(SeriesForm, data)


async def _page(
    request: web.Request,
    typed: FormData,
    *,
    form: BookingForm | None = None,
    errors: dict[str, str] | None = None,
    error: VisiohubError | None = None,
) -> web.Response:
    hub, person = request.app[HUB], staff(request)
    found = await hub.read(spoken(_found), person, typed, form, hub.clock())
    refusal = error or found.error
    errors = errors or {}
    if refusal is not None:
        errors |= field_sentences(refusal)
    if {"starts", "ends"} & errors.keys():
        errors["slot"] = errors.pop("starts", "") or errors.pop("ends", "")
        if not typed.one("slot"):
            errors["slot"] = _("Choisissez une heure libre.")
        errors.pop("ends", None)
    if isinstance(refusal, RoomTaken):
        errors = {"slot": sentence(refusal)}
    status = refusal.status if refusal else 422 if errors else 200
    wrong = sentence(refusal) if refusal else next(iter(errors.values()), "")
    context = {
        "found": found,
        "typed": typed,
        "errors": errors,
        "wrong": wrong,
        "against": _against(refusal, found),
        "labels": _labels(),
        "lengths": length_options(),
        "far_ends": [(key, name) for key, (name, _at) in FAR_ENDS.items()],
        "repeats": [(rule, _(text)) for rule, text in REPEATS.items()],
        "most_rooms": MOST_ROOMS,
        "may_set_up": person.roles & {"administrator", "coordinator"},
    }
    return page(request, "rooms/new.html", context, status=status)


def _labels() -> dict[str, str]:
    return {
        "account": _("Compte"),
        "room_ids": _("Salles"),
        "other_day": _("Autre jour"),
        "slot": _("Heure"),
    }


@dataclass(frozen=True)
class Found:
    """What the page shows of what was chosen; None: not chosen yet, or refused by `error`."""

    accounts: list[tuple[str, str]]
    rooms: list[tuple[str, list[tuple[str, str]]]]
    left_out: int
    """Rooms that are not shown; a word finds them."""
    has_passes: bool
    names: dict[str, str]
    zone: str
    times: Any = None
    offer: Offer | None = None
    series: SeriesOffer | None = None
    when: str = ""
    rule: tuple[str, ...] = ()
    error: VisiohubError | None = None


def _found(
    uow: UnitOfWork, person: Person, typed: FormData, form: BookingForm | None, now: datetime
) -> Found:
    own = list(lists.own_accounts(uow, person))
    if typed.one("account") not in {a.id for a in own} and own:
        typed["account"] = own[0].id
    account = next((a for a in own if a.id == typed.one("account")), None)
    offered = choices.offered_rooms(uow, account) if account else []
    chosen = _chosen(typed, offered)
    shown, left_out = _shown(offered, chosen, typed.one("word"))
    fields: dict[str, Any] = {
        "accounts": [(a.id, _account_name(uow, a)) for a in own],
        "rooms": shown,
        "left_out": left_out,
        "has_passes": bool(account and any(p.left for p in account.standing.passes)),
        "names": {p.room.id: f"{p.venue.town}, {p.room.name}" for p in offered},
        "zone": chosen[0].venue.time_zone if chosen else uow.settings.time_zone,
    }
    if account and chosen:
        try:
            fields |= _times_and_price(uow, account, typed, form, person, now)
        except VisiohubError as error:
            fields["error"] = error
    return Found(**fields)


def _chosen(typed: FormData, offered: list[OfferedPlace]) -> list[OfferedPlace]:
    """The rooms that are ticked and that this account has a price for."""
    known = {p.room.id: p for p in offered}
    ids = dict.fromkeys(i for i in typed.many("room_ids") if i in known)
    typed.popall("room_ids", None)
    typed.extend([("room_ids", i) for i in ids])
    return [known[i] for i in ids]


def _shown(
    offered: list[OfferedPlace], chosen: list[OfferedPlace], word: str
) -> tuple[list[tuple[str, list[tuple[str, str]]]], int]:
    """By venue; what is ticked stays, whatever the word."""
    ticked = {p.room.id for p in chosen}
    fit = [
        p
        for p in offered
        if p.room.id in ticked
        or word.casefold() in f"{p.venue.town} {p.venue.name} {p.venue.postcode}".casefold()
    ]
    kept = [p for n, p in enumerate(fit) if n < SHOWN or p.room.id in ticked]
    groups: dict[str, list[tuple[str, str]]] = {}
    for p in kept:
        seats = ngettext("%(n)s place assise", "%(n)s places assises", p.room.capacity)
        text = ", ".join(filter(None, (p.room.name, seats, p.room.equipment)))
        groups.setdefault(f"{p.venue.town}, {p.venue.name}", []).append((p.room.id, text))
    return list(groups.items()), len(offered) - len(kept)


def _account_name(uow: UnitOfWork, account: Membership) -> str:
    payer = uow.organisations.find(account.organisation_id)
    who = payer.name if payer else _("Je paie")
    return f"{who}, {account.profile} ({_(BOOKS_AS[account.books_as])})"


def _times_and_price(
    uow: UnitOfWork,
    account: Membership,
    typed: FormData,
    form: BookingForm | None,
    person: Person,
    now: datetime,
) -> dict[str, Any]:
    room_ids, length = typed.many("room_ids"), read_length(typed.one("length"))
    found = times(uow, room_ids, account.id, length, read_day(typed.one("day")), person, now)
    typed["day"] = found.day.isoformat()
    if typed.one("slot") not in {time.value for time in found.times}:
        typed["slot"] = ""
    if form is None:
        return {"times": found}
    if isinstance(form, SeriesForm):
        return {"times": found, "series": book.quote_series(uow, form, person, now)}
    far = FAR_ENDS.get(typed.one("far"))
    people = typed.one("people")[:3]
    offer = book.quote(
        uow,
        form,
        person,
        now,
        far_end=far[1] if far else None,
        participants=max(1, int(people)) if people.isascii() and people.isdecimal() else 1,
    )
    zone = uow.venues.get(uow.rooms.get(room_ids[0]).venue_id).time_zone
    return {
        "times": found,
        "offer": offer,
        "when": span_words(*offer.span, zone),
        "rule": tuple(rule_words(offer.rooms[0].cancellation)),
    }


def _against(refusal: VisiohubError | None, found: Found) -> list[str]:
    """Every rule that is against it, in words."""
    causes = refusal.causes if isinstance(refusal, NotBookable) else {}
    if found.offer is not None:
        causes = causes or {r.room_id: r.causes for r in found.offer.rooms if r.causes}
    return [
        _("%(room)s : %(said)s", room=found.names.get(room_id, ""), said=said)
        for room_id, some in causes.items()
        for said in dict.fromkeys(cause_sentence(c, found.zone) for c in some)
    ]
