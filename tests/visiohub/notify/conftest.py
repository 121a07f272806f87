"""A hub that writes to a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_world import NOW, World, build
from mail_server import MailServer, mail_server
from stranger import Stranger, stranger_server

from visiohub.bootstrap import Hub
from visiohub.settings import Settings


@pytest.fixture
def post() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def more_settings() -> dict[str, Any]:
    return {}


@pytest.fixture
def settings(
    data_dir: Path, database: str, post: MailServer, more_settings: dict[str, Any]
) -> Settings:
    return Settings(
        data_dir=data_dir,
        database_url=database,
        public_origins=("http://127.0.0.1:8080",),
        mail_host="127.0.0.1",
        mail_port=post.port,
        mail_security="none",
        mail_from="visio@example.fr",
        **more_settings,
    )


@pytest.fixture
def hub(settings: Settings) -> Iterator[Hub]:
    hub = Hub(settings, clock=lambda: NOW)
    yield hub
    hub.close()


@pytest.fixture
def world(hub: Hub) -> World:
    with hub.uow() as uow:
        world = build(hub, uow)
        uow.commit()
    return world


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    with stranger_server() as server:
        yield server
