"""/healthz, /readyz and /metrics."""

from __future__ import annotations

from collections import Counter

from aiohttp import web

from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, METRICS, SIGNALING
from visiohub.web.metrics import CONTENT_TYPE

routes = web.RouteTableDef()


@routes.get("/healthz")
async def healthz(_request: web.Request) -> web.Response:
    """The process answers; pages ask this twice a second while their line is down."""
    return web.Response(text="ok")


@routes.get("/readyz")
async def readyz(request: web.Request) -> web.Response:
    """The database answers too."""
    await request.app[HUB].read(_open_calls)
    return web.Response(text="ready")


@routes.get("/metrics")
async def figures(request: web.Request) -> web.Response:
    """Prometheus' text format."""
    app = request.app
    metrics = app[METRICS]
    metrics.kiosks.set(len(app[SIGNALING].present_kiosks()))
    metrics.people.set(len(app[SIGNALING].present_people()))
    states = Counter(await app[HUB].read(_open_calls))
    metrics.set_calls(lambda state: states[state])
    return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE})


def _open_calls(uow: UnitOfWork) -> list[str]:
    return [call.state for call in uow.calls.open()]
