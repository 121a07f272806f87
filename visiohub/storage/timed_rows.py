"""Rows that are written many at once, each once however often it comes, on either database."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Delete, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as OrmSession


class TimedRows:
    """Base of what reads and writes such tables; each has a column `at`."""

    def __init__(self, session: OrmSession) -> None:
        self._session = session

    def _add(self, table: Table, rows: list[dict[str, Any]]) -> int:
        if not rows:
            return 0
        kept = self._insert(table).on_conflict_do_nothing().returning(table.c.at)
        return len(self._session.connection().execute(kept, rows).all())

    def _put(
        self, table: Table, rows: list[dict[str, Any]], where: ColumnElement[bool] | None = None
    ) -> int:
        """In place of what is there, if that is as `where` says; how many were put."""
        if not rows:
            return 0
        insert = self._insert(table)
        keys = [column.name for column in table.primary_key]
        fresh = {c.name: insert.excluded[c.name] for c in table.c if c.name not in keys}
        put = insert.on_conflict_do_update(index_elements=keys, set_=fresh, where=where)
        kept = put.returning(table.c.at)
        return len(self._session.connection().execute(kept, rows).all())

    def _insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        named = self._session.get_bind().dialect.name
        return sqlite.insert(table) if named == "sqlite" else postgresql.insert(table)

    def _count(self, statement: Delete) -> int:
        result = self._session.connection().execute(statement)
        return cast("CursorResult[Any]", result).rowcount
