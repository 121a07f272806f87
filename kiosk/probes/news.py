"""Waiting for what a socket brings, without a loop that asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress


class News:
    """`come` when something did; who waits looks whether it is what they wait for."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def come(self) -> None:
        """Look now."""
        self._event.set()

    async def within(self, seconds: float, so: Callable[[], bool]) -> None:
        """Until it is so, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not so():
                    self._event.clear()
                    await self._event.wait()
