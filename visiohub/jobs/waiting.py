"""The waiting list's turn: what ran out is let go, what is free is offered, each by itself."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from visiohub.booking import waiting, waiting_offers
from visiohub.booking.waiting_offers import Due
from visiohub.bootstrap import Hub
from visiohub.domain.waiting_list import WaitingEntry
from visiohub.errors import VisiohubError
from visiohub.storage.retry import committed
from visiohub.storage.uow import UnitOfWork

log = structlog.get_logger(__name__)


def serve_waiting(hub: Hub, stopped: Callable[[], bool]) -> int:
    """How many offers were made. The search only reads, so that nobody waits for it; a slot that
    was taken meanwhile is for the next turn."""
    now, within_s = hub.clock(), hub.settings.database_busy_timeout_s
    committed(hub.uow, lambda uow: waiting.pass_time(uow, now), within_s=within_s)
    with hub.reading() as reading:
        due = waiting_offers.offers_due(reading, now)
    made = 0
    for one in due:
        if stopped():
            break

        def make(uow: UnitOfWork, one: Due = one) -> WaitingEntry:
            return waiting_offers.make_offer(uow, one, hub.clock())

        try:
            committed(hub.uow, make, within_s=within_s)
        except VisiohubError as error:
            log.info("offer_not_made", entry=one.entry_id, code=error.code)
        else:
            made += 1
    return made
