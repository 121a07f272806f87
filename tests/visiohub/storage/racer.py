"""Many processes that want the same things at the same moments."""

from __future__ import annotations

import multiprocessing
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import count, islice
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from coming_days import is_workday

from visiohub.bootstrap import Hub
from visiohub.errors import VisiohubError
from visiohub.settings import Settings
from visiohub.storage.engine import open_engine
from visiohub.storage.retry import committed
from visiohub.storage.uow import UnitOfWork

Step = Callable[[UnitOfWork, date], object]
Said = tuple[str, date, str]
WEEKS = 3
"""Of a series."""


def weeks_apart(tuesday: date, how_many: int) -> list[date]:
    """Days on each of which a series may begin: it meets no other's, and no public holiday."""
    days = (tuesday + timedelta(days=7 * WEEKS * (n // 4) + n % 4) for n in count())
    weeks = [timedelta(days=7 * n) for n in range(WEEKS)]
    return list(islice((d for d in days if all(is_workday(d + week) for week in weeks)), how_many))


def race(
    hub: Hub, days: Sequence[date], racers: Sequence[Sequence[Step]]
) -> Mapping[tuple[str, date], list[str]]:
    """What each of the racers said of each step of each day: "won", or why not.

    On each day all take the same step at the same moment; steps are known by their names. Twenty
    of them are many more than a hub's threads, so that each may be begun anew for longer than a
    hub would: test_race_over_http.py has the hub's own time.
    """
    settings = hub.settings.model_copy(update={"database_busy_timeout_s": 60})
    hub.engine.dispose()  # an open connection must not be carried over a fork
    processes = multiprocessing.get_context("fork")
    start, said = processes.Barrier(len(racers)), processes.Queue()
    running = [
        processes.Process(target=_run, args=(settings, days, steps, start, said))
        for steps in racers
    ]
    for process in running:
        process.start()
    outcomes = defaultdict(list)
    for _ in range(len(days) * sum(len(steps) for steps in racers)):
        step, day, outcome = said.get(timeout=300)
        outcomes[step, day].append(outcome)
    for process in running:
        process.join(30)
        process.close()
    said.close()
    return outcomes


def _run(
    settings: Settings,
    days: Sequence[date],
    steps: Sequence[Step],
    start: Barrier,
    said: Queue[Said],
) -> None:
    engine = open_engine(
        settings.database, busy_timeout_s=settings.database_busy_timeout_s, connections=1
    )

    def outcome(step: Step, day: date) -> str:
        try:
            committed(
                lambda: UnitOfWork(engine, settings),
                lambda uow: step(uow, day),
                within_s=settings.database_busy_timeout_s,
            )
        except VisiohubError as error:
            return "taken" if error.status == 409 else repr(error)
        except Exception as error:  # noqa: BLE001 - whatever it was, the test shows it
            return repr(error)
        return "won"

    for day in days:
        for step in steps:
            start.wait(300)
            said.put((step.__name__, day, outcome(step, day)))
    engine.dispose()
