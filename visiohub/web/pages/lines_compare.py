"""Two to four lines on one page, on the same time axis."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from visiohub.booking.lines.contracts import contracts_of
from visiohub.booking.lines.faults import FaultBook
from visiohub.booking.lines.looking import LineRow, history, list_lines
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB
from visiohub.web.i18n import gettext as _
from visiohub.web.line_fault_words import standing_word
from visiohub.web.line_plot_texts import plot_texts
from visiohub.web.line_table import Stretch, whole
from visiohub.web.line_window import Window, span_names, window_of
from visiohub.web.narrow import narrow
from visiohub.web.pages.lines import FAULTS, searched
from visiohub.web.pages.lines_one import period_words
from visiohub.web.render import page
from visiohub.web.words import Word

routes = web.RouteTableDef()
LEAST, MOST = 2, 4


@routes.get("/lines/compare")
async def compare(request: web.Request) -> web.Response:
    """Those of the address; with fewer than two, or with more than four, what to choose from."""
    hub = request.app[HUB]
    now = hub.clock()
    asked = window_of(request.query, now)
    ids = list(dict.fromkeys(request.query.getall("line", [])))[: 2 * MOST]
    rows, found = await hub.read(_read, ids, asked, request.app[FAULTS], now)
    known = [one for one, _figures, _word in found]
    context: dict[str, Any] = {
        "found": found if LEAST <= len(found) <= MOST else [],
        "known": known,
        "shown": narrow(request, [row for row in rows if row not in known], searched),
        "all": len(rows),
        "wrong": _wrong(len(found), asked_any=bool(ids) and "find" not in request.query),
        "window": asked,
        "spans": span_names(),
        "moves": asked.moves(now),
        "period": period_words(asked, hub.settings.time_zone),
        "lines": "&".join(f"line={row.line.id}" for row in known),
        "plot_texts": plot_texts(),
    }
    return page(request, "lines/compare.html", context)


def _read(
    uow: UnitOfWork, ids: list[str], asked: Window, book: FaultBook, now: datetime
) -> tuple[list[LineRow], list[tuple[LineRow, Stretch, Word]]]:
    rows = sorted(list_lines(uow), key=lambda row: (row.venue.town, row.venue.name))
    by_id = {row.line.id: row for row in rows}
    found = []
    for row in (by_id[one] for one in ids if one in by_id):
        seen = history(uow, row.line.id, asked.start, asked.end)
        word = standing_word(row, book.of(uow, row, now))
        found.append((row, whole(seen, contracts_of(uow, row.line)), word))
    return rows, found


def _wrong(count: int, *, asked_any: bool) -> str:
    if count > MOST:
        return _("Quatre lignes au plus se comparent. Décochez-en.")
    if count < LEAST and asked_any:
        return _("Il faut deux lignes pour comparer. Cochez-en une autre.")
    return ""
