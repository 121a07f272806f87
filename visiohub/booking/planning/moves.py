"""Move what lies in a planning to another room or time, by the use case that each kind has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from visiohub.booking import appointments
from visiohub.booking.directory import Directory
from visiohub.booking.forms import Day, Form, Id, MoveForm, WallTime, read_form
from visiohub.booking.planning.names import Names
from visiohub.booking.planning.read import rooms_at
from visiohub.booking.planning.views import Entry, EntryKind
from visiohub.booking.rooms import changes
from visiohub.booking.rooms.forms import Euros, WhenForm
from visiohub.booking.rooms.scope import check_manages
from visiohub.domain import hours
from visiohub.domain.connections import Despite
from visiohub.domain.model import Person, Role, Room, Venue
from visiohub.domain.tariff.money import totals
from visiohub.errors import N_, FieldError, InvalidForm, NotAllowed
from visiohub.storage.uow import UnitOfWork


class WishForm(Form):
    """Where to; day and time are those of the room's venue."""

    room_id: Id
    day: Day
    time: WallTime
    despite_calendar: Despite | None = None
    """Why also when the outside calendar of its agent has something then; None: not then."""
    shown_total: Euros | None = None
    """Of a booking, as WhenForm's."""


@dataclass(frozen=True)
class Moving:
    """What is to be moved, as it is kept now."""

    entry: Entry
    room: Room
    venue: Venue
    rooms: Sequence[Room]
    """Where it may go."""
    changed_at: datetime | None = None
    """When it was last changed; None: never since it was made."""
    changed_by: str = ""
    """By whom; empty: by the citizen or the hub."""
    price: Decimal | None = None
    """What a booking costs with all its rooms, in euros; None: an appointment."""

    @property
    def zone(self) -> ZoneInfo:
        """Of the venue."""
        return hours.zone_of(self.venue.time_zone)


@dataclass(frozen=True)
class Moved:
    """What came of it."""

    kind: EntryKind
    prices: tuple[Decimal, Decimal] | None = None
    """What a booking cost before and costs now, in euros."""


def moving(uow: UnitOfWork, kind: EntryKind, entry_id: str, by: Person) -> Moving:
    """What is to be moved. Raises NotFound, NotAllowed (not this person's to move)."""
    price = None
    if kind is EntryKind.APPOINTMENT:
        appointment = uow.appointments.get(entry_id)
        _, room, venue = Directory(uow).whereabouts(appointment.kiosk_id)
        service = uow.services.get(appointment.service_id)
        _check_appointment(by, service.partner_id, venue.id)
        entry = Names(uow, by, [appointment], []).appointment(appointment, venue.id)
        served = {kiosk.room_id for kiosk in uow.kiosks.at_venue(venue.id)}
        rooms = [r for r in rooms_at(uow, [venue.id]) if r.id in served]
        subject = appointment.id
    else:
        booked = uow.booked_rooms.get(entry_id)
        check_manages(by, booked.venue_id)
        booking = uow.bookings.get(booked.booking_id)
        room, venue = uow.rooms.get(booked.room_id), uow.venues.get(booked.venue_id)
        entry = Names(uow, by, [], [booking]).booking(booked, booking)
        rooms = rooms_at(uow, [venue.id])
        subject = booking.id
        price = totals(
            line.amount
            for one in uow.booked_rooms.list(booking_id=booking.id)
            for line in one.quote.lines
        ).total
    last = max(uow.audit.list(subject=subject), key=lambda e: e.at, default=None)
    return Moving(
        entry,
        room,
        venue,
        rooms if room in rooms else [room, *rooms],
        last.at if last else None,
        Directory(uow).label(last.person_id) if last else "",
        price,
    )


def move(
    uow: UnitOfWork,
    kind: EntryKind,
    entry_id: str,
    wish: WishForm,
    version: int,
    by: Person,
    now: datetime,
) -> Moved:
    """To another room or time. A booking keeps its length and its other rooms.

    Raises NotFound, NotAllowed, InvalidForm (no kiosk in that room), and as appointments.move and
    rooms.changes.move do.
    """
    kept = moving(uow, kind, entry_id, by)
    if kind is EntryKind.APPOINTMENT:
        target = uow.rooms.get(wish.room_id)
        service = uow.services.get(uow.appointments.get(entry_id).service_id)
        _check_appointment(by, service.partner_id, target.venue_id)
        form = MoveForm(
            kiosk_id=_kiosk(uow, entry_id, target),
            day=wish.day,
            time=wish.time,
            despite_calendar=wish.despite_calendar,
        )
        appointments.move(uow, entry_id, form, version, by, now)
        return Moved(kind)
    booked = uow.booked_rooms.get(entry_id)
    rooms = sorted(uow.booked_rooms.list(booking_id=booked.booking_id), key=lambda r: r.room_id)
    form_of_rooms = _same_length(kept, wish, [r.room_id for r in rooms], booked.room_id)
    theirs, first = (_zone(uow, i) for i in (wish.room_id, form_of_rooms.room_ids[0]))
    on_first = _on_clock(form_of_rooms, theirs, first)
    after = changes.move(uow, booked.booking_id, on_first, version, by, now)
    price = totals(line.amount for r in after.rooms for line in r.quote.lines).total
    return Moved(kind, None if kept.price is None else (kept.price, price))


def _check_appointment(by: Person, partner_id: str, venue_id: str) -> None:
    own = Role.AGENT in by.roles and by.partner_id == partner_id
    here = Role.RECEPTION in by.roles and venue_id in by.venue_ids
    if not (own or here):
        raise NotAllowed(f"{by.id} moves no appointment of {partner_id} at {venue_id}")


def _kiosk(uow: UnitOfWork, appointment_id: str, room: Room) -> str:
    """The appointment's own kiosk if that stands in the room, else the first that does."""
    kiosks = [k.id for k in uow.kiosks.at_venue(room.venue_id) if k.room_id == room.id]
    own = uow.appointments.get(appointment_id).kiosk_id
    if not kiosks:
        says = N_("Il n’y a pas de borne dans cette salle. Choisissez une autre salle.")
        raise InvalidForm([FieldError("room_id", "no_kiosk", says)])
    return own if own in kiosks else kiosks[0]


def _zone(uow: UnitOfWork, room_id: str) -> ZoneInfo:
    return hours.zone_of(uow.venues.get(uow.rooms.get(room_id).venue_id).time_zone)


def _on_clock(form: WhenForm, read: ZoneInfo, shown: ZoneInfo) -> WhenForm:
    """The time that the form means where it is read, as another zone's clock shows it: a booking
    is moved by the clock of its first room's venue."""
    if read == shown:
        return form
    starts, ends = (edge.astimezone(shown) for edge in form.span(read))
    last_day = ends.date() - timedelta(days=ends.time() == hours.MIDNIGHT)
    times = {"day": starts.date(), "starts": starts.time(), "ends": ends.time()}
    return form.model_copy(update={**times, "last_day": last_day})


def ends_then(kept: Moving, day: date, at: time) -> datetime:
    """When it ends if it begins then, local: as long on the wall clock as it was, over midnight
    too."""
    starts, ends = (
        edge.astimezone(kept.zone).replace(tzinfo=None)
        for edge in (kept.entry.starts_at, kept.entry.ends_at)
    )
    return datetime.combine(day, at) + (ends - starts)


def _same_length(kept: Moving, wish: WishForm, room_ids: list[str], replaced: str) -> WhenForm:
    """Raises InvalidForm: it would end in no year that anybody books."""
    until = ends_then(kept, wish.day, wish.time)
    return read_form(
        WhenForm,
        {
            "room_ids": [wish.room_id if r == replaced else r for r in room_ids],
            "day": wish.day,
            "starts": wish.time,
            "ends": until.time(),
            "last_day": until.date() - timedelta(days=until.time() == hours.MIDNIGHT),
            "shown_total": wish.shown_total,
        },
    )
