"""A thread that may be lost: nobody waits for its end, and nobody else's work stands behind it."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class OneThread:
    """Does one job after the other.

    asyncio's own threads are few, name look-ups and files need them too, and the program's end
    waits for each: an encoder that never answers must not hold one.
    """

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def run(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """After all that was asked for before; the future has what it returns or raises."""
        done: Future[T] = Future()

        def job() -> None:
            if not done.set_running_or_notify_cancel():
                return
            try:
                done.set_result(work())
            except Exception as error:  # noqa: BLE001 - who waits gets it
                done.set_exception(error)

        self._put(job)
        return asyncio.wrap_future(done)

    def end(self, last: Callable[[], object]) -> None:
        """Do this after all that was asked for, and then nothing more."""
        self._put(last)
        self._jobs.put(None)

    def _put(self, job: Callable[[], object]) -> None:
        if self._thread.ident is None:
            self._thread.start()
        self._jobs.put(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
