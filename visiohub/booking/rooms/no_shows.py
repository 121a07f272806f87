"""Rooms in which nobody was seen in time: released, cancelled, or left to reception's word.

The quarter of an hour (`room_release_minutes`) counts from the start. Where the hub came up within
it, it counts from then: whoever came before could tell nobody, so that the room is freed at no
cost, and nobody is noted as absent. Where the hub was out for all of it, the room stays theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, auto

from visiohub.booking import announce_rooms
from visiohub.booking.audit import note
from visiohub.booking.opening import room_openings
from visiohub.booking.rooms.attendance import could_be_told, note_came
from visiohub.booking.rooms.writing import accounted, end, rooms_of
from visiohub.domain.booking import HOLDS_ITS_ROOM, BookedRoom, RoomBooking, RoomState
from visiohub.domain.calendar.closed import ForClosure, OnExceptionalDay
from visiohub.domain.tariff.cancellation import Settlement, Unused
from visiohub.notify.notice import Change
from visiohub.storage.uow import UnitOfWork

LONGEST_BREAK = timedelta(minutes=5)
"""Between two runs, each a minute after the other: after more, the machine slept or hung. Absence
is told so soon after it is due, or not at all: a screen that is switched on or a desk that opens
later knows nothing of who came before."""
A_DAY = timedelta(days=1)
RECENT = timedelta(hours=1)
SETTLED = timedelta(days=31)
"""What began longer before is not read any more: it was settled when it was due."""


class Fate(Enum):
    """What becomes of a room in which nobody was seen in time."""

    CAME = auto()
    """Who booked it has the key, or brought it back since the start."""
    LAPSED = auto()
    """The venue never agreed."""
    SHUT = auto()
    """It began in a closure that was set after it was booked."""
    ABSENT = auto()
    UNHEARD = auto()
    """Nobody is there, or who came while the hub was out has not said so since."""


def unused(uow: UnitOfWork, now: datetime, up_since: datetime, *, whole: bool = False) -> list[str]:
    """Ids of the bookings of which `release` ends or notes something at this moment.

    Read are those that began within A_DAY and go on, or ended within RECENT: few, however many
    there were before. `whole`: all that began within SETTLED, of which something is left only if
    the hub was out when it was due, or if somebody changed what is past. As many reads for one
    booking as for all, but for those whose quarter of an hour is just over.
    """
    since = _since(uow, now)
    if whole:
        found = uow.booked_rooms.not_come(since - SETTLED, since)
    else:
        found = uow.booked_rooms.not_come(since - A_DAY, since, ended_after=since - RECENT)
    facts = _Facts(uow, found, now, up_since)
    return list(dict.fromkeys(booking.id for room, booking in found if facts.fate(room, booking)))


def release(uow: UnitOfWork, booking_id: str, now: datetime, up_since: datetime) -> int:
    """The unused rooms of a booking are free again, under the rule of those who do not show up;
    what the venue never agreed to, what began in a closure of it, or where the hub could not be
    told at first, costs nothing. Who has the key of a confirmed room, or had it at the start, came.

    `up_since`: from when on the hub ran without a break. The booker and the venue are told, in one
    mail for each, and the booker in another of what was closed. Returns how many rooms. Raises
    NotFound.
    """
    booking = uow.bookings.get(booking_id)
    if booking.starts_at > _since(uow, now):
        return 0  # moved meanwhile
    released: list[tuple[BookedRoom, Settlement]] = []
    shut: list[tuple[BookedRoom, Settlement]] = []
    rooms = rooms_of(uow, booking)
    facts = _Facts(uow, [(room, booking) for room in rooms], now, up_since)
    lapsed = True
    for room in rooms:
        fate = facts.fate(room, booking)
        if fate is None:
            continue
        if fate is Fate.CAME:
            note_came(uow, room, booking, None, now)
            continue
        absent = fate is Fate.ABSENT
        state = RoomState.NO_SHOW if absent else RoomState.CANCELLED
        rule = Unused.NO_SHOW if absent else Unused.IN_TIME
        before = {"state": str(room.state), **accounted(uow, booking, [room])}
        membership = uow.memberships.get(booking.membership_id)
        (settled,) = end(uow, membership, booking, [(room, state, rule)], now)
        booking.version += 1
        after = {"state": str(state), **accounted(uow, booking, [room])}
        after["room"] = room.room_id
        note(uow, None, now, "booking.release", booking.id, before, after)
        (shut if fate is Fate.SHUT else released).append((room, settled))
        lapsed &= fate in {Fate.LAPSED, Fate.SHUT}
    uow.flush()
    if released:
        stays = announce_rooms.settled_of(uow, released)
        change = Change.LAPSED if lapsed else Change.RELEASED
        announce_rooms.of_release(uow, booking, [room for room, _ in released], change, stays, now)
    if shut:
        goes_on = released or any(room.state in HOLDS_ITS_ROOM for room in rooms)
        change = Change.SHUT if goes_on else Change.CANCELLED
        stays, closed = announce_rooms.settled_of(uow, shut), [room for room, _ in shut]
        announce_rooms.of_bookings(uow, [booking], change, now, named=closed, settled=stays)
    return len(released) + len(shut)


class _Facts:
    """What says of these rooms what becomes of them; some reads, however many rooms."""

    def __init__(
        self,
        uow: UnitOfWork,
        booked: Sequence[tuple[BookedRoom, RoomBooking]],
        now: datetime,
        up_since: datetime,
    ) -> None:
        self._uow, self._now, self._up_since = uow, now, up_since
        starts = {room.id: booking.starts_at for room, booking in booked}
        loans = uow.key_loans.of_rooms(starts)
        self._with_key = {
            loan.booked_room_id
            for loan in loans
            if loan.back_at is None or loan.back_at >= starts[loan.booked_room_id]
        }
        rooms = uow.rooms.by_ids([room.room_id for room, _ in booked])
        venues = uow.venues.by_ids([room.venue_id for room in rooms.values()])
        used = {r.id: r.venue_id for r in rooms.values() if r.active and venues[r.venue_id].active}
        self._openings = room_openings(uow, venues, used)

    def fate(self, room: BookedRoom, booking: RoomBooking) -> Fate | None:
        """None: it stays as it is."""
        if room.state is RoomState.REQUESTED:
            return Fate.LAPSED
        if room.state is not RoomState.CONFIRMED:
            return None
        if room.id in self._with_key:
            return Fate.CAME
        if self._began_closed(room, booking):
            return Fate.SHUT
        return self._absence(room, booking)

    def _began_closed(self, room: BookedRoom, booking: RoomBooking) -> bool:
        """Whether a closure or an exception set after it was booked left it before a closed
        door; a room or venue that was retired since says nothing of it."""
        opening = self._openings.get(room.room_id)
        closed = opening and opening.calendar.why_closed(booking.starts_at)
        return isinstance(closed, ForClosure | OnExceptionalDay)

    def _absence(self, room: BookedRoom, booking: RoomBooking) -> Fate | None:
        """Nobody is absent where nobody and nothing could be told who came, nor once the room
        would serve nobody else: reception notes who came."""
        wait = timedelta(minutes=self._uow.settings.room_release_minutes)
        heard_from = max(booking.starts_at, self._up_since)
        due = heard_from + wait
        if heard_from >= booking.starts_at + wait:
            return None
        if not due <= self._now < min(due + LONGEST_BREAK, booking.ends_at):
            return None
        if not could_be_told(self._uow, room, heard_from, self._now):
            return None
        return Fate.ABSENT if heard_from == booking.starts_at else Fate.UNHEARD


def _since(uow: UnitOfWork, now: datetime) -> datetime:
    """Who booked from before then had time to come."""
    return now - timedelta(minutes=uow.settings.room_release_minutes)
