from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from visiohub.storage.engine import open_engine
from visiohub.storage.migrate import upgrade
from visiohub.storage.tables import metadata


def engine_at(path: Path) -> Engine:
    return open_engine(f"sqlite:///{path}", busy_timeout_s=10, connections=2)


def test_migrated_from_nothing_is_what_the_tables_say(tmp_path: Path) -> None:
    engine = engine_at(tmp_path / "new" / "hub.sqlite3")
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        assert set(names) == {
            "overlap_kiosk_insert",
            "overlap_kiosk_update",
            "overlap_agent_insert",
            "overlap_agent_update",
        }
    engine.dispose()


def test_hubs_that_start_together_migrate_once(tmp_path: Path) -> None:
    path = tmp_path / "hub.sqlite3"
    engines = [engine_at(path) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, engines))
    assert set(metadata.tables) < set(inspect(engines[0]).get_table_names())
    for engine in engines:
        engine.dispose()


def test_the_database_is_set_up_to_last(tmp_path: Path) -> None:
    engine = engine_at(tmp_path / "hub.sqlite3")
    with engine.connect() as connection:
        values = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }
