"""First free slots within 30 km in a territory with a year of bookings, and bookings a second.

The territory (bench/territory.py) is made once for SQLite and kept in the user's cache; PostgreSQL
gets it anew, in a server of the benchmark's own, whose commits are on the disk as a hub's are. What
several rooms have free together is asked of Radicale, too, of the same rooms: the same bookings as
one calendar a room, the free-busy report of each. CPU time is this process's, and that of
PostgreSQL beside it.
"""

from __future__ import annotations

import importlib.util
import os
import random
import shutil
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from types import ModuleType

from sqlalchemy import Engine, event, text

from bench import search_caldav, search_writers, territory
from bench.results import Figure, Result, percentile
from visiohub.booking.rooms.free import common_free
from visiohub.booking.search import AHEAD, first_free
from visiohub.booking.search_places import around, point_of
from visiohub.serve import leave_what_stays
from visiohub.settings import Settings
from visiohub.storage.engine import open_engine
from visiohub.storage.migrate import upgrade
from visiohub.storage.uow import UnitOfWork

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "visiohub-bench"
QUESTIONS = 60
SETS = 10
"""Of rooms that are asked for together, one after the other, of the hub and of Radicale."""
WITHIN_KM, EACH, ROOMS_TOGETHER = 30, 3, 15
TURNS = 3
"""Of ten seconds of bookings: machines of two processors have slow ones."""
LIMIT_MS = 50.0
BOOKINGS_A_SECOND = {"SQLite": 50.0, "PostgreSQL": 200.0}
SLOTS = f"first {EACH} slots of each venue within {WITHIN_KM} km, 8 weeks"
TOGETHER = f"common free times of {ROOMS_TOGETHER} rooms, 8 weeks"

Took = dict[str, list[float]]
"""By question: of each time it was asked the milliseconds, elapsed and of this process's CPU, and
the statements; of PostgreSQL's CPU the milliseconds on average."""


def run(_arguments: Namespace) -> Result:
    """Both questions and bookings on both databases."""
    figures: list[Figure] = []
    raw: dict[str, Took] = {}
    for name, ask in (("SQLite", _on_sqlite), ("PostgreSQL", _on_postgresql)):
        took, caldav, turns = ask()
        booked = sorted(turns, key=lambda turn: turn.a_second)[len(turns) // 2]
        rates = [turn.a_second for turn in turns]
        failed = sum(turn.failed for turn in turns)
        raw[name] = {**took, "caldav": caldav, "booked a second": rates}
        for what in (SLOTS, TOGETHER):
            beside = percentile(caldav, 0.95) if what == TOGETHER else None
            figures += [
                Figure(
                    f"{name}: {what}, p95",
                    percentile(took[what], 0.95),
                    "ms",
                    at_most=LIMIT_MS,
                    peer="" if beside is None else "Radicale",
                    peers=beside,
                ),
                Figure(
                    f"{name}: CPU of the hub for it, p95",
                    percentile(took[f"{what}: CPU"], 0.95),
                    "ms",
                ),
                Figure(f"{name}: CPU of the server for it, mean", took[f"{what}: server"][0], "ms"),
                Figure(f"{name}: statements for it, most", max(took[f"{what}: statements"]), ""),
            ]
        figures += [
            Figure(
                f"{name}: rooms booked a second, {booked.writers} processes, middle of {TURNS}",
                booked.a_second,
                "1/s",
                at_least=BOOKINGS_A_SECOND[name],
            ),
            Figure(f"{name}: a booking, p95", booked.p95_ms, "ms"),
            Figure(f"{name}: CPU of the hub for a booking, mean", booked.cpu_ms, "ms"),
            Figure(f"{name}: attempts a booking", booked.attempts, ""),
            Figure(f"{name}: refused as taken meanwhile", booked.taken, ""),
            Figure(f"{name}: refused for anything else", failed, "", at_most=0),
        ]
    return Result("search", tuple(figures), raw)


Answers = tuple[Took, list[float], list[search_writers.Booked]]


def kept_on_sqlite() -> Path:
    """The territory as a file, made when there is none at the present schema."""
    newest = max(p.name for p in _migrations().glob("0*.py")).removesuffix(".py")
    kept = CACHE / f"territory-{territory.SEED}-{newest}.sqlite"
    if not kept.exists():
        made = kept.with_suffix(".made")
        made.unlink(missing_ok=True)
        filled(f"sqlite:///{made}").dispose()
        made.rename(kept)
    return kept


def _on_sqlite() -> Answers:
    kept = kept_on_sqlite()
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:  # bookings are not to be kept
        url = f"sqlite:///{shutil.copy(kept, folder)}"
        return _asked(open_engine(url, busy_timeout_s=10, connections=1), url)


def _on_postgresql() -> Answers:
    with server_module().start_postgresql(durable=True) as server:
        url = server.new()
        return _asked(filled(url), url)


def filled(url: str) -> Engine:
    """The territory in an empty database."""
    engine = open_engine(url, busy_timeout_s=10, connections=1)
    upgrade(engine)
    print(f"  {territory.fill(engine)} bookings", flush=True)
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    return engine


def _asked(engine: Engine, url: str) -> Answers:
    chance = random.Random(territory.SEED)  # noqa: S311 - a benchmark's, seeded
    now, settings = territory.NOW, Settings()

    def slots() -> None:
        with UnitOfWork(engine, settings, reading=True) as uow:
            service = uow.services.get(f"s{chance.randrange(territory.PARTNERS)}")
            point = point_of(uow, f"Commune {chance.randrange(territory.VENUES)}")
            if point is None:
                raise RuntimeError("no such town")
            near = around(uow, point, WITHIN_KM)
            found = first_free(uow, service, near, now, now + AHEAD, now, EACH)
            if not any(v.slots for v in found):
                raise RuntimeError("nothing was found")

    sets = [
        [f"r{n}" for n in chance.sample(range(territory.ROOMS), ROOMS_TOGETHER)]
        for _ in range(SETS)
    ]
    turns = cycle(sets)

    def together() -> None:
        with UnitOfWork(engine, settings, reading=True) as uow:
            ids = next(turns)
            by = uow.persons.get(territory.PROFESSIONAL)
            common_free(uow, ids, "m0", timedelta(hours=1), now, now + AHEAD, by, now)

    took = _timed(engine, SLOTS, slots) | _timed(engine, TOGETHER, together)
    caldav = search_caldav.asked(engine, sets, now, now + AHEAD, 2 * SETS)
    engine.dispose()
    writers = 3 if url.startswith("postgresql") else 2
    return took, caldav, [search_writers.booked(url, writers, turn) for turn in range(TURNS)]


def _timed(engine: Engine, what: str, question: Callable[[], None]) -> Took:
    for _ in range(8):  # what is remembered between questions, PostgreSQL's plans among it
        question()
    leave_what_stays()  # as the hub does when it is ready
    statements = _Counter(engine)
    elapsed, cpu, asked, server_began = [], [], [], _server_cpu_ms(engine)
    for _ in range(QUESTIONS):
        statements.count = 0
        began, began_cpu = time.perf_counter(), time.process_time()
        question()
        elapsed.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - began_cpu))
        asked.append(float(statements.count))
    server = (_server_cpu_ms(engine) - server_began) / QUESTIONS
    return {
        what: elapsed,
        f"{what}: CPU": cpu,
        f"{what}: statements": asked,
        f"{what}: server": [server],
    }


class _Counter:
    """Statements that an engine sends."""

    def __init__(self, engine: Engine) -> None:
        self.count = 0
        event.listen(engine, "before_cursor_execute", self._one_more)

    def _one_more(self, *_statement: object) -> None:
        self.count += 1


def _server_cpu_ms(engine: Engine) -> float:
    """What the server's process of the one open connection has used (proc(5), /proc/PID/stat);
    none where the database is in this process."""
    if engine.dialect.name == "sqlite":
        return 0.0
    with engine.connect() as connection:
        process: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    used = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


def _migrations() -> Path:
    from visiohub.storage import migrations

    return Path(migrations.__path__[0]) / "versions"


def server_module() -> ModuleType:
    """The tests' PostgreSQL server: the benchmark runs from the same checkout."""
    path = Path(__file__).parent.parent / "tests/visiohub/postgresql_server.py"
    spec = importlib.util.spec_from_file_location("postgresql_server", path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{path} is not there")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
