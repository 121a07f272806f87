"""How a venue or a room is opened, booked and shared: for who runs the territory or the venue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from aiohttp import web

from visiohub.booking.rooms.prices import TERRITORY
from visiohub.booking.rooms.refusals import LimitWrong, RulesWrong
from visiohub.booking.rooms.rules import PlaceTerms, place_rules, save_place_rules
from visiohub.booking.rooms.scope import check_manages, manages
from visiohub.domain import hours
from visiohub.domain.booking import PlaceRules
from visiohub.domain.calendar.causes import RefusedError
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import OpeningRules
from visiohub.domain.calendar.public_holidays import HolidayRule, Territory
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import Frequency, Rule
from visiohub.domain.calendar.sharing import Profile, SharedWindow, Sharing
from visiohub.domain.model import Person, Room, Venue
from visiohub.errors import EditedMeanwhile, FieldError, InvalidForm, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web import formats
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later, spoken
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.pages.rooms import lines
from visiohub.web.render import page, see_other
from visiohub.web.room_words import cause_sentence
from visiohub.web.typed import read_time

routes = web.RouteTableDef()

T = TypeVar("T")

MOST_WINDOWS = 6
LIMITS = {
    "notice": later("Prévenir avant (minutes)"),
    "horizon_days": later("Réserver au plus tôt (jours avant)"),
    "buffer_before": later("Battement avant (minutes)"),
    "buffer_after": later("Battement après (minutes)"),
    "shortest": later("Durée la plus courte (minutes)"),
    "longest": later("Durée la plus longue (minutes)"),
    "step": later("Une heure possible toutes les (minutes)"),
}
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


@dataclass(frozen=True)
class Place:
    """What is edited: a venue, or a room of it."""

    rules: PlaceRules
    venue: Venue
    room: Room | None
    classes: tuple[str, ...]
    school_zones: tuple[str, ...]

    @property
    def zone(self) -> ZoneInfo:
        """Of the venue."""
        return hours.zone_of(self.venue.time_zone)


@routes.get("/places")
async def listing(request: web.Request) -> web.Response:
    """Venues and rooms whose rules this person may edit."""
    places = await request.app[HUB].read(_places, staff(request))
    context = {"places": places, "done": done_sentence(request)}
    return page(request, "rooms/places.html", context)


def _places(uow: UnitOfWork, person: Person) -> list[tuple[Venue, list[Room]]]:
    return [
        (venue, list(uow.rooms.list(venue_id=venue.id, active=True)))
        for venue in sorted(uow.venues.list(active=True), key=lambda v: (v.town, v.name))
        if manages(person, venue.id)
    ]


@routes.get("/places/{place_id}")
async def show(request: web.Request) -> web.Response:
    """One place's rules."""
    place = await _place(request)
    return await _page(request, place, spoken(_typed)(place))


@routes.post("/places/{place_id}")
async def save(request: web.Request) -> web.Response:
    """All of them, or nothing and every contradiction named."""
    place, typed, hub = await _place(request), await read_posted(request), request.app[HUB]
    try:
        terms = spoken(_read)(typed, place, hours.local_day(hub.clock(), place.zone))
        version = int(typed.one("version")) if typed.one("version").isdecimal() else 0
        by, now = staff(request), hub.clock()
        await hub.run(save_place_rules, place.rules.id, terms, version, by, now)
    except VisiohubError as error:
        return await _page(request, await _place(request), typed, error)
    return see_other("/places", "saved")


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


def _read(typed: FormData, place: Place, today: date) -> PlaceTerms:
    """Raises InvalidForm for what cannot be read, RulesWrong for a repetition that is none."""
    wrong: list[FieldError] = []
    kept = place.rules.rules

    def number(name: str) -> int | None:
        text = typed.one(name)
        if text and not (text.isascii() and text.lstrip("-").isdecimal() and len(text) < 8):
            wrong.append(FieldError(name, "int_parsing", later("Donnez un nombre entier.")))
            return None
        return int(text) if text else None

    def minutes(name: str) -> timedelta | None:
        found = number(name)
        return None if found is None else timedelta(minutes=found)

    usual = Limits()
    limits = Limits(
        notice=minutes("notice") or usual.notice,
        horizon_days=number("horizon_days"),
        buffer_before=minutes("buffer_before") or usual.buffer_before,
        buffer_after=minutes("buffer_after") or usual.buffer_after,
        shortest=usual.shortest if (short := minutes("shortest")) is None else short,
        longest=minutes("longest"),
        step=usual.step if (step := minutes("step")) is None else step,
    )

    def read(name: str, reader: Callable[[str], T], otherwise: T) -> T:
        try:
            return reader(typed.one(name)) if typed.one(name) else otherwise
        except lines.LineUnreadableError as error:
            wrong.append(error.of_field(name))
            return otherwise

    rules = OpeningRules(
        weekly=read("weekly", lines.read_week, None),
        in_school_holidays=read("in_school_holidays", lines.read_week, None),
        holidays=_holidays(typed, kept.holidays),
        exceptions=read("exceptions", lines.read_exceptions, ()),
        closures=read("closures", lambda text: lines.read_closures(text, place.zone), ()),
    )
    windows = _windows(typed, place, today, wrong)
    if wrong:
        raise InvalidForm(wrong)
    return PlaceTerms(
        rules=rules,
        school_zone=typed.one("school_zone"),
        limits=limits,
        sharing=Sharing(windows),
        needs_approval=typed.one("needs_approval") == "1",
        room_class=typed.one("room_class"),
    )


def _holidays(typed: FormData, kept: HolidayRule | None) -> HolidayRule | None:
    territory = typed.one("territory")
    if territory == "none":
        return None
    others = kept.others if kept else frozenset()
    return HolidayRule(Territory(territory if territory in list(Territory) else ""), others=others)


def _windows(
    typed: FormData, place: Place, today: date, wrong: list[FieldError]
) -> tuple[SharedWindow, ...]:
    found = []
    for n in range(MOST_WINDOWS):
        days = sorted({int(d) for d in typed.many(f"window.{n}.days") if d in "0123456"})
        if not days:
            continue
        opens, closes = (read_time(typed.one(f"window.{n}.{name}")) for name in ("from", "to"))
        ahead = typed.one(f"window.{n}.ahead")
        if not opens or not closes:
            says = later("Donnez deux heures, par exemple 8:00 et 12:00.")
            wrong.append(FieldError(f"window.{n}.from", "time_parsing", says))
            continue
        if ahead and not (ahead.isascii() and ahead.isdecimal() and len(ahead) < 5):
            says = later("Donnez un nombre entier.")
            wrong.append(FieldError(f"window.{n}.ahead", "int_parsing", says))
            continue
        start = _first_day(typed.one(f"window.{n}.since"), days, today)
        try:
            window = Recurrence(
                datetime.combine(start, time.fromisoformat(opens)),
                datetime.combine(start, time.fromisoformat(closes)),
                place.zone,
                Rule(Frequency.WEEKLY, by_day=tuple((0, day) for day in days)),
            )
        except RefusedError as refused:
            raise RulesWrong([refused.cause]) from refused
        first = typed.one(f"window.{n}.first")
        release = timedelta(hours=int(ahead)) if ahead else None
        profile = Profile(first) if first in list(Profile) else Profile.PUBLIC_SERVICE
        found.append(SharedWindow(window, profile, release))
    return tuple(found)


def _first_day(since: str, days: list[int], today: date) -> date:
    """The first named weekday from the day that is kept, or from today on."""
    try:
        start = date.fromisoformat(since)
    except ValueError:
        start = today
    return next(day for n in range(7) if (day := start + timedelta(days=n)).weekday() in days)


def _typed(place: Place) -> FormData:
    """The form with what is kept."""
    kept = place.rules
    rules, limits = kept.rules, kept.limits

    def minutes(span: timedelta | None) -> str:
        return "" if span is None else str(span // timedelta(minutes=1))

    typed = FormData(
        version=str(kept.version),
        school_zone=kept.school_zone,
        room_class=kept.room_class,
        needs_approval="1" if kept.needs_approval else "",
        territory=rules.holidays.territory.value if rules.holidays else "none",
        weekly=lines.write_week(rules.weekly or ()),
        in_school_holidays=lines.write_week(rules.in_school_holidays or ()),
        exceptions=lines.write_exceptions(rules.exceptions),
        closures=lines.write_closures(rules.closures, place.zone),
        horizon_days="" if limits.horizon_days is None else str(limits.horizon_days),
    )
    for name in LIMITS:
        if name != "horizon_days":
            typed[name] = minutes(getattr(limits, name))
    for n, shared in enumerate(kept.sharing.windows):
        at, window = f"window.{n}", shared.window
        typed[f"{at}.from"] = f"{window.starts:%H:%M}"
        typed[f"{at}.to"] = f"{window.ends:%H:%M}"
        typed[f"{at}.since"] = window.starts.date().isoformat()
        typed[f"{at}.first"] = shared.first.value
        typed[f"{at}.ahead"] = "" if shared.release is None else _hours(shared.release)
        days = [day for _n, day in window.rule.by_day] or [window.starts.weekday()]
        typed.extend((f"{at}.days", str(day)) for day in days)
    return typed


def _hours(span: timedelta) -> str:
    return str(span // timedelta(hours=1))


async def _page(
    request: web.Request, place: Place, typed: FormData, error: VisiohubError | None = None
) -> web.Response:
    errors = field_sentences(error) if error else {}
    against: list[str] = []
    if isinstance(error, RulesWrong):
        for cause in error.problems:
            said = cause_sentence(cause, place.venue.time_zone)
            if isinstance(cause, LimitWrong):
                errors[cause.name] = said
            else:
                against.append(said)
    kept = spoken(_typed)(place)
    changed = isinstance(error, EditedMeanwhile)
    if changed:
        typed["version"] = kept.one("version")
    labels = _labels()
    context: dict[str, Any] = {
        "place": place,
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
        "windows": _shown_windows(typed),
        "week_line": _(lines.WEEK_LINE),
        "exception_line": _(lines.EXCEPTION_LINE),
        "closure_line": _(lines.CLOSURE_LINE),
    }
    return page(request, "rooms/rules.html", context, status=error.status if error else 200)


def _shown_windows(typed: FormData) -> list[int]:
    filled = [n for n in range(MOST_WINDOWS) if typed.many(f"window.{n}.days")]
    return [n for n in range(MOST_WINDOWS) if n in filled or n == max(filled, default=-1) + 1]


def _labels() -> dict[str, str]:
    return {
        "room_class": _("Classe de la grille des tarifs"),
        "needs_approval": _("Le lieu donne son accord à chaque réservation"),
        "territory": _("Jours fériés"),
        "school_zone": _("Zone des vacances scolaires"),
        "weekly": _("Horaires de la salle"),
        "in_school_holidays": _("Horaires pendant les vacances scolaires"),
        "exceptions": _("Jours exceptionnels"),
        "closures": _("Fermetures"),
        **{name: _(text) for name, text in LIMITS.items()},
    }
