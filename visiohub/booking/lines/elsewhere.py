"""Which other venues have room for an appointment that a line refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from visiohub.booking.lines.ahead import LinesAhead
from visiohub.booking.search import first_free
from visiohub.booking.search_places import Point, around
from visiohub.domain.model import Appointment, Venue
from visiohub.linkquality.budget import Picture
from visiohub.storage.uow import UnitOfWork

WITHIN_KM = 50
MOST = 3


def elsewhere(
    uow: UnitOfWork, appointment: Appointment, venue: Venue, wanted: Picture, now: datetime
) -> Sequence[tuple[str, str]]:
    """The nearest that could have it at its own time with the picture that is wanted, somebody to
    receive included: id and name."""
    here = Point(venue.town, venue.latitude, venue.longitude)
    near = [one for one in around(uow, here, WITHIN_KM) if one.venue.id != venue.id]
    service = uow.services.get(appointment.service_id)
    start, end = appointment.starts_at, appointment.ends_at
    just_after = start + timedelta(seconds=1)
    found = first_free(
        uow, service, near, start, just_after, now, each=1, moved=appointment, despite_line=True
    )
    free = [one.near.venue for one in found if one.slots]
    lines = LinesAhead(uow, [one.id for one in free], now, moved=appointment.id)
    lines.read(start, end)
    able = [one for one in free if lines.best(one.id, start, end, wanted) is wanted]
    return [(one.id, one.full_name) for one in able[:MOST]]
