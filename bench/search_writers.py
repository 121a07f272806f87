"""Rooms booked by several processes at once, each booking a whole use case and a commit of its own.

An appointment's paper costs a slow hash on top (argon2id, RFC 9106), about 0.2 s of one core: it is
made before the transaction, and is not what is measured here.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from dataclasses import dataclass
from datetime import date, timedelta
from datetime import time as wall
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from bench import territory
from bench.results import percentile
from visiohub.booking.rooms.book import book
from visiohub.booking.rooms.forms import BookingForm
from visiohub.domain.calendar.public_holidays import Territory, public_holidays
from visiohub.errors import SlotTaken, VisiohubError
from visiohub.settings import Settings
from visiohub.storage.engine import open_engine
from visiohub.storage.retry import committed
from visiohub.storage.uow import UnitOfWork

SECONDS = 10.0
FIRST_DAY = date(2027, 9, 6)
"""A Monday after the territory's year: what is booked there is the benchmark's own."""
WEEKS = 52
DAYS = [
    day
    for day in (FIRST_DAY + timedelta(days=n) for n in range(7 * WEEKS))
    if day.weekday() < 5 and day not in public_holidays(Territory.METROPOLE, day.year)
]
HOURS = (8, 9, 10, 11, 13, 14, 15, 16)


@dataclass(frozen=True)
class Booked:
    """What came of it."""

    writers: int
    a_second: float
    p95_ms: float
    taken: int
    failed: int


def booked(url: str, writers: int) -> Booked:
    """So many processes book for SECONDS."""
    processes = multiprocessing.get_context("spawn")
    start, said = processes.Barrier(writers), processes.Queue()
    running = [
        processes.Process(target=_write, args=(url, n, writers, start, said))
        for n in range(writers)
    ]
    for process in running:
        process.start()
    results = [said.get(timeout=120) for _ in running]
    for process in running:
        process.join(30)
    took = [ms for times, *_ in results for ms in times]
    longest = max(elapsed for _, _, _, elapsed in results)
    return Booked(
        writers,
        len(took) / longest,
        percentile(took, 0.95),
        sum(taken for _, taken, _, _ in results),
        sum(failed for _, _, failed, _ in results),
    )


Said = tuple[list[float], int, int, float]
"""Milliseconds of each booking, how many were taken, how many failed, seconds in all."""


def _write(url: str, number: int, writers: int, start: Barrier, said: Queue[Said]) -> None:
    chance = random.Random(territory.SEED + number)  # noqa: S311 - a benchmark's, seeded
    engine, settings = open_engine(url, busy_timeout_s=10, connections=1), Settings()
    accounts = range(number, territory.MEMBERSHIPS, writers)
    with UnitOfWork(engine, settings, reading=True) as uow:
        by = uow.persons.get(territory.PROFESSIONAL)

    def one(uow: UnitOfWork) -> None:
        hour = chance.choice(HOURS)
        form = BookingForm(
            membership_id=f"m{chance.choice(accounts)}",
            room_ids=(f"r{chance.randrange(territory.ROOMS)}",),
            day=chance.choice(DAYS),
            starts=wall(hour),
            ends=wall(hour + 1),
        )
        book(uow, form, by, territory.NOW)

    took: list[float] = []
    taken = failed = 0
    start.wait(60)
    began = time.perf_counter()
    while (now := time.perf_counter()) < began + SECONDS:
        try:
            committed(lambda: UnitOfWork(engine, settings), one, within_s=10)
            took.append(1000 * (time.perf_counter() - now))
        except SlotTaken:
            taken += 1
        except VisiohubError as error:
            failed += 1
            print(f"  {error!r}", flush=True)
    said.put((took, taken, failed, time.perf_counter() - began))
    engine.dispose()
