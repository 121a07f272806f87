"""What a piece of work takes, and how long it makes another writer wait."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

_BETWEEN_S = 0.02
_PATIENCE_S = 600


@dataclass(frozen=True)
class Took:
    """Of one piece of work."""

    wall_s: float
    processor_s: float
    """Of this process, the other writer's little included."""
    waited_s: float
    """The longest that somebody waited who came each 20 ms and wrote nothing."""


def took(database: Path, work: Callable[[], object]) -> Took:
    """Do it, beside another writer."""
    over, waits = Event(), [0.0]
    beside = Thread(target=_come_and_go, args=(database, over, waits))
    beside.start()
    try:
        wall, processor = time.perf_counter(), time.process_time()
        work()
        taken = time.perf_counter() - wall, time.process_time() - processor
    finally:
        over.set()
        beside.join()
    return Took(*taken, max(waits))


def _come_and_go(database: Path, over: Event, waits: list[float]) -> None:
    opened = sqlite3.connect(database, timeout=_PATIENCE_S, isolation_level=None)
    with closing(opened) as connection:
        while not over.wait(_BETWEEN_S):
            came = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")  # done once it may write
            waits.append(time.perf_counter() - came)
            connection.execute("ROLLBACK")
