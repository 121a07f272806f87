"""What a failing statement says, and what a transaction sees."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from hub_world import NOW, World
from postgresql_server import PostgresqlServer
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError

from visiohub.storage.engine import open_engine, reading
from visiohub.storage.tables import attempts


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_error_does_not_repeat_what_was_typed(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    if kind == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        url = server.new()
    engine = open_engine(url, busy_timeout_s=1, connections=1)
    insert = text("INSERT INTO people VALUES (:phone)")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE people (phone TEXT UNIQUE)"))
        connection.execute(insert, {"phone": "0699999999"})
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        connection.execute(insert, {"phone": "0699999999"})
    engine.dispose()
    assert "0699999999" not in str(caught.value)
    assert "0699999999" not in repr(caught.value.orig)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_the_server_closed_is_replaced(
    world: World, postgresql: PostgresqlServer
) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'hub%'"
    postgresql.run(end)
    assert world.see(lambda uow: uow.venues.get(world.venue.id)).name == "Guillestre"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_only_reads_cannot_write(world: World) -> None:
    read_only = reading(world.hub.engine)
    with read_only.connect() as connection, pytest.raises((InternalError, OperationalError)):
        connection.execute(text("DELETE FROM audit"))
    with world.hub.engine.begin() as connection:  # the pool's connections write again
        connection.execute(text("DELETE FROM attempts"))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_reads_one_row_of_a_small_table_is_in_nobodys_way(world: World) -> None:
    rows = [{"id": f"{n}", "kind": "", "key": "", "at": NOW} for n in range(40)]
    with world.hub.engine.begin() as connection:
        connection.execute(attempts.insert(), rows)
        connection.execute(text("ANALYZE attempts"))
    of_table = "relation = 'attempts'::regclass"
    held = f"SELECT locktype FROM pg_locks WHERE mode = 'SIReadLock' AND {of_table}"
    with world.hub.engine.connect() as connection:
        connection.execute(select(attempts).where(attempts.c.id == "7")).all()
        assert connection.scalars(text(held)).all() == ["tuple"]


def test_many_who_open_a_new_file_together_all_write_in_it(tmp_path: Path) -> None:
    together = Barrier(4)

    def write(engine: Engine) -> None:
        together.wait(timeout=10)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE IF NOT EXISTS lines (name TEXT)"))
            connection.execute(text("INSERT INTO lines VALUES ('adsl')"))

    for number in range(40):  # one in nine was refused, when nobody waited for the change to WAL
        url = f"sqlite:///{tmp_path}/{number}.db"
        engines = [open_engine(url, busy_timeout_s=10, connections=1) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, engines))
        with engines[0].connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM lines")) == 4
        for engine in engines:
            engine.dispose()
