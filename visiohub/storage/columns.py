"""How columns are written in the tables: identifiers, references, texts, instants."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, Column, Enum, ForeignKey, Integer, MetaData, String

from visiohub.storage.types import AsJson, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(64)
Texts = AsJson(list, tuple)
Dicts = AsJson(list, tuple, frozen=False)
Object = AsJson(dict, dict, frozen=False)


def enum(kind: type[StrEnum]) -> Enum:
    """Kept as its value in plain text, so that SQL and triggers can name it."""
    return Enum(kind, native_enum=False, length=20, values_callable=lambda e: [m.value for m in e])


def ref(target: str, *, nullable: bool = False, ondelete: str | None = None) -> Column[str]:
    """A reference named for the table it points to: `room_id` for "rooms.id"."""
    name, _, _ = target.partition(".")
    column = {"persons": "person_id"}.get(name, name.removesuffix("s") + "_id")
    return Column(column, Id, foreign(target, ondelete=ondelete), nullable=nullable, index=True)


def foreign(target: str, *, ondelete: str | None = None) -> ForeignKey:
    """Checked at commit: within a transaction the order of inserts is free."""
    return ForeignKey(target, ondelete=ondelete, deferrable=True, initially="DEFERRED")


def id_() -> Column[str]:
    """The key."""
    return Column("id", Id, primary_key=True)


def kept() -> list[Column[Any]]:
    """What everything that people edit has."""
    return [
        Column("active", Boolean, nullable=False),
        Column("version", Integer, nullable=False),
    ]


def text(name: str, length: int = 200) -> Column[str]:
    """Text, empty where there is none."""
    return Column(name, String(length), nullable=False)


def when(name: str, *, nullable: bool = True, index: bool = False) -> Column[Any]:
    """An instant in UTC."""
    return Column(name, Instant, nullable=nullable, index=index)
