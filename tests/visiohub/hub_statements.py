"""What a hub asks its database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from visiohub.bootstrap import Hub


@contextmanager
def statements(hub: Hub) -> Iterator[list[str]]:
    """All that it asks meanwhile."""
    found: list[str] = []

    def one_more(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(hub.engine, "before_cursor_execute", one_more)
    try:
        yield found
    finally:
        event.remove(hub.engine, "before_cursor_execute", one_more)
