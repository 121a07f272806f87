"""What technicians do about a line: take an alert, write a note, plan works."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from visiohub.booking import audit
from visiohub.booking.forms import Form
from visiohub.booking.lines.grades import OUTAGE, TOPIC
from visiohub.booking.lines.voiding import HABIT_RULES, void
from visiohub.booking.secrets import new_id
from visiohub.domain.line import LineAlert, LineMaintenance, LineNote
from visiohub.domain.model import Person
from visiohub.errors import N_, FieldError, InvalidForm, NotFound
from visiohub.storage.uow import UnitOfWork

LONGEST = timedelta(days=31)
"""Of works: a line that is away for longer is no line of the territory."""
FURTHEST = timedelta(days=366)
AT_ONCE = 10
"""So many works of one line may be planned."""


class NoteForm(Form):
    """What a technician writes beside the plots, of the time `at`."""

    at: datetime
    text: Annotated[str, Field(min_length=1, max_length=1000)]


class MaintenanceForm(Form):
    """Works on a line; instants."""

    starts_at: datetime
    ends_at: datetime
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class NotOperatorsForm(Form):
    """Why an outage is none of the operator's: the venue's power, a socket, somebody's spade."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


def acknowledge(
    uow: UnitOfWork, line_id: str, alert_id: str, by: Person, now: datetime
) -> LineAlert:
    """Somebody looks after it. One that is taken already stays whose it is. Raises NotFound."""
    alert = _alert_of(uow, line_id, alert_id)
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by = now, by.id
        audit.note(uow, by, now, "line.acknowledge", line_id, {}, {"rule": alert.rule})
        uow.changed(TOPIC)
    return alert


def accept_as_normal(
    uow: UnitOfWork, line_id: str, alert_id: str, by: Person, now: datetime
) -> LineAlert:
    """What the alert tells stays so: it ends, and the rule learns anew what is usual. Raises
    NotFound, InvalidForm (a rule that asks no habit)."""
    alert = _alert_of(uow, line_id, alert_id)
    if alert.rule not in HABIT_RULES:
        raise _wrong("do", N_("Cette limite est la même pour toutes les lignes."))
    if alert.cleared_at is None:
        void(uow, line_id, {alert.rule}, now)
        after: dict[str, object] = {"rule": alert.rule, "value": alert.value}
        audit.note(uow, by, now, "line.new_normal", line_id, {}, after)
    return alert


def strike_outage(
    uow: UnitOfWork, line_id: str, alert_id: str, form: NotOperatorsForm, by: Person, now: datetime
) -> LineAlert:
    """An outage that the operator is not to blame for stands apart in its report. Raises NotFound,
    InvalidForm (no outage)."""
    alert = _alert_of(uow, line_id, alert_id)
    if alert.rule != OUTAGE:
        raise _wrong("do", N_("Seule une coupure se compte dans le rapport à l’opérateur."))
    before: dict[str, object] = {"reason": alert.not_operators}
    alert.not_operators = form.reason
    audit.note(uow, by, now, "line.not_operators", line_id, before, {"reason": form.reason})
    uow.changed(TOPIC)
    return alert


def count_outage(
    uow: UnitOfWork, line_id: str, alert_id: str, by: Person, now: datetime
) -> LineAlert:
    """An outage that stood apart is the operator's after all. Raises NotFound."""
    alert = _alert_of(uow, line_id, alert_id)
    if alert.not_operators is not None:
        before: dict[str, object] = {"reason": alert.not_operators}
        alert.not_operators = None
        audit.note(uow, by, now, "line.not_operators", line_id, before, {"reason": None})
        uow.changed(TOPIC)
    return alert


def annotate(uow: UnitOfWork, line_id: str, form: NoteForm, by: Person, now: datetime) -> LineNote:
    """Keep a note. Raises NotFound, InvalidForm (a time to come)."""
    line = uow.lines.get(line_id)
    if form.at > now:
        raise _wrong("time", N_("Une note parle de ce qui est passé. Donnez une heure passée."))
    note = LineNote(new_id(), line.id, form.at, by.id, form.text)
    uow.linkquality.notes.add(note)
    after: dict[str, object] = {"starts_at": form.at.isoformat(), "text": form.text}
    audit.note(uow, by, now, "line.note", line.id, {}, after)
    uow.changed(TOPIC)
    return note


def plan_works(
    uow: UnitOfWork, line_id: str, form: MaintenanceForm, by: Person, now: datetime
) -> LineMaintenance:
    """A time in which nothing of the line is graded and no alert is raised.

    Raises NotFound, InvalidForm.
    """
    line = uow.lines.get(line_id)
    if form.ends_at <= form.starts_at:
        raise _wrong("end_time", N_("La fin doit suivre le début."))
    if form.ends_at <= now:
        raise _wrong("end_time", N_("Ces travaux seraient déjà finis. Donnez une fin à venir."))
    if form.ends_at - form.starts_at > LONGEST:
        raise _wrong("end_day", N_("Des travaux durent 31 jours au plus."))
    if form.starts_at - now > FURTHEST:
        raise _wrong("day", N_("Choisissez un jour de l’année qui vient."))
    planned = uow.linkquality.maintenances.between([line.id], now, now + FURTHEST + LONGEST)
    if len(planned) >= AT_ONCE:
        raise _wrong("day", N_("Dix travaux sont déjà prévus. Retirez-en un d’abord."))
    works = LineMaintenance(new_id(), line.id, form.starts_at, form.ends_at, form.reason, by.id)
    uow.linkquality.maintenances.add(works)
    audit.note(uow, by, now, "line.plan_works", line.id, {}, _plain(works))
    uow.changed(TOPIC)
    return works


def end_works(uow: UnitOfWork, line_id: str, works_id: str, by: Person, now: datetime) -> None:
    """What has begun ends now, what has not is taken back. Raises NotFound."""
    works = uow.linkquality.maintenances.get(works_id)
    if works.line_id != line_id:
        raise NotFound(f"works {works_id!r} are not of line {line_id!r}")
    if works.ends_at <= now:
        return
    before = _plain(works)
    if works.starts_at < now:
        works.ends_at = now
        after = _plain(works)
    else:
        uow.linkquality.maintenances.remove(works)
        after = {}
    audit.note(uow, by, now, "line.end_works", line_id, before, after)
    uow.changed(TOPIC)


def _alert_of(uow: UnitOfWork, line_id: str, alert_id: str) -> LineAlert:
    alert = uow.linkquality.alerts.get(alert_id)
    if alert.line_id != line_id:
        raise NotFound(f"alert {alert_id!r} is not of line {line_id!r}")
    return alert


def _plain(works: LineMaintenance) -> dict[str, object]:
    return {
        "starts_at": works.starts_at.isoformat(),
        "ends_at": works.ends_at.isoformat(),
        "reason": works.reason,
    }


def _wrong(field: str, says: str) -> InvalidForm:
    return InvalidForm([FieldError(field, "out_of_bounds", says)])
