"""The addresses of the screens beside rooms."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from visiohub.storage.columns import Id, foreign, metadata, when

doors = Table(
    "doors",
    metadata,
    Column("id", Id, foreign("rooms.id", ondelete="CASCADE"), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    when("made_at", nullable=False),
    when("seen_at"),
    when("lives_since"),
)
