"""A kiosk that is switched off while a visio comes: nobody could look at its line, and nobody could
be received. Technicians and the reception are told while something can still be done."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from visiohub.booking.lines.grades import TOPIC, note
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.model import Kiosk, Line
from visiohub.linkquality.grading import Level
from visiohub.storage.uow import UnitOfWork

RULE = "kiosk_away"
BEFORE = timedelta(minutes=15)
"""As the first look at a line (checks.MINUTES_BEFORE)."""
AWAY_FOR = timedelta(minutes=2)
"""A PC that starts anew is back before."""


def note_absent_kiosks(uow: UnitOfWork, now: datetime) -> int:
    """Raise the alarm of a line whose kiosk is away and has a visio now or soon, and end it when
    that is over; how many changed. An outage, and announced works, have their own words."""
    awaited = {line.id for line in _awaited(uow, now)}
    works = uow.linkquality.maintenances.between(list(awaited), now, now)
    awaited -= {one.line_id for one in works}
    states = uow.linkquality.states.by_ids(list(awaited)).values()
    awaited -= {state.id for state in states if state.out_since}
    told = {alert.line_id for alert in uow.linkquality.alerts.standing() if alert.rule == RULE}
    changed = sum(note(uow, one, RULE, Level.FINE, 0.0, now) for one in sorted(told - awaited))
    changed += sum(note(uow, one, RULE, Level.ALARM, 0.0, now) for one in sorted(awaited - told))
    if changed:
        uow.changed(TOPIC)
    return changed


def _awaited(uow: UnitOfWork, now: datetime) -> Iterator[Line]:
    """Lines of appointments at a kiosk that is away, and of visios in rooms of a venue of which no
    kiosk is here."""
    for one in uow.appointments.between(now, now + BEFORE):
        if one.state not in HOLDS_ITS_SLOT or not _away([uow.kiosks.get(one.kiosk_id)], now):
            continue
        if (line := uow.lines.of_kiosk(one.kiosk_id)) is not None:
            yield line
    for _, venue_id in uow.linkquality.visio_bookings.beginning(now, now + BEFORE):
        line = uow.lines.of_venue(venue_id)
        if line is not None and _away(uow.kiosks.at_venue(venue_id), now):
            yield line


def _away(kiosks: Collection[Kiosk], now: datetime) -> bool:
    """All that ever came, and there is one."""
    known = [kiosk for kiosk in kiosks if kiosk.seen_at is not None]
    return bool(known) and all(is_away(kiosk, now) for kiosk in known)


def is_away(kiosk: Kiosk, now: datetime) -> bool:
    """It came once, and is not here: nor if a clock that was ahead saw it in times to come."""
    seen_at = kiosk.seen_at
    return seen_at is not None and not (kiosk.here or now - AWAY_FOR < seen_at <= now + AWAY_FOR)
