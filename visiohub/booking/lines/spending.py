"""How many of a line's octets of a day are left for probes that somebody orders."""

from __future__ import annotations

from datetime import datetime

from visiohub.booking.lines.looking import LineView, on_line
from visiohub.domain import hours
from visiohub.linkquality.budget import Both
from visiohub.linkquality.ledger import NEEDED_OCTETS_A_DAY
from visiohub.linkquality.train import MOST_OCTETS
from visiohub.linkquality.voice import COST_OCTETS
from visiohub.storage.uow import UnitOfWork

TEST_OCTETS = COST_OCTETS + MOST_OCTETS
"""Of one test in each direction, at most: ten seconds like a voice, and a train."""


def octets_left(uow: UnitOfWork, view: LineView, at: datetime, now: datetime) -> Both:
    """Of the venue's day of `at`, today or to come: less what was spent, what the heartbeat and its
    results need up to midnight, and what is ordered for that day already. Zero at least."""
    line_id = view.row.line.id
    zone = hours.zone_of(view.row.venue.time_zone)
    start, end = hours.day_span(hours.local_day(at, zone), zone)
    rest = NEEDED_OCTETS_A_DAY * ((end - max(start, now)) / (end - start))
    waiting = uow.linkquality.tests.waiting(line_id)
    rest += TEST_OCTETS * sum(start <= test.due_at < end for test in waiting)
    taken = Both(down=rest, up=rest)
    if start <= now:
        taken += Both(down=view.probes.down, up=view.probes.up)
    for run in uow.linkquality.speeds.since(line_id, start):
        if not run.beyond_budget:  # what it moved is among the spent ones already
            down, up = on_line(run.moved_down), on_line(run.moved_up)
            taken += Both(down=max(0, run.octets_down - down), up=max(0, run.octets_up - up))
    left = Both(down=view.probes.allowed_down, up=view.probes.allowed_up) - taken
    return Both(down=max(0, left.down), up=max(0, left.up))
