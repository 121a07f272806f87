"""The planning of a venue's week, over HTTP, in a territory with a year of bookings.

The territory of `bench.search`, with the rows of bookings that its occupied rooms are for. Asked by
a coordinator, who sees every name: the page has most to tell to whoever sees most. Client and hub
share one process, so that what the client costs is in the figures, too.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from argparse import Namespace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import ColumnElement, Engine, and_, false, insert, literal, select, text

from bench import territory
from bench.results import Figure, Result, percentile
from bench.search import CACHE, filled, kept_on_sqlite, server_module
from visiohub.booking import accounts
from visiohub.bootstrap import Hub
from visiohub.domain.booking import RoomState
from visiohub.domain.model import Person, Role
from visiohub.domain.occupancy import OwnerKind, ResourceKind
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.quote import Quote
from visiohub.domain.tariff.standing import Draws
from visiohub.serve import leave_what_stays
from visiohub.settings import Settings
from visiohub.storage.documents import QuoteJson
from visiohub.storage.engine import open_engine
from visiohub.storage.room_tables import Cancellation, booked_rooms, bookings
from visiohub.storage.tables import occupancies, rooms
from visiohub.storage.types import Instant
from visiohub.storage.uow import UnitOfWork
from visiohub.web.app import make_app

WEEKS = 60
LIMIT_MS = 100.0
LIMIT_KB = 20.0
"""Of a page after the first: its styles and scripts are kept by the browser."""


def run(_arguments: Namespace) -> Result:
    """On both databases."""
    figures: list[Figure] = []
    raw: dict[str, dict[str, list[float]]] = {}
    for name, ask in (("SQLite", _on_sqlite), ("PostgreSQL", _on_postgresql)):
        took, cpu, sizes = ask()
        raw[name] = {"first_byte_ms": took, "cpu_ms": cpu, "compressed_kB": sizes}
        figures += [
            Figure(
                f"{name}: a venue's week, first byte, p95",
                percentile(took, 0.95),
                "ms",
                at_most=LIMIT_MS,
            ),
            Figure(f"{name}: CPU of hub and client for it, p95", percentile(cpu, 0.95), "ms"),
            Figure(f"{name}: compressed, largest", max(sizes), "kB", at_most=LIMIT_KB),
        ]
    return Result("week", tuple(figures), raw)


Answers = tuple[list[float], list[float], list[float]]
"""Milliseconds to the first byte, of CPU, and kB of each page."""


def _on_sqlite() -> Answers:
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        url = f"sqlite:///{shutil.copy(kept_on_sqlite(), folder)}"
        return _asked(open_engine(url, busy_timeout_s=10, connections=1), url)


def _on_postgresql() -> Answers:
    with server_module().start_postgresql(durable=True) as server:
        url = server.new()
        return _asked(filled(url), url)


def _asked(engine: Engine, url: str) -> Answers:
    _book(engine)
    engine.dispose()
    with tempfile.TemporaryDirectory() as folder:
        hub = Hub(Settings(data_dir=Path(folder), database_url=url), clock=lambda: territory.NOW)
        try:
            with hub.uow() as uow:
                token = _coordinator(uow)
                uow.commit()
            return asyncio.run(_over_http(hub, token))
        finally:
            hub.close()


def _book(engine: Engine) -> None:
    """A booking of one room for each occupancy that has none, written by the database itself."""
    o, begun = occupancies.c, literal(territory.NOW, Instant())
    one: dict[str, ColumnElement[Any]] = {
        "id": o.owner_id, "membership_id": literal("m0"), "starts_at": o.starts_at,
        "ends_at": o.ends_at, "created_at": begun, "created_by": literal(territory.PROFESSIONAL),
        "visio": false(), "version": literal(1),
    }  # fmt: skip
    its_room: dict[str, ColumnElement[Any]] = {
        "id": o.owner_id, "booking_id": o.owner_id, "room_id": o.resource_id,
        "venue_id": rooms.c.venue_id,
        "state": literal(RoomState.CONFIRMED, booked_rooms.c.state.type),
        "quote": literal(Quote((), Draws()), QuoteJson), "version": literal(1),
        "cancellation": literal(CancellationRule(24, Decimal(50), Decimal(100)), Cancellation),
    }  # fmt: skip
    of_rooms = and_(o.owner_kind == OwnerKind.BOOKING, o.resource_kind == ResourceKind.ROOM)
    with engine.begin() as connection:
        for table, row in ((bookings, one), (booked_rooms, its_room)):
            found = select(*row.values()).where(of_rooms, rooms.c.id == o.resource_id)
            connection.execute(insert(table).from_select(list(row), found))
        connection.execute(text("ANALYZE"))


def _coordinator(uow: UnitOfWork) -> str:
    """A session's token."""
    person = Person("coordinator", "coordination", "Coordination", "", "!")
    person.roles = frozenset({Role.COORDINATOR})
    uow.persons.add(person)
    uow.flush()
    return accounts.open_session(uow, person, "bench", territory.NOW).token


async def _over_http(hub: Hub, token: str) -> Answers:
    chance = random.Random(territory.SEED)  # noqa: S311 - a benchmark's, seeded
    runner = web.AppRunner(make_app(hub), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    leave_what_stays()  # as the hub does when it is ready
    took, cpu, sizes = [], [], []
    cookies = {"visiohub": token}
    async with aiohttp.ClientSession(
        f"http://{host}:{port}", cookies=cookies, auto_decompress=False,
        cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Accept-Encoding": "gzip"},
    ) as client:  # fmt: skip
        for asked in range(WEEKS + 5):
            venue = f"v{chance.randrange(territory.VENUES)}"
            day = territory.FIRST_DAY + timedelta(days=chance.randrange(territory.DAYS - 7))
            began, began_cpu = time.perf_counter(), time.process_time()
            async with client.get("/planning", params={"venue": venue, "day": str(day)}) as answer:
                first_byte = 1000 * (time.perf_counter() - began)
                used = 1000 * (time.process_time() - began_cpu)
                body = await answer.read()
            if answer.status != 200:
                raise RuntimeError(f"answered {answer.status}")
            if asked >= 5:  # the templates are compiled with the first
                took.append(first_byte)
                cpu.append(used)
                sizes.append(len(body) / 1000)
    await runner.cleanup()
    return took, cpu, sizes
