"""Monthly statements: on a page, as PDF, and as a table for the treasury."""

from __future__ import annotations

import re

from aiohttp import web

from visiohub.booking.rooms import statements
from visiohub.domain import hours
from visiohub.domain.tariff.months import Month
from visiohub.domain.tariff.statement import Statement
from visiohub.errors import NotFound
from visiohub.web.context import HUB, staff
from visiohub.web.render import page
from visiohub.web.room_words import month_words
from visiohub.web.statement_csv import treasury_csv
from visiohub.web.statement_paper import number_of, statement_paper

routes = web.RouteTableDef()

_MONTH = re.compile(r"(2\d{3})-(0[1-9]|1[0-2])")


def month_in(text: str) -> Month:
    """2026-11. Raises NotFound."""
    found = _MONTH.fullmatch(text)
    if found is None:
        raise NotFound(f"no month {text!r}")
    return Month(int(found[1]), int(found[2]))


async def _statement(request: web.Request) -> Statement:
    """Of the address. Raises NotFound, NotAllowed."""
    hub, month = request.app[HUB], month_in(request.match_info["month"])
    payer_id = request.match_info["payer_id"]
    return await hub.read(statements.statement_of, payer_id, month, staff(request))


@routes.get("/statements.csv")
async def table(request: web.Request) -> web.Response:
    """All of a month, for the treasury's program."""
    hub, settings = request.app[HUB], request.app[HUB].settings
    month = month_in(request.query.get("month", ""))
    made = await hub.read(statements.statements_of_month, month, staff(request))
    text = treasury_csv(made, settings.treasury_account, settings.treasury_label)
    return _file(text, "text/csv", f"statements-{month}.csv")


@routes.get("/statements/{payer_id}/{month}")
async def show(request: web.Request) -> web.Response:
    """The same figures as the PDF's, for everybody to read."""
    made = await _statement(request)
    context = {"made": made, "month": month_words(made.month), "number": number_of(made)}
    return page(request, "rooms/statement.html", context)


@routes.get("/statements/{payer_id}/{month}/pdf")
async def paper(request: web.Request) -> web.Response:
    """To keep or to send."""
    made, hub = await _statement(request), request.app[HUB]
    settings = hub.settings
    today = hours.local_day(hub.clock(), hours.zone_of(settings.time_zone))
    content = await hub.read(lambda _uow: statement_paper(made, settings, today))
    return _file(content, "application/pdf", f"{number_of(made)}.pdf")


def _file(content: bytes, kind: str, name: str) -> web.Response:
    charset = "utf-8" if kind == "text/csv" else None
    return web.Response(
        body=content,
        content_type=kind,
        charset=charset,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
