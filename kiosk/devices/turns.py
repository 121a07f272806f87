"""One thread at a time in a library that is not safe between threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

log = structlog.get_logger(__name__)

PATIENCE_S = 3.0
"""Opening or closing a sound device takes some tenths of a second, at times one or two."""


class Turns:
    """Whoever hangs in its turn loses it: the others go on beside it, one at a time.

    Safe between threads.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._whose: object | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """It is this thread's turn; wait for nothing else meanwhile, nor for a second turn."""
        mine = object()
        with self._changed:
            while (other := self._whose) is not None:
                if not self._changed.wait(PATIENCE_S) and self._whose is other:
                    log.warning("a sound device hangs: the other one goes on beside it")
                    self._whose = None
            self._whose = mine
        try:
            yield
        finally:
            with self._changed:
                if self._whose is mine:  # else it has lost its turn
                    self._whose = None
                    self._changed.notify_all()
