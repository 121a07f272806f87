"""Column types: UTC instants, and plain values kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime. A naive one is a bug and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite keeps text without zone, whose order is the order of time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(
        self, dialect: Dialect, _coltype: object
    ) -> Callable[[Any], datetime | None]:
        """Aware again; searches read thousands."""
        return _from_text if dialect.name == "sqlite" else _in_utc


def _from_text(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(f"{kept}+00:00")


def _in_utc(kept: datetime | None) -> datetime | None:
    return None if kept is None else kept.astimezone(UTC)


class AsJson(TypeDecorator[Any]):
    """A Python value kept as JSON: `dump` makes it plain, `load` makes it itself again.

    A `frozen` value is made once of each text and then shared: a search reads the same timetables
    and rules hundreds of times.
    """

    impl = JSON
    cache_ok = True

    def __init__(
        self, dump: Callable[[Any], object], load: Callable[[Any], object], *, frozen: bool = True
    ) -> None:
        super().__init__()
        self.dump = dump
        self.load = load
        self.frozen = frozen
        made = partial(_made, load)
        self._made = lru_cache(maxsize=1024)(made) if frozen else made

    def process_bind_param(self, value: Any, dialect: Dialect) -> object:  # noqa: ARG002 - signature is SQLAlchemy's
        """Plain lists and dicts."""
        return None if value is None else self.dump(value)

    def result_processor(
        self, _dialect: Dialect, _coltype: object
    ) -> Callable[[str | bytes | None], object]:
        """The value as the domain knows it, from its text: storage/engine.py has PostgreSQL's
        driver leave it one."""
        return self._made


def _made(load: Callable[[Any], object], text: str | bytes | None) -> object:
    plain = None if text is None else json.loads(text)
    return None if plain is None else load(plain)
