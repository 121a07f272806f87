"""Which visios depend on a line, for those who have to tell people; nobody's name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from visiohub.domain.model import AppointmentState
from visiohub.notify.line_news import Visio
from visiohub.storage.uow import UnitOfWork


def dependent_visios(
    uow: UnitOfWork,
    venue_id: str,
    start: datetime,
    end: datetime,
    at_kiosks: Collection[str] | None = None,
) -> Sequence[Visio]:
    """Those of the venue that begin from `start` up to `end` and were not cancelled, in order.

    `at_kiosks`: of these kiosks alone, and of rooms where it is all that there are; None: of all.
    """
    all_kiosks = {kiosk.id: kiosk.name for kiosk in uow.kiosks.at_venue(venue_id)}
    kiosks = {k: name for k, name in all_kiosks.items() if at_kiosks is None or k in at_kiosks}
    appointments = [
        one
        for one in uow.appointments.between(start, end, kiosk_ids=list(kiosks))
        if one.state is not AppointmentState.CANCELLED
    ]
    services = uow.services.by_ids([one.service_id for one in appointments])
    partners = uow.partners.by_ids([one.partner_id for one in services.values()])
    found = []
    for one in appointments:
        partner = partners[services[one.service_id].partner_id]
        found.append(Visio(one.starts_at, kiosks[one.kiosk_id], partner.short_name))
    of_rooms = kiosks == all_kiosks
    ids = uow.linkquality.visio_bookings.at_venue(venue_id, start, end) if of_rooms else ()
    found += [Visio(one.starts_at) for one in uow.bookings.by_ids(list(ids)).values()]
    return sorted((one for one in found if one.starts_at >= start), key=lambda one: one.starts_at)
