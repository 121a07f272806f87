"""`column IN (ids)` whose ids are one parameter, however many there are.

So the statement is one text, which SQLAlchemy compiles once and PostgreSQL plans once a connection.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, BindParameter, Boolean, Column, Dialect, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class Ids(TypeDecorator[Collection[str]]):
    """Identifiers as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """As the database takes it."""
        on_postgresql = dialect.name == "postgresql"
        return dialect.type_descriptor(ARRAY(String()) if on_postgresql else String())

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> object:
        """A list, or its text."""
        ids = list(value or ())
        return ids if dialect.name == "postgresql" else json.dumps(ids)


class Among(FunctionElement[bool]):
    """Made by `among`."""

    type = Boolean()
    inherit_cache = True


def among(column: Column[Any], ids: Collection[str] | BindParameter[Any]) -> Among:
    """Whether the column is one of these; of none it is not. A parameter is of the type `Ids`."""
    if not isinstance(ids, BindParameter):
        ids = bindparam("ids", ids, type_=Ids(), unique=True)
    return Among(column, ids)


@compiles(Among, "postgresql")
def _on_postgresql(element: Among, compiler: SQLCompiler, **how: Any) -> str:
    column, ids = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} = ANY ({ids})"


@compiles(Among, "sqlite")
def _on_sqlite(element: Among, compiler: SQLCompiler, **how: Any) -> str:
    column, ids = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - both are compiled
