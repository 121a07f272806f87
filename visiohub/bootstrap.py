"""The hub, put together from its settings."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from visiohub.clock import Clock, wall_clock
from visiohub.errors import SettingsError
from visiohub.settings import Settings
from visiohub.storage.engine import open_engine
from visiohub.storage.migrate import upgrade
from visiohub.storage.retry import committed
from visiohub.storage.uow import UnitOfWork
from visiohub.threads import ShortQueue

P = ParamSpec("P")
R = TypeVar("R")

HASHING_THREADS = 1
"""For each of the two queues. One argon2id hash takes 64 MiB and four cores at once (RFC 9106 §4):
more threads would not end sooner."""
_REMEDIES = {
    "sqlite": "name a place where this account may write",
    "postgresql": "start its server, or name the host, database and account that are there",
}


class Hub:
    """Engine, threads and clock; the one way in to the use cases.

    `on_changed` is called on the event loop with each topic that a committed use case changed;
    the web layer sets it to SignalingServer.changed.
    """

    def __init__(self, settings: Settings, clock: Clock = wall_clock) -> None:
        self.settings = settings
        self.clock = clock
        self.engine = _open(settings)
        self._threads = ThreadPoolExecutor(settings.worker_threads, thread_name_prefix="hub")
        # slow hashes wait apart from pages, and those of strangers apart from everybody's
        self._hashing = ShortQueue("hash", threads=HASHING_THREADS, waiting=32, retry_after_s=5)
        self._door = ShortQueue("door", threads=HASHING_THREADS, waiting=8, retry_after_s=5)
        self.on_changed: Callable[[str], None] = lambda _topic: None

    def uow(self) -> UnitOfWork:
        """A writing unit of work."""
        return UnitOfWork(self.engine, self.settings)

    def reading(self) -> UnitOfWork:
        """A unit of work that only reads: it never waits for a writer, nor makes one wait."""
        return UnitOfWork(self.engine, self.settings, reading=True)

    async def run(
        self, use_case: Callable[Concatenate[UnitOfWork, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a use case in a thread, commit, and tell the pages what changed. It is begun anew
        when another transaction was in its way (storage/retry.py). Raises Busy."""
        return self._tell(*await self._in_thread(self._committed(use_case, *args, **kwargs)))

    async def run_hashing(
        self, use_case: Callable[Concatenate[UnitOfWork, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """As `run`, for a use case that computes slow hashes. Raises Busy."""
        return self._tell(*await self._hashing.do(self._committed(use_case, *args, **kwargs)))

    async def run_at_door(
        self, use_case: Callable[Concatenate[UnitOfWork, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """As `run_hashing`, asked by whom the hub does not know yet: a flood of guesses there
        holds up neither pages nor citizens' codes. Raises Busy."""
        return self._tell(*await self._door.do(self._committed(use_case, *args, **kwargs)))

    def _committed(
        self, use_case: Callable[Concatenate[UnitOfWork, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> Callable[[], tuple[R, set[str]]]:
        def work() -> tuple[R, set[str]]:
            within_s = self.settings.database_busy_timeout_s
            return committed(
                self.uow, lambda uow: use_case(uow, *args, **kwargs), within_s=within_s
            )

        return work

    def _tell(self, result: R, topics: set[str]) -> R:
        for topic in sorted(topics):
            self.on_changed(topic)
        return result

    async def read(
        self, use_case: Callable[Concatenate[UnitOfWork, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a use case that only reads."""

        def work() -> R:
            with self.reading() as uow:
                return use_case(uow, *args, **kwargs)

        return await self._in_thread(work)

    async def _in_thread(self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Wait for the threads and let go of the database."""
        for queue in (self._hashing, self._door):
            queue.close()
        self._threads.shutdown(wait=True)
        self.engine.dispose()


def _open(settings: Settings) -> Engine:
    """The engine, its database at the present schema. Raises SettingsError naming the key."""
    try:
        engine = open_engine(
            settings.database,
            busy_timeout_s=settings.database_busy_timeout_s,
            connections=settings.worker_threads + 2 * HASHING_THREADS,
        )
        engine.connect().close()
    except (OSError, sqlite3.Error, DBAPIError) as error:
        key = "database_url" if settings.database_url else "data_dir"
        why = error.orig if isinstance(error, DBAPIError) else error
        says = f"setting {key!r}: cannot open the database {settings.shown('database')}: {why}; "
        says += _REMEDIES[settings.database.partition(":")[0]]
        raise SettingsError(says, field=key) from error
    try:
        upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine
