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
    """Whoever hangs in its turn keeps it; the others go on beside it, in turns among themselves.

    Safe between threads.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """It is this thread's turn; wait for nothing else meanwhile, nor for a second turn."""
        turn = self._turn
        while not turn.acquire(timeout=PATIENCE_S):
            if turn is self._turn:
                log.warning("a sound device hangs: the other one goes on beside it")
                self._turn = threading.Lock()
            turn = self._turn
        try:
            yield
        finally:
            turn.release()
