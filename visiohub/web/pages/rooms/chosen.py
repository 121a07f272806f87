"""What the page of a new booking shows of what was chosen: rooms, times, the price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from visiohub.booking.rooms import book, choices, lists
from visiohub.booking.rooms.book import Offer, RoomTerms, SeriesOffer
from visiohub.booking.rooms.choices import OfferedPlace
from visiohub.booking.rooms.forms import BookingForm, SeriesForm
from visiohub.booking.rooms.prices import rules_text
from visiohub.domain.booking import Membership
from visiohub.domain.model import Person
from visiohub.errors import VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.far_ends import far_end, names, people
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import ngettext
from visiohub.web.inputs import FormData
from visiohub.web.pages.rooms.lengths import read_length
from visiohub.web.pages.rooms.terms import VenueRule, venue_rules
from visiohub.web.pages.rooms.times import Times, times
from visiohub.web.room_words import BOOKS_AS, span_words
from visiohub.web.typed import read_day

SHOWN = 40
"""Rooms to choose from at a time; a word finds the others."""


@dataclass(frozen=True)
class Chosen:
    """What the page shows of what was chosen; None: not chosen yet, or refused by `error`."""

    accounts: list[tuple[str, str]]
    rooms: list[tuple[str, list[tuple[str, str]]]]
    left_out: int
    """Rooms that are not shown; a word finds them."""
    has_passes: bool
    far_ends: list[str]
    """Names of towns to be suggested."""
    far_unknown: bool
    """The place that was typed is none that is known."""
    names: dict[str, str]
    zone: str
    times: Times | None = None
    offer: Offer | None = None
    series: SeriesOffer | None = None
    when: str = ""
    rules: tuple[VenueRule, ...] = ()
    shown_rules: str = ""
    """The same, as BookingForm's."""
    error: VisiohubError | None = None


def chosen(
    uow: UnitOfWork, person: Person, typed: FormData, form: BookingForm | None, now: datetime
) -> Chosen:
    """What is found of what was `typed`, which is put right: the first account, known rooms, a day
    with a free time. With a `form`, its price."""
    own = list(lists.own_accounts(uow, person))
    if typed.one("account") not in {a.id for a in own} and own:
        typed["account"] = own[0].id
    account = next((a for a in own if a.id == typed.one("account")), None)
    offered = choices.offered_rooms(uow, account) if account else []
    ticked = _ticked(typed, offered)
    shown, left_out = _shown(offered, ticked, typed.one("word"))
    fields: dict[str, Any] = {
        "accounts": [(a.id, _account_name(uow, a)) for a in own],
        "rooms": shown,
        "left_out": left_out,
        "has_passes": bool(account and any(p.left for p in account.standing.passes)),
        "far_ends": names(p.venue for p in offered),
        "far_unknown": bool(typed.one("far")) and far_end(uow, typed.one("far")) is None,
        "names": {p.room.id: f"{p.venue.town}, {p.room.name}" for p in offered},
        "zone": ticked[0].venue.time_zone if ticked else uow.settings.time_zone,
    }
    if account and ticked:
        try:
            fields |= _times_and_price(uow, account, typed, form, person, now)
        except VisiohubError as error:
            fields["error"] = error
    return Chosen(**fields)


def _ticked(typed: FormData, offered: list[OfferedPlace]) -> list[OfferedPlace]:
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
    day, visio = read_day(typed.one("day")), typed.one("visio") == "1"
    found = times(uow, room_ids, account.id, length, day, person, now, visio=visio)
    typed["day"] = found.day.isoformat()
    if typed.one("slot") not in {time.value for time in found.times}:
        typed["slot"] = ""
    if form is None:
        return {"times": found}
    saved: dict[str, Any] = {}
    if far := far_end(uow, typed.one("far")):
        saved = {"far_end": far, "participants": people(typed.one("people")) or 1}
    if isinstance(form, SeriesForm):
        series = book.quote_series(uow, form, person, now, **saved)
        return {"times": found, "series": series, **_rules(series.rooms)}
    offer = book.quote(uow, form, person, now, **saved)
    zone = uow.venues.get(uow.rooms.get(room_ids[0]).venue_id).time_zone
    return {
        "times": found,
        "offer": offer,
        "when": span_words(*offer.span, zone),
        **_rules([room.terms for room in offer.rooms]),
    }


def _rules(terms: Sequence[RoomTerms]) -> dict[str, Any]:
    """What cancelling costs, in words and as the form sends it back."""
    return {
        "rules": venue_rules((one.venue, one.cancellation) for one in terms),
        "shown_rules": rules_text(one.cancellation for one in terms),
    }
