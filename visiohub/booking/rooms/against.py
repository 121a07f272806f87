"""What is against a booking before it is made: rules, who has the room, the venue's line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from visiohub.booking.lines.ahead import LinesAhead
from visiohub.booking.rooms.places import Place
from visiohub.booking.rooms.refusals import LineTaken, RoomHeld
from visiohub.domain.booking import Membership
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.hours import Span
from visiohub.domain.occupancy import Owner
from visiohub.storage.uow import UnitOfWork

Causes = Mapping[str, Sequence[Cause]]
"""Why not, by id of the room."""


def causes_against(
    uow: UnitOfWork,
    places: Sequence[Place],
    membership: Membership,
    spans: Sequence[Span],
    now: datetime,
    ignored: Collection[Owner] = (),
    *,
    visio: bool = False,
    moved: str = "",
) -> dict[Span, dict[str, list[Cause]]]:
    """Of these spans those that cannot be had now, with every reason by room; what `ignored` hold
    is no matter. With a visio the lines are asked too, but for what the booking `moved` takes."""
    lines = lines_ahead(uow, places, spans, now, moved) if visio else None
    found: dict[Span, dict[str, list[Cause]]] = {}
    for span in spans:
        causes = {p.room.id: p.against(membership.books_as, *span, now) for p in places}
        kept = [(p, p.limits.kept(*span)) for p in places]
        low, high = min(k[0] for _, k in kept), max(k[1] for _, k in kept)
        held = uow.occupancies.between([p.resource for p in places], low, high)
        for place, (start, end) in kept:
            if any(
                o.resource == place.resource
                and o.starts_at < end
                and start < o.ends_at
                and o.owner not in ignored
                for o in held
            ):
                causes[place.room.id].append(RoomHeld())
            if lines is not None and lines.refuses(place.venue.id, *span):
                causes[place.room.id].append(LineTaken())
        against = {room_id: some for room_id, some in causes.items() if some}
        if against:
            found[span] = against
    return found


def lines_ahead(
    uow: UnitOfWork, places: Sequence[Place], spans: Sequence[Span], now: datetime, moved: str = ""
) -> LinesAhead:
    """What is on the lines of these places during these spans, but for the booking `moved`."""
    lines = LinesAhead(uow, sorted({place.venue.id for place in places}), now, moved=moved)
    if spans:
        lines.read(min(span[0] for span in spans), max(span[1] for span in spans))
    return lines
