"""From a device's thread to the event loop: bounded, newest wins."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Subscription(Generic[T]):
    """One reader of a feed, on the event loop. What is not read in time goes, oldest first."""

    def __init__(self, feed: Feed[T], depth: int) -> None:
        self._feed = feed
        self._items: deque[T] = deque(maxlen=depth)
        self._waiter: asyncio.Future[None] | None = None

    async def next(self, timeout_s: float) -> T | None:
        """The oldest item kept, or None when nothing came within `timeout_s` seconds."""
        if not self._items:
            self._waiter = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._waiter], timeout=timeout_s)
            self._waiter = None
        return self._items.popleft() if self._items else None

    def close(self) -> None:
        """Stop receiving."""
        self._feed.unsubscribe(self)

    def put(self, item: T) -> None:
        """Called by the feed, on the event loop."""
        self._items.append(item)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Feed(Generic[T]):
    """Hands each item of one device to all its readers."""

    def __init__(self, loop: asyncio.AbstractEventLoop, depth: int) -> None:
        self._loop = loop
        self._depth = depth
        self._readers: list[Subscription[T]] = []
        self._pending: deque[T] = deque(maxlen=depth)
        self._lock = threading.Lock()
        self._scheduled = False
        self.latest: T | None = None

    @property
    def wanted(self) -> bool:
        """Somebody reads."""
        return bool(self._readers)

    def subscribe(self) -> Subscription[T]:
        """A new reader; close it when done."""
        reader = Subscription(self, self._depth)
        self._readers.append(reader)
        return reader

    def unsubscribe(self, reader: Subscription[T]) -> None:
        """Forget a reader; unknown ones are ignored."""
        if reader in self._readers:
            self._readers.remove(reader)

    def push(self, item: T) -> None:
        """From the device's thread: one more item."""
        with self._lock:
            self.latest = item
            self._pending.append(item)
            if self._scheduled:
                return
            self._scheduled = True
        try:
            self._loop.call_soon_threadsafe(self._flush)
        except RuntimeError:  # the loop has ended; nobody can read any more
            self._scheduled = True

    def rest(self) -> None:
        """From the device's thread: it gives nothing for now, and what it gave is not kept."""
        with self._lock:
            self.latest = None

    def _flush(self) -> None:
        with self._lock:
            items = list(self._pending)
            self._pending.clear()
            self._scheduled = False
        for reader in self._readers:
            for item in items:
                reader.put(item)
