"""Measurements of a line as they are kept, for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from visiohub.domain.line import Figures, ModemFigures, TrainResult
from visiohub.errors import NotFound
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork
from visiohub.web.cells import BYTE_ORDER_MARK
from visiohub.web.context import HUB
from visiohub.web.line_window import Window, window_of

routes = web.RouteTableDef()
MINUTES_UP_TO = timedelta(days=31)
"""Longer times come as quarters of an hour: some forty thousand rows either way."""
_PACKED = "rtt_counts"
"""For adding up: its percentiles stand beside it."""
_KINDS: dict[str, type[Figures | TrainResult | ModemFigures]] = {
    "delays": Figures,
    "trains": TrainResult,
    "modem": ModemFigures,
}


@routes.get("/lines/{line_id}/{series:delays|trains|modem}.csv")
async def as_csv(request: web.Request) -> web.Response:
    """UTF-8 with BOM, semicolons, a row each; times are UTC in ISO 8601, unknown cells empty."""
    hub, asked = request.app[HUB], window_of(request.query, request.app[HUB].clock())
    series, line_id = request.match_info["series"], request.match_info["line_id"]
    body = await hub.read(_csv, line_id, series, asked)
    return _file(request, body, "text/csv", "csv")


@routes.get("/lines/{line_id}/{series:delays|trains|modem}.json")
async def as_json(request: web.Request) -> web.Response:
    """One object a measurement."""
    hub, asked = request.app[HUB], window_of(request.query, request.app[HUB].clock())
    series, line_id = request.match_info["series"], request.match_info["line_id"]
    body = await hub.read(_json, line_id, series, asked)
    return _file(request, body, "application/json", "json")


def _csv(uow: UnitOfWork, line_id: str, series: str, asked: Window) -> bytes:
    text = io.StringIO()
    names = [field.name for field in fields(_KINDS[series]) if field.name != _PACKED]
    writer = csv.DictWriter(text, names, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_rows(uow, line_id, series, asked))
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _json(uow: UnitOfWork, line_id: str, series: str, asked: Window) -> bytes:
    return json.dumps(_rows(uow, line_id, series, asked)).encode()


def _rows(uow: UnitOfWork, line_id: str, series: str, asked: Window) -> list[dict[str, Any]]:
    line = uow.lines.get(line_id)
    state = uow.linkquality.states.find(line.id)
    number = state.number if state else 0  # no line has this one
    kept = uow.linkquality.series
    span = (number, asked.start, asked.end)
    found: Sequence[Any]
    match series:
        case "delays":
            fine = asked.span <= MINUTES_UP_TO
            found = kept.figures(*span, Resolution.MINUTES if fine else Resolution.QUARTERS)
        case "trains":
            found = kept.trains(*span)
        case "modem":
            found = kept.modem(*span)
        case _:
            raise NotFound(series)
    return [{k: _plain(v) for k, v in asdict(one).items() if k != _PACKED} for one in found]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _file(request: web.Request, body: bytes, content_type: str, ending: str) -> web.Response:
    info = request.match_info
    name = f"ligne-{info['line_id']}-{info['series']}.{ending}"
    answer = web.Response(
        body=body,
        headers={
            "Content-Type": f"{content_type}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )
    answer.enable_compression()
    return answer
