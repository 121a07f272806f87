"""What a technician and a Prometheus get of lines over HTTP, with the client on the same machine
and in the same process."""

from __future__ import annotations

import time
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from bench.results import Figure, percentile
from visiohub.booking import accounts, territory
from visiohub.booking.forms import PersonForm
from visiohub.bootstrap import Hub
from visiohub.domain.model import Role
from visiohub.web.app import make_app

TIMES = 40
LIMIT_MS = 200.0


@dataclass(frozen=True)
class Taken:
    """Milliseconds of one answer, the client's part included."""

    wall: float
    processor: float


async def served(hub: Hub, line_id: str, month: str) -> tuple[Figure, ...]:
    """One line's page of a year with its table, what its plots ask for, its month as the operator
    gets it; the list with its glimpses and signatures; the figures of all lines."""
    with hub.uow() as uow:
        form = PersonForm(login="line", label="Line", roles=frozenset({Role.TECHNICIAN}))
        person = territory.create(uow, form, None, hub.clock())
        token = accounts.open_session(uow, person, "bench", hub.clock()).token
        uow.commit()
    runner = web.AppRunner(make_app(hub))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(
            origin, cookies={"visiohub": token}, cookie_jar=jar
        ) as client:
            first = await _taken(client, "/lines")
            paths = {
                "page of a line's year": f"/lines/{line_id}?span=year",
                "figures of its plots as JSON": f"/lines/{line_id}/figures.json?span=year",
                "its month against the contract, PDF": f"/lines/{line_id}/report/{month}.pdf",
                "list of all lines": "/lines",
                "figures of all lines for Prometheus": "/metrics",
            }
            figures = [
                Figure("list of all lines, first after a start", first.wall, "ms"),
                Figure("list of all lines, first after a start, processor", first.processor, "ms"),
            ]
            for what, path in paths.items():
                limit = LIMIT_MS if "year" in path else None
                figures += _figures(what, [await _taken(client, path) for _ in range(TIMES)], limit)
            return tuple(figures)
    finally:
        await runner.cleanup()


def _figures(what: str, taken: list[Taken], limit: float | None) -> tuple[Figure, Figure]:
    walls, processors = [one.wall for one in taken], [one.processor for one in taken]
    return (
        Figure(f"{what}, p95", percentile(walls, 0.95), "ms", at_most=limit),
        Figure(f"{what}, processor, p95", percentile(processors, 0.95), "ms"),
    )


async def _taken(client: aiohttp.ClientSession, path: str) -> Taken:
    wall, processor = time.perf_counter(), time.process_time()
    async with client.get(path, allow_redirects=False) as answer:
        await answer.read()
        if answer.status != web.HTTPOk.status_code:
            raise RuntimeError(f"{path} answered {answer.status}")
    return Taken(1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - processor))
