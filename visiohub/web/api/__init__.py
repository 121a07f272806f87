"""The REST API: /api/v1, described by /api/openapi.json."""

from __future__ import annotations

from importlib.metadata import version

from aiohttp import web

from visiohub.web.api.describe import document
from visiohub.web.api.resources import OPERATIONS


async def _description(_request: web.Request) -> web.Response:
    return web.json_response(text=document(OPERATIONS, version("visiohub")))


routes = [
    web.get("/api/openapi.json", _description),
    *(web.route(o.method, o.path, o.handle) for o in OPERATIONS),
]
"""What make_app mounts."""
