"""Results of 300 kiosks on SQLite: how many times the real rate are kept, how large a year is, how
soon a line's page of a year and the list of all lines are served.

Each kiosk tells a minute each minute, two trains and fifteen readings of its modem each hour.
Twenty are kept in a transaction, as the hub gathers them at twenty times the real rate (GATHER_S of
visiohub.web.line_gathering); `late` is a day of one kiosk that was cut off. The year is filled with
quarters of an hour, days, trains, readings and its last 31 days of minutes; the other lines have
what the list and its signatures read: a day of quarters, two of readings, two weeks of trains.
Pages are timed by the wall clock, over HTTP, with the client on the same machine; the rest in
seconds of the processor, where other programs do not count.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bench.line_filled import MINUTE, NOW, fill_beside, fill_year, territory_of, told_at
from bench.results import Figure, Result
from visiohub.booking import accounts, territory
from visiohub.booking.forms import PersonForm
from visiohub.booking.lines.grades import Graders, grade_lines
from visiohub.booking.lines.results import keep_results, roll_days
from visiohub.bootstrap import Hub
from visiohub.domain.model import Role
from visiohub.settings import Settings
from visiohub.web.app import make_app

GATHERED = 20
PAGES = 40
MINUTES = 20
"""Over the turn of a quarter of an hour; an hour's trains and five readings of the modem are in."""


def run(_arguments: argparse.Namespace) -> Result:
    """The figures, and the JSON."""
    with tempfile.TemporaryDirectory() as folder:
        hub = Hub(Settings(data_dir=Path(folder), probe_port=0), lambda: NOW)
        try:
            kiosks, line_id = territory_of(hub)
            gathered = _gathered(hub, kiosks)
            late = _late(hub, kiosks[0])
            graded = _graded(hub)
            before = _size(hub, Path(folder))
            _do(hub, fill_year, line_id)
            size = _size(hub, Path(folder)) - before
            _do(hub, fill_beside, line_id)
            _do(hub, roll_days, NOW)
            served = asyncio.run(_pages(hub, line_id))
        finally:
            hub.close()
    return Result(
        "line_results",
        (
            Figure("results kept, times the real rate", gathered, "x", at_least=20),
            Figure("a day of one kiosk, sent late", late, "s"),
            Figure("one grading of 300 lines", graded, "s"),
            Figure("a line's year of figures, with a month of minutes", size / 1e6, "MB"),
            Figure("page of a line's year, p95", served.page, "ms", at_most=200),
            Figure("figures of its plots as JSON, p95", served.plots, "ms", at_most=200),
            Figure("list of 300 lines, first after a start", served.first_list, "ms"),
            Figure("list of 300 lines, p95", served.again, "ms"),
            Figure("figures of 300 lines for Prometheus, p95", served.metrics, "ms"),
        ),
    )


def _gathered(hub: Hub, kiosks: list[str]) -> float:
    begun = time.process_time()
    for minute in range(MINUTES):
        for first in range(0, len(kiosks), GATHERED):
            told = [
                (kiosk_id, list(told_at(minute))) for kiosk_id in kiosks[first : first + GATHERED]
            ]
            _do(hub, keep_results, told, NOW + (minute + 1) * MINUTE)
    return MINUTES * 60 / (time.process_time() - begun)


def _late(hub: Hub, kiosk_id: str) -> float:
    cards = [card for minute in range(-1440, 0) for card in told_at(minute)]
    begun = time.process_time()
    for first in range(0, len(cards), 50):
        _do(hub, keep_results, [(kiosk_id, cards[first : first + 50])], NOW + MINUTE)
    return time.process_time() - begun


def _graded(hub: Hub) -> float:
    graders = Graders()
    _do(hub, grade_lines, NOW + (MINUTES - 3) * MINUTE, graders)
    begun = time.process_time()
    _do(hub, grade_lines, NOW + (MINUTES + 2) * MINUTE, graders)
    return time.process_time() - begun


def _size(hub: Hub, folder: Path) -> float:
    with hub.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return float((folder / "visiohub.sqlite3").stat().st_size)


@dataclass(frozen=True)
class _Served:
    """Milliseconds by the wall clock."""

    page: float
    plots: float
    first_list: float
    again: float
    metrics: float


async def _pages(hub: Hub, line_id: str) -> _Served:
    """A technician's, over HTTP: a line's page with its table, what its plots ask for, the list
    with its glimpses and signatures; and what a Prometheus gets."""
    with hub.uow() as uow:
        form = PersonForm(login="line", label="Line", roles=frozenset({Role.TECHNICIAN}))
        person = territory.create(uow, form, None, NOW)
        token = accounts.open_session(uow, person, "bench", NOW).token
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
            page = await _served(client, f"/lines/{line_id}?span=year")
            plots = await _served(client, f"/lines/{line_id}/figures.json?span=year")
            first, *lists = [await _taken(client, "/lines") for _ in range(PAGES)]
            metrics = await _served(client, "/metrics")
            return _Served(page, plots, first, _p95(lists), metrics)
    finally:
        await runner.cleanup()


async def _served(client: aiohttp.ClientSession, path: str) -> float:
    return _p95([await _taken(client, path) for _ in range(PAGES)])


async def _taken(client: aiohttp.ClientSession, path: str) -> float:
    begun = time.perf_counter()
    async with client.get(path, allow_redirects=False) as answer:
        await answer.read()
        if answer.status != web.HTTPOk.status_code:
            raise RuntimeError(f"{path} answered {answer.status}")
    return 1000 * (time.perf_counter() - begun)


def _p95(figures: list[float]) -> float:
    return sorted(figures)[int(0.95 * len(figures))]


def _do(hub: Hub, use_case: Any, *arguments: Any) -> None:
    with hub.uow() as uow:
        use_case(uow, *arguments)
        uow.commit()
