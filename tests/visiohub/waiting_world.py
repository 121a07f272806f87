"""Somebody waits for the one slot there is."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from hub_world import DAY, NOW, World

from visiohub.booking import online, waiting
from visiohub.booking.appointments import cancel
from visiohub.booking.secrets import new_token
from visiohub.booking.waiting import WaitingForm
from visiohub.domain.model import CancelledBy
from visiohub.domain.waiting_list import WaitingEntry
from visiohub.jobs.waiting import serve_waiting

TEN = NOW + timedelta(days=1, hours=1)
"""Tomorrow at 10:00 in Paris; the agent receives half an hour, tomorrow alone."""


def fill(world: World) -> str:
    """The one slot there is, taken; its appointment's id."""
    world.hold(
        first_day=DAY + timedelta(days=1),
        opens=time(10),
        closes=time(10, 30),
        rule="FREQ=DAILY;COUNT=1",
    )
    slot = online.OnlineForm(
        service_id=world.service.id, venue_id=world.venue.id, starts_at=TEN, initials="D. R."
    )
    booked = world.do(online.book_online, slot, new_token(), "192.0.2.1", NOW)
    return str(booked.appointment_id)


def join(world: World, key: str, now: datetime = NOW, **fields: Any) -> WaitingEntry:
    """At both venues for a week, unless told otherwise."""
    form = WaitingForm(
        **{
            "service_id": world.service.id,
            "venue_ids": (world.elsewhere.id, world.venue.id),
            "not_after": NOW + timedelta(weeks=1),
            "initials": "F. B.",
            **fields,
        }
    )
    entry: WaitingEntry = world.do(waiting.join, form, key, "192.0.2.2", "fr", now)
    return entry


def serve(world: World, now: datetime) -> int:
    """As the job does at an instant."""
    world.hub.clock = lambda: now
    return serve_waiting(world.hub, lambda: False)


def free(world: World, appointment_id: str) -> None:
    world.do(cancel, appointment_id, CancelledBy.CITIZEN, 1, None, NOW)


def entry_of(world: World, entry: WaitingEntry) -> Any:
    return world.see(lambda uow: uow.waiting_list.get(entry.id))
