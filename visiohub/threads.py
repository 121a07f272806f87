"""Threads for slow work, with an end to their queue: who finds it full is told to come back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from visiohub.errors import Busy

R = TypeVar("R")


class ShortQueue:
    """`threads` at work, at most `waiting` behind them."""

    def __init__(self, name: str, *, threads: int, waiting: int, retry_after_s: float) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = threading.BoundedSemaphore(threads + waiting)
        self._name = name
        self._retry_after_s = retry_after_s

    async def do(self, work: Callable[[], R]) -> R:
        """The result of `work`. Raises Busy, at once, when every place is taken."""
        if not self._places.acquire(blocking=False):
            raise Busy(f"queue {self._name!r} is full", retry_after_s=self._retry_after_s)
        done = self._pool.submit(work)
        # when the work ends, not when its asker goes away: a thread cannot be called off
        done.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(done)

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown(wait=True)
