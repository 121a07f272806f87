"""Rows that are written many at once, each once however often it comes, on either database."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Delete, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.sql import ColumnCollection
from sqlalchemy.sql.dml import ReturningInsert

Columns = ColumnCollection[str, Any]
Where = Callable[[Columns, Columns], ColumnElement[bool]]
"""Of what is there and of what comes: whether it takes that place."""


class TimedRows:
    """Base of what reads and writes such tables; each has a column `at`."""

    def __init__(self, session: OrmSession) -> None:
        self._session = session

    def _add(self, table: Table, rows: list[dict[str, Any]]) -> int:
        return self._execute(_adding(table, self._dialect()), rows)

    def _put(self, table: Table, rows: list[dict[str, Any]], where: Where | None = None) -> int:
        """In place of what is there, if that is as `where` says; how many were put."""
        return self._execute(_putting(table, self._dialect(), where), rows)

    def _execute(self, statement: ReturningInsert[Any], rows: list[dict[str, Any]]) -> int:
        return len(self._session.connection().execute(statement, rows).all()) if rows else 0

    def _dialect(self) -> str:
        return self._session.get_bind().dialect.name

    def _count(self, statement: Delete) -> int:
        result = self._session.connection().execute(statement)
        return cast("CursorResult[Any]", result).rowcount


@cache
def _adding(table: Table, dialect: str) -> ReturningInsert[Any]:
    return _insert(table, dialect).on_conflict_do_nothing().returning(table.c.at)


@cache
def _putting(table: Table, dialect: str, where: Where | None) -> ReturningInsert[Any]:
    """Made once for each table: thirty columns take longer than a row's writing."""
    insert = _insert(table, dialect)
    new = insert.excluded
    keys = [column.name for column in table.primary_key]
    fresh = {c.name: new[c.name] for c in table.c if c.name not in keys}
    only = None if where is None else where(table.c, new)
    put = insert.on_conflict_do_update(index_elements=keys, set_=fresh, where=only)
    return put.returning(table.c.at)


def _insert(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
