"""The record of calls, and its CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from aiohttp import web

from visiohub.booking.calls import list_calls
from visiohub.booking.forms import CallFilter, read_form
from visiohub.booking.views import CallRow
from visiohub.domain import hours
from visiohub.domain.model import Call
from visiohub.errors import WrongPeriod
from visiohub.web import formats, lookups
from visiohub.web.cells import BYTE_ORDER_MARK, safe
from visiohub.web.context import HUB, staff
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import language
from visiohub.web.inputs import day_errors, day_in
from visiohub.web.narrow import SHOWN, shown_in
from visiohub.web.render import page
from visiohub.web.words import DEVICE_OF, END

routes = web.RouteTableDef()


@dataclass(frozen=True)
class Period:
    """Days, both included, the instants they span, and what the fields of both show."""

    first: date
    last: date
    start: datetime
    end: datetime
    typed_first: str
    typed_last: str
    errors: dict[str, str]


MOST = timedelta(days=731)
"""Longest period of a list or a summary: two years."""


def period_in(request: web.Request, days: int) -> Period:
    """The period of the query, at most its last two years; without one the last `days` days."""
    hub = request.app[HUB]
    zone = hours.zone_of(hub.settings.time_zone)
    today = hours.local_day(hub.clock(), zone)
    to = day_in(request, "to", today)
    from_ = day_in(request, "from", to.day - timedelta(days=days - 1))
    first, last = min(from_.day, to.day), max(from_.day, to.day)
    errors = day_errors({"from": from_, "to": to})
    if last - first > MOST:  # longer ones keep the hub from its work
        first = last - MOST
        errors.setdefault("from", _("Choisissez une période de deux ans au plus."))
    return Period(
        first,
        last,
        hours.day_span(first, zone)[0],
        hours.day_span(last, zone)[1],
        from_.text if "from" in errors else formats.typed_day(first),
        to.text if "to" in errors else formats.typed_day(last),
        errors,
    )


def _filter(request: web.Request, period: Period, limit: int | None) -> CallFilter:
    query = request.query
    reason = query.get("end_reason", "")
    return read_form(
        CallFilter,
        {
            "start": period.start,
            "end": period.end,
            "venue_id": query.get("venue") or None,
            "partner_id": query.get("partner") or None,
            "end_reason": reason if reason in END else None,
            "limit": limit,
        },
    )


@routes.get("/calls")
async def listing(request: web.Request) -> web.Response:
    """The record, the newest first."""
    hub = request.app[HUB]
    period = period_in(request, 30)
    rows = list(await hub.read(list_calls, _filter(request, period, None)))
    limit = shown_in(request)
    by_day = groupby(
        rows[:limit],
        lambda row: formats.local(row.call.arrived_at, row.place.time_zone).date(),
    )
    context: dict[str, Any] = {
        "days": [(one, list(group)) for one, group in by_day],
        "shown": min(limit, len(rows)),
        "total": len(rows),
        "more": limit + SHOWN if len(rows) > limit else 0,
        "period": period,
        "errors": period.errors,
        "venue_id": request.query.get("venue", ""),
        "partner_id": request.query.get("partner", ""),
        "end_reason": request.query.get("end_reason", ""),
        "venues": await hub.read(lookups.venue_options, staff(request)),
        "partners": await hub.read(lookups.partner_options),
        "csv_query": request.rel_url.raw_query_string,
        "faulty": _faulty,
    }
    return page(request, "calls/list.html", context)


@routes.get("/calls.csv")
async def export(request: web.Request) -> web.Response:
    """The record as a table for spreadsheet programs: UTF-8 with BOM, semicolons.

    Raises WrongPeriod: a file cannot say beside a field that it holds another period.
    """
    period = period_in(request, 30)
    for field, why in period.errors.items():
        raise WrongPeriod(f"{field}: no day to look at", field=field, name=field, why=why)
    rows = await request.app[HUB].read(list_calls, _filter(request, period, None))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_headings())
    # names of devices and codecs are what an agent's browser or a kiosk says they are
    writer.writerows([safe(cell) for cell in _cells(row)] for row in rows)
    name = f"visiohub-{period.first}-{period.last}.csv"
    response = web.Response(
        body=(BYTE_ORDER_MARK + text.getvalue()).encode(),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )
    response.enable_compression()
    return response


def _headings() -> list[str]:
    return [
        _("Arrivée"),
        _("Fin"),
        _("Lieu"),
        _("Salle"),
        _("Borne"),
        _("Organisme"),
        _("Agent"),
        _("Avec rendez-vous"),
        _("Attente (s)"),
        _("Durée (s)"),
        _("Coupures"),
        _("Fin, code"),
        _("Fin, en mots"),
        _("Appareils en panne"),
        *(
            f"{end}, {what}"
            for end in (_("borne"), _("agent"))
            for what in (
                _("vidéo"),
                _("audio"),
                _("émis (kbit/s)"),
                _("reçu (kbit/s)"),
                _("pertes (pour cent)"),
                _("son inventé ou absent (pour cent)"),
                _("aller-retour (ms)"),
                _("figements par minute"),
                _("par relais"),
            )
        ),
    ]


def _cells(row: CallRow) -> list[str]:
    call, zone = row.call, row.place.time_zone
    cells = [
        _stamp(call.arrived_at, zone),
        _stamp(call.ended_at, zone),
        row.place.venue_name,
        row.place.room_name,
        row.place.kiosk_name,
        row.partner,
        row.agent,
        _("oui") if call.appointment_id else _("non"),
        str(row.waited_s),
        str(row.lasted_s),
        str(call.interruptions),
        call.end_reason or "",
        str(END[call.end_reason]) if call.end_reason in END else "",
        _faulty(call),
    ]
    for end in (call.kiosk_end, call.agent_end):
        cells += [
            end.video_codec,
            end.audio_codec,
            _decimal(end.sent_kbit_s),
            _decimal(end.received_kbit_s),
            _decimal(end.loss_ratio * 100, 2),
            _decimal(end.concealed_ratio * 100, 2),
            "" if end.rtt_ms is None else _decimal(end.rtt_ms),
            _decimal(end.freezes_per_minute, 2),
            _("oui") if end.relayed else _("non"),
        ]
    return cells


def _faulty(call: Call) -> str:
    """Devices that failed during the call, named."""
    return ", ".join(_(DEVICE_OF[fault]) for fault in call.device_faults if fault in DEVICE_OF)


def _stamp(instant: datetime | None, zone: str) -> str:
    """2026-11-20 09:45:07, which sorts and which every program reads."""
    return "" if instant is None else formats.local(instant, zone).strftime("%Y-%m-%d %H:%M:%S")


def _decimal(value: float, digits: int = 1) -> str:
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if language() == "fr" else text
