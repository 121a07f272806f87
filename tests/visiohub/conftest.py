"""A small territory on a real SQLite file, at a fixed instant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hub_world import NOW, World, build

from visiohub.booking import presence, secrets
from visiohub.bootstrap import Hub
from visiohub.settings import Settings


@pytest.fixture(autouse=True)
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2id with the least work: the tests make thousands."""
    monkeypatch.setattr(
        secrets, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(Settings(data_dir=tmp_path), clock=lambda: NOW)
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
