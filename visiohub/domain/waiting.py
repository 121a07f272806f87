"""How long somebody will wait: the queue played forward over the agents who were told."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Queued:
    """Somebody who waits: `starts_at` is an appointment's time, None without one."""

    call_id: str
    arrived_at: datetime
    duration: timedelta
    starts_at: datetime | None = None


@dataclass(frozen=True)
class Estimate:
    """People to be received first, and minutes to come; None: nobody is there to receive."""

    people_before: int
    minutes: int | None


def turn(waiting: Queued) -> tuple[bool, datetime, datetime, str]:
    """Order of the queue: appointments by their time, then the others by arrival."""
    planned = waiting.starts_at or waiting.arrived_at
    return waiting.starts_at is None, planned, waiting.arrived_at, waiting.call_id


def estimate(
    mine: Queued, others: Sequence[Queued], free_at: Sequence[datetime], now: datetime
) -> Estimate:
    """Place and wait of `mine` among `others`, with agents free at these instants.

    A running call that is past its planned end is taken to end now; an appointment is not taken
    to begin before its time. Minutes are rounded up: better early than late.
    """
    before = sorted((o for o in others if turn(o) < turn(mine)), key=turn)
    if not free_at:
        return Estimate(len(before), None)
    agents = [max(instant, now) for instant in free_at]
    heapq.heapify(agents)
    for other in before:
        start = max(heapq.heappop(agents), other.starts_at or now)
        heapq.heappush(agents, start + other.duration)
    start = max(agents[0], mine.starts_at or now)
    return Estimate(len(before), -int((now - start) // timedelta(minutes=1)))
