"""Bring a database to the present schema; the migrations are shipped inside the package."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run what is missing, in one transaction under the write lock: safe with several hubs."""
    config = Config()
    config.set_main_option("script_location", "visiohub:storage/migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
