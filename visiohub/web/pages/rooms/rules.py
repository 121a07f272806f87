"""How a venue or a room is opened, booked and shared: for who runs the territory or the venue."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from visiohub.booking.rooms.prices import TERRITORY
from visiohub.booking.rooms.refusals import LimitWrong, RulesWrong
from visiohub.booking.rooms.rules import place_rules, save_place_rules
from visiohub.booking.rooms.scope import check_manages, manages
from visiohub.booking.rooms.shut_over import shut_over
from visiohub.domain import hours
from visiohub.domain.booking import desk_of
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.calendar.opening_checks import (
    ClosureBackwards,
    DayTwice,
    NeverWithVenue,
    OpenInClosure,
    RangeBackwards,
    RangesOverlap,
)
from visiohub.domain.calendar.public_holidays import Territory
from visiohub.domain.calendar.sharing import Profile
from visiohub.domain.model import Person, Room, Venue
from visiohub.errors import EditedMeanwhile, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web import formats
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later, spoken
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.pages.rooms import lines
from visiohub.web.pages.rooms.rule_form import (
    LIMITS,
    Place,
    read_terms,
    shown_windows,
    typed_terms,
)
from visiohub.web.render import page, see_other
from visiohub.web.room_words import cause_sentence
from visiohub.web.scope import OVERSEERS

routes = web.RouteTableDef()

TERRITORIES = {
    Territory.METROPOLE: later("Métropole"),
    Territory.ALSACE_MOSELLE: later("Alsace-Moselle"),
    Territory.GUADELOUPE: later("Guadeloupe"),
    Territory.MARTINIQUE: later("Martinique"),
    Territory.GUYANE: later("Guyane"),
    Territory.REUNION: later("La Réunion"),
    Territory.MAYOTTE: later("Mayotte"),
    Territory.SAINT_BARTHELEMY: later("Saint-Barthélemy"),
    Territory.SAINT_MARTIN: later("Saint-Martin"),
    Territory.NOUVELLE_CALEDONIE: later("Nouvelle-Calédonie"),
    Territory.POLYNESIE: later("Polynésie française"),
    Territory.SAINT_PIERRE_ET_MIQUELON: later("Saint-Pierre-et-Miquelon"),
    Territory.WALLIS_ET_FUTUNA: later("Wallis-et-Futuna"),
}
FIRST = {
    Profile.PUBLIC_SERVICE: later("aux services publics d’abord"),
    Profile.PROFESSIONAL: later("aux professionnels d’abord"),
}


@routes.get("/places")
async def listing(request: web.Request) -> web.Response:
    """Venues and rooms whose rules this person may edit."""
    person = staff(request)
    context = {
        "places": await request.app[HUB].read(_places, person),
        "loads_holidays": not OVERSEERS.isdisjoint(person.roles),
        "done": done_sentence(request),
    }
    return page(request, "rooms/places.html", context)


def _places(uow: UnitOfWork, person: Person) -> list[tuple[Venue, str, list[Room]]]:
    """Each venue with its desk's id and its rooms."""
    return [
        (venue, desk_of(venue.id), list(uow.rooms.list(venue_id=venue.id, active=True)))
        for venue in sorted(uow.venues.list(active=True), key=lambda v: (v.town, v.name))
        if manages(person, venue.id)
    ]


@routes.get("/places/{place_id}")
async def show(request: web.Request) -> web.Response:
    """One place's rules."""
    place = await _place(request)
    return await _page(request, place, spoken(typed_terms)(place))


@routes.post("/places/{place_id}")
async def save(request: web.Request) -> web.Response:
    """All of them, or nothing and every contradiction named."""
    place, typed, hub = await _place(request), await read_posted(request), request.app[HUB]
    try:
        terms = spoken(read_terms)(typed, place, hours.local_day(hub.clock(), place.zone))
        version = typed.whole("version")
        by, now = staff(request), hub.clock()
        await hub.run(save_place_rules, place.rules.id, terms, version, by, now)
    except VisiohubError as error:
        return await _page(request, await _place(request), typed, error)
    left = await hub.read(shut_over, place.rules.id, by, now)
    return see_other(f"/places/{place.rules.id}" if left else "/places", "saved")


async def _place(request: web.Request) -> Place:
    """Of the address. Raises NotFound, NotAllowed."""

    def read(uow: UnitOfWork) -> Place:
        kept = place_rules(uow, request.match_info["place_id"])
        check_manages(staff(request), kept.venue_id)
        prices = uow.price_lists.find(kept.venue_id) or uow.price_lists.find(TERRITORY)
        return Place(
            kept,
            uow.venues.get(kept.venue_id),
            uow.rooms.find(kept.room_id),
            prices.grid.room_classes if prices else (),
            tuple(zone.id for zone in uow.school_holidays.list()),
        )

    return await request.app[HUB].read(read)


async def _page(
    request: web.Request, place: Place, typed: FormData, error: VisiohubError | None = None
) -> web.Response:
    errors = field_sentences(error) if error else {}
    against: list[str] = []
    if isinstance(error, RulesWrong):
        for cause in error.problems:
            said = cause_sentence(cause, place.venue.time_zone)
            field = _field_of(cause, place)
            if field in errors:
                errors[field] += " " + said
            elif field:
                errors[field] = said
            else:
                against.append(said)
    kept = spoken(typed_terms)(place)
    changed = isinstance(error, EditedMeanwhile)
    if changed:
        typed["version"] = kept.one("version")
    labels = _labels()
    hub = request.app[HUB]
    context: dict[str, Any] = {
        "place": place,
        "sets_prices": not OVERSEERS.isdisjoint(staff(request).roles),
        "left": await hub.read(shut_over, place.rules.id, staff(request), hub.clock()),
        "done": done_sentence(request),
        "typed": typed,
        "errors": errors,
        "wrong": sentence(error) if error else "",
        "against": against,
        "meanwhile": [
            (label, kept.one(name))
            for name, label in labels.items()
            if changed and kept.one(name) != typed.one(name)
        ],
        "labels": labels,
        "classes": [(name, name) for name in place.classes],
        "school_zones": [(name, name) for name in place.school_zones],
        "limits": [(name, _(text)) for name, text in LIMITS.items()],
        "territories": [("none", _("Ouvert les jours fériés"))]
        + [(one.value, _(text)) for one, text in TERRITORIES.items()],
        "first": [(profile.value, _(text)) for profile, text in FIRST.items()],
        "weekdays": [(str(n), formats.weekday(n)) for n in range(7)],
        "windows": shown_windows(typed),
        "week_line": _(lines.WEEK_LINE),
        "exception_line": _(lines.EXCEPTION_LINE),
        "closure_line": _(lines.CLOSURE_LINE),
    }
    return page(request, "rooms/rules.html", context, status=error.status if error else 200)


def _field_of(cause: Cause, place: Place) -> str:
    """Where the form shows it; empty: above."""
    match cause:
        case LimitWrong(name=name):
            return name
        case NeverWithVenue():
            return "weekly"
        case RangeBackwards(day=day) | RangesOverlap(day=day):
            in_week = "in_school_holidays" if place.rules.is_venue else "weekly"
            return in_week if isinstance(day, int) else "exceptions"
        case DayTwice() | OpenInClosure():
            return "exceptions"
        case ClosureBackwards():
            return "closures"
    return ""


def _labels() -> dict[str, str]:
    return {
        "room_class": _("Classe de la grille des tarifs"),
        "needs_approval": _("Le lieu donne son accord à chaque réservation"),
        "territory": _("Jours fériés"),
        "school_zone": _("Zone des vacances scolaires"),
        "weekly": _("Horaires de la semaine"),
        "in_school_holidays": _("Horaires pendant les vacances scolaires"),
        "exceptions": _("Jours exceptionnels"),
        "closures": _("Fermetures"),
        **{name: _(text) for name, text in LIMITS.items()},
    }
