"""Whose each entry is, told as far as the reader may know it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from visiohub.booking.planning.views import Entry, EntryKind
from visiohub.booking.rooms.scope import manages
from visiohub.domain.booking import BookedRoom, RoomBooking, RoomState
from visiohub.domain.model import Appointment, AppointmentState, Person, Role
from visiohub.domain.waiting_list import Offer, WaitingEntry
from visiohub.storage.uow import UnitOfWork

_MOVABLE = frozenset({AppointmentState.BOOKED, AppointmentState.CONFIRMED})
_ROOM_MOVABLE = frozenset({RoomState.REQUESTED, RoomState.CONFIRMED})


class _Told(NamedTuple):
    """What the reader may know of who comes for a service."""

    served: bool
    """By the reader."""
    seen: bool
    names: tuple[str, str, str]
    """The partner's, their initials, the service's."""


class Names:
    """Services, partners, organisations and people of some entries, each read once."""

    def __init__(
        self,
        uow: UnitOfWork,
        by: Person,
        appointments: Sequence[Appointment],
        bookings: Sequence[RoomBooking],
        offered: Sequence[WaitingEntry] = (),
    ) -> None:
        self._by = by
        ids = [a.service_id for a in appointments] + [e.service_id for e in offered]
        self._services = uow.services.by_ids(ids)
        self._partners = uow.partners.by_ids([s.partner_id for s in self._services.values()])
        self._accounts = uow.memberships.by_ids([b.membership_id for b in bookings])
        accounts = self._accounts.values()
        self._payers = uow.organisations.by_ids([m.organisation_id for m in accounts])
        self._people = uow.persons.by_ids(
            [m.person_id for m in accounts if m.organisation_id is None]
        )
        booked = uow.booked_rooms.of_bookings([b.id for b in bookings])
        self._beyond = {r.booking_id for r in booked if not manages(by, r.venue_id)}
        """Bookings that move with rooms which the reader does not manage."""

    def appointment(self, one: Appointment, venue_id: str) -> Entry:
        """An appointment in a room of this venue."""
        told = self._told(one, venue_id)
        return Entry(
            EntryKind.APPOINTMENT,
            one.id,
            one.version,
            one.starts_at,
            one.ends_at,
            one.state,
            *told.names,
            movable=told.served and one.state in _MOVABLE,
        )

    def offer(self, entry: WaitingEntry, offer: Offer, venue_id: str) -> Entry:
        """What is offered to somebody in a room of this venue."""
        told = self._told(entry, venue_id)
        return Entry(
            EntryKind.OFFER,
            entry.id,
            entry.version,
            offer.starts_at,
            offer.ends_at,
            entry.state,
            *told.names,
            until=offer.until if told.seen else None,
            opens=told.served,
        )

    def _told(self, one: Appointment | WaitingEntry, venue_id: str) -> _Told:
        """An agent of the partner and reception of the venue serve them; whoever manages the venue
        reads of them; for others the room is taken."""
        service = self._services[one.service_id]
        partner = self._partners[service.partner_id]
        served = (Role.AGENT in self._by.roles and self._by.partner_id == partner.id) or (
            Role.RECEPTION in self._by.roles and venue_id in self._by.venue_ids
        )
        seen = served or manages(self._by, venue_id)
        names = (partner.short_name, one.initials, service.name) if seen else ("", "", "")
        return _Told(served, seen, names)

    def booking(self, room: BookedRoom, booking: RoomBooking) -> Entry:
        """A room of a booking."""
        seen = manages(self._by, room.venue_id)
        return Entry(
            EntryKind.BOOKING,
            room.id,
            booking.version,
            booking.starts_at,
            booking.ends_at,
            room.state,
            self.holder(booking) if seen else "",
            movable=booking.id not in self._beyond and room.state in _ROOM_MOVABLE,
            in_series=booking.series_id is not None,
        )

    def organisation(self, booking: RoomBooking) -> str:
        """Who pays; empty for somebody who pays alone."""
        payer = self._payers.get(self._accounts[booking.membership_id].organisation_id or "")
        return payer.name if payer else ""

    def holder(self, booking: RoomBooking) -> str:
        """The organisation, or the professional who pays alone."""
        if name := self.organisation(booking):
            return name
        person = self._people.get(self._accounts[booking.membership_id].person_id)
        return person.label if person else ""
