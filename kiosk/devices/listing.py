"""A list that is made all at once and grows old, shared by those who use what is on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

log = structlog.get_logger(__name__)

PATIENCE_S = 2.0
"""Whoever holds the list looks every second at least whether it is outdated."""

AGAIN_S = 30.0
"""So often a list that is doubted is made anew at most: it takes some tenths of a second."""


class Listing:
    """Made anew when the world has changed, never while somebody holds it.

    `look()` gives anything that differs when the world has changed; `renew()` makes the list anew.
    Safe between threads.
    """

    def __init__(
        self,
        look: Callable[[], object],
        renew: Callable[[], None],
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look, self._renew, self._now = look, renew, now
        self._listed: object = look()
        self._made_at, self._doubted = now(), False
        self._holders = 0
        self._turn = threading.Condition()
        self._warned = False  # that somebody did not let go in time
        self.outdated = False
        """Somebody waits for a new list: whoever holds the old one lets go, and may come again."""

    @contextmanager
    def held(self) -> Iterator[None]:
        """The list is as new as can be, and stays.

        It is as it was when others do not let go in time: what one of them holds may hang.

        Raises:
            Whatever `renew()` raises; it is tried again next time.
        """
        with self._turn:
            self._bring_up_to_date()
            self._holders += 1
        try:
            yield
        finally:
            with self._turn:
                self._holders -= 1
                self._turn.notify_all()

    @property
    def is_held(self) -> bool:
        """Somebody has not let go yet."""
        return self._holders > 0

    def is_true(self) -> bool:
        """The world is as it was when the list was made."""
        return self._listed == self._look()

    def doubt(self) -> None:
        """Something is looked for and is not on it: another program may have had it just then. It
        is made anew some time when nobody holds it; nobody is asked to let go for that."""
        self._doubted = True

    def _bring_up_to_date(self) -> None:
        if self.is_true():
            if self._doubted and not self._holders and self._now() >= self._made_at + AGAIN_S:
                self._make()
            return
        self.outdated = True
        free = self._turn.wait_for(lambda: not self._holders or self.is_true(), PATIENCE_S)
        self.outdated = False
        if not free and not self._warned:
            self._warned = True
            log.warning("a sound device does not close: what was plugged in is not found yet")
        if not self._holders and not self.is_true():
            self._make()

    def _make(self) -> None:
        self._made_at, self._doubted, self._warned = self._now(), False, False
        # what changes while the list is made may be missing on it: next time it differs
        seen, self._listed = self._look(), None
        self._renew()
        self._listed = seen
