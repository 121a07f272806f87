"""A job of the hub, run by the hub's own scheduler on a clock that a test turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_EXECUTED
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from hub_site import Site

from visiohub.jobs.schedule import make_scheduler

A_MINUTE = timedelta(minutes=1)


@contextmanager
def each_minute(site: Site, job_id: str, since: datetime) -> Iterator[Callable[[datetime], None]]:
    """The hub's scheduler, started at an instant, with this one of its jobs; what is given lets
    minutes pass up to another instant, the job run in each. Afterwards the clock is as it was."""
    hub, kept, now = site.hub, site.hub.clock, since
    hub.clock = lambda: now
    scheduler = site.run(_started(site, job_id))

    def until(then: datetime) -> None:
        nonlocal now
        while now < then:
            now += A_MINUTE
            site.run(_run(scheduler, job_id))

    try:
        yield until
    finally:
        site.run(_stopped(scheduler))
        hub.clock = kept


async def _started(site: Site, job_id: str) -> AsyncIOScheduler:
    scheduler = make_scheduler(site.hub)
    for job in scheduler.get_jobs():
        if job.id != job_id:
            scheduler.remove_job(job.id)  # none of them expects a clock that leaps
    scheduler.start()
    return scheduler


async def _run(scheduler: AsyncIOScheduler, job_id: str) -> None:
    """Its period is over: the scheduler runs it now."""
    done = asyncio.Event()

    def is_done(_event: object) -> None:
        done.set()

    scheduler.add_listener(is_done, EVENT_JOB_EXECUTED)
    scheduler.modify_job(job_id, next_run_time=datetime.now(UTC))
    await done.wait()
    scheduler.remove_listener(is_done)


async def _stopped(scheduler: AsyncIOScheduler) -> None:
    scheduler.shutdown(wait=False)
