"""When the hub's own work is done: APScheduler is the clock, each job is a use case."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event
from zoneinfo import ZoneInfo

import structlog
from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from visiohub.booking.announce import remind
from visiohub.booking.announce_rooms import remind_bookers
from visiohub.booking.lines.grades import Graders, grade_lines
from visiohub.booking.personal.retention import purge
from visiohub.booking.presence import still_here
from visiohub.booking.rooms.statement_mails import WITHIN_DAYS, send_statements
from visiohub.booking.upkeep import forget_tries, settle_unmet
from visiohub.bootstrap import Hub
from visiohub.jobs.absences import Absences
from visiohub.jobs.alert_mails import mail_line_alerts
from visiohub.jobs.line_upkeep import forget_figures, roll_days
from visiohub.jobs.waiting import serve_waiting
from visiohub.notify.delivery import deliver
from visiohub.notify.refresh import refresh_calendars
from visiohub.storage.uow import UnitOfWork

Job = Callable[[UnitOfWork, datetime], object]
Due = Callable[[UnitOfWork, datetime], Sequence[str]]
"""Ids of what a job has to do, each in a transaction of its own."""
Errand = Callable[[Hub, Callable[[], bool]], object]
"""Of several transactions, or waits for strangers' servers; in a thread of its own, it ends soon
once it is to stop."""
log = structlog.get_logger(__name__)


def make_scheduler(hub: Hub) -> AsyncIOScheduler:
    """A scheduler, not started, with all jobs; a late run is made up for, once."""
    zone = ZoneInfo(hub.settings.time_zone)
    scheduler = AsyncIOScheduler(
        timezone=zone,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    triggers: dict[Job, object] = {
        still_here: IntervalTrigger(minutes=1),
        settle_unmet: IntervalTrigger(minutes=1),
        remind: IntervalTrigger(minutes=10),
        remind_bookers: IntervalTrigger(minutes=10),
        send_statements: CronTrigger(day=f"1-{WITHIN_DAYS}", hour=6, minute=7, timezone=zone),
        forget_tries: IntervalTrigger(hours=1),
        purge: CronTrigger(hour=3, minute=17, timezone=zone),
        _grading(Graders()): IntervalTrigger(minutes=1),
    }
    for job, trigger in triggers.items():
        scheduler.add_job(run_job, trigger, args=[hub, job], id=job.__name__)
    absences = Absences(hub.clock())
    one_by_one = [hub, absences.due, absences.release]
    scheduler.add_job(run_each, IntervalTrigger(minutes=1), args=one_by_one, id="release_unused")
    stop = Event()
    scheduler.add_listener(lambda _event: stop.set(), EVENT_SCHEDULER_SHUTDOWN)
    errands: dict[Errand, object] = {
        deliver: IntervalTrigger(seconds=10),
        mail_line_alerts: IntervalTrigger(seconds=20),
        serve_waiting: IntervalTrigger(minutes=1),
        refresh_calendars: IntervalTrigger(minutes=1),
        forget_figures: CronTrigger(hour=3, minute=37, timezone=zone),
        roll_days: IntervalTrigger(hours=1),
    }
    for errand, trigger in errands.items():
        scheduler.add_job(run_errand, trigger, args=[hub, errand, stop], id=errand.__name__)
    return scheduler


def _grading(graders: Graders) -> Job:
    """The lines' graders live as long as the scheduler."""

    def grade(uow: UnitOfWork, now: datetime) -> int:
        return grade_lines(uow, now, graders)

    grade.__name__ = grade_lines.__name__
    return grade


async def run_job(hub: Hub, job: Job) -> None:
    """Run one job now; a failure is logged and the next run tries again."""
    try:
        result = await hub.run(job, hub.clock())
    except Exception:
        log.exception("job_failed", job=job.__name__)
    else:
        log.info("job_done", job=job.__name__, result=str(result))


async def run_each(hub: Hub, due: Due, job: Callable[[UnitOfWork, str, datetime], object]) -> None:
    """Do now what is due, each in its own transaction: what fails is logged, holds up no other and
    is tried again at the next run."""
    name = job.__name__
    try:
        ids = await hub.read(due, hub.clock())
    except Exception:
        log.exception("job_failed", job=name)
        return
    for one in ids:
        try:
            result = await hub.run(job, one, hub.clock())
        except Exception:
            log.exception("job_failed", job=name, subject=one)
        else:
            log.info("job_done", job=name, subject=one, result=str(result))


async def run_errand(hub: Hub, errand: Errand, stop: Event) -> None:
    """Run one errand now; a failure is logged and the next run tries again."""
    try:
        result = await asyncio.to_thread(errand, hub, stop.is_set)
    except Exception:
        log.exception("job_failed", job=errand.__name__)
    else:
        if result:
            log.info("job_done", job=errand.__name__, result=str(result))
