"""The operations of /api/v1 on who receives when: permanences and absences of a partner."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from aiohttp import web

from visiohub.booking import permanences
from visiohub.booking.permanences import AbsenceForm, PermanenceForm
from visiohub.domain.permanence import Permanence
from visiohub.storage.uow import UnitOfWork
from visiohub.web.api.describe import by_names, operation
from visiohub.web.api.permanence_models import (
    AbsenceIn,
    AbsenceOut,
    PartnerQuery,
    PermanenceChangeIn,
    PermanenceEndIn,
    PermanenceIn,
    PermanenceOut,
)
from visiohub.web.context import HUB, staff
from visiohub.web.partner_access import own_partners, require_partner

T = TypeVar("T")
V1 = "/api/v1"
ONE = f"{V1}/permanences/{{permanence_id}}"


async def _of_partners(
    request: web.Request, wanted: str, read: Callable[[UnitOfWork, str], Iterable[T]]
) -> list[T]:
    """Of the wanted partner, without one of each that the person may see. Raises NotFound."""

    def found(uow: UnitOfWork) -> list[T]:
        person = staff(request)
        partners = [require_partner(uow, person, wanted)] if wanted else own_partners(uow, person)
        return [one for partner in partners for one in read(uow, partner.id)]

    return await request.app[HUB].read(found)


async def _kept(request: web.Request) -> Permanence:
    """Raises NotFound, also for another partner's."""
    hub = request.app[HUB]
    kept = await hub.read(lambda uow: uow.permanences.get(request.match_info["permanence_id"]))
    await hub.read(require_partner, staff(request), kept.partner_id)
    return kept


async def _one(request: web.Request) -> PermanenceOut:
    return PermanenceOut.of(await _kept(request))


@operation(
    "GET",
    f"{V1}/permanences",
    "When agents and counters receive",
    query=PartnerQuery,
    answer=PermanenceOut,
    many=True,
)
async def list_permanences(request: web.Request, query: PartnerQuery) -> list[PermanenceOut]:
    """Of your partner; coordination sees every partner's."""
    found = await _of_partners(
        request,
        query.partner_id,
        lambda uow, partner_id: uow.permanences.list(partner_id=partner_id, active=True),
    )
    return [PermanenceOut.of(one) for one in found]


@operation(
    "POST",
    f"{V1}/permanences",
    "An agent or a counter receives from now on",
    body=PermanenceIn,
    answer=PermanenceOut,
    status=201,
)
async def add_permanence(request: web.Request, body: PermanenceIn) -> PermanenceOut:
    """422 with what is against it, also where another of the same agent has some of it."""
    hub, person = request.app[HUB], staff(request)
    await hub.read(require_partner, person, body.partner_id)
    form = by_names(PermanenceForm, body)
    return PermanenceOut.of(await hub.run(permanences.add, form, person, hub.clock()))


@operation("GET", ONE, "One permanence", answer=PermanenceOut)
async def get_permanence(request: web.Request) -> PermanenceOut:
    """If it is your partner's."""
    return await _one(request)


@operation(
    "POST",
    f"{ONE}/change",
    "Other hours, days, services or places",
    body=PermanenceChangeIn,
    answer=PermanenceOut,
    kept=_one,
)
async def change_permanence(request: web.Request, body: PermanenceChangeIn) -> PermanenceOut:
    """Appointments already taken stay."""
    hub, person, kept = request.app[HUB], staff(request), await _kept(request)
    await hub.read(require_partner, person, body.partner_id)
    change = kept.id, by_names(PermanenceForm, body), body.version, person, hub.clock()
    return PermanenceOut.of(await hub.run(permanences.change, *change))


@operation(
    "POST",
    f"{ONE}/end",
    "It is held no longer",
    body=PermanenceEndIn,
    answer=PermanenceOut,
    kept=_one,
)
async def end_permanence(request: web.Request, body: PermanenceEndIn) -> PermanenceOut:
    """Appointments already taken stay."""
    hub, kept = request.app[HUB], await _kept(request)
    end = kept.id, body.last_day, body.version, staff(request), hub.clock()
    return PermanenceOut.of(await hub.run(permanences.end, *end))


@operation(
    "GET",
    f"{V1}/absences",
    "Absences that are not over",
    query=PartnerQuery,
    answer=AbsenceOut,
    many=True,
)
async def list_absences(request: web.Request, query: PartnerQuery) -> list[AbsenceOut]:
    """Of your partner; coordination sees every partner's."""
    now = request.app[HUB].clock()
    found = await _of_partners(
        request, query.partner_id, lambda uow, partner_id: uow.absences.coming(partner_id, now)
    )
    return [AbsenceOut.of(one) for one in found]


@operation(
    "POST",
    f"{V1}/absences",
    "An agent or a counter does not receive",
    body=AbsenceIn,
    answer=AbsenceOut,
    status=201,
)
async def add_absence(request: web.Request, body: AbsenceIn) -> AbsenceOut:
    """Nothing is offered in it; appointments already taken stay."""
    hub, person = request.app[HUB], staff(request)
    await hub.read(require_partner, person, body.partner_id)
    said = by_names(AbsenceForm, body), body.partner_id, person, hub.clock()
    return AbsenceOut.of(await hub.run(permanences.add_absence, *said))


@operation(
    "POST", f"{V1}/absences/{{absence_id}}/end", "They are back from now on", answer=AbsenceOut
)
async def end_absence(request: web.Request) -> AbsenceOut:
    """The absence as it was; one that had not begun is taken out."""
    hub, person = request.app[HUB], staff(request)
    kept = await hub.read(lambda uow: uow.absences.get(request.match_info["absence_id"]))
    await hub.read(require_partner, person, kept.partner_id)
    await hub.run(permanences.end_absence, kept.id, person, hub.clock())
    return AbsenceOut.of(kept)


OPERATIONS = (
    list_permanences,
    add_permanence,
    get_permanence,
    change_permanence,
    end_permanence,
    list_absences,
    add_absence,
    end_absence,
)
