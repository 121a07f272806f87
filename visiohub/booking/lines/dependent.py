"""Which visios depend on a line, for those who have to tell people; nobody's name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from visiohub.booking.lines.away import all_away
from visiohub.domain.line import LineAlert
from visiohub.domain.model import AppointmentState
from visiohub.notify.line_news import Visio
from visiohub.storage.uow import UnitOfWork

KIOSK_AWAY = "kiosk_away"
"""The rule of a kiosk that is away (absent_kiosks)."""
AHEAD = timedelta(hours=12)
"""Visios that begin within so long of an alert depend on the line."""


def visios_of(
    uow: UnitOfWork, alert: LineAlert, venue_id: str, since: datetime, now: datetime
) -> Sequence[Visio]:
    """That begin within AHEAD of `since` and depend on what the alert tells: of a kiosk that is
    away its own, and those in rooms where no other is here `now`."""
    if alert.rule != KIOSK_AWAY:
        return dependent_visios(uow, venue_id, since, since + AHEAD)
    in_rooms = bool(all_away(uow, venue_id, now))
    own = {alert.kiosk_id} if alert.kiosk_id else set()
    return dependent_visios(uow, venue_id, since, since + AHEAD, own, in_rooms=in_rooms)


def dependent_visios(
    uow: UnitOfWork,
    venue_id: str,
    start: datetime,
    end: datetime,
    at_kiosks: Collection[str] | None = None,
    *,
    in_rooms: bool = True,
) -> Sequence[Visio]:
    """Those of the venue that begin from `start` up to `end` and were not cancelled, in order.

    `at_kiosks`: of these kiosks alone; None: of all. `in_rooms`: and those in booked rooms.
    """
    kiosks = {
        kiosk.id: kiosk.name
        for kiosk in uow.kiosks.at_venue(venue_id)
        if at_kiosks is None or kiosk.id in at_kiosks
    }
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
    ids = uow.linkquality.visio_bookings.at_venue(venue_id, start, end) if in_rooms else ()
    found += [Visio(one.starts_at) for one in uow.bookings.by_ids(list(ids)).values()]
    return sorted((one for one in found if one.starts_at >= start), key=lambda one: one.starts_at)
