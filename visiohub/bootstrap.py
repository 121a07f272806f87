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
from visiohub.storage.uow import UnitOfWork

P = ParamSpec("P")
R = TypeVar("R")


class Hub:
    """Engine, threads and clock; the one way in to the use cases.

    `on_changed` is called on the event loop with each topic that a committed use case changed;
    the web layer sets it to SignalingServer.changed.
    """

    def __init__(self, settings: Settings, clock: Clock = wall_clock) -> None:
        self.settings = settings
        self.clock = clock
        self.engine = _open(settings)
        upgrade(self.engine)
        self._threads = ThreadPoolExecutor(settings.worker_threads, thread_name_prefix="hub")
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
        """Run a use case in a thread, commit, and tell the pages what changed."""

        def work() -> tuple[R, set[str]]:
            with self.uow() as uow:
                result = use_case(uow, *args, **kwargs)
                uow.commit()
                return result, uow.topics

        result, topics = await self._in_thread(work)
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
        self._threads.shutdown(wait=True)
        self.engine.dispose()


def _open(settings: Settings) -> Engine:
    """The engine, once it has opened the database. Raises SettingsError naming the key."""
    try:
        engine = open_engine(
            settings.database,
            busy_timeout_s=settings.database_busy_timeout_s,
            connections=settings.worker_threads,
        )
        engine.connect().close()
    except (OSError, sqlite3.Error, DBAPIError) as error:
        key = "database_url" if settings.database_url else "data_dir"
        why = error.orig if isinstance(error, DBAPIError) else error
        says = f"setting {key!r}: cannot open the database {settings.database}: {why}"
        raise SettingsError(says, field=key) from error
    return engine
