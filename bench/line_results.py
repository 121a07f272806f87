"""A year of 300 lines on SQLite: how many times the real rate results are kept beside it, how long
the hub's own work takes, and others wait for it; how soon pages are served; how large it is.

The database has what the hub keeps of a year: quarters of an hour, days, trains, readings of modems
and their days, and the last 31 days of minutes. One line's are made, the others' are copied from it
(bench/line_copied.py). Each kiosk tells a minute each minute, two trains and fifteen readings of
its modem each hour. Twenty are kept in a transaction, as the hub gathers them at twenty times the
real rate (GATHER_S of visiohub.web.line_gathering). Seconds of the processor are this process's:
other programs do not count in them, but do in what is by the wall clock.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import delete

from bench.line_copied import TABLES, copy_year
from bench.line_filled import (
    DAY,
    MINUTE,
    MINUTES_DAYS,
    NOW,
    YEAR_DAYS,
    fill_year,
    territory_of,
    told_at,
)
from bench.line_served import served
from bench.line_took import Took, took
from bench.results import Figure, Result
from visiohub.booking.lines.grades import Graders, grade_lines
from visiohub.booking.lines.results import keep_results
from visiohub.bootstrap import Hub
from visiohub.jobs.line_upkeep import forget_figures, roll_days
from visiohub.settings import Settings

GATHERED = 20
MINUTES = 20
"""Over the turn of a quarter of an hour; an hour's trains and five readings of the modem are in."""
LATER = NOW + (MINUTES + 2) * MINUTE
"""When the last windows of these minutes are graded, and all that follows is asked."""
DATABASE = "visiohub.sqlite3"
MONTH = f"{NOW - 30 * DAY:%Y-%m}"


def run(arguments: argparse.Namespace) -> Result:
    """The figures, and the JSON. The folder takes 17 MB a line, and is removed."""
    lines = arguments.year_lines
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        database = folder / DATABASE
        hub = _hub(folder)
        try:
            kiosks, ids = territory_of(hub, lines)
            empty = _size(hub, database)
            _do(hub, fill_year, ids[0])
        finally:
            hub.close()
        copy_year(database, lines)
        hub = _hub(folder)
        try:
            each = (_size(hub, database) - empty) / lines
            figures = _figures(hub, database, kiosks, ids)
        finally:
            hub.close()
    size = Figure("a line's year of figures, with a month of minutes", each / 1e6, "MB")
    return Result("line_results", (*figures, size), {"lines": lines})


def _figures(hub: Hub, database: Path, kiosks: list[str], ids: list[str]) -> tuple[Figure, ...]:
    real_s = MINUTES * 60
    kept = took(database, lambda: _gathered(hub, kiosks))
    _cut_off(hub)
    late = took(database, lambda: _late(hub, kiosks[0]))
    graders = Graders()
    _do(hub, grade_lines, NOW + (MINUTES - 3) * MINUTE, graders)
    graded = took(database, lambda: _do(hub, grade_lines, LATER, graders))
    rolled = took(database, lambda: roll_days(hub, _goes_on))
    forgot = _forget_a_day(database.parent)
    return (
        Figure("results kept, times the real rate", real_s / kept.wall_s, "x", at_least=20),
        Figure("the same, of the processor", real_s / kept.processor_s, "x", at_least=20),
        *_of("a day of one kiosk, sent late", late),
        *_job("one grading of all lines", graded),
        *_job("days of all lines put together", rolled),
        *_job("a day of all lines forgotten", forgot),
        *asyncio.run(served(hub, ids[0], MONTH)),
    )


def _hub(folder: Path, **kept: Any) -> Hub:
    return Hub(Settings(data_dir=folder, probe_port=0, **kept), lambda: LATER)


def _of(what: str, took: Took) -> tuple[Figure, ...]:
    return (
        Figure(what, took.wall_s, "s"),
        Figure(f"{what}, processor", took.processor_s, "s"),
    )


def _job(what: str, took: Took) -> tuple[Figure, ...]:
    """What the hub does by itself: others come in the midst of it."""
    waited = Figure(f"{what}, longest wait of another writer", took.waited_s, "s")
    return (*_of(what, took), waited)


def _gathered(hub: Hub, kiosks: list[str]) -> None:
    for minute in range(MINUTES):
        for first in range(0, len(kiosks), GATHERED):
            told = [
                (kiosk_id, list(told_at(minute))) for kiosk_id in kiosks[first : first + GATHERED]
            ]
            _do(hub, keep_results, told, NOW + (minute + 1) * MINUTE)


def _cut_off(hub: Hub) -> None:
    """The first line has nothing of the last day."""
    with hub.engine.begin() as connection:
        for table in TABLES:
            of_first = (table.c.line_number == 1) & (table.c.at >= NOW - DAY)
            connection.execute(delete(table).where(of_first))


def _late(hub: Hub, kiosk_id: str) -> None:
    cards = [card for minute in range(-1440, 0) for card in told_at(minute)]
    for first in range(0, len(cards), 50):
        _do(hub, keep_results, [(kiosk_id, cards[first : first + 50])], NOW + MINUTE)


def _forget_a_day(folder: Path) -> Took:
    """As though each retention had passed by one day."""
    minutes, quarters = MINUTES_DAYS - 1, YEAR_DAYS - 1
    hub = _hub(folder, keep_line_minutes_days=minutes, keep_line_quarters_days=quarters)
    try:
        return took(folder / DATABASE, lambda: forget_figures(hub, _goes_on))
    finally:
        hub.close()


def _goes_on() -> bool:
    """The hub does not stop."""
    return False


def _size(hub: Hub, database: Path) -> float:
    with hub.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return float(database.stat().st_size)


def _do(hub: Hub, use_case: Any, *arguments: Any) -> None:
    with hub.uow() as uow:
        use_case(uow, *arguments)
        uow.commit()
