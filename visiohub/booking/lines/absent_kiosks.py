"""A kiosk that is switched off while a visio comes: nobody could look at its line, and nobody could
be received. Technicians and the reception are told while something can still be done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from visiohub.booking.lines.away import all_away, is_away
from visiohub.booking.lines.dependent import KIOSK_AWAY
from visiohub.booking.lines.grades import TOPIC, note
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.model import Kiosk
from visiohub.linkquality.grading import Level
from visiohub.storage.uow import UnitOfWork

BEFORE = timedelta(minutes=15)
"""As the first look at a line (checks.MINUTES_BEFORE)."""


def note_absent_kiosks(uow: UnitOfWork, now: datetime) -> int:
    """Raise the alarm of each kiosk that is away and has a visio now or soon, and end it when it is
    back or that is over; how many changed. An outage, and announced works, have their own words."""
    awaited = {(line_id, kiosk.id): kiosk for line_id, kiosk in _awaited(uow, now)}
    lines = list({line_id for line_id, _ in awaited})
    told_otherwise = {one.line_id for one in uow.linkquality.maintenances.between(lines, now, now)}
    states = uow.linkquality.states.by_ids(lines).values()
    told_otherwise |= {state.id for state in states if state.out_since}
    missing = {key for key in awaited if key[0] not in told_otherwise}
    standing = [one for one in uow.linkquality.alerts.standing() if one.rule == KIOSK_AWAY]
    changed = 0
    for alert in standing:
        if (alert.line_id, alert.kiosk_id) not in missing:
            kiosk = uow.kiosks.find(alert.kiosk_id or "")
            changed += note(uow, alert.line_id, KIOSK_AWAY, Level.FINE, 0.0, now, kiosk=kiosk)
    for key in sorted(missing):
        changed += note(uow, key[0], KIOSK_AWAY, Level.ALARM, 0.0, now, kiosk=awaited[key])
    if changed:
        uow.changed(TOPIC)
    return changed


def _awaited(uow: UnitOfWork, now: datetime) -> Iterator[tuple[str, Kiosk]]:
    """Kiosks that are away, each with its line's id: of appointments, and all of a venue in a room
    of which there is a visio, where none is here."""
    for one in uow.appointments.between(now, now + BEFORE):
        kiosk = uow.kiosks.get(one.kiosk_id)
        if one.state not in HOLDS_ITS_SLOT or not is_away(kiosk, now):
            continue
        if (line := uow.lines.of_kiosk(kiosk.id)) is not None:
            yield line.id, kiosk
    for venue_id in uow.linkquality.visio_bookings.venues(now, now + BEFORE):
        line = uow.lines.of_venue(venue_id)
        if line is not None:
            yield from ((line.id, kiosk) for kiosk in all_away(uow, venue_id, now))
