"""The table of files that were sent to be imported."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, Table

from visiohub.storage.columns import id_, metadata, ref, text, when

uploads = Table(
    "uploads",
    metadata,
    id_(),
    ref("persons.id"),
    text("kind", 20),
    text("name"),
    Column("data", LargeBinary, nullable=False),
    when("created_at", nullable=False, index=True),
    when("loaded_at"),
    Column("lines", Integer, nullable=False),
)
