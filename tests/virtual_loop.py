"""An event loop whose clock is the test's."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any


class VirtualLoop(asyncio.SelectorEventLoop):
    """Waits by moving its clock."""

    def __init__(self) -> None:
        self.now = 1000.0

        class Waits(selectors.DefaultSelector):
            def select(_self, timeout: float | None = None) -> list[Any]:  # noqa: N805 - the loop is `self`
                self.now += timeout or 0.0
                return []

        super().__init__(Waits())

    def time(self) -> float:
        return self.now
