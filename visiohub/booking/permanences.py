"""Make, change and end permanences and absences; every step is audited."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from visiohub.booking.audit import note
from visiohub.booking.forms import Day, Form, Id, Optional, WallTime
from visiohub.booking.seating import seat_anew
from visiohub.booking.secrets import new_id
from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.causes import Cause, RefusedError
from visiohub.domain.calendar.recurrence import EndsBeforeItStarts, NeverHappens, check_start
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.hours import Span
from visiohub.domain.model import Person, Role
from visiohub.domain.permanence import Absence, Permanence
from visiohub.errors import N_, EditedMeanwhile, FieldError, InvalidForm, NotFound
from visiohub.storage.uow import UnitOfWork

_LOOKED_AT = timedelta(days=366)
"""Two rules that have not met in a year hardly ever do."""
_FIELDS = {NeverHappens.code: "last_day", EndsBeforeItStarts.code: "closes", "two_ends": "last_day"}
"""Where a refusal of the calendar is shown; others beside the first day."""


class PermanenceForm(Form):
    """An agent's window, or without an agent that of a counter with a name and seats."""

    partner_id: Id
    agent_id: Id | None = None
    name: Optional = ""
    seats: Annotated[int, Field(ge=1, le=20)] = 1
    service_ids: Annotated[tuple[Id, ...], Field(min_length=1)]
    venue_ids: tuple[Id, ...] = ()
    first_day: Day
    last_day: Day | None = None
    opens: WallTime
    closes: WallTime
    rule: Annotated[str, Field(min_length=1, max_length=200)]
    """RFC 5545 RRULE value without its end, which `last_day` says."""
    excluded: Annotated[tuple[Day, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.agent_id is None and not self.name:
            raise PydanticCustomError("counter_without_name", "a counter needs a name")
        return self


class AbsenceForm(Form):
    """Whole local days, or hours of them: from `first_day` at `begins` to `last_day` at `ends`."""

    holder_id: Id
    first_day: Day
    last_day: Day
    begins: WallTime = hours.MIDNIGHT
    ends: WallTime = hours.MIDNIGHT
    """00:00 is the end of the last day."""
    reason: Optional = ""


def add(uow: UnitOfWork, form: PermanenceForm, by: Person | None, now: datetime) -> Permanence:
    """Appointments that have nobody yet get its seats. Raises InvalidForm with the calendar's
    refusal, for a choice that is none, or where one of the same agent or counter has some of it."""
    permanence = Permanence(id=new_id(), **_values(uow, form))
    _check(uow, permanence)
    uow.permanences.add(permanence)
    uow.flush()
    note(uow, by, now, "permanence.add", permanence.id, {}, facts(permanence))
    seat_anew(uow, permanence.partner_id, by, now)
    return permanence


def change(
    uow: UnitOfWork,
    permanence_id: str,
    form: PermanenceForm,
    version: int,
    by: Person | None,
    now: datetime,
) -> Permanence:
    """Appointments already taken stay, at another seat if theirs is no more (seating). Raises
    NotFound, EditedMeanwhile, as add."""
    permanence = _for_edit(uow, permanence_id, version)
    before = facts(permanence)
    for name, value in _values(uow, form).items():
        setattr(permanence, name, value)
    _check(uow, permanence)
    permanence.version += 1
    uow.flush()
    note(uow, by, now, "permanence.change", permanence.id, before, facts(permanence))
    seat_anew(uow, permanence.partner_id, by, now)
    return permanence


def end(
    uow: UnitOfWork,
    permanence_id: str,
    last_day: date,
    version: int,
    by: Person | None,
    now: datetime,
) -> Permanence:
    """Held on `last_day` for the last time; before its first day: never. Appointments stay as in
    `change`.

    Raises NotFound, EditedMeanwhile, InvalidForm (it is held again where another is).
    """
    permanence = _for_edit(uow, permanence_id, version)
    before = facts(permanence)
    if last_day < permanence.first_day:
        permanence.active = False
    else:
        was = permanence.rule
        permanence.rule = _ending(was, last_day, permanence.time_zone)
        if _goes_on(was, permanence.rule, permanence.time_zone):
            _check(uow, permanence)
    permanence.version += 1
    uow.flush()
    note(uow, by, now, "permanence.end", permanence.id, before, facts(permanence))
    seat_anew(uow, permanence.partner_id, by, now)
    return permanence


def add_absence(
    uow: UnitOfWork, form: AbsenceForm, partner_id: str, by: Person | None, now: datetime
) -> Absence:
    """Nothing is offered in it; appointments already taken stay. Raises InvalidForm."""
    if form.holder_id not in {i for i, _label in holders(uow, partner_id)}:
        raise _unknown("holder_id")
    zone = hours.zone_of(uow.settings.time_zone)
    after = form.last_day + timedelta(days=form.ends == hours.MIDNIGHT)
    absence = Absence(
        id=new_id(),
        holder_id=form.holder_id,
        partner_id=partner_id,
        starts_at=hours.edge_instant(form.first_day, form.begins, zone),
        ends_at=hours.edge_instant(after, form.ends, zone),
        reason=form.reason,
    )
    if absence.ends_at <= absence.starts_at:
        backwards = EndsBeforeItStarts()
        raise InvalidForm([FieldError("last_day", backwards.code, backwards.says)])
    uow.absences.add(absence)
    uow.flush()
    starts, ends = absence.starts_at.isoformat(), absence.ends_at.isoformat()
    said: dict[str, object] = {"from": starts, "to": ends}
    note(uow, by, now, "absence.add", absence.holder_id, {}, said)
    return absence


def end_absence(uow: UnitOfWork, absence_id: str, by: Person | None, now: datetime) -> None:
    """Back from now on; one that has not begun is taken out. Raises NotFound."""
    absence = uow.absences.get(absence_id)
    before: dict[str, object] = {"to": absence.ends_at.isoformat()}
    if absence.starts_at >= now:
        uow.absences.remove(absence)
    else:
        absence.ends_at = min(absence.ends_at, now)
    note(uow, by, now, "absence.end", absence.holder_id, before, {"to": now.isoformat()})


def holders(uow: UnitOfWork, partner_id: str) -> list[tuple[str, str]]:
    """Agents and counters of a partner, with what they are called."""
    agents = uow.persons.list(partner_id=partner_id, active=True)
    counters = [p for p in uow.permanences.list(partner_id=partner_id, active=True) if p.name]
    return [
        *((p.id, p.label) for p in agents if Role.AGENT in p.roles),
        *((c.id, c.name) for c in counters),
    ]


def facts(permanence: Permanence) -> dict[str, object]:
    """What the audit keeps of it."""
    return {
        "holder": permanence.agent_id or permanence.name,
        "seats": permanence.seats,
        "services": list(permanence.service_ids),
        "venues": list(permanence.venue_ids),
        "hours": f"{permanence.opens:%H:%M}-{permanence.closes:%H:%M}",
        "from": permanence.first_day.isoformat(),
        "rule": permanence.rule,
        "excluded": [day.isoformat() for day in permanence.excluded],
        "active": permanence.active,
    }


def _values(uow: UnitOfWork, form: PermanenceForm) -> dict[str, Any]:
    """The entity's fields. Raises InvalidForm for a choice of another partner, or retired."""
    partner = uow.partners.find(form.partner_id)
    if partner is None or not partner.active:
        raise _unknown("partner_id")
    if form.agent_id is not None:
        agents = uow.persons.list(partner_id=partner.id, active=True)
        if form.agent_id not in {a.id for a in agents if Role.AGENT in a.roles}:
            raise _unknown("agent_id")
    services = uow.services.by_ids(form.service_ids)
    offered = [s for s in services.values() if s.active and s.partner_id == partner.id]
    if len(offered) < len(set(form.service_ids)):
        raise _unknown("service_ids")
    venues = uow.venues.by_ids(form.venue_ids)
    if sum(v.active for v in venues.values()) < len(set(form.venue_ids)):
        raise _unknown("venue_ids")
    zone = next((v.time_zone for v in venues.values()), uow.settings.time_zone)
    try:
        rule = parse_rule(form.rule).text(hours.zone_of(zone))
    except RefusedError as error:
        raise _refused(error.cause, "rule") from error
    return {
        "partner_id": partner.id,
        "agent_id": form.agent_id,
        "name": "" if form.agent_id else form.name,
        "seats": 1 if form.agent_id else form.seats,
        "service_ids": form.service_ids,
        "venue_ids": form.venue_ids,
        "first_day": form.first_day,
        "opens": form.opens,
        "closes": form.closes,
        "time_zone": zone,
        "rule": _ending(rule, form.last_day, zone) if form.last_day else rule,
        "excluded": form.excluded,
    }


def _ending(rule: str, last_day: date, zone: str) -> str:
    ends = replace(parse_rule(rule), count=None, until=last_day)
    return ends.text(hours.zone_of(zone))


def _goes_on(was: str, rule: str, zone: str) -> bool:
    """Whether it may be held when it was not before."""
    before = parse_rule(was)
    ended, ends = (one.until_instant(hours.zone_of(zone)) for one in (before, parse_rule(rule)))
    return before.count is not None or bool(ended and ends and ended < ends)


def _check(uow: UnitOfWork, permanence: Permanence) -> None:
    try:
        check_start(permanence.recurrence())
    except RefusedError as error:
        raise _refused(error.cause, "first_day") from error
    for other in uow.permanences.list(partner_id=permanence.partner_id, active=True):
        if other.id != permanence.id and (met := _meets(permanence, other)):
            zone = hours.zone_of(permanence.time_zone)
            first, last = (instant.astimezone(zone) for instant in met)
            says = N_(
                "C’est déjà une permanence pour ce service, par exemple le {day} de {begins} à "
                "{ends}. Changez l’heure ou les jours, ou modifiez l’autre permanence."
            )
            said = {"begins": f"{first:%H:%M}", "ends": f"{last:%H:%M}"}
            params: dict[str, object] = {"day": f"{first:%d/%m/%Y}", **said}
            raise InvalidForm([FieldError("opens", "permanences_overlap", says, params)])


def _meets(one: Permanence, other: Permanence) -> Span | None:
    """The first time at which two are the same person's or counter's, for the same people."""
    whose = {(p.agent_id, p.name.casefold()) for p in (one, other)}
    apart = one.venue_ids and other.venue_ids and not set(one.venue_ids) & set(other.venue_ids)
    if len(whose) > 1 or apart or not set(one.service_ids) & set(other.service_ids):
        return None
    zone = hours.zone_of(one.time_zone)
    start, _ = hours.day_span(max(one.first_day, other.first_day), zone)
    both = (p.recurrence().spans(start, start + _LOOKED_AT) for p in (one, other))
    return next(iter(sp.intersect(*both)), None)


def _refused(cause: Cause, field: str) -> InvalidForm:
    said = {
        name: f"{value:%d/%m/%Y}" if isinstance(value, date) else value
        for name, value in cause.params.items()
    }
    return InvalidForm([FieldError(_FIELDS.get(cause.code, field), cause.code, cause.says, said)])


def _unknown(field: str) -> InvalidForm:
    says = N_("Ce choix n’existe plus. Choisissez dans la liste.")
    return InvalidForm([FieldError(field, "unknown_reference", says)])


def _for_edit(uow: UnitOfWork, permanence_id: str, version: int) -> Permanence:
    permanence = uow.permanences.get(permanence_id)
    if not permanence.active:
        raise NotFound(f"permanence {permanence_id} was taken out", about=permanence_id)
    if permanence.version != version:
        raise EditedMeanwhile(f"version {version} was read, {permanence.version} is kept")
    return permanence
