"""Book rooms in four steps: which and how long, when, the price with how it was made, done."""

from __future__ import annotations

from datetime import date

from aiohttp import web

from visiohub.booking.forms import read_form
from visiohub.booking.rooms import book
from visiohub.booking.rooms.forms import BookingForm, SeriesForm
from visiohub.booking.rooms.refusals import (
    DatesClash,
    NotBookable,
    PriceChanged,
    RulesChanged,
    SeriesWrong,
)
from visiohub.booking.rooms.writing import Booked
from visiohub.domain.booking import MOST_ROOMS, RoomState
from visiohub.errors import VisiohubError
from visiohub.web.context import HUB, staff
from visiohub.web.error_pages import field_sentences, say_when, sentence
from visiohub.web.far_ends import MOST_PEOPLE, people
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later, spoken
from visiohub.web.inputs import FormData, not_a_day, read_posted
from visiohub.web.pages.rooms.chosen import Chosen, chosen
from visiohub.web.pages.rooms.lengths import USUAL, length_options
from visiohub.web.pages.rooms.terms import date_price
from visiohub.web.pages.rooms.times import read_slot
from visiohub.web.permanence_turns import MONTHLY, monthly
from visiohub.web.permanence_words import rule_words
from visiohub.web.render import page, see_other
from visiohub.web.room_words import cause_sentence
from visiohub.web.typed import read_day

routes = web.RouteTableDef()

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
    errors = _turn_to_day(typed) | _how_many(typed)
    if errors or not ("price" in typed or "book" in typed):
        return await _page(request, typed, errors=errors)
    hub, person = request.app[HUB], staff(request)
    form = None
    try:
        form = _form(typed)
        if "book" not in typed or form.shown_total is None:
            return await _page(request, typed, form=form)
        if isinstance(form, SeriesForm):
            await hub.run(book.book_series, form, person, hub.clock())
            return see_other("/bookings", "series_booked")
        made = await hub.run(book.book, form, person, hub.clock())
    except (PriceChanged, RulesChanged, DatesClash) as error:
        return await _page(request, typed, form=form, error=error)
    except VisiohubError as error:
        return say_when(await _page(request, typed, error=error), error)
    return see_other(f"/bookings/{made.booking.id}", _done(made))


def _done(made: Booked) -> str:
    if any(room.state is RoomState.REQUESTED for room in made.rooms):
        return "room_asked"
    return "room_booked" if len(made.rooms) == 1 else "rooms_booked"


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


def _how_many(typed: FormData) -> dict[str, str]:
    """What is wrong with the number of people, by field."""
    if "people" not in typed or people(typed.one("people")) is not None:
        return {}
    return {"people": _("Écrivez un nombre de personnes, de 1 à %(most)s.", most=MOST_PEOPLE)}


def _form(typed: FormData) -> BookingForm | SeriesForm:
    """Raises InvalidForm."""
    data: dict[str, object] = {
        "membership_id": typed.one("account"),
        "room_ids": typed.many("room_ids"),
        "day": typed.one("day"),
        **read_slot(typed.one("slot")),
        "visio": typed.one("visio") == "1",
        "uses_passes": typed.one("keep_pass") != "1",
        "shown_total": typed.one("shown_total") or None,
        "shown_rules": typed.one("shown_rules") or None,
    }
    repeat = typed.one("repeat")
    rule = monthly(repeat, read_day(typed.one("day"))) if repeat in MONTHLY else repeat
    if repeat not in {*REPEATS, *MONTHLY} or rule is None:
        return read_form(BookingForm, data)
    data["rule"] = f"{rule};COUNT={typed.one('times') or 1}"
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
    found = await hub.read(spoken(chosen), person, typed, form, hub.clock())
    refusal = error or found.error
    errors = errors or {}
    if found.far_unknown:
        errors["far"] = _(
            "Ce lieu n’est pas connu. Écrivez une préfecture, la commune d’un lieu d’accueil "
            "ou son code postal, ou des coordonnées comme 44.28, 5.73."
        )
    if refusal is not None:
        errors |= field_sentences(refusal)
    if "rule" in errors:  # the form asks how often and how many times
        errors["times"] = errors.pop("rule")
    if of_slot := [errors.pop(n) for n in ("starts", "ends", "time") if n in errors]:
        errors["slot"] = of_slot[0] if typed.one("slot") else _("Choisissez une heure libre.")
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
        "repeats": _repeats(read_day(typed.one("day")), found.zone),
        "most_rooms": MOST_ROOMS,
        "date_price": date_price,
        "may_set_up": person.roles & {"administrator", "coordinator"},
    }
    return page(request, "rooms/new.html", context, status=status)


def _repeats(day: date | None, zone: str) -> list[tuple[str, str]]:
    """Weekly ones, and those of each month that the chosen day can begin."""
    rules = ((repeat, monthly(repeat, day)) for repeat in MONTHLY)
    named = ((repeat, rule_words(rule, zone)) for repeat, rule in rules if rule is not None)
    return [
        *((rule, _(text)) for rule, text in REPEATS.items()),
        *((repeat, _("Chaque %(day)s", day=words)) for repeat, words in named),
    ]


def _labels() -> dict[str, str]:
    return {
        "account": _("Compte"),
        "room_ids": _("Salles"),
        "other_day": _("Autre jour"),
        "slot": _("Heure"),
        "far": _("Où sont les autres"),
        "people": _("Personnes qui n’auront pas à voyager"),
        "times": _("Nombre de fois"),
    }


def _against(refusal: VisiohubError | None, found: Chosen) -> list[str]:
    """Every rule that is against it, in words."""
    if isinstance(refusal, SeriesWrong):
        return [cause_sentence(refusal.cause, found.zone)]
    causes = refusal.causes if isinstance(refusal, NotBookable) else {}
    if found.offer is not None:
        causes = causes or {r.terms.room_id: r.causes for r in found.offer.rooms if r.causes}
    return [
        _("%(room)s : %(said)s", room=found.names.get(room_id, ""), said=said)
        for room_id, some in causes.items()
        for said in dict.fromkeys(cause_sentence(c, found.zone) for c in some)
    ]
