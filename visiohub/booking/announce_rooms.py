"""Who booked rooms is told: booked, asked for, agreed to, moved, cancelled, refused, reminded,
left before a closed door, and released when nobody came, which the venue is told, too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from visiohub.booking.announce import booking_uid, desks_of, mail, reminder_id
from visiohub.domain.booking import BookedRoom, RoomBooking, RoomState
from visiohub.domain.tariff.cancellation import Settlement
from visiohub.domain.tariff.money import ZERO
from visiohub.domain.tariff.standing import Draws
from visiohub.notify.notice import Change, Notice, Reader, Settled, Time
from visiohub.storage.uow import UnitOfWork


def of_bookings(
    uow: UnitOfWork,
    bookings: Sequence[RoomBooking],
    change: Change,
    now: datetime,
    *,
    was_at: datetime | None = None,
    message_id: str | None = None,
    named: Sequence[BookedRoom] | None = None,
    settled: Settled | None = None,
) -> None:
    """One mail to whose account it is, about one booking or a whole series in the same rooms; each
    date of a series is an invitation besides, in a mail of its own.

    What the venue has yet to agree to is said to be asked for. `named`: the rooms of which
    `settled` tells; None: all of the booking.
    """
    if not (bookings and uow.settings.mail_host):
        return
    membership = uow.memberships.get(bookings[0].membership_id)
    person = uow.persons.find(membership.person_id)
    if person is None or not person.email:
        return
    rooms = [list(uow.booked_rooms.list(booking_id=booking.id)) for booking in bookings]
    asked = any(room.state is RoomState.REQUESTED for some in rooms for room in some)
    if asked and change in {Change.BOOKED, Change.MOVED}:
        change = Change.REQUESTED
    first = uow.venues.get(rooms[0][0].venue_id)
    notice = Notice(
        change=change,
        reader=Reader.BOOKER,
        language=person.language or "fr",
        time_zone=first.time_zone,
        changed_at=now,
        times=tuple(_time(uow, booking) for booking in bookings),
        place=_place(uow, named or rooms[0]),
        phone=first.phone or uow.settings.fallback_phone,
        link=f"{uow.settings.public_origins[0]}/bookings/{bookings[0].id}",
        was_at=was_at,
        settled=settled,
    )
    mail(uow, person.id, person.email, notice, now, message_id)
    if len(bookings) > 1:
        for booking, time in zip(bookings, notice.times, strict=True):
            link = f"{uow.settings.public_origins[0]}/bookings/{booking.id}"
            mail(uow, person.id, person.email, replace(notice, times=(time,), link=link), now)


def of_approval(uow: UnitOfWork, booking: RoomBooking, now: datetime) -> None:
    """Once every venue has agreed."""
    rooms = uow.booked_rooms.list(booking_id=booking.id)
    if not any(room.state is RoomState.REQUESTED for room in rooms):
        of_bookings(uow, [booking], Change.APPROVED, now)


def of_release(
    uow: UnitOfWork,
    booking: RoomBooking,
    released: Sequence[BookedRoom],
    change: Change,
    settled: Settled,
    now: datetime,
) -> None:
    """These rooms of a booking are free again, as nobody came (RELEASED), or as the venue had
    agreed to none of them (LAPSED): its person, and the reception of each venue, which may give the
    room to somebody else."""
    origin = uow.settings.public_origins[0]
    first = uow.venues.get(released[0].venue_id)
    told = Notice(
        change=change,
        reader=Reader.BOOKER,
        language="fr",
        time_zone=first.time_zone,
        changed_at=now,
        times=(_time(uow, booking),),
        place=_place(uow, released),
        link=f"{origin}/bookings/{booking.id}",
    )
    person = uow.persons.find(uow.memberships.get(booking.membership_id).person_id)
    if person is not None:
        in_theirs = replace(told, language=person.language or "fr")
        in_theirs = replace(in_theirs, settled=None if change is Change.LAPSED else settled)
        mail(uow, person.id, person.email, in_theirs, now)
    for venue_id in dict.fromkeys(room.venue_id for room in released):
        here = [room for room in released if room.venue_id == venue_id]
        link = f"{origin}/planning/bookings/{here[0].id}"
        for desk in desks_of(uow, venue_id):
            language, place = desk.language or "fr", _place(uow, here)
            of_desk = replace(told, reader=Reader.DESK, language=language, place=place, link=link)
            mail(uow, desk.id, desk.email, of_desk, now)


def settled_of(uow: UnitOfWork, ended: Sequence[tuple[BookedRoom, Settlement]]) -> Settled:
    """What stays to be paid of rooms that are given up, once the ledger has what goes back."""
    uow.flush()
    lines = [line for room, _ in ended for line in uow.charges.list(booked_room_id=room.id)]
    payers = {line.organisation_id for line in lines}
    payer = payers.pop() if len(payers) == 1 else None
    return Settled(
        stays=sum((line.amount.total for line in lines), ZERO),
        back=sum((settlement.refund.total for _, settlement in ended), ZERO),
        organisation=uow.organisations.get(payer).name if payer else "",
        drawn=sum(_units(room.quote.draws) for room, _ in ended),
        drawn_back=sum(_units(settlement.back) for _, settlement in ended),
    )


def remind_bookers(uow: UnitOfWork, now: datetime) -> int:
    """Remind of bookings that begin within `reminder_hours`, once each; returns how many."""
    ahead = timedelta(hours=uow.settings.reminder_hours)
    reminded = 0
    for booking in uow.bookings.beginning(now, now + ahead):
        message_id = reminder_id(f"booking-{booking.id}", booking.starts_at)
        if booking.created_at > booking.starts_at - ahead or uow.outbox.knows(message_id):
            continue
        states = {room.state for room in uow.booked_rooms.list(booking_id=booking.id)}
        if RoomState.CONFIRMED in states:
            of_bookings(uow, [booking], Change.REMINDER, now, message_id=message_id)
            reminded += uow.outbox.knows(message_id)
    return reminded


def sequence_of(booking: RoomBooking, rooms: Iterable[BookedRoom]) -> int:
    """SEQUENCE (RFC 5545, section 3.8.7.4): rises when the booking changes, and when one of its
    rooms does. Of all its rooms, also those that were given up: without them it would fall."""
    return booking.version - 1 + sum(room.version - 1 for room in rooms)


def _units(draws: Draws) -> int:
    return sum(count for _, count in (*draws.pass_units, *draws.hours))


def _time(uow: UnitOfWork, booking: RoomBooking) -> Time:
    sequence = sequence_of(booking, uow.booked_rooms.list(booking_id=booking.id))
    return Time(booking_uid(booking.id), sequence, booking.starts_at, booking.ends_at)


def _place(uow: UnitOfWork, rooms: Sequence[BookedRoom]) -> tuple[str, ...]:
    """The address of the one venue with its rooms, or one line for each venue."""
    names: dict[str, list[str]] = {}
    for room in rooms:
        names.setdefault(room.venue_id, []).append(uow.rooms.get(room.room_id).name)
    venues = [uow.venues.get(venue_id) for venue_id in names]
    if len(venues) == 1:
        venue = venues[0]
        town = f"{venue.postcode} {venue.town}"
        return venue.name, venue.street, town, ", ".join(names[venue.id])
    return tuple(f"{v.name} ({v.town}), {', '.join(names[v.id])}" for v in venues)
