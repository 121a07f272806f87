"""Coordination: how much the equipment is used, as a page and as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from aiohttp import web

from visiohub.booking.usage import By, UseLine, UseReport, use_report
from visiohub.domain.usage import Use
from visiohub.errors import WrongPeriod
from visiohub.web import formats, lookups
from visiohub.web.cells import BYTE_ORDER_MARK, safe
from visiohub.web.context import HUB, staff
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import language, later
from visiohub.web.narrow import SHOWN, shown_in
from visiohub.web.pages.calls import Period, period_in
from visiohub.web.render import page

routes = web.RouteTableDef()

GROUPS = {
    By.VENUE: later("Par lieu"),
    By.ROOM: later("Par salle"),
    By.KIOSK: later("Par borne"),
    By.WEEK: later("Par semaine"),
}
FIRST_COLUMN = {
    By.VENUE: later("Lieu"),
    By.ROOM: later("Salle"),
    By.KIOSK: later("Borne"),
    By.WEEK: later("Semaine du"),
}
_HOUR = timedelta(hours=1)


@routes.get("/usage")
async def usage(request: web.Request) -> web.Response:
    """Figures of a period by venue, room, kiosk or week."""
    period, by = period_in(request, 30), _by(request)
    report = await _report(request, by, period)
    limit = shown_in(request)
    context = {
        "report": report,
        "lines": report.lines[:limit],
        "more": limit + SHOWN if len(report.lines) > limit else 0,
        "by": by,
        "groups": GROUPS,
        "first_column": FIRST_COLUMN[by],
        "name_of": _name,
        "hours": _hours,
        "period": period,
        "errors": period.errors,
        "venue_id": request.query.get("venue", ""),
        "venues": await request.app[HUB].read(lookups.venue_options, staff(request)),
        "settings": request.app[HUB].settings,
    }
    return page(request, "usage/page.html", context)


@routes.get("/usage.csv")
async def export(request: web.Request) -> web.Response:
    """The same figures: UTF-8 with BOM, semicolons, one line each and one for all.

    Raises WrongPeriod: a file cannot say beside a field that it holds another period.
    """
    period, by = period_in(request, 30), _by(request)
    for field, why in period.errors.items():
        raise WrongPeriod(f"{field}: no day to look at", field=field, name=field, why=why)
    report = await _report(request, by, period)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([_(FIRST_COLUMN[by]), _("Lieu ou commune"), *_heads()])
    for line in report.lines:
        name = line.monday.isoformat() if line.monday else line.name
        writer.writerow([safe(name), safe(line.place), *_cells(line.use)])
    writer.writerow([_("Ensemble"), "", *_cells(report.whole)])
    name = f"visiohub-usage-{period.first}-{period.last}.csv"
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    body = (BYTE_ORDER_MARK + text.getvalue()).encode()
    response = web.Response(body=body, headers=headers)
    response.enable_compression()
    return response


def _by(request: web.Request) -> By:
    asked = request.query.get("by", "")
    return By(asked) if asked in set(By) else By.VENUE


async def _report(request: web.Request, by: By, period: Period) -> UseReport:
    hub = request.app[HUB]
    venue_id = request.query.get("venue", "")
    return await hub.read(use_report, by, period.start, period.end, hub.clock(), venue_id)


def _name(line: UseLine) -> str:
    return formats.typed_day(line.monday) if line.monday else line.name


def _heads() -> list[str]:
    return [
        _("Ouvert (h)"),
        _("Pris (h)"),
        _("Libre (h)"),
        _("Pris (pour cent)"),
        _("Utilisé (h)"),
        _("Rendez-vous"),
        _("Réservations"),
        _("Appels"),
        _("Temps d’appel (h)"),
        _("Absences"),
        _("Perdus par panne"),
        _("Trajets évités"),
        _("Trajets de longueur inconnue"),
        _("Trajets évités (km)"),
        _("Trajets évités (EUR)"),
        _("Trajets évités (kg de CO2)"),
    ]


def _cells(use: Use) -> list[str]:
    figures = (
        _decimal(use.open / _HOUR),
        _decimal(use.taken / _HOUR),
        _decimal(use.idle / _HOUR),
        _decimal(use.share * 100),
        _decimal(use.used / _HOUR),
        str(use.appointments),
        str(use.bookings),
        str(use.calls),
        _decimal(use.call_time / _HOUR),
        str(use.no_shows),
        str(use.lost_to_fault),
        str(use.journeys),
        str(use.journeys_unknown),
        _decimal(float(use.km)),
        _decimal(float(use.eur)),
        _decimal(float(use.kg_co2)),
    )
    return list(figures)


def _decimal(value: float) -> str:
    text = f"{value:.2f}"
    return text.replace(".", ",") if language() == "fr" else text


def _hours(span: timedelta) -> str:
    """1 234 h; 4,5 h when it is little."""
    hours = span / _HOUR
    return f"{formats.number(hours, 0 if hours >= 10 else 1)}{formats.NBSP}h"
