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
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
from aiohttp import web

from bench.results import Figure, Result
from signaling.protocol.line_cards import MinuteCard, ModemCard, ModemWay, SpreadCard, TrainCard
from visiohub.booking import accounts, territory
from visiohub.booking.forms import KioskForm, LineForm, PersonForm, RoomForm, VenueForm
from visiohub.booking.lines.grades import Graders, grade_lines
from visiohub.booking.lines.results import keep_results, roll_days
from visiohub.bootstrap import Hub
from visiohub.domain.line import Figures, ModemFigures, TrainResult, Way
from visiohub.domain.line_figures import counted
from visiohub.domain.model import LineKind, Role
from visiohub.linkquality import histogram
from visiohub.settings import Settings
from visiohub.storage.line_series import Resolution
from visiohub.web.app import make_app

KIOSKS = 300
SEED = 20_261_121
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MINUTE, QUARTER, DAY = timedelta(minutes=1), timedelta(minutes=15), timedelta(days=1)
READING = timedelta(minutes=4)
"""Of the modem (kiosk/probes/modem_watch.py)."""
YEAR_DAYS = 365
MINUTES_DAYS = 31
"""Minutes are kept for so long (visiohub/settings.py)."""
GATHERED = 20
PAGES = 40
MINUTES = 20
"""Over the turn of a quarter of an hour; an hour's trains and five readings of the modem are in."""


def run(_arguments: argparse.Namespace) -> Result:
    """The figures, and the JSON."""
    with tempfile.TemporaryDirectory() as folder:
        hub = Hub(Settings(data_dir=Path(folder), probe_port=0), lambda: NOW)
        try:
            kiosks, line_id = _territory(hub)
            gathered = _gathered(hub, kiosks)
            late = _late(hub, kiosks[0])
            graded = _graded(hub)
            size = _year(hub, line_id, Path(folder))
            _beside(hub, line_id)
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


def _territory(hub: Hub) -> tuple[list[str], str]:
    kiosks = []
    with hub.uow() as uow:

        def make(form: Any) -> Any:
            return territory.create(uow, form, None, NOW)

        for number in range(KIOSKS):
            place = {"street": "1 place du Four", "postcode": "05600", "town": f"Lieu {number}"}
            where = {"latitude": 44.6, "longitude": 6.6, "phone": "04 65 71 20 05"}
            venue = make(VenueForm(name=f"Lieu {number}", kind="Mairie", **place, **where))
            line = make(
                LineForm(venue_id=venue.id, kind=LineKind.ADSL, up_kbit_s=900, down_kbit_s=9000)
            )
            room = make(RoomForm(venue_id=venue.id, name="Salle", capacity=3))
            kiosks.append(make(KioskForm(room_id=room.id, name=f"Borne {number}")).id)
        uow.commit()
    return kiosks, line.id


def _cards(minute: int) -> Iterator[Any]:
    at = NOW + minute * MINUTE
    spread = SpreadCard(p5=31.2, p50=35.9, p95=44.1, p99=63.0)
    yield MinuteCard(
        at=at, sent=20, lost=0, two_way=spread, up=spread, down=spread, octets_up=2800,
        octets_down=2800, two_way_counts=tuple(_delays(20, minute).items()),
    )  # fmt: skip
    if minute % 60 == 0:
        for way in ("up", "down"):
            yield TrainCard.model_validate(
                {"at": at, "way": way, "kbit_s": 800.0, "doubt": None, "packets": 61,
                 "octets": 1228, "arrived": 61}
            )  # fmt: skip
    if minute % 4 == 0:
        way_card = ModemWay(sync_kbit_s=1000.0, snr_db=9.5, errored_s=2)
        yield ModemCard(at=at, standard="adsl", up=way_card, down=way_card, retrains=0)


def _gathered(hub: Hub, kiosks: list[str]) -> float:
    begun = time.process_time()
    for minute in range(MINUTES):
        for first in range(0, len(kiosks), GATHERED):
            told = [
                (kiosk_id, list(_cards(minute))) for kiosk_id in kiosks[first : first + GATHERED]
            ]
            _do(hub, keep_results, told, NOW + (minute + 1) * MINUTE)
    return MINUTES * 60 / (time.process_time() - begun)


def _late(hub: Hub, kiosk_id: str) -> float:
    cards = [card for minute in range(-1440, 0) for card in _cards(minute)]
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


def _year(hub: Hub, line_id: str, folder: Path) -> float:
    """Octets that a year of one line takes."""
    random = Random(SEED)  # noqa: S311 - no secret
    before = _size(hub, folder)

    def fill(uow: Any) -> None:
        number, series = uow.linkquality.states.of(line_id).number, uow.linkquality.series
        start = NOW - YEAR_DAYS * DAY
        quarters = YEAR_DAYS * 96
        rows = [(number, _figures(start + n * QUARTER, random)) for n in range(quarters)]
        series.add_figures(rows, Resolution.QUARTERS)
        days = [(number, _figures(start + n * DAY, random)) for n in range(YEAR_DAYS)]
        series.add_figures(days, Resolution.DAYS)
        trains = [
            (number, _train(start + n * 4 * QUARTER, way, random))
            for n in range(YEAR_DAYS * 24) for way in Way
        ]  # fmt: skip
        series.add_trains(trains)
        minutes = [
            (
                number,
                replace(_figures(NOW - n * MINUTE, random), minutes=1, **random.choice(_MINUTES)),
            )
            for n in range(1, MINUTES_DAYS * 1440)
        ]
        series.add_figures(minutes, Resolution.MINUTES)
        modem = [(number, _reading(start + n * READING)) for n in range(YEAR_DAYS * DAY // READING)]
        series.add_modem(modem)

    _do(hub, fill)
    return _size(hub, folder) - before


def _train(at: datetime, way: Way, random: Random) -> TrainResult:
    rate = random.uniform(700, 800)
    return TrainResult(at, way, rate, None, 0.01, 0, 61, 1228, 61, 0, in_call=False)


def _reading(at: datetime) -> ModemFigures:
    up, down = (1000.0, 1100.0, 9.5, 30.0, 0, 0, 0.0), (9000.0, 9500.0, 8.5, 31.0, 0, 0, 0.0)
    return ModemFigures(at, "adsl", *up, *down, 0, 1e6)


def _figures(at: datetime, random: Random) -> Figures:
    spread: dict[str, Any] = {
        f"{way}_{p}": random.uniform(5, 90)
        for way in ("up", "down") for p in ("p5", "p50", "p95", "p99")
    }  # fmt: skip
    spread |= random.choice(_DELAYS)
    return Figures(at, minutes=15, sent=300, lost=1, octets_up=42_000, octets_down=42_000, **spread)


def _delays(probes: int, seed: int) -> dict[int, int]:
    """Counts of two-way delays of an ADSL line: 30 ms, and 6 ms more in the mean."""
    random = Random(seed)  # noqa: S311 - no secret
    return histogram.count(30 + random.expovariate(1 / 6) for _ in range(probes))


_DELAYS = [counted(_delays(300, seed)) for seed in range(SEED, SEED + 50)]
"""Of quarters of an hour."""
_MINUTES = [counted(_delays(20, seed)) for seed in range(SEED, SEED + 50)]


def _size(hub: Hub, folder: Path) -> float:
    with hub.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return float((folder / "visiohub.sqlite3").stat().st_size)


def _beside(hub: Hub, but: str) -> None:
    """What the list reads of all the other lines."""
    random = Random(SEED)  # noqa: S311 - no secret

    def fill(uow: Any) -> None:
        series = uow.linkquality.series
        for line in uow.lines.list(active=True):
            if line.id == but:
                continue
            number = uow.linkquality.states.of(line.id).number
            quarters = [(number, _figures(NOW - n * QUARTER, random)) for n in range(1, 97)]
            series.add_figures(quarters, Resolution.QUARTERS)
            trains = [
                (number, _train(NOW - n * 4 * QUARTER, way, random))
                for n in range(1, 14 * 24) for way in Way
            ]  # fmt: skip
            series.add_trains(trains)
            readings = [(number, _reading(NOW - n * READING)) for n in range(1, 2 * DAY // READING)]
            series.add_modem(readings)

    _do(hub, fill)


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
