"""Rows about one person, whatever the table: read whole, emptied or deleted; and old ones, by age.

Which tables hold what of whom is said in booking/personal/kinds.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Column, CursorResult, Delete, Table, Update, delete, select, update
from sqlalchemy.orm import Session as OrmSession

_WITHOUT_ENTITIES = {"synchronize_session": False}


class PersonalData:
    """By table and by the columns that say whose a row is."""

    def __init__(self, session: OrmSession) -> None:
        self._session = session

    def rows(
        self, table: Table, owner: Mapping[str, str], shown: Sequence[str]
    ) -> list[dict[str, Any]]:
        """These columns of the rows whose columns equal `owner`, in order of the first."""
        columns = [table.c[name] for name in shown]
        query = select(*columns).where(*_owned(table, owner)).order_by(columns[0])
        return [dict(row._mapping) for row in self._session.execute(query)]  # noqa: SLF001 - SQLAlchemy's documented name

    def empty(self, table: Table, owner: Mapping[str, str], values: Mapping[str, Any]) -> int:
        """Put these values into them."""
        return self._run(update(table).where(*_owned(table, owner)).values(**values))

    def delete(self, table: Table, owner: Mapping[str, str]) -> int:
        """Keep them no longer."""
        return self._run(delete(table).where(*_owned(table, owner)))

    def delete_before(self, column: Column[Any], before: datetime | date, *conditions: Any) -> int:
        """Rows of which this instant, or day, is earlier; those without one stay."""
        return self._run(delete(column.table).where(column < before, *conditions))

    def _run(self, statement: Delete | Update) -> int:
        self._session.flush()
        result = self._session.execute(statement, execution_options=_WITHOUT_ENTITIES)
        return cast("CursorResult[Any]", result).rowcount


def _owned(table: Table, owner: Mapping[str, str]) -> list[Any]:
    return [table.c[name] == value for name, value in owner.items()]
