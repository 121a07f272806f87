"""The daily and hourly work on the figures of all lines, a few lines in a transaction: who books or
measures meanwhile waits for those few, not for all."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial

from visiohub.booking.lines import results
from visiohub.bootstrap import Hub
from visiohub.storage.retry import committed
from visiohub.storage.uow import UnitOfWork

LINES_AT_A_TIME = 10
PAUSE_S = 0.1
"""A writer that SQLite makes wait looks again each 100 ms at the latest (sqliteDefaultBusyCallback
in sqlite.org/src/file/src/main.c): within so long it finds the database free."""


def roll_days(hub: Hub, stopped: Callable[[], bool]) -> int:
    """The last days of lines in use are put together; of how many lines."""
    with hub.reading() as reading:
        numbers = reading.linkquality.states.numbers(active=True)
    return _in_pieces(hub, numbers, results.roll_days, stopped)


def forget_figures(hub: Hub, stopped: Callable[[], bool]) -> int:
    """What was kept long enough is erased, of all lines; of how many."""
    with hub.reading() as reading:
        numbers = reading.linkquality.states.numbers()
    done = _in_pieces(hub, numbers, results.forget_figures, stopped)
    if not stopped():
        _commit(hub, partial(results.forget_events, now=hub.clock()))
    return done


def _in_pieces(
    hub: Hub,
    numbers: Sequence[int],
    work: Callable[[UnitOfWork, Collection[int], datetime], None],
    stopped: Callable[[], bool],
) -> int:
    now = hub.clock()
    for first in range(0, len(numbers), LINES_AT_A_TIME):
        if first:
            time.sleep(PAUSE_S)
        if stopped():
            return first

        def piece(uow: UnitOfWork, first: int = first) -> None:
            work(uow, numbers[first : first + LINES_AT_A_TIME], now)

        _commit(hub, piece)
    return len(numbers)


def _commit(hub: Hub, work: Callable[[UnitOfWork], None]) -> None:
    committed(hub.uow, work, within_s=hub.settings.database_busy_timeout_s)
