"""What is planned on a line, for whoever works on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.storage.uow import UnitOfWork

AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class NextVisio:
    """`partner` is a short name; empty for a visio in a booked room."""

    starts_at: datetime
    ends_at: datetime
    partner: str


def next_visio(uow: UnitOfWork, venue_id: str, now: datetime) -> NextVisio | None:
    """The first that begins from now on; None where none does within AHEAD."""
    return next(iter(planned_visios(uow, venue_id, now, now + AHEAD)), None)


def planned_visios(
    uow: UnitOfWork, venue_id: str, start: datetime, end: datetime
) -> Sequence[NextVisio]:
    """Those that begin from `start` up to `end`, in order of time."""
    kiosks = [kiosk.id for kiosk in uow.kiosks.at_venue(venue_id)]
    appointments = [
        one
        for one in uow.appointments.between(start, end, kiosk_ids=kiosks)
        if one.state in HOLDS_ITS_SLOT
    ]
    services = uow.services.by_ids([one.service_id for one in appointments])
    partners = uow.partners.by_ids([one.partner_id for one in services.values()])
    found = [
        NextVisio(
            one.starts_at, one.ends_at, partners[services[one.service_id].partner_id].short_name
        )
        for one in appointments
    ]
    ids = uow.linkquality.visio_bookings.at_venue(venue_id, start, end)
    bookings = uow.bookings.by_ids(list(ids)).values()
    found += [NextVisio(one.starts_at, one.ends_at, "") for one in bookings]
    return sorted((one for one in found if one.starts_at >= start), key=lambda one: one.starts_at)
