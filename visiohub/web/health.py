"""/healthz, /readyz and /metrics."""

from __future__ import annotations

from collections import Counter

from aiohttp import web

from visiohub.booking.lines.gauges import line_gauges
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, METRICS, SIGNALING
from visiohub.web.line_metrics import KioskGauge
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
    hub = app[HUB]
    metrics.places.lines = await hub.read(line_gauges, hub.clock())
    metrics.places.kiosks = await hub.read(_kiosks, app[SIGNALING].present_kiosks())
    states = Counter(await hub.read(_open_calls))
    metrics.set_calls(lambda state: states[state])
    return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE})


def _open_calls(uow: UnitOfWork) -> list[str]:
    return [call.state for call in uow.calls.open()]


def _kiosks(uow: UnitOfWork, here: set[str]) -> list[KioskGauge]:
    """The enrolled ones."""
    rooms = {room.id: room for room in uow.rooms.list()}
    venues = {venue.id: venue for venue in uow.venues.list()}
    return [
        KioskGauge(
            kiosk.id,
            kiosk.name,
            venues[rooms[kiosk.room_id].venue_id].full_name,
            is_here=kiosk.id in here,
        )
        for kiosk in uow.kiosks.list(active=True)
        if kiosk.public_key is not None
    ]
