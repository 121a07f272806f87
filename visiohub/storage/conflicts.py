"""What a database's refusal means, in one set of words for SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3

import psycopg
from psycopg import errors as postgresql
from sqlalchemy.exc import DBAPIError, IntegrityError

OVERLAP = "occupancies_overlap"
"""What SQLite's triggers say, and PostgreSQL's constraint is called (migration 0003)."""

_SAME_START = "pk_occupancies"
"""PostgreSQL may see first that the other occupancy begins at the same instant."""
_NOT_ALONE = (
    postgresql.SerializationFailure,
    postgresql.DeadlockDetected,
    postgresql.LockNotAvailable,  # `lock_timeout` passed
)
_SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def is_overlap(error: IntegrityError) -> bool:
    """Would one resource have had two owners at one time?"""
    if isinstance(error.orig, psycopg.Error):
        return error.orig.diag.constraint_name in {OVERLAP, _SAME_START}
    return OVERLAP in str(error.orig)


def column_taken(error: IntegrityError) -> str | None:
    """Column whose value another row has, or None when it is something else."""
    if _same_id(error):
        return None
    if isinstance(error.orig, postgresql.UniqueViolation):
        said = error.orig.diag
        return (said.constraint_name or "").removeprefix(f"uq_{said.table_name}_")
    found = str(error.orig)
    return found.rpartition(".")[2] if "UNIQUE" in found else None


def _same_id(error: DBAPIError) -> bool:
    """Did another transaction keep a row of this id first? PostgreSQL alone says so: SQLite has one
    writer. Ids are random, or say what there is one of, as a venue's price list."""
    said = error.orig
    if not isinstance(said, postgresql.UniqueViolation):
        return False
    return str(said.diag.constraint_name).startswith("pk_")


def is_transient(error: DBAPIError) -> bool:
    """Was only another transaction in the way? The same work, begun anew, can succeed, or sees what
    the other one kept."""
    if isinstance(error.orig, sqlite3.Error):
        primary = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # sqlite.org/rescode.html
        return primary in _SQLITE_BUSY
    return isinstance(error.orig, _NOT_ALONE) or _same_id(error)


def lacks_right(error: DBAPIError) -> bool:
    """Does the account lack a right that PostgreSQL's administrator can give it?"""
    return isinstance(error.orig, postgresql.InsufficientPrivilege)


def without_values(error: DBAPIError) -> None:
    """Take out of PostgreSQL's message the lines after the first: they repeat a row's values."""
    said = error.orig
    if isinstance(said, psycopg.Error) and (short := said.diag.message_primary):
        error.args = tuple(str(part).replace(str(said), short) for part in error.args)
        said.args = (short,)
