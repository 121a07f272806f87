"""A file that was sent to be imported: kept while somebody corrects what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(eq=False)
class Upload:
    """`data` is emptied when it has been taken over."""

    id: str
    person_id: str
    """Who sent it."""
    kind: str
    """Of booking/imports/run.py."""
    name: str
    """Of the file, as the browser says."""
    data: bytes
    created_at: datetime
    loaded_at: datetime | None = None
    lines: int = 0
    """Taken over."""
