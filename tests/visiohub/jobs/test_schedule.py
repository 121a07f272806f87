from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event

from hub_world import NOW, World
from structlog.testing import capture_logs

from visiohub.booking.upkeep import settle_unmet
from visiohub.jobs.schedule import make_scheduler, run_each, run_errand, run_job
from visiohub.storage.uow import UnitOfWork


async def test_every_job_has_its_time(world: World) -> None:
    scheduler = make_scheduler(world.hub)
    scheduler.start(paused=True)
    at = NOW
    times = {
        job.id: job.trigger.get_next_fire_time(None, at).astimezone(UTC)
        for job in scheduler.get_jobs()
    }
    scheduler.shutdown(wait=False)
    assert set(times) == {
        "still_here",
        "settle_unmet",
        "release_unused",
        "forget_tries",
        "purge",
        "remind",
        "remind_bookers",
        "send_statements",
        "deliver",
        "refresh_calendars",
        "serve_waiting",
        "mail_line_alerts",
        "forget_figures",
        "roll_days",
        "grade_lines",
    }
    assert times["purge"] == datetime(2026, 11, 24, 2, 17, tzinfo=UTC)  # 3 h 17 in Paris


async def test_a_job_is_a_use_case(world: World) -> None:
    booked = world.book("09:00")
    world.hub.clock = lambda: NOW + timedelta(hours=1)
    await run_job(world.hub, settle_unmet)
    assert world.appointment(booked.appointment_id).state == "no_show"


async def test_a_job_that_fails_is_logged_and_stops_nothing(world: World) -> None:
    def failing(_uow: object, _now: datetime) -> None:
        raise ValueError("broken")

    with capture_logs() as logs:
        await asyncio.wait_for(run_job(world.hub, failing), timeout=5)
    assert [(entry["event"], entry["job"]) for entry in logs] == [("job_failed", "failing")]


async def test_what_fails_of_a_job_holds_up_no_other(world: World) -> None:
    def rename(uow: UnitOfWork, venue_id: str, _now: datetime) -> None:
        uow.venues.get(venue_id).name += " !"
        uow.changed(f"reception:{venue_id}")
        if venue_id == world.venue.id:
            raise ValueError("broken")

    told: list[str] = []
    world.hub.on_changed = told.append
    with capture_logs() as logs:
        ids = [world.venue.id, world.elsewhere.id]
        await run_each(world.hub, lambda _uow, _now: ids, rename)
    assert [entry["event"] for entry in logs] == ["job_failed", "job_done"]
    names = world.see(lambda uow: [uow.venues.get(one).name for one in ids])
    assert names == ["Guillestre", "Serres !"]
    assert told == [f"reception:{world.elsewhere.id}"]


async def test_an_errand_waits_in_a_thread_and_hears_that_the_hub_stops(world: World) -> None:
    begun = Event()

    def waits(_hub: object, stopping: Callable[[], bool]) -> bool:
        begun.set()
        while not stopping():
            time.sleep(0.01)
        return True

    stop = Event()
    running = asyncio.create_task(run_errand(world.hub, waits, stop))
    await asyncio.to_thread(begun.wait, 60)
    assert not running.done()
    stop.set()
    with capture_logs() as logs:
        await asyncio.wait_for(running, timeout=60)
    assert [(entry["event"], entry["job"]) for entry in logs] == [("job_done", "waits")]


async def test_the_scheduler_tells_errands_to_stop(world: World) -> None:
    scheduler = make_scheduler(world.hub)
    scheduler.start(paused=True)
    (deliver,) = (job for job in scheduler.get_jobs() if job.id == "deliver")
    stop = deliver.args[2]
    assert not stop.is_set()
    scheduler.shutdown(wait=False)
    await asyncio.sleep(0)
    assert stop.is_set()


async def test_an_errand_that_fails_is_logged(world: World) -> None:
    def failing(_hub: object, _stopping: object) -> None:
        raise ValueError("broken")

    with capture_logs() as logs:
        await run_errand(world.hub, failing, Event())
    assert [(entry["event"], entry["job"]) for entry in logs] == [("job_failed", "failing")]
