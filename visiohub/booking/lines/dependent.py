"""Which visios depend on a line, for those who have to tell people; nobody's name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from visiohub.booking.lines.away import all_away
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.line import LineAlert
from visiohub.domain.model import AppointmentState, Kiosk
from visiohub.notify.line_news import Visio
from visiohub.storage.uow import UnitOfWork

KIOSK_AWAY = "kiosk_away"
"""The rule of a kiosk that is away (absent_kiosks)."""
AHEAD = timedelta(hours=12)
"""Visios that begin within so long of an alert depend on the line."""


def visios_of(
    uow: UnitOfWork, alert: LineAlert, venue_id: str, since: datetime, now: datetime
) -> Sequence[Visio]:
    """Those that were not cancelled, run at `since` or begin within AHEAD of it, and depend on what
    the alert tells: of a kiosk that is away its own, and those in rooms where no other is here
    `now`. In order of time."""
    kiosks, in_rooms = uow.kiosks.at_venue(venue_id), True
    if alert.rule == KIOSK_AWAY:
        kiosks = [kiosk for kiosk in kiosks if kiosk.id == alert.kiosk_id]
        in_rooms = bool(all_away(uow, venue_id, now))
    until = since + AHEAD
    found = [*_at_kiosks(uow, kiosks, since, until, now)]
    if in_rooms:
        ids = uow.linkquality.visio_bookings.at_venue(venue_id, since, until)
        bookings = uow.bookings.by_ids(list(ids)).values()
        found += [Visio(one.starts_at, over=one.ends_at <= now) for one in bookings]
    return sorted(found, key=lambda one: one.starts_at)


def _at_kiosks(
    uow: UnitOfWork, kiosks: Sequence[Kiosk], start: datetime, end: datetime, now: datetime
) -> Iterator[Visio]:
    names = {kiosk.id: kiosk.name for kiosk in kiosks}
    appointments = [
        one
        for one in uow.appointments.between(start, end, kiosk_ids=list(names))
        if one.state is not AppointmentState.CANCELLED
    ]
    services = uow.services.by_ids([one.service_id for one in appointments])
    partners = uow.partners.by_ids([one.partner_id for one in services.values()])
    for one in appointments:
        partner = partners[services[one.service_id].partner_id]
        over = one.ends_at <= now or one.state not in HOLDS_ITS_SLOT
        yield Visio(one.starts_at, names[one.kiosk_id], partner.short_name, over=over)
