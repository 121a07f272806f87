"""Administration: a table is sent, checked line by line, corrected, and taken over or dropped."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

from aiohttp import web

from visiohub.booking.imports import run, uploads
from visiohub.domain.csv_table import MOST_BYTES, MOST_ROWS, Problem
from visiohub.errors import InvalidForm
from visiohub.web.cells import BYTE_ORDER_MARK, safe
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.formats import number
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.narrow import SHOWN, shown_in
from visiohub.web.render import page, see_other
from visiohub.web.uploads import read_upload

routes = web.RouteTableDef()

KINDS = {
    "venues": later("Lieux d’accueil"),
    "rooms": later("Salles"),
    "agents": later("Agents"),
    "appointments": later("Rendez-vous à venir"),
    "bookings": later("Réservations de salles à venir"),
}
LISTS = {
    "venues": "/admin/venues",
    "rooms": "/admin/rooms",
    "agents": "/admin/people",
    "appointments": "/appointments",
    "bookings": "/planning",
}
"""Where one sees what was taken over."""


@routes.get("/admin/imports")
async def overview(request: web.Request) -> web.Response:
    """A form to send a file, and the files that are kept."""
    return await _overview(request, "", None)


@routes.post("/admin/imports")
async def send(request: web.Request) -> web.Response:
    """Keep a file, then say what is wrong with it."""
    hub = request.app[HUB]
    sent = await read_upload(request, MOST_BYTES)
    try:
        made = await hub.run(
            uploads.send, sent.kind, sent.name, sent.data, staff(request), hub.clock()
        )
    except InvalidForm as error:
        return await _overview(request, sent.kind, error)
    return see_other(f"/admin/imports/{made.id}")


@routes.get("/admin/imports/sample/{kind}")
async def sample(request: web.Request) -> web.Response:
    """A table of one line that can be filled in."""
    kind = request.match_info["kind"]
    if kind not in KINDS:
        raise web.HTTPNotFound
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="visiohub-{kind}.csv"',
    }
    return web.Response(body=sample_table(kind), headers=headers)


@routes.get("/admin/imports/{upload_id}")
async def show(request: web.Request) -> web.Response:
    """What is wrong with a file as things are now, or that it was taken over."""
    return await _show(request, None)


@routes.post("/admin/imports/{upload_id}")
async def replace(request: web.Request) -> web.Response:
    """The corrected file instead."""
    hub = request.app[HUB]
    sent = await read_upload(request, MOST_BYTES)
    upload_id = request.match_info["upload_id"]
    try:
        made = await hub.run(
            uploads.replace, upload_id, sent.name, sent.data, staff(request), hub.clock()
        )
    except InvalidForm as error:
        return await _show(request, error)
    return see_other(f"/admin/imports/{made.id}")


@routes.post("/admin/imports/{upload_id}/load")
async def load(request: web.Request) -> web.Response:
    """Take it over, whole or not at all; what is wrong by now is on its page."""
    hub = request.app[HUB]
    upload_id = request.match_info["upload_id"]
    with suppress(run.ImportRefused):
        await hub.run(uploads.load, upload_id, staff(request), hub.clock())
    return see_other(f"/admin/imports/{upload_id}")


@routes.post("/admin/imports/{upload_id}/drop")
async def drop(request: web.Request) -> web.Response:
    """Keep the file no longer."""
    hub = request.app[HUB]
    await hub.run(uploads.drop, request.match_info["upload_id"], staff(request), hub.clock())
    return see_other("/admin/imports", "dropped")


def sample_table(kind: str) -> bytes:
    """Heads and one line of examples, as a spreadsheet program opens it."""
    columns = run.columns_of(kind)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.heads[0].capitalize() for column in columns])
    writer.writerow([safe(column.example) for column in columns])
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


async def _overview(request: web.Request, kind: str, error: InvalidForm | None) -> web.Response:
    context = {
        "kinds": KINDS,
        "kind": kind,
        "columns": {name: run.columns_of(name) for name in KINDS},
        "kept": await request.app[HUB].read(uploads.recent),
        "days": request.app[HUB].settings.keep_uploads_days,
        "most_rows": MOST_ROWS,
        "most_mega": MOST_BYTES // 1024 // 1024,
        "errors": field_sentences(error) if error else {},
        "wrong": sentence(error) if error else "",
        "done": done_sentence(request),
    }
    return page(request, "imports/list.html", context, status=error.status if error else 200)


async def _show(request: web.Request, error: InvalidForm | None) -> web.Response:
    hub = request.app[HUB]
    upload, report = await hub.read(uploads.check, request.match_info["upload_id"], hub.clock())
    problems = report.problems if report else ()
    limit = shown_in(request)
    context = {
        "upload": upload,
        "title": KINDS[upload.kind],
        "report": report,
        "problems": [(p, _said(p)) for p in problems[:limit]],
        "more": limit + SHOWN if len(problems) > limit else 0,
        "list": LISTS[upload.kind],
        "days": hub.settings.keep_uploads_days,
        "errors": field_sentences(error) if error else {},
    }
    return page(request, "imports/one.html", context, status=error.status if error else 200)


def _said(problem: Problem) -> str:
    params = dict(problem.params)
    if isinstance(most := params.get("most"), int):  # lines and years are written as they are
        params["most"] = number(most)
    return _(problem.says).format(**params)
