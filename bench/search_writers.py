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
    cpu_ms: float
    """Of the writer's process, for one booking, what was tried in vain included."""
    attempts: float
    """For one that was booked or found taken: who met another transaction begins anew."""
    taken: int
    failed: int


def booked(url: str, writers: int, turn: int) -> Booked:
    """So many processes book for SECONDS; each turn other rooms and hours."""
    processes = multiprocessing.get_context("spawn")
    start, said = processes.Barrier(writers), processes.Queue()
    running = [
        processes.Process(target=_write, args=(url, n, writers, turn, start, said))
        for n in range(writers)
    ]
    for process in running:
        process.start()
    results = [said.get(timeout=120) for _ in running]
    for process in running:
        process.join(30)
    took = [ms for one in results for ms in one.took_ms]
    taken = sum(one.taken for one in results)
    return Booked(
        writers,
        len(took) / max(one.seconds for one in results),
        percentile(took, 0.95),
        1000 * sum(one.cpu_s for one in results) / len(took),
        sum(one.attempts for one in results) / (len(took) + taken),
        taken,
        sum(one.failed for one in results),
    )


@dataclass
class _Said:
    """One writer's: milliseconds of each booking, and what was refused."""

    took_ms: list[float]
    attempts: int = 0
    taken: int = 0
    failed: int = 0
    cpu_s: float = 0
    seconds: float = 0


def _write(
    url: str, number: int, writers: int, turn: int, start: Barrier, said: Queue[_Said]
) -> None:
    seed = territory.SEED + turn * writers + number
    chance = random.Random(seed)  # noqa: S311 - a benchmark's, seeded
    engine, settings = open_engine(url, busy_timeout_s=10, connections=1), Settings()
    accounts = range(number, territory.MEMBERSHIPS, writers)
    with UnitOfWork(engine, settings, reading=True) as uow:
        by = uow.persons.get(territory.PROFESSIONAL)

    mine = _Said([])

    def one(uow: UnitOfWork) -> None:
        mine.attempts += 1
        hour = chance.choice(HOURS)
        form = BookingForm(
            membership_id=f"m{chance.choice(accounts)}",
            room_ids=(f"r{chance.randrange(territory.ROOMS)}",),
            day=chance.choice(DAYS),
            starts=wall(hour),
            ends=wall(hour + 1),
        )
        book(uow, form, by, territory.NOW)

    start.wait(60)
    began, began_cpu = time.perf_counter(), time.process_time()
    while (now := time.perf_counter()) < began + SECONDS:
        try:
            committed(lambda: UnitOfWork(engine, settings), one, within_s=10)
            mine.took_ms.append(1000 * (time.perf_counter() - now))
        except SlotTaken:
            mine.taken += 1
        except VisiohubError as error:
            mine.failed += 1
            print(f"  {error!r}", flush=True)
    mine.seconds, mine.cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    said.put(mine)
    engine.dispose()
