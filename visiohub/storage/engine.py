"""The database engine, SQLite or PostgreSQL, and transactions that begin as they must.

Use cases are written as though each ran alone (docs/decisions/0017). SQLite lets one write at a
time; PostgreSQL's SERIALIZABLE refuses what could not have run one after the other, and
storage/retry.py runs it anew.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from visiohub.storage import conflicts

READING = "visiohub_reading"
"""Execution option of a SQLite connection that only reads."""
CONNECT_WITHIN_S = 5
_BY_INDEX = "-c random_page_cost=1.1 -c cpu_tuple_cost=0.1"
"""Reading a small table from end to end locks all of it against whoever writes in it meanwhile, so
that one of two SERIALIZABLE transactions is begun anew; one row found by an index locks that row
(postgresql.org/docs/15/transaction-iso.html#XACT-SERIALIZABLE)."""


class _WithoutNul(StrDumperUnknown):
    """PostgreSQL's texts hold no NUL; what a stranger sends with one in it is no fault of ours."""

    def dump(self, obj: str) -> Buffer | None:
        """As psycopg does."""
        return super().dump(obj.replace("\0", ""))


def open_engine(url: str, *, busy_timeout_s: float, connections: int) -> Engine:
    """Engine for `url`; makes the folder of a SQLite file when it is missing.

    A writer waits up to `busy_timeout_s` for the one before it. `connections` are kept open, as
    many again come when they are all in use.
    """
    parsed = make_url(url)
    kept: dict[str, Any] = {
        "pool_size": connections,
        "max_overflow": connections,
        "hide_parameters": True,  # errors are logged, and parameters are what people typed
    }
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed, busy_timeout_s, kept)
    return _open_postgresql(parsed, busy_timeout_s, kept)


def reading(engine: Engine) -> Engine:
    """The same database, for transactions that only read: each sees one snapshot and never waits
    for a writer, nor makes one wait."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{READING: True})
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _open_sqlite(url: URL, busy_timeout_s: float, kept: dict[str, Any]) -> Engine:
    """With BEGIN IMMEDIATE a writer waits at the start, where SQLite honours the timeout; a lock
    taken later fails at once instead (sqlite.org/lang_transaction.html, "Read transactions versus
    write transactions")."""
    folder = Path(url.database or "").parent
    folder.mkdir(parents=True, exist_ok=True)
    arguments = {"timeout": busy_timeout_s, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments, **kept)

    @event.listens_for(engine, "connect")
    def prepare(connection: SqliteConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        with _one_at_a_time(folder):
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(READING, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Of those who open a new file together, SQLite refuses all but one the change to WAL at once,
    whatever the timeout (sqlite.org/c3ref/busy_handler.html: a deadlock is not waited for)."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _open_postgresql(url: URL, busy_timeout_s: float, kept: dict[str, Any]) -> Engine:
    """A connection that the server has closed since, at its restart for instance, is replaced."""
    arguments = {
        "connect_timeout": CONNECT_WITHIN_S,
        "options": f"-c lock_timeout={round(busy_timeout_s * 1000)} -c timezone=UTC {_BY_INDEX}",
    }
    engine = create_engine(
        url,
        connect_args=arguments,
        isolation_level="SERIALIZABLE",
        pool_pre_ping=True,
        json_deserializer=bytes,  # storage/types.py makes values of the texts
        **kept,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: psycopg.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.adapters.register_dumper(str, _WithoutNul)

    @event.listens_for(engine, "handle_error")
    def say_less(context: ExceptionContext) -> None:
        if isinstance(context.sqlalchemy_exception, DBAPIError):
            conflicts.without_values(context.sqlalchemy_exception)

    return engine
