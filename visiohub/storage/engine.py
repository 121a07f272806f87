"""The database engine: SQLite with write-ahead log, and transactions that begin as they must."""

from __future__ import annotations

from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import ConnectionPoolEntry

READING = "visiohub_reading"
"""Execution option of a connection that only reads."""


def open_engine(url: str, *, busy_timeout_s: float, connections: int) -> Engine:
    """Engine for `url`; makes the folder of a SQLite file when it is missing.

    A writer waits up to `busy_timeout_s` for the one before it. With BEGIN IMMEDIATE it waits at
    the start, where SQLite honours the timeout; a lock taken later fails at once instead
    (sqlite.org/lang_transaction.html, "Read transactions versus write transactions").
    """
    parsed = make_url(url)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed,
        pool_size=connections,
        max_overflow=connections,
        hide_parameters=True,  # errors are logged, and parameters are what people typed
        connect_args={"timeout": busy_timeout_s, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: SqliteConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get(READING, False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
