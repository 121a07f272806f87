"""Measurements of a line as they are kept, for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any

from aiohttp import web

from visiohub.domain.model import Venue
from visiohub.linkquality.grading import Level
from visiohub.storage.uow import UnitOfWork
from visiohub.web.cells import BYTE_ORDER_MARK
from visiohub.web.context import HUB
from visiohub.web.line_raw import COLUMNS, raw_rows
from visiohub.web.line_window import Window, window_of
from visiohub.web.line_words import in_a_file_name

routes = web.RouteTableDef()
_SERIES = "series:" + "|".join(COLUMNS)


@routes.get(f"/lines/{{line_id}}/{{{_SERIES}}}.csv")
async def as_csv(request: web.Request) -> web.Response:
    """UTF-8 with BOM, semicolons, a row each; times are UTC in ISO 8601, unknown cells empty."""
    hub, asked = request.app[HUB], window_of(request.query, request.app[HUB].clock())
    series, line_id = request.match_info["series"], request.match_info["line_id"]
    body = await hub.read(_csv, line_id, series, asked)
    return await _file(request, body, "text/csv", "csv")


@routes.get(f"/lines/{{line_id}}/{{{_SERIES}}}.json")
async def as_json(request: web.Request) -> web.Response:
    """One object a measurement."""
    hub, asked = request.app[HUB], window_of(request.query, request.app[HUB].clock())
    series, line_id = request.match_info["series"], request.match_info["line_id"]
    body = await hub.read(_json, line_id, series, asked)
    return await _file(request, body, "application/json", "json")


def _csv(uow: UnitOfWork, line_id: str, series: str, asked: Window) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS[series], delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_rows(uow, line_id, series, asked))
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _json(uow: UnitOfWork, line_id: str, series: str, asked: Window) -> bytes:
    return json.dumps(_rows(uow, line_id, series, asked)).encode()


def _rows(uow: UnitOfWork, line_id: str, series: str, asked: Window) -> list[dict[str, Any]]:
    rows = raw_rows(uow, uow.lines.get(line_id), series, asked.start, asked.end)
    return [{name: _plain(getattr(row, name)) for name in COLUMNS[series]} for row in rows]


def _plain(value: object) -> object:
    if isinstance(value, Level):
        return value.name.lower()
    return value.isoformat() if isinstance(value, datetime) else value


def _venue(uow: UnitOfWork, line_id: str) -> Venue:
    return uow.venues.get(uow.lines.get(line_id).venue_id)


async def _file(request: web.Request, body: bytes, content_type: str, ending: str) -> web.Response:
    info = request.match_info
    venue = await request.app[HUB].read(_venue, info["line_id"])
    name = f"ligne-{in_a_file_name(venue)}-{info['series']}.{ending}"
    answer = web.Response(
        body=body,
        headers={
            "Content-Type": f"{content_type}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )
    answer.enable_compression()
    return answer
