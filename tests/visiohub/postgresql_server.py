"""A PostgreSQL server of the tests' own, from the machine's programs, and gone after them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from visiohub.storage.engine import open_engine
from visiohub.storage.migrate import upgrade
from visiohub.storage.tables import metadata

on_both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""`pytestmark` of a module whose hub is to be tried on SQLite and on PostgreSQL."""

ADMINISTRATOR = "postgres"
"""Debian's account for the server, which refuses to run as root; and its administrator's name."""


class PostgresqlServer:
    """Reached by a socket in `folder` alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        self._shared = ""

    def url(self, database: str, account: str = ADMINISTRATOR) -> str:
        return f"postgresql://{account}@/{database}?host={self._folder}"

    def run(self, statement: LiteralString | sql.Composed, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)

    def new(self) -> str:
        """URL of an empty database, without tables."""
        name = f"hub{next(self._numbers)}"
        self.run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def emptied(self) -> str:
        """URL of a database at the present schema, without rows; the same each time."""
        if not self._shared:
            self._shared = self.new()
            engine = open_engine(self._shared, busy_timeout_s=10, connections=1)
            upgrade(engine)
            engine.dispose()
        with psycopg.connect(self._shared) as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
        return self._shared


@contextmanager
def start_postgresql(*, durable: bool = False) -> Iterator[PostgresqlServer]:
    """Skips the test where no server is installed; in CI there is one. `durable`: commits are on
    the disk when they are said to be, as a benchmark wants it."""
    programs = _programs()
    if programs is None:
        why = "no PostgreSQL server here (Debian: apt-get install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    folder = Path(tempfile.mkdtemp(prefix="visiohub-pg-"))  # short: a socket's path ends at 107
    as_account = ["setpriv", "--pdeathsig", "INT"]  # whatever ends the tests ends the server
    if os.geteuid() == 0:
        shutil.chown(folder, ADMINISTRATOR, ADMINISTRATOR)
        as_account += ["--reuid", ADMINISTRATOR, "--regid", ADMINISTRATOR, "--clear-groups"]
    data = folder / "data"
    make = [programs / "initdb", "-D", data, "-U", ADMINISTRATOR, "-A", "trust", "--no-sync"]
    make += ["--encoding", "UTF8", "--locale", "C"]
    subprocess.run([*as_account, *make], check=True, capture_output=True, cwd=folder)
    wanted = ["listen_addresses=", "deadlock_timeout=100ms"]
    wanted += [] if durable else ["fsync=off", "full_page_writes=off"]
    settings = [part for setting in wanted for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*as_account, programs / "postgres", "-D", data, "-k", folder, *settings],
            stdout=log, stderr=log, cwd=folder,
        )  # fmt: skip
    try:
        server = PostgresqlServer(folder)
        _wait_for(server, process, folder / "log")
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        shutil.rmtree(folder)


def _programs() -> Path | None:
    """Folder of the newest server's programs, where Debian or else the path has them."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = max(debian, key=lambda p: int(p.parent.parent.name), default=None)
    elsewhere = shutil.which("initdb")
    return found.parent if found else Path(elsewhere).parent if elsewhere else None


def _wait_for(server: PostgresqlServer, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        try:
            psycopg.connect(server.url("postgres")).close()
        except psycopg.OperationalError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL does not answer:\n{log.read_text()}")
