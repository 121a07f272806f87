"""A line's month beside its contract, to be kept or sent to the operator."""

from __future__ import annotations

import re

from aiohttp import web

from visiohub.booking.lines.reporting import LineMonth, line_month
from visiohub.domain import hours
from visiohub.domain.tariff.months import Month
from visiohub.errors import NotFound
from visiohub.web.context import HUB
from visiohub.web.line_report_csv import line_report_csv
from visiohub.web.line_report_pdf import line_report_pdf
from visiohub.web.line_words import in_a_file_name

routes = web.RouteTableDef()

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@routes.get("/lines/{line_id}/report/{month}.pdf")
async def as_pdf(request: web.Request) -> web.Response:
    """For people."""
    made = await _made(request)
    hub = request.app[HUB]
    issued = hours.local_day(hub.clock(), hours.zone_of(made.venue.time_zone))
    body = await hub.read(lambda _uow: line_report_pdf(made, issued))  # in a thread: it is slow
    return _file(made, body, "pdf", "application/pdf")


@routes.get("/lines/{line_id}/report/{month}.csv")
async def as_csv(request: web.Request) -> web.Response:
    """For spreadsheets."""
    made = await _made(request)
    return _file(made, line_report_csv(made), "csv", "text/csv; charset=utf-8")


async def _made(request: web.Request) -> LineMonth:
    """Raises NotFound: no such line, no such month, or one to come."""
    hub = request.app[HUB]
    found = _MONTH.fullmatch(request.match_info["month"])
    if found is None:
        raise NotFound("month: written like 2026-11")
    month = Month(int(found[1]), int(found[2]))
    now = hub.clock()
    made = await hub.read(line_month, request.match_info["line_id"], month, now)
    if made.begin > now:
        raise NotFound("month: has not begun")
    return made


def _file(made: LineMonth, body: bytes, ending: str, content_type: str) -> web.Response:
    name = f"ligne-{in_a_file_name(made.venue)}-{made.month}.{ending}"
    headers = {
        "Content-Type": content_type,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return web.Response(body=body, headers=headers)
