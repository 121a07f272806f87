"""Bring a database to the present schema; the migrations are shipped inside the package."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from visiohub.errors import SettingsError
from visiohub.storage.conflicts import lacks_right

_ONE_AT_A_TIME = 0x76697369  # any number that nobody else locks


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run what is missing, in one transaction under a lock: safe with several hubs.

    Raises SettingsError when a PostgreSQL database lacks btree_gist, or the right to make tables.
    """
    config = Config()
    config.set_main_option("script_location", "visiohub:storage/migrations")
    if engine.dialect.name == "sqlite":
        _run(engine, config, revision)
        return
    try:
        # each statement sees what the hub before this one, whose lock it waited for, committed
        _run(engine.execution_options(isolation_level="READ COMMITTED"), config, revision)
    except DBAPIError as error:
        if not lacks_right(error):
            raise
        name, account = engine.url.database, engine.url.username or "the hub's account"
        raise SettingsError(
            f"setting 'database_url': cannot make tables in the database {name}: {error.orig}; "
            f"as an administrator of the server: ALTER DATABASE {name} OWNER TO {account}",
            field="database_url",
        ) from error


def _run(engine: Engine, config: Config, revision: str) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = 0"))  # however long another migrates
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
            _require_btree_gist(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _require_btree_gist(connection: Connection) -> None:
    """The extension lets a constraint compare ids and spans of time together."""
    there = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'btree_gist')"
    if connection.scalar(text(there)):
        return
    try:
        connection.execute(text("CREATE EXTENSION btree_gist"))
    except DBAPIError as error:
        name = connection.engine.url.database
        raise SettingsError(
            f"setting 'database_url': the database {name} lacks the extension btree_gist: "
            f"{error.orig}; install PostgreSQL's contrib modules on its server if they are not "
            f"there, then as its administrator: psql -d {name} -c 'CREATE EXTENSION btree_gist'",
            field="database_url",
        ) from error
