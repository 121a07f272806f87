"""A small territory in a real database, at a fixed instant."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hub_world import NOW, World, build
from postgresql_server import PostgresqlServer, start_postgresql

from visiohub.booking import presence, secrets
from visiohub.bootstrap import Hub
from visiohub.settings import Settings
from visiohub.web.i18n import speak


@pytest.fixture(autouse=True)
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2id with the least work: the tests make thousands."""
    monkeypatch.setattr(
        secrets, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )


@pytest.fixture(autouse=True)
def french() -> None:
    """A test without a request begins in French, whatever the test before it spoke."""
    speak("fr")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    with start_postgresql() as server:
        yield server


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The setting `database_url`: SQLite, unless a module asks for both (postgresql_server)."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return ""
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.emptied()


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub's folder with an empty database at the present schema: migrations take half a second,
    a copy thirty milliseconds."""
    folder = tmp_path_factory.mktemp("empty")
    Hub(Settings(data_dir=folder)).close()
    return folder


@pytest.fixture
def data_dir(tmp_path: Path, empty_folder: Path) -> Path:
    """A hub's folder of the test's own, with an empty database."""
    shutil.copytree(empty_folder, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def hub(data_dir: Path, database: str) -> Iterator[Hub]:
    hub = Hub(Settings(data_dir=data_dir, database_url=database), clock=lambda: NOW)
    yield hub
    hub.close()


@pytest.fixture
def world(hub: Hub) -> World:
    with hub.uow() as uow:
        world = build(hub, uow)
        uow.commit()
    with hub.uow() as uow:
        for kiosk in (world.kiosk, world.beside, world.far):
            presence.kiosk_presence(uow, kiosk.id, True, "1.0", NOW - timedelta(days=1))
        uow.commit()
    return world
