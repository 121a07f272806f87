"""Two uses of one line at one time go only if their budgets fit in both directions.

Asked within the transaction that books: on SQLite no other one writes meanwhile, on PostgreSQL
what two of them read and write at once is refused to one of them (storage/engine.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.booking.lines.capacity import capacity_of, usable_on
from visiohub.booking.lines.speeds import require_free
from visiohub.booking.opening import venue_calendar
from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.line import PictureChoice
from visiohub.domain.model import Venue
from visiohub.errors import LineFull
from visiohub.linkquality.budget import Both, Picture, alternatives, cost, fits
from visiohub.linkquality.cells import Framing
from visiohub.linkquality.together import Use, fullest
from visiohub.storage.uow import UnitOfWork

USUAL = Picture.STANDARD
"""What a visio is given unless somebody chose less."""


@dataclass(frozen=True)
class Wish:
    """An appointment or a booking, by its id, at a venue."""

    id: str
    starts_at: datetime
    ends_at: datetime


def require_line(
    uow: UnitOfWork,
    venue_id: str,
    wishes: Collection[Wish],
    now: datetime,
    picture: Picture | None = None,
) -> None:
    """Each of these goes on the venue's line beside what is booked already; `picture` None: as
    was chosen before, or the usual one. A use that is alone on the line always goes, and so does
    every one on a line that was never measured: a contract's rate is no reason to refuse anybody.

    Raises LineFull, which tells what would fit; LineMeasured.
    """
    line = uow.lines.of_venue(venue_id)
    if line is None or not wishes:
        return
    require_free(uow, line, [(wish.starts_at, wish.ends_at) for wish in wishes])
    if not capacity_of(uow, line, now).measured:
        return
    left, framing = usable_on(uow, line, uow.linkquality.terms.of(line), now)
    start = min(wish.starts_at for wish in wishes)
    end = max(wish.ends_at for wish in wishes)
    booked = _booked(uow, venue_id, start, end)
    own = {wish.id for wish in wishes}
    chosen = uow.linkquality.pictures.by_ids([*booked, *own])
    others = list(_uses(booked, own, chosen, framing))
    for wish in wishes:
        wanted = picture or picture_of(chosen, wish.id)
        taken, count = fullest(others, wish.starts_at, wish.ends_at)
        if count and not fits(left, [taken, cost(wanted, framing)]):
            venue = uow.venues.get(venue_id)
            raise LineFull(
                f"line {line.id} has no room for {wanted} from {wish.starts_at}",
                line_id=line.id,
                venue_id=venue_id,
                venue=venue.full_name,
                zone=hours.zone_of(venue.time_zone),
                starts_at=wish.starts_at,
                ends_at=wish.ends_at,
                wanted=wanted,
                fits=alternatives(left - taken, framing, wanted),
                free_at=_free_at(uow, venue, wish, left - cost(wanted, framing), framing),
                may_choose=picture is not None,
            )
        _choose(uow, wish.id, wanted, chosen)


def _free_at(
    uow: UnitOfWork, venue: Venue, wish: Wish, left: Both, framing: Framing
) -> datetime | None:
    """When on that day others next take no more than what would be `left` beside it, and the venue
    is open as long as it lasts."""
    zone = hours.zone_of(venue.time_zone)
    _, midnight = hours.day_span(hours.local_day(wish.starts_at, zone), zone)
    length = wish.ends_at - wish.starts_at
    booked = _booked(uow, venue.id, wish.starts_at, midnight + length)
    uses = list(_uses(booked, {wish.id}, uow.linkquality.pictures.by_ids(list(booked)), framing))
    opened = venue_calendar(uow, venue).spans(wish.starts_at, midnight + length)
    changes = {use.ends_at for use in uses} | {opens for opens, _ in opened}
    for start in sorted(one for one in changes if wish.starts_at < one < midnight):
        taken, count = fullest(uses, start, start + length)
        if sp.covers(opened, start, start + length) and (not count or left.holds(taken)):
            return start
    return None


def _booked(
    uow: UnitOfWork, venue_id: str, start: datetime, end: datetime
) -> dict[str, tuple[datetime, datetime]]:
    """Times of what is on the line then, by id, what the waiting list is offered among it."""
    found = uow.availability.visios([venue_id], start, end)
    return {one.owner_id: (one.starts_at, one.ends_at) for one in found}


def _uses(
    booked: Mapping[str, tuple[datetime, datetime]],
    own: Collection[str],
    chosen: Mapping[str, PictureChoice],
    framing: Framing,
) -> Iterator[Use]:
    for owner_id, (starts_at, ends_at) in booked.items():
        if owner_id not in own:
            yield Use(starts_at, ends_at, cost(picture_of(chosen, owner_id), framing))


def picture_of(chosen: Mapping[str, PictureChoice], owner_id: str) -> Picture:
    """What the appointment or booking was booked with."""
    return chosen[owner_id].picture if owner_id in chosen else USUAL


def _choose(
    uow: UnitOfWork, owner_id: str, picture: Picture, chosen: Mapping[str, PictureChoice]
) -> None:
    """Only what differs from the usual is kept."""
    if owner_id in chosen:
        chosen[owner_id].picture = picture
    elif picture is not USUAL:
        uow.linkquality.pictures.add(PictureChoice(owner_id, picture))


def taken_by_rooms(
    uow: UnitOfWork, venue_id: str, now: datetime, framing: Framing, calling: Collection[str]
) -> Both:
    """What visios in booked rooms of the venue take of its line now, but for bookings that are
    `calling` from a kiosk, which are counted as calls."""
    soon = now + timedelta(seconds=1)
    ids = set(uow.linkquality.visio_bookings.at_venue(venue_id, now, soon)).difference(calling)
    chosen = uow.linkquality.pictures.by_ids(list(ids))
    costs = [cost(picture_of(chosen, one), framing) for one in ids]
    return sum(costs, Both(0, 0))
