"""The REST API: /api/v1, described by /api/openapi.json."""

from __future__ import annotations

from importlib.metadata import version

from aiohttp import web

from visiohub.web.api.describe import document
from visiohub.web.api.resources import OPERATIONS
from visiohub.web.context import HUB
from visiohub.web.sessions import cookie_name


async def _description(request: web.Request) -> web.Response:
    cookie = cookie_name("visiohub", secure=request.app[HUB].settings.secure_cookies)
    return web.json_response(text=document(OPERATIONS, version("visiohub"), cookie))


routes = [
    web.get("/api/openapi.json", _description),
    *(web.route(o.method, o.path, o.handle) for o in OPERATIONS),
]
"""What make_app mounts."""
