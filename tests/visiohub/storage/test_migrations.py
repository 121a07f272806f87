from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hub_world import NOW
from postgresql_server import PostgresqlServer
from sqlalchemy import (
    Engine,
    MetaData,
    Table,
    create_engine,
    insert,
    inspect,
    text,
)

from visiohub.domain.occupancy import Occupancy, Owner, OwnerKind, Resource, ResourceKind
from visiohub.settings import Settings
from visiohub.storage.engine import open_engine
from visiohub.storage.migrate import upgrade
from visiohub.storage.tables import metadata
from visiohub.storage.uow import UnitOfWork


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'hub.sqlite3'}"
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.new()


def engine_at(url: str) -> Engine:
    return open_engine(url, busy_timeout_s=10, connections=2)


RULES = {
    "sqlite": (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        {"occupancies_overlap_insert", "occupancies_overlap_update"},
    ),
    "postgresql": (
        "SELECT conname FROM pg_constraint WHERE contype = 'x'",
        {"occupancies_overlap"},
    ),
}


def test_migrated_from_nothing_is_what_the_tables_say(url: str) -> None:
    engine = engine_at(url)
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        query, names = RULES[engine.dialect.name]
        assert set(connection.scalars(text(query))) == names
    engine.dispose()


def test_hubs_that_start_together_migrate_once(url: str) -> None:
    engines = [engine_at(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, engines))
    assert set(metadata.tables) < set(inspect(engines[0]).get_table_names())
    for engine in engines:
        engine.dispose()


def fill(url: str, rows: dict[str, list[dict[str, object]]]) -> None:
    """Rows with these values, whatever else their tables ask for, without what they refer to."""
    options: dict[str, Any] = {}
    if url.startswith("postgresql"):
        options["connect_args"] = {"options": "-c session_replication_role=replica"}
    bare = create_engine(url, **options)  # SQLite checks references only when it is told to
    with bare.begin() as connection:
        for name, values in rows.items():
            table = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
            given = [value.keys() for value in values]
            plain = {
                c.name: "" if c.type.python_type is str else c.type.python_type()
                for c in table.c
                if not c.nullable and c.name not in given[0]
            }
            connection.execute(insert(table), [{**plain, **value} for value in values])
    bare.dispose()


def test_appointments_that_are_there_keep_what_they_hold(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = engine_at(url)
    upgrade(engine, "0002")

    def row(name: str, start: int, **values: object) -> dict[str, object]:
        starts_at = NOW + timedelta(minutes=start)
        if engine.dialect.name == "sqlite":
            starts_at = starts_at.replace(tzinfo=None)
        return {
            "id": name,
            "kiosk_id": "k1",
            "agent_id": None,
            "state": "booked",
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=30),
            "created_at": starts_at,
            **values,
        }

    fill(
        url,
        {
            "kiosks": [{"id": name, "room_id": "r", "devices": []} for name in ("k1", "k2")],
            "appointments": [
                row("first", 0, agent_id="a"),
                row("after", 30, state="in_call"),
                row("over", 0, state="done"),
                row("beside", 15, kiosk_id="k2"),
            ],
        },
    )
    with caplog.at_level(logging.WARNING):
        upgrade(engine)
    assert "appointment beside shares room r" in caplog.text
    with UnitOfWork(engine, Settings(data_dir=tmp_path), reading=True) as uow:
        kept = uow.occupancies.of(
            *(Owner(OwnerKind.APPOINTMENT, n) for n in ("first", "after", "over", "beside"))
        )
    engine.dispose()

    def held(kind: ResourceKind, of: str, start: int, owner: str) -> Occupancy:
        starts_at = NOW + timedelta(minutes=start)
        ends_at = starts_at + timedelta(minutes=30)
        return Occupancy(
            Resource(kind, of), starts_at, ends_at, Owner(OwnerKind.APPOINTMENT, owner)
        )

    assert kept == [
        held(ResourceKind.AGENT, "a", 0, "first"),
        held(ResourceKind.KIOSK, "k1", 0, "first"),
        held(ResourceKind.KIOSK, "k1", 30, "after"),
        held(ResourceKind.KIOSK, "k2", 15, "beside"),
        held(ResourceKind.ROOM, "r", 0, "first"),
        held(ResourceKind.ROOM, "r", 30, "after"),
    ]


def test_readings_of_modems_that_are_there_are_put_together_by_day(
    url: str, tmp_path: Path
) -> None:
    engine = engine_at(url)
    upgrade(engine, "0020")
    day = int(NOW.timestamp()) // 86_400 * 86_400
    readings = [
        {
            "line_number": 1,
            "at": day + at,
            "up_snr_db": margin,
            "up_sync_kbit_s": rate,
            "retrains": 2,
        }
        for at, margin, rate in ((0, 95, 9_000), (240, 65, 9_001), (86_400, 80, 8_000))
    ]
    fill(url, {"line_modem": readings})
    upgrade(engine)
    with UnitOfWork(engine, Settings(data_dir=tmp_path), reading=True) as uow:
        begin = datetime.fromtimestamp(day, UTC)
        days = uow.linkquality.series.modem_by_day(1, begin, begin + timedelta(days=2))
    engine.dispose()
    assert [one.at for one in days] == [begin, begin + timedelta(days=1)]
    assert [(one.up_snr_db, one.retrains, one.down_snr_db) for one in days] == [
        (6.5, 4, None), (8.0, 2, None),
    ]  # fmt: skip
    assert [one.up_sync_kbit_s for one in days] == pytest.approx([900.05, 800.0], abs=0.051)


def test_a_sqlite_database_is_set_up_to_last(tmp_path: Path) -> None:
    engine = engine_at(f"sqlite:///{tmp_path / 'hub.sqlite3'}")
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
