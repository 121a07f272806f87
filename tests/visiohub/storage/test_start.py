"""A PostgreSQL database that the hub cannot use is refused at start, with the remedy."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from postgresql_server import PostgresqlServer
from psycopg import sql
from sqlalchemy import make_url

from visiohub.bootstrap import Hub
from visiohub.errors import SettingsError
from visiohub.settings import Settings


@pytest.fixture
def poor(postgresql: PostgresqlServer) -> str:
    """A database, and the account of the same name, which may do nothing there but look."""
    name = make_url(postgresql.new()).database
    assert name is not None
    postgresql.run(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    return name


def refusal(url: str, tmp_path: Path) -> str:
    with pytest.raises(SettingsError) as refused:
        Hub(Settings(data_dir=tmp_path, database_url=url))
    assert refused.value.field == "database_url"
    return str(refused.value)


def test_a_server_that_is_away(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        port = taken.getsockname()[1]
        said = refusal(f"postgresql://hub:very-secret@127.0.0.1:{port}/hub", tmp_path)
    assert f"cannot open the database postgresql://hub:***@127.0.0.1:{port}/hub" in said
    assert "start its server, or name the host, database and account that are there" in said
    assert "very-secret" not in said


def test_a_database_that_is_not_there(postgresql: PostgresqlServer, tmp_path: Path) -> None:
    said = refusal(postgresql.url("nowhere"), tmp_path)
    assert 'database "nowhere" does not exist' in said


def test_no_right_to_the_extension(postgresql: PostgresqlServer, poor: str, tmp_path: Path) -> None:
    said = refusal(postgresql.url(poor, poor), tmp_path)
    assert f"the database {poor} lacks the extension btree_gist: permission denied" in said
    assert f"psql -d {poor} -c 'CREATE EXTENSION btree_gist'" in said


def test_no_right_to_make_tables(postgresql: PostgresqlServer, poor: str, tmp_path: Path) -> None:
    postgresql.run(sql.SQL("CREATE EXTENSION btree_gist"), poor)
    url = postgresql.url(poor, poor)
    said = refusal(url, tmp_path)
    assert f"cannot make tables in the database {poor}: permission denied" in said
    assert f"ALTER DATABASE {poor} OWNER TO {poor}" in said
    postgresql.run(sql.SQL("ALTER DATABASE {0} OWNER TO {0}").format(sql.Identifier(poor)))
    Hub(Settings(data_dir=tmp_path, database_url=url)).close()
