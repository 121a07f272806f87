"""One line's year, copied to all other lines inside SQLite, in order of time.

So the hub writes it, and so the pages of the file come to lie: each line's part grows in the middle
of its tables, and its pages are all over the file. Each line has figures of its own by a few
tenths; the counts of delays are copied as they are.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from rich.progress import track
from sqlalchemy import Column, Table

from visiohub.storage.line_tables import (
    Tenths,
    line_days,
    line_minutes,
    line_modem,
    line_modem_days,
    line_quarters,
    line_trains,
)

TABLES = (line_minutes, line_quarters, line_days, line_trains, line_modem, line_modem_days)
_AT_A_TIME = 500
"""Rows of the first line in a statement."""
_SPREAD = 37
"""Figures of two lines differ by up to so many tenths."""


def copy_year(database: Path, lines: int) -> None:
    """Give the lines numbered 2 to `lines` what the first has; nobody else has the file open. A
    power cut while it goes on leaves no database: it is a benchmark's."""
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA cache_size = -400000")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("CREATE TEMP TABLE others (number INTEGER PRIMARY KEY)")
        numbers = [(number,) for number in range(2, lines + 1)]
        connection.executemany("INSERT INTO others VALUES (?)", numbers)
        steps = []
        for table in TABLES:
            first = f"SELECT * FROM {table.name} WHERE line_number = 1 ORDER BY at"  # noqa: S608 - ours
            connection.execute(f"CREATE TEMP TABLE first_{table.name} AS {first}")
            (rows,) = connection.execute(f"SELECT max(rowid) FROM first_{table.name}").fetchone()  # noqa: S608
            steps += [(table, begin) for begin in range(1, rows + 1, _AT_A_TIME)]
        for table, begin in track(steps, f"  a year of {lines} lines"):
            connection.execute(_copy(table), {"begin": begin, "end": begin + _AT_A_TIME})
    finally:
        connection.close()


def _copy(table: Table) -> str:
    """The statement for the rows from `:begin` up to `:end`."""
    names = ", ".join(column.name for column in table.c)
    values = ", ".join(_value(column) for column in table.c)
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {values}"  # noqa: S608 - names are of our schema
        f" FROM first_{table.name} AS first CROSS JOIN others"
        " WHERE first.rowid >= :begin AND first.rowid < :end ORDER BY first.rowid, number"
    )


def _value(column: Column[object]) -> str:
    if column.name == "line_number":
        return "number"
    if isinstance(column.type, Tenths):
        return f"first.{column.name} + (number * 7 + first.at / 900) % {_SPREAD}"
    return f"first.{column.name}"
