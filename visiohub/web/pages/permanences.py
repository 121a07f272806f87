"""Permanences and absences: when agents and counters receive; for agents and coordination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from visiohub.booking import permanences
from visiohub.booking.forms import read_form
from visiohub.booking.permanences import AbsenceForm
from visiohub.domain.model import Partner, Person
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
from visiohub.web.partner_access import own_partners, require_partner
from visiohub.web.permanence_words import in_words
from visiohub.web.render import page, see_other
from visiohub.web.typed import iso_day, read_time

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
    for partner in own_partners(uow, person):
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


@routes.post("/absences")
async def absent(request: web.Request) -> web.Response:
    """An agent or a counter does not receive."""
    typed = await read_posted(request)
    hub, person = request.app[HUB], staff(request)
    data = {
        "holder_id": typed.one("holder_id"),
        "first_day": iso_day(typed.one("from")),
        "last_day": iso_day(typed.one("to") or typed.one("from")),
        "begins": _clock(typed.one("begins")),
        "ends": _clock(typed.one("ends")),
        "reason": typed.one("reason"),
    }
    try:
        partner = await hub.read(require_partner, person, typed.one("partner_id"))
    except NotFound as error:
        says = _("Cet agent ou ce guichet n’est pas dans votre liste. Choisissez-en un.")
        return await _list(request, typed, {"holder_id": says}, says, status=error.status)
    try:
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


def _clock(text: str) -> str:
    """Empty: the day's edge."""
    return read_time(text) or text or "00:00"
