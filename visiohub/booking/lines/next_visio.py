"""The next visio on a line, for whoever works on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.storage.uow import UnitOfWork

AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class NextVisio:
    """`partner` is a short name; empty for a visio in a booked room."""

    starts_at: datetime
    partner: str


def next_visio(uow: UnitOfWork, venue_id: str, now: datetime) -> NextVisio | None:
    """The first that begins from now on; None where none does within AHEAD."""
    kiosks = [kiosk.id for kiosk in uow.kiosks.at_venue(venue_id)]
    appointment = next(
        (
            one
            for one in uow.appointments.between(now, now + AHEAD, kiosk_ids=kiosks)
            if one.state in HOLDS_ITS_SLOT and one.starts_at >= now
        ),
        None,
    )
    found = []
    if appointment is not None:
        service = uow.services.get(appointment.service_id)
        partner = uow.partners.get(service.partner_id)
        found.append(NextVisio(appointment.starts_at, partner.short_name))
    ids = uow.linkquality.visio_bookings.at_venue(venue_id, now, now + AHEAD)
    bookings = uow.bookings.by_ids(list(ids)).values()
    found += [NextVisio(one.starts_at, "") for one in bookings if one.starts_at >= now]
    return min(found, key=lambda one: one.starts_at, default=None)
