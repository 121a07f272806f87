"""A line of which nothing came for an hour of the venue's opening time: technicians are told."""

from __future__ import annotations

from datetime import datetime, timedelta

from visiohub.booking.lines.grades import TOPIC, note
from visiohub.domain import hours
from visiohub.domain.line import LineState
from visiohub.domain.model import Venue
from visiohub.linkquality.grading import Grade, Level
from visiohub.storage.uow import UnitOfWork

RULE = "no_data"
SILENT_FOR = timedelta(hours=1)
"""Of opening time: a kiosk that sleeps at night says nothing of the line."""
_LATELY = timedelta(days=1)
_LEAST_LINES = 4
_LONGEST = timedelta(days=14)
"""No venue is closed by its week's hours for so long."""


def note_silences(uow: UnitOfWork, now: datetime) -> int:
    """Raise and clear those alerts; how many changed. An outage, and announced works, have their
    own words; where most lines fell silent, it is the hub that hears nothing."""
    states = [state for state in uow.linkquality.states.of_active_lines() if state.heard_at]
    quiet = {state.id: state for state in states if _silence(state, now) > SILENT_FOR}
    told = {alert.line_id for alert in uow.linkquality.alerts.standing() if alert.rule == RULE}
    lately = [state.id for state in states if _silence(state, now) < _LATELY]
    fell = sum(line_id in quiet for line_id in lately)
    together = len(lately) >= _LEAST_LINES and 2 * fell > len(lately)
    new = [] if together else [line_id for line_id in quiet if line_id not in told]
    lines = uow.lines.by_ids(new)
    venues = uow.venues.by_ids([line.venue_id for line in lines.values()])
    changed = 0
    for line_id in sorted(told):
        if line_id not in quiet or _told_otherwise(quiet[line_id]):
            changed += note(uow, line_id, RULE, Level.FINE, 0.0, now)
    for line_id, line in lines.items():
        state = quiet[line_id]
        if not _told_otherwise(state) and _open(venues[line.venue_id], state, now) >= SILENT_FOR:
            changed += note(uow, line_id, RULE, Level.WARNING, 1.0, now)
    if changed:
        uow.changed(TOPIC)
    return changed


def _told_otherwise(state: LineState) -> bool:
    return state.out_since is not None or state.grade is Grade.MAINTENANCE


def _silence(state: LineState, now: datetime) -> timedelta:
    return now - (state.heard_at or now)


def _open(venue: Venue, state: LineState, now: datetime) -> timedelta:
    """Of the time since it was heard."""
    zone = hours.zone_of(venue.time_zone)
    since = max(state.heard_at or now, now - _LONGEST)
    day, total = hours.local_day(since, zone), timedelta()
    while day <= hours.local_day(now, zone):
        for opens, closes in hours.opening_spans(venue.opening, day, zone):
            total += max(timedelta(), min(closes, now) - max(opens, since))
        day += timedelta(days=1)
    return total
