"""What technicians write about a line: a note, works, a test; and alerts that somebody takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from aiohttp import web

from visiohub.booking.forms import Form, read_form
from visiohub.booking.lines.ordered import COSTS_AT_MOST, LineTestForm, drop_test, order_test
from visiohub.booking.lines.tending import (
    MaintenanceForm,
    NoteForm,
    NotOperatorsForm,
    accept_as_normal,
    acknowledge,
    annotate,
    count_outage,
    end_works,
    plan_works,
    strike_outage,
)
from visiohub.domain import hours
from visiohub.domain.model import Line, Venue
from visiohub.errors import FieldError, InvalidForm, NotFound, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web import formats
from visiohub.web.context import HUB, staff
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.inputs import read_posted
from visiohub.web.pages.lines_one import megabytes
from visiohub.web.render import page, see_other
from visiohub.web.typed import read_day, read_time

routes = web.RouteTableDef()
_NOT_A_DAY = later("Écrivez un jour comme 21/11/2026.")
_NOT_A_TIME = later("Écrivez une heure comme 9 h 45.")
_SKIPPED = later("Cette heure n’existe pas ce jour-là : les horloges avancent. Prenez la suivante.")
_EMPTY = later("Remplissez ce champ.")
_SAYS = {
    "note": later("La note n’est pas gardée."),
    "works": later("Les travaux ne sont pas prévus."),
    "test": later("L’essai n’est pas prévu."),
}
_FIELDS = {
    "note": ("text", "day", "time"),
    "works": ("day", "time", "end_day", "end_time", "reason"),
    "test": ("day", "time"),
}
_DONE = {"note": "line_noted", "works": "works_planned", "test": "test_ordered"}
_LABELS = {
    "text": later("Note"),
    "day": later("Jour"),
    "time": later("Heure"),
    "end_day": later("Jour de la fin"),
    "end_time": later("Heure de la fin"),
    "reason": later("Raison"),
}


@dataclass(frozen=True)
class _Typed:
    """Instants are read on the venue's clock."""

    data: dict[str, str]
    errors: list[FieldError]
    zone: str

    def instant(self, day_field: str, time_field: str) -> datetime | None:
        """None with an error beside the field where it cannot be read."""
        day, clock = read_day(self.data[day_field]), read_time(self.data[time_field])
        if day is None or not date(2020, 1, 1) <= day <= date(2100, 1, 1):
            self.errors.append(FieldError(day_field, "day", _NOT_A_DAY))
        if clock is None:
            self.errors.append(FieldError(time_field, "time", _NOT_A_TIME))
        if day is None or clock is None or self.errors:
            return None
        local = datetime.combine(day, time.fromisoformat(clock), hours.zone_of(self.zone))
        at = local.astimezone(UTC)
        if at.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
            self.errors.append(FieldError(time_field, "skipped", _SKIPPED))
        return at


@routes.get("/lines/{line_id}/{form:note|works|test}")
async def show(request: web.Request) -> web.Response:
    """An empty form, with the time of now where that is meant."""
    return await _page(request, None)


@routes.post("/lines/{line_id}/{form:note|works|test}")
async def keep(request: web.Request) -> web.Response:
    """Keep it, or say beside each field what is wrong; nothing that was typed is lost."""
    form, line_id = request.match_info["form"], request.match_info["line_id"]
    posted = await read_posted(request)
    data = {name: posted.one(name) for name in _FIELDS[form]}
    hub = request.app[HUB]
    _line, venue = await hub.read(_found, line_id)
    try:
        command, made = _read(form, _Typed(data, [], venue.time_zone))
        await hub.run(command, line_id, made, staff(request), hub.clock())
    except NotFound:
        raise
    except VisiohubError as error:
        return await _page(request, data, error)
    return see_other(f"/lines/{line_id}", _DONE[form])


def _read(form: str, typed: _Typed) -> tuple[Callable[..., Any], Form]:
    """The command and its form. Raises InvalidForm."""
    start = typed.instant("day", "time")
    facts: dict[str, Any]
    command: Callable[..., Any]
    kind: type[Form]
    match form:
        case "note":
            command, kind, facts = annotate, NoteForm, {"at": start, "text": typed.data["text"]}
        case "works":
            end = typed.instant("end_day", "end_time")
            reason = typed.data["reason"]
            facts = {"starts_at": start, "ends_at": end, "reason": reason}
            command, kind = plan_works, MaintenanceForm
        case _:
            command, kind, facts = order_test, LineTestForm, {"due_at": start}
    for name in ("text", "reason"):
        if name in facts and not facts[name]:
            typed.errors.append(FieldError(name, "missing", _EMPTY))
    if typed.errors:
        raise InvalidForm(typed.errors)
    return command, read_form(kind, facts)


@routes.post("/lines/{line_id}/alerts/{alert_id}")
async def take(request: web.Request) -> web.Response:
    """Somebody looks after the alert, says that it is how things are now, or whether an outage is
    the operator's."""
    form = await read_posted(request)
    match form.get("do"):
        case "normal":
            return await _step(request, accept_as_normal, "alert_id", "alert_normal")
        case "operators":
            return await _step(request, count_outage, "alert_id", "alert_counted")
        case "not_operators":
            reason = read_form(NotOperatorsForm, {"reason": form.get("reason") or ""})
            return await _step(request, strike_outage, "alert_id", "alert_struck", reason)
    return await _step(request, acknowledge, "alert_id", "alert_taken")


@routes.post("/lines/{line_id}/works/{works_id}/end")
async def end(request: web.Request) -> web.Response:
    """Works end now, or are taken back."""
    return await _step(request, end_works, "works_id", "works_ended")


@routes.post("/lines/{line_id}/tests/{test_id}/drop")
async def drop(request: web.Request) -> web.Response:
    """A test that has not begun is taken back."""
    return await _step(request, drop_test, "test_id", "test_dropped")


async def _step(
    request: web.Request, command: Callable[..., Any], subject: str, done: str, *form: Form
) -> web.Response:
    hub, line_id = request.app[HUB], request.match_info["line_id"]
    thing_id = request.match_info[subject]
    await hub.run(command, line_id, thing_id, *form, staff(request), hub.clock())
    return see_other(f"/lines/{line_id}", done)


def _found(uow: UnitOfWork, line_id: str) -> tuple[Line, Venue]:
    line = uow.lines.get(line_id)
    return line, uow.venues.get(line.venue_id)


async def _page(
    request: web.Request, data: dict[str, str] | None, error: VisiohubError | None = None
) -> web.Response:
    hub, form = request.app[HUB], request.match_info["form"]
    line, venue = await hub.read(_found, request.match_info["line_id"])
    here = formats.local(hub.clock(), venue.time_zone)
    today = formats.typed_day(here.date())
    usual = {"day": today, "time": formats.clock(here.time()).replace(formats.NBSP, " ")}
    if form == "works":
        usual |= {"end_day": today}
    fields = dict.fromkeys(_FIELDS[form], "")
    context = {
        "form": form,
        "line": line,
        "venue": venue,
        "data": {**fields, **usual} if data is None else data,
        "errors": field_sentences(error) if error else {},
        "labels": {name: _(text) for name, text in _LABELS.items()},
        "title": _(_SAYS[form]) if error else "",
        "wrong": sentence(error) if error else "",
        "cost": megabytes(COSTS_AT_MOST),
    }
    return page(request, "lines/form.html", context, status=error.status if error else 200)
