"""Permanences and absences: when agents and counters receive; for agents and coordination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web

from visiohub.booking import permanences
from visiohub.booking.forms import read_form
from visiohub.booking.permanences import AbsenceForm, PermanenceForm
from visiohub.domain import hours
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.model import Partner, Person, Role
from visiohub.domain.occupancy import OwnerKind, Resource, ResourceKind
from visiohub.domain.permanence import Absence, Permanence
from visiohub.errors import NotFound, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web import lookups
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import spoken
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.permanence_words import in_words, last_day_of, weekdays_of
from visiohub.web.render import page, see_other
from visiohub.web.scope import OVERSEERS
from visiohub.web.typed import read_day, read_time

routes = web.RouteTableDef()


@dataclass(frozen=True)
class Row:
    """A permanence, as the list shows it."""

    permanence: Permanence
    holder: str
    when: str
    services: str
    venues: str


@dataclass(frozen=True)
class PartnerPart:
    """What one partner has."""

    partner: Partner
    rows: Sequence[Row]
    absences: Sequence[tuple[Absence, str, int]]
    """Each with who is away, and how many appointments lie in it all the same."""
    holders: lookups.Options


@routes.get("/permanences")
async def listing(request: web.Request) -> web.Response:
    """All of one's partner; coordination sees every partner."""
    return await _list(request, FormData(), {}, "")


async def _list(
    request: web.Request,
    typed: FormData,
    errors: dict[str, str],
    wrong: str,
    *,
    status: int = 200,
) -> web.Response:
    hub = request.app[HUB]
    parts = await hub.read(spoken(_parts), staff(request), hub.clock())
    context = {
        "parts": parts,
        "typed": typed,
        "errors": errors,
        "wrong": wrong,
        "done": done_sentence(request),
    }
    return page(request, "permanences/list.html", context, status=status)


def _parts(uow: UnitOfWork, person: Person, now: datetime) -> list[PartnerPart]:
    services = {s.id: s.name for s in uow.services.list()}
    venues = {v.id: v.town for v in uow.venues.list()}
    parts = []
    for partner in _partners(uow, person):
        holders = permanences.holders(uow, partner.id)
        names = dict(holders)
        held = uow.permanences.list(partner_id=partner.id, active=True)
        rows = [
            Row(
                one,
                names.get(one.holder_id, one.name),
                in_words(one),
                ", ".join(services[i] for i in one.service_ids if i in services),
                ", ".join(venues[i] for i in one.venue_ids if i in venues) or _("tous les lieux"),
            )
            for one in sorted(held, key=lambda p: (names.get(p.holder_id, ""), p.opens))
        ]
        resources = {one.holder_id: one.resources for one in held}
        absences = [
            (absence, names.get(absence.holder_id, ""), _left(uow, absence, resources, now))
            for absence in uow.absences.coming(partner.id, now)
        ]
        parts.append(PartnerPart(partner, rows, absences, holders))
    return parts


def _left(
    uow: UnitOfWork, absence: Absence, resources: Mapping[str, Sequence[Resource]], now: datetime
) -> int:
    """Appointments to come that somebody else has to take."""
    usual = [Resource(ResourceKind.AGENT, absence.holder_id)]
    of_holder = resources.get(absence.holder_id, usual)
    held = uow.occupancies.between(of_holder, max(absence.starts_at, now), absence.ends_at)
    return len({o.owner for o in held if o.owner.kind is OwnerKind.APPOINTMENT})


def _partners(uow: UnitOfWork, person: Person) -> list[Partner]:
    everything = not OVERSEERS.isdisjoint(person.roles)
    found = uow.partners.list(active=True)
    return [p for p in found if everything or p.id == person.partner_id]


def require_partner(uow: UnitOfWork, person: Person, partner_id: str) -> Partner:
    """Raises NotFound when its permanences are not the person’s to see."""
    found = next((p for p in _partners(uow, person) if p.id == partner_id), None)
    if found is None:
        raise NotFound(f"not of partner {partner_id!r}")
    return found


@routes.get("/permanences/new")
async def new_page(request: web.Request) -> web.Response:
    """The empty form of a partner."""
    hub, person = request.app[HUB], staff(request)
    partners = await hub.read(_partners, person)
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
        every=str(rule.interval),
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
    version = int(typed.one("version")) if typed.one("version").isdecimal() else 0
    try:
        if "end" in typed:
            zone = hours.zone_of(kept.time_zone)
            yesterday = hours.local_day(hub.clock(), zone) - timedelta(days=1)
            await hub.run(permanences.end, kept.id, yesterday, version, person, hub.clock())
            return see_other("/permanences", "permanence_ended")
        await hub.read(require_partner, person, typed.one("partner_id"))
        form = read_form(PermanenceForm, _data(typed))
        await hub.run(permanences.change, kept.id, form, version, person, hub.clock())
    except VisiohubError as error:
        errors, says = _errors(error), sentence(error)
        return await _form(request, typed, errors, says, kept=kept, status=error.status)
    return see_other("/permanences", "saved")


@routes.post("/absences")
async def absent(request: web.Request) -> web.Response:
    """An agent or a counter does not receive."""
    typed = await read_posted(request)
    hub, person = request.app[HUB], staff(request)
    data = {
        "holder_id": typed.one("holder_id"),
        "first_day": _iso(typed.one("from")),
        "last_day": _iso(typed.one("to") or typed.one("from")),
        "begins": _clock(typed.one("begins")),
        "ends": _clock(typed.one("ends")),
        "reason": typed.one("reason"),
    }
    try:
        partner = await hub.read(require_partner, person, typed.one("partner_id"))
        form = read_form(AbsenceForm, data)
        await hub.run(permanences.add_absence, form, partner.id, person, hub.clock())
    except VisiohubError as error:
        names = {"first_day": "from", "last_day": "to"}
        errors = {names.get(k, k): v for k, v in field_sentences(error).items()}
        return await _list(request, typed, errors, sentence(error), status=error.status)
    return see_other("/permanences", "absence_added")


@routes.post("/absences/{absence_id}/end")
async def back_again(request: web.Request) -> web.Response:
    """Back from now on."""
    hub, person = request.app[HUB], staff(request)
    absence = await hub.read(lambda uow: uow.absences.get(request.match_info["absence_id"]))
    await hub.read(require_partner, person, absence.partner_id)
    await hub.run(permanences.end_absence, absence.id, person, hub.clock())
    return see_other("/permanences", "absence_ended")


async def _kept(request: web.Request) -> Permanence:
    hub, permanence_id = request.app[HUB], request.match_info["permanence_id"]
    kept = await hub.read(lambda uow: uow.permanences.get(permanence_id))
    await hub.read(require_partner, staff(request), kept.partner_id)
    return kept


def _data(typed: FormData) -> dict[str, object]:
    """As the use case wants it; what cannot be read is left to be refused there."""
    weekdays = sorted({int(d) for d in typed.many("weekdays") if d in set("0123456")})
    every = typed.one("every") if typed.one("every") in {"1", "2", "4"} else "1"
    names = ",".join(["MO", "TU", "WE", "TH", "FR", "SA", "SU"][d] for d in weekdays)
    first = read_day(typed.one("first_day"))
    if first is not None and weekdays and every == "1":
        while first.weekday() not in weekdays:  # the first that the rule has
            first += timedelta(days=1)
    return {
        "partner_id": typed.one("partner_id"),
        "agent_id": typed.one("agent_id") or None,
        "name": typed.one("name"),
        "seats": typed.one("seats") or "1",
        "service_ids": typed.many("service_ids"),
        "venue_ids": typed.many("venue_ids"),
        "first_day": first.isoformat() if first else typed.one("first_day"),
        "last_day": _iso(typed.one("last_day")) or None,
        "opens": read_time(typed.one("opens")) or typed.one("opens"),
        "closes": read_time(typed.one("closes")) or typed.one("closes"),
        "rule": f"FREQ=WEEKLY;INTERVAL={every};BYDAY={names}" if names else "",
        "excluded": [_iso(day) for day in typed.one("excluded").split(",") if day.strip()],
    }


def _clock(text: str) -> str:
    """Empty: the day's edge."""
    return read_time(text) or text or "00:00"


def _iso(text: str) -> str:
    day: date | None = read_day(text)
    return day.isoformat() if day else text


def _errors(error: VisiohubError) -> dict[str, str]:
    """By field of the page."""
    found = {k.partition(".")[0]: v for k, v in field_sentences(error).items()}
    if "rule" in found:
        found = {"weekdays": _("Choisissez au moins un jour.")} | found
        del found["rule"]
    if "" in found:
        found["name"] = _("Donnez un nom au guichet, ou choisissez un agent.")
        del found[""]
    return found


async def _form(
    request: web.Request,
    typed: FormData,
    errors: dict[str, str],
    wrong: str,
    *,
    kept: Permanence | None = None,
    status: int = 200,
) -> web.Response:
    hub = request.app[HUB]
    found = await hub.read(spoken(_offered), staff(request), typed.one("partner_id"))
    context = {**found, "typed": typed, "errors": errors, "wrong": wrong, "kept": kept}
    context["labels"] = _labels()
    return page(request, "permanences/form.html", context, status=status)


def _labels() -> dict[str, str]:
    return {
        "agent_id": _("Qui reçoit"),
        "name": _("Nom du guichet"),
        "seats": _("Places du guichet"),
        "service_ids": _("Services"),
        "venue_ids": _("Lieux"),
        "weekdays": _("Jours"),
        "first_day": _("Premier jour"),
        "last_day": _("Dernier jour"),
        "opens": _("De"),
        "closes": _("À"),
        "excluded": _("Sauf ces jours"),
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
