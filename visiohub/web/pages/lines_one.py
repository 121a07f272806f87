"""One line: how it stands, live; its figures from a year to a minute, as plots and as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from babel.dates import format_date

from visiohub.booking.lines.contracts import contracts_of
from visiohub.booking.lines.glimpses import rates_now
from visiohub.booking.lines.looking import (
    READING_HOLDS,
    LineHistory,
    LineView,
    history,
    measured,
    show_line,
)
from visiohub.booking.lines.next_visio import NextVisio, next_visio, planned_visios
from visiohub.booking.lines.ordered import COSTS_AT_MOST
from visiohub.booking.lines.voiding import HABIT_RULES
from visiohub.domain import hours
from visiohub.domain.line import (
    LineAlert,
    LineMaintenance,
    LineNote,
    LineTest,
    ModemFigures,
    Way,
)
from visiohub.domain.line_contract import LineContract
from visiohub.domain.model import Line, Role
from visiohub.domain.tariff.months import Month
from visiohub.linkquality.grading import Grade
from visiohub.linkquality.signatures import Signature
from visiohub.storage.uow import UnitOfWork
from visiohub.web import formats, line_fault_words
from visiohub.web.context import HUB, staff
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import language, spoken
from visiohub.web.line_columns import columns
from visiohub.web.line_desk import LINE_DESK
from visiohub.web.line_modem import modem_span
from visiohub.web.line_plot_texts import plot_texts
from visiohub.web.line_table import stretches, whole
from visiohub.web.line_times import until, when
from visiohub.web.line_window import Window, span_names, window_of
from visiohub.web.live import live_page, live_part
from visiohub.web.pages.lines import FAULTS
from visiohub.web.render import page

routes = web.RouteTableDef()
TESTS, NOTES, ALERTS = 5, 5, 8
PAST = timedelta(days=30)
MODEM_OF = timedelta(hours=24)


@dataclass(frozen=True)
class Now:
    """All that the live part says."""

    view: LineView
    faults: Sequence[Signature]
    past: Sequence[LineAlert]
    works: Sequence[LineMaintenance]
    notes: Sequence[LineNote]
    waiting: Sequence[LineTest]
    tests: Sequence[LineTest]
    modem: Sequence[ModemFigures]
    """Of the last 24 hours."""
    people: dict[str, str]
    coming: NextVisio | None
    rates: Mapping[Way, float]
    """Newest, on the wire, as in the list."""


@routes.get("/lines/{line_id}")
async def whole_page(request: web.Request) -> web.Response:
    """The page, with the figures of the address's window as a table."""
    line_id = request.match_info["line_id"]
    context = {**await _now(request, line_id), **await window_context(request, line_id)}
    return live_page(request, "lines/one", context, "lines")


@routes.get("/lines/{line_id}/state")
async def part(request: web.Request) -> web.Response:
    """How it stands now."""
    line_id = request.match_info["line_id"]
    return live_part(request, "lines/one", await _now(request, line_id))


@routes.get("/lines/{line_id}/window")
async def window(request: web.Request) -> web.Response:
    """Another stretch of time: where one can go from there, its sentence, its table; and what
    happened, which is as new as the rest."""
    line_id = request.match_info["line_id"]
    context = {**await _now(request, line_id), **await window_context(request, line_id)}
    return page(request, "lines/window_part.html", context)


@routes.get("/lines/{line_id}/figures.json")
async def figures(request: web.Request) -> web.Response:
    """The same stretch for the plots, as fine as its length allows."""
    hub = request.app[HUB]
    now = hub.clock()
    asked = window_of(request.query, now)
    line_id = request.match_info["line_id"]
    line, contracts, seen, names, zone, known = await hub.read(_seen, line_id, asked)
    ahead = asked.ahead
    planned = await hub.read(planned_visios, line.venue_id, now, now + ahead) if ahead else ()
    made = await hub.read(spoken(lambda _uow: columns(contracts, seen, names, now, planned, ahead)))
    told = {**made, "zone": zone, "known": known}
    body = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
    answer = web.json_response(text=body, headers={"Cache-Control": "no-store"})
    answer.enable_compression()
    return answer


def _seen(
    uow: UnitOfWork, line_id: str, asked: Window
) -> tuple[Line, Sequence[LineContract], LineHistory, dict[str, str], str, bool]:
    """And the venue's time zone, and whether the line was ever measured."""
    line = uow.lines.get(line_id)
    partners = {partner.id: partner.short_name for partner in uow.partners.list()}
    names = {one.id: partners[one.partner_id] for one in uow.services.list()}
    seen = history(uow, line_id, asked.start, asked.end)
    zone = uow.venues.get(line.venue_id).time_zone
    known = uow.linkquality.states.find(line_id) is not None
    return line, contracts_of(uow, line), seen, names, zone, known


def _measured(
    uow: UnitOfWork, line_id: str, asked: Window
) -> tuple[Line, Sequence[LineContract], LineHistory, str]:
    line = uow.lines.get(line_id)
    seen = measured(uow, line_id, asked.start, asked.end)
    return line, contracts_of(uow, line), seen, uow.venues.get(line.venue_id).time_zone


async def window_context(request: web.Request, line_id: str) -> dict[str, Any]:
    """Of the address's window."""
    hub = request.app[HUB]
    now = hub.clock()
    asked = window_of(request.query, now)
    line, contracts, seen, zone = await hub.read(_measured, line_id, asked)
    return {
        "line": line,
        "window": asked,
        "spans": span_names(),
        "moves": asked.moves(now),
        "period": period_words(asked, zone),
        "whole": whole(seen, contracts),
        "rows": [row for row in stretches(seen, contracts) if row.known],
        "time_of": lambda row: _time(row.start, row.end - row.start, zone),
        "line_zone": zone,
        "plot_texts": plot_texts(),
    }


def period_words(asked: Window, zone: str) -> str:
    """From when to when, each with its day."""

    def said(at: datetime) -> str:
        day = formats.local(at, zone).date()
        if asked.span > timedelta(days=60):
            return formats.long_day(day)
        return f"{formats.short_day(day)} {formats.hour_at(at, zone)}"

    if asked.name:
        return _("Du %(begin)s jusqu’à maintenant", begin=said(asked.start))
    return _("Du %(begin)s au %(end)s", begin=said(asked.start), end=said(asked.end))


def _time(start: datetime, span: timedelta, zone: str) -> str:
    """How a row of the table is named."""
    day = formats.short_day(formats.local(start, zone).date())
    return day if span >= timedelta(days=1) else f"{day} {formats.hour_at(start, zone)}"


def _read(uow: UnitOfWork, line_id: str, book: Any, now: datetime) -> Now:
    view = show_line(uow, line_id, now)
    kept = uow.linkquality
    past = [a for a in kept.alerts.between(line_id, now - PAST, now) if a.cleared_at is not None]
    works = kept.maintenances.between([line_id], now, now + timedelta(days=400))
    notes = list(reversed(kept.notes.between(line_id, now - 13 * PAST, now)))[:NOTES]
    tests = kept.tests.newest(line_id, TESTS)
    who = {n.person_id for n in notes} | {a.acknowledged_by for a in view.row.alerts}
    people = uow.persons.by_ids(list(who))
    labels = {person.id: person.label for person in people.values()}
    waiting = kept.tests.waiting(line_id)
    faults = book.of(uow, view.row, now)
    state = view.row.state
    modem = kept.series.modem(state.number, now - MODEM_OF, now) if state else ()
    coming = next_visio(uow, view.row.venue.id, now)
    rates = {way: rate for (_id, way), rate in rates_now(uow, [view.row], now).items()}
    return Now(
        view, faults, past[:ALERTS], works, notes, waiting, tests, modem, labels, coming, rates
    )


async def _now(request: web.Request, line_id: str) -> dict[str, Any]:
    hub = request.app[HUB]
    now = hub.clock()
    seen = await hub.read(_read, line_id, request.app[FAULTS], now)
    row, zone = seen.view.row, seen.view.row.venue.time_zone
    this = Month.of(hours.local_day(now, hours.zone_of(zone)))
    probes, modem = seen.view.probes, seen.modem[-1] if seen.modem else None
    port = request.app[LINE_DESK].unheard_port(line_id)
    used = max((probes.up / max(probes.allowed_up, 1), probes.down / max(probes.allowed_down, 1)))
    standing = sorted(row.alerts, key=lambda a: (a.acknowledged_at is not None, -a.level))
    return {
        "seen": seen,
        "line": row.line,
        "venue": row.venue,
        "word": line_fault_words.standing_word(row, seen.faults),
        "standing": row.standing,
        "graded": row.state is not None and bool({*row.state.grades.values()} - {Grade.NO_DATA}),
        "since": when(row.since, zone, now) if row.since else "",
        "unheard": line_fault_words.unheard_sentence(port) if port else "",
        "wrongs": line_fault_words.wrongs(row, seen.faults, now),
        "alerts": standing,
        "words_of": line_fault_words,
        "habit_rules": HABIT_RULES,
        "when": lambda at: when(at, zone, now),
        "until": lambda at: until(at, zone, now),
        "used": round(100 * used),
        "megabytes": megabytes,
        "test_megabytes": megabytes(COSTS_AT_MOST),
        "months": [
            (month, format_date(month.first(), "MMMM y", locale=language()))
            for month in (this.preceding(), this)
        ],
        "administers": Role.ADMINISTRATOR in staff(request).roles,
        "modem": modem,
        "modem_holds": modem is not None and now - modem.at <= READING_HOLDS,
        "modem_day": modem_span(seen.modem),
        "lasted": lambda seconds: formats.ago(timedelta(seconds=seconds)),
        "untaken": next((a for a in standing if a.acknowledged_at is None), None),
    }


def megabytes(octets: float) -> str:
    """1,2 Mo; in English 1.2 MB."""
    return _("%(n)s Mo", n=formats.number(octets / 1e6, 1))
