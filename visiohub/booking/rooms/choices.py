"""What a page offers to choose from: days, and times of a day with why the others are closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from visiohub.booking.rooms.against import causes_against
from visiohub.booking.rooms.free import common_free, parts_of, stay_of
from visiohub.booking.rooms.places import Place, read_places
from visiohub.booking.rooms.prices import any_prices_of
from visiohub.booking.rooms.scope import account
from visiohub.domain import hours
from visiohub.domain.booking import Membership
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.hours import Span
from visiohub.domain.model import Person, Room, Venue
from visiohub.domain.occupancy import Owner
from visiohub.domain.tariff.grid import Unit
from visiohub.domain.tariff.months import month_later
from visiohub.storage.uow import UnitOfWork

Length = timedelta | Unit
"""How long: a duration; or a half-day, day, week or month, whose hours are those of the first room.
A duration of days is that many of its days too, from the first opening to the last closing."""
_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
_MOST_STARTS = 5000
_SHOWN_EVERY = timedelta(minutes=30)


@dataclass(frozen=True)
class Slot:
    """One time of a day; `causes` by id of the room, empty: it can be had."""

    span: Span
    causes: Mapping[str, Sequence[Cause]]


@dataclass(frozen=True)
class OfferedPlace:
    """A room that the account has a price for."""

    room: Room
    venue: Venue


def offered_rooms(uow: UnitOfWork, membership: Membership) -> list[OfferedPlace]:
    """All that have a price for this account's profile, by town; venues without a price list are
    left out."""
    classes = {r.id: r.room_class for r in uow.place_rules.list()}
    venues = {venue.id: venue for venue in uow.venues.list(active=True)}
    uow.price_lists.read(venues.keys())
    found = []
    for room in uow.availability.rooms_at(venues.keys()):
        prices = any_prices_of(uow, room.venue_id)
        room_class = classes.get(room.id, "")
        if prices is not None and prices.grid.tariff(membership.profile, room.id, room_class):
            found.append(OfferedPlace(room, venues[room.venue_id]))
    return sorted(found, key=lambda p: (p.venue.town, p.venue.name, p.room.name))


def free_by_day(
    uow: UnitOfWork,
    room_ids: Sequence[str],
    membership_id: str,
    length: Length,
    first: date,
    days: int,
    by: Person,
    now: datetime,
    ignored: Collection[Owner] = (),
    *,
    visio: bool = False,
    moved: str = "",
) -> Mapping[date, int]:
    """How many times of each day can be had, from the first day on; days without any are left out.
    The others as for `slots_of_day`.

    Raises as `common_free`, NotSold.
    """
    place = read_places(uow, room_ids[:1])[0]
    zone = place.zone
    if isinstance(length, timedelta) and length < _DAY:
        start = hours.day_span(first, zone)[0]
        end = hours.day_span(first + timedelta(days=days), zone)[0]
        found = common_free(
            uow,
            room_ids,
            membership_id,
            length,
            start,
            end,
            by,
            now,
            _MOST_STARTS,
            _step(place),
            visio=visio,
            moved=moved,
        )
        return Counter(hours.local_day(begins, zone) for begins, _ in found)
    counted = Counter[date]()
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        slots = slots_of_day(
            uow,
            room_ids,
            membership_id,
            length,
            day,
            by,
            now,
            ignored,
            visio=visio,
            moved=moved,
        )
        counted[day] += sum(not slot.causes for slot in slots)
    return +counted


def slots_of_day(
    uow: UnitOfWork,
    room_ids: Sequence[str],
    membership_id: str,
    length: Length,
    day: date,
    by: Person,
    now: datetime,
    ignored: Collection[Owner] = (),
    *,
    visio: bool = False,
    moved: str = "",
) -> list[Slot]:
    """The times of a day that are not past, on the first room's grid; what `ignored` hold is no
    matter; with a visio also why the lines refuse it, but for what the booking `moved` takes.
    Raises as `free_by_day`."""
    membership = account(uow, membership_id, by, room_ids)
    places = read_places(uow, room_ids)
    spans = [span for span in _candidates(uow, places[0], length, day) if span[0] > now]
    against = causes_against(uow, places, membership, spans, now, ignored, visio=visio, moved=moved)
    return [Slot(span, against.get(span, {})) for span in spans]


def length_of(uow: UnitOfWork, room_id: str, span: Span) -> Length:
    """How long a booking is that is to have another time: over a lunch break or a night, so many
    days. Raises NotFound, RoomNotOffered."""
    place = read_places(uow, [room_id])[0]
    if sp.covers(place.calendar.spans(*span), *span):
        return span[1] - span[0]
    first, last = (hours.local_day(at, place.zone) for at in (span[0], span[1] - _INSTANT))
    return last - first + _DAY


def why_closed(uow: UnitOfWork, room_id: str, day: date) -> Cause | None:
    """Why a room has no time at all on a day; None: it has some. Raises NotFound."""
    place = read_places(uow, [room_id])[0]
    start, end = hours.day_span(day, place.zone)
    if place.calendar.spans(start, end):
        return None
    return place.calendar.why_closed(start + (end - start) / 2)


def _step(place: Place) -> timedelta:
    """Between the times that are shown: quarters of an hour would be too many to look through."""
    step = place.limits.step
    return step * max(1, _SHOWN_EVERY // step)


def _candidates(uow: UnitOfWork, place: Place, length: Length, day: date) -> list[Span]:
    """Without those whose hours the clock shows twice: a form could not say which is meant."""
    start, end = hours.day_span(day, place.zone)
    if isinstance(length, timedelta) and length < _DAY:
        opened = place.calendar.spans(start - timedelta(days=1), end + length)
        found = [s for s in sp.slots(opened, opened, length, _step(place), start) if s[0] < end]
        return [s for s in found if not any(hours.shown_twice(edge, place.zone) for edge in s)]
    if length is Unit.HALF_DAY:
        parts = parts_of(uow, place, day)
        return [part for part in (parts.morning, parts.afternoon) if part is not None]
    stay = stay_of(place, day, _days(length, day))
    return [stay] if stay else []


def _days(length: Length, first: date) -> int:
    """As the tariff counts them: a month ends before the same date of the next one."""
    match length:
        case timedelta():
            return length.days
        case Unit.WEEK:
            return 7
        case Unit.MONTH:
            return (month_later(first) - first).days
    return 1
