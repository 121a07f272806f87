"""Times that staff may book: what is offered at a kiosk, and why the others are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from visiohub.booking.asked_time import offer, opening_of
from visiohub.booking.directory import Directory
from visiohub.booking.lines.ahead import LinesAhead
from visiohub.booking.lines.fit import USUAL
from visiohub.booking.opening import RoomOpening
from visiohub.booking.overrule import away
from visiohub.booking.receivers import Receivers, receivers
from visiohub.booking.search import limits_of
from visiohub.booking.search_staff import held_by
from visiohub.booking.views import FreeDay, WhyNot
from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.closed import Closed
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.hours import Span
from visiohub.domain.model import Kiosk, Service, Venue
from visiohub.domain.occupancy import Resource, ResourceKind
from visiohub.linkquality.budget import Picture
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Wish:
    """What else is known of the appointment for which a time is sought."""

    length: timedelta | None = None
    """None: the service's usual one."""
    agent_id: str | None = None
    despite_calendar: bool = False
    picture: Picture | None = None
    """None: any; times at which only a smaller one goes are told apart."""
    moved: str = ""
    """Id of the appointment that is to be moved, which is not in its own way."""


_ANY = Wish()


def free_days(
    uow: UnitOfWork,
    service_id: str,
    kiosk_id: str,
    first: date,
    days: int,
    now: datetime,
    wish: Wish = _ANY,
) -> list[FreeDay]:
    """When the service can begin at this kiosk on each of these days: opening hours less what holds
    kiosk, room or the wished agent, and what the venue's line would refuse; apart, when nobody
    could receive.

    Raises NotFound, NotOffered.
    """
    service, kiosk, venue = offer(uow, service_id, kiosk_id)
    zone = hours.zone_of(venue.time_zone)
    around = hours.days_span(first, days, zone)
    opening = opening_of(uow, venue, kiosk)
    against = dict(_held(uow, service, kiosk, opening, around, wish))
    people = None
    if not wish.despite_calendar:
        people = receivers(uow, service, venue.id, *around, wish.agent_id, wish.moved)
        if wish.agent_id:
            against[WhyNot.AWAY] = away(uow, wish.agent_id, *around)
    against[WhyNot.KEPT] = opening.kept_for_others(*around, now)
    lines = LinesAhead(uow, [venue.id], now, moved=wish.moved)
    lines.read(*around)
    usual = timedelta(minutes=service.duration_minutes)
    limits, length = limits_of(uow, service), wish.length or usual
    one = _Kiosk(venue, opening, limits, length, against, people, lines, wish.picture, now)
    return [one.on(first + timedelta(days=n)) for n in range(days)]


def _held(
    uow: UnitOfWork,
    service: Service,
    kiosk: Kiosk,
    opening: RoomOpening,
    around: Span,
    wish: Wish,
) -> Iterator[tuple[WhyNot, sp.Spans]]:
    """Where no appointment may lie, as far as buffers reach: at the place, and with the agent."""
    limits = limits_of(uow, service)
    in_room = limits.narrowed(opening.limits)
    place = {Resource(ResourceKind.KIOSK, kiosk.id), Resource(ResourceKind.ROOM, kiosk.room_id)}
    agent = {Resource(ResourceKind.AGENT, wish.agent_id)} if wish.agent_id else set()
    own = held_by(uow, wish.moved)
    low, high = around[0] - in_room.buffer_before, around[1] + in_room.buffer_after
    held = uow.availability.taken(place | agent, low, high)
    for why, resources in ((WhyNot.PLACE, place), (WhyNot.AGENT, agent)):
        yield (
            why,
            sp.union(
                *(
                    (in_room if one.kind is ResourceKind.ROOM else limits).blocked(
                        sp.subtract(held.get(one, ()), own.get(one, ()))
                    )
                    for one in resources
                )
            ),
        )


@dataclass(frozen=True)
class _Kiosk:
    """A kiosk on some days, with all that is against an appointment there."""

    venue: Venue
    opening: RoomOpening
    limits: Limits
    length: timedelta
    against: Mapping[WhyNot, sp.Spans]
    """In the order in which one of them is told."""
    people: Receivers | None
    """None: nobody is asked."""
    lines: LinesAhead
    picture: Picture | None
    now: datetime

    def on(self, day: date) -> FreeDay:
        """Its starts on a local day, and why some cannot be had."""
        zone = self.opening.calendar.zone
        start_of_day, end_of_day = hours.day_span(day, zone)
        opened = self.opening.calendar.spans(start_of_day, end_of_day)
        starts = hours.free_starts(opened, [], self.length, self.limits.step, start_of_day)
        once = [start for start in starts if not hours.shown_twice(start, zone)]
        free = {why: sp.subtract(opened, spans) for why, spans in self.against.items()}
        refused: dict[datetime, WhyNot] = {}
        times: list[datetime] = []
        smaller: list[datetime] = []
        nobody: list[datetime] = []
        for start in once:
            why_not = self._by_rule(day, start) or self._held_then(free, start)
            goes = None if why_not else self._picture(start)
            if goes is None:
                refused[start] = why_not or WhyNot.LINE
            elif self.people and not self.people.anybody(start, start + self.length):
                nobody.append(start)
            else:
                (times if goes is self._wanted else smaller).append(start)
        found = tuple(times), tuple(smaller), refused, tuple(nobody)
        return FreeDay(day, self.venue.time_zone, bool(opened), *found)

    @property
    def _wanted(self) -> Picture:
        return self.picture or USUAL

    def _by_rule(self, day: date, start: datetime) -> WhyNot | None:
        if start < self.now:
            return WhyNot.PAST
        if day > self.limits.last_day(self.now, self.opening.calendar.zone):
            return WhyNot.NOT_YET
        return WhyNot.NOTICE if start < self.now + self.limits.notice else None

    def _held_then(self, free: Mapping[WhyNot, sp.Spans], start: datetime) -> WhyNot | None:
        end = start + self.length
        return next((why for why, left in free.items() if not sp.covers(left, start, end)), None)

    def _picture(self, start: datetime) -> Picture | None:
        """The best that goes on the line then; None: none that is wished."""
        best = self.lines.best(self.venue.id, start, start + self.length, self._wanted)
        return best if best is self._wanted or self.picture is None else None


def hours_of_day(uow: UnitOfWork, kiosk_id: str, day: date) -> tuple[Sequence[Span], Closed | None]:
    """When the kiosk's room is open on a day of its venue; where it is not at all, why. Raises
    NotFound."""
    kiosk, _, venue = Directory(uow).whereabouts(kiosk_id)
    calendar = opening_of(uow, venue, kiosk).calendar
    start, end = hours.day_span(day, calendar.zone)
    opened = calendar.spans(start, end)
    return opened, None if opened else calendar.why_closed(start + (end - start) / 2)
