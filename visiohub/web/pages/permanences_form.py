"""The form of a permanence: make one, change it, end it; a lost update shows both versions."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from aiohttp import web

from visiohub.booking import permanences
from visiohub.booking.forms import read_form
from visiohub.booking.permanences import PermanenceForm
from visiohub.domain import hours
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.model import Person, Role
from visiohub.domain.permanence import Permanence
from visiohub.errors import EditedMeanwhile, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web import lookups
from visiohub.web.context import HUB, staff
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.formats import typed_day, weekday
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import spoken
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.partner_access import own_partners, require_partner
from visiohub.web.permanence_turns import AS_KEPT, TURNS, first_on, rule_of, turn_of
from visiohub.web.permanence_words import in_words, last_day_of, weekdays_of
from visiohub.web.render import page, see_other
from visiohub.web.typed import iso_day, read_day, read_time

routes = web.RouteTableDef()


@routes.get("/permanences/new")
async def new_page(request: web.Request) -> web.Response:
    """The empty form of a partner."""
    hub, person = request.app[HUB], staff(request)
    partners = await hub.read(own_partners, person)
    wanted = request.query.get("partner_id", "")
    partner_id = wanted or (partners[0].id if partners else "")
    today = hours.local_day(hub.clock(), hours.zone_of(hub.settings.time_zone))
    typed = FormData(partner_id=partner_id, first_day=f"{today:%d/%m/%Y}", seats="1", every="1")
    if Role.AGENT in person.roles and person.partner_id == partner_id:
        typed["agent_id"] = person.id
    return await _form(request, typed, {}, "")


@routes.post("/permanences/new")
async def new(request: web.Request) -> web.Response:
    """Make one."""
    typed = await read_posted(request)
    hub, person = request.app[HUB], staff(request)
    try:
        await hub.read(require_partner, person, typed.one("partner_id"))
        form = read_form(PermanenceForm, _data(typed))
        await hub.run(permanences.add, form, person, hub.clock())
    except VisiohubError as error:
        return await _form(request, typed, _errors(error), sentence(error), status=error.status)
    return see_other("/permanences", "permanence_added")


@routes.get("/permanences/{permanence_id}")
async def one(request: web.Request) -> web.Response:
    """The form of one that is kept."""
    kept = await _kept(request)
    rule, last_day = parse_rule(kept.rule), last_day_of(kept)
    typed = FormData(
        partner_id=kept.partner_id,
        agent_id=kept.agent_id or "",
        name=kept.name,
        seats=str(kept.seats),
        first_day=f"{kept.first_day:%d/%m/%Y}",
        last_day=f"{last_day:%d/%m/%Y}" if last_day else "",
        opens=f"{kept.opens:%H:%M}",
        closes=f"{kept.closes:%H:%M}",
        every=turn_of(rule),
        excluded=", ".join(f"{day:%d/%m/%Y}" for day in kept.excluded),
        version=str(kept.version),
    )
    for name, values in (
        ("weekdays", [str(day) for day in weekdays_of(kept)]),
        ("service_ids", kept.service_ids),
        ("venue_ids", kept.venue_ids),
    ):
        for value in values:
            typed.add(name, value)
    return await _form(request, typed, {}, "", kept=kept)


@routes.post("/permanences/{permanence_id}")
async def change(request: web.Request) -> web.Response:
    """Change it, or end it today ("end")."""
    kept = await _kept(request)
    typed = await read_posted(request)
    hub, person = request.app[HUB], staff(request)
    version = typed.whole("version")
    try:
        if "end" in typed:
            zone = hours.zone_of(kept.time_zone)
            yesterday = hours.local_day(hub.clock(), zone) - timedelta(days=1)
            await hub.run(permanences.end, kept.id, yesterday, version, person, hub.clock())
            return see_other("/permanences", "permanence_ended")
        await hub.read(require_partner, person, typed.one("partner_id"))
        form = read_form(PermanenceForm, _data(typed, kept))
        await hub.run(permanences.change, kept.id, form, version, person, hub.clock())
    except VisiohubError as error:
        if overtaken := isinstance(error, EditedMeanwhile):
            kept = await _kept(request)
            typed["version"] = str(kept.version)
        errors, says = _errors(error), sentence(error)
        return await _form(
            request, typed, errors, says, kept=kept, overtaken=overtaken, status=error.status
        )
    return see_other("/permanences", "saved")


async def _kept(request: web.Request) -> Permanence:
    hub, permanence_id = request.app[HUB], request.match_info["permanence_id"]
    kept = await hub.read(lambda uow: uow.permanences.get(permanence_id))
    await hub.read(require_partner, staff(request), kept.partner_id)
    return kept


def _data(typed: FormData, kept: Permanence | None = None) -> dict[str, object]:
    """As the use case wants it; what cannot be read is left to be refused there."""
    weekdays = sorted({int(d) for d in typed.many("weekdays") if d in set("0123456")})
    turn = typed.one("every")
    first = read_day(typed.one("first_day"))
    if turn == AS_KEPT and kept is not None:
        rule = replace(parse_rule(kept.rule), until=None).text(hours.zone_of(kept.time_zone))
    else:
        rule = rule_of(turn, weekdays)
        if first is not None:
            with suppress(OverflowError):  # the last days that there are: too far ahead, as is
                first = first_on(turn, weekdays, first)
    return {
        "partner_id": typed.one("partner_id"),
        "agent_id": typed.one("agent_id") or None,
        "name": typed.one("name"),
        "seats": typed.one("seats") or "1",
        "service_ids": typed.many("service_ids"),
        "venue_ids": typed.many("venue_ids"),
        "first_day": first.isoformat() if first else typed.one("first_day"),
        "last_day": iso_day(typed.one("last_day")) or None,
        "opens": read_time(typed.one("opens")) or typed.one("opens"),
        "closes": read_time(typed.one("closes")) or typed.one("closes"),
        "rule": rule,
        "excluded": [iso_day(day) for day in typed.one("excluded").split(",") if day.strip()],
    }


def _errors(error: VisiohubError) -> dict[str, str]:
    """By field of the page, in its order."""
    found = {k.partition(".")[0]: v for k, v in field_sentences(error).items()}
    if found.pop("rule", None):
        found["weekdays"] = _("Choisissez au moins un jour.")
    in_order = [*_labels(), *found]
    return {name: found[name] for name in dict.fromkeys(in_order) if name in found}


async def _form(
    request: web.Request,
    typed: FormData,
    errors: dict[str, str],
    wrong: str,
    *,
    kept: Permanence | None = None,
    overtaken: bool = False,
    status: int = 200,
) -> web.Response:
    hub = request.app[HUB]
    found = await hub.read(spoken(_offered), staff(request), typed.one("partner_id"))
    context = {**found, "typed": typed, "errors": errors, "wrong": wrong, "kept": kept}
    context["labels"] = _labels()
    # not the filter of a number in the template: Jinja works out once what is constant there
    context["days"] = [(str(day), weekday(day)) for day in range(7)]
    context["turns"] = [(turn, _(text)) for turn, text in TURNS.items()]
    if kept is not None and turn_of(parse_rule(kept.rule)) == AS_KEPT:
        context["turns"].append(
            (AS_KEPT, _("fois comme enregistré (%(when)s)", when=in_words(kept)))
        )
    context["meanwhile"] = _in_words(kept, found) if kept and overtaken else []
    return page(request, "permanences/form.html", context, status=status)


def _in_words(kept: Permanence, offered: dict[str, Any]) -> list[tuple[str, str]]:
    """What somebody else saved."""
    holder = dict(offered["agents"]).get(kept.agent_id, kept.name)
    services, venues = dict(offered["services"]), dict(offered["venues"])
    towns = [venues[i] for i in kept.venue_ids if i in venues]
    return [
        (_("Qui reçoit"), holder),
        *([] if kept.agent_id else [(_("Places du guichet"), str(kept.seats))]),
        (_("Services"), ", ".join(services[i] for i in kept.service_ids if i in services)),
        (_("Quand"), in_words(kept)),
        (_("Premier jour"), typed_day(kept.first_day)),
        (_("Sauf ces jours"), ", ".join(map(typed_day, kept.excluded))),
        (_("Lieux"), ", ".join(towns) or _("tous les lieux")),
    ]


def _labels() -> dict[str, str]:
    """By field, in the order of the page."""
    return {
        "agent_id": _("Qui reçoit"),
        "name": _("Nom du guichet"),
        "seats": _("Places du guichet"),
        "service_ids": _("Services"),
        "weekdays": _("Jours"),
        "opens": _("De"),
        "closes": _("À"),
        "first_day": _("Premier jour"),
        "last_day": _("Dernier jour"),
        "excluded": _("Sauf ces jours"),
        "venue_ids": _("Lieux"),
    }


def _offered(uow: UnitOfWork, person: Person, partner_id: str) -> dict[str, Any]:
    partner = require_partner(uow, person, partner_id)
    services = uow.services.list(partner_id=partner.id, active=True)
    venues = sorted(uow.venues.list(active=True), key=lambda v: (v.town, v.name))
    return {
        "partner": partner,
        "agents": lookups.agents_of(uow, partner.id),
        "services": [(s.id, s.name) for s in services if not s.walk_in],
        "venues": [(v.id, f"{v.town}, {v.name}") for v in venues],
    }
