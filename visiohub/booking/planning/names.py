"""Whose each entry is, told as far as the reader may know it."""

from __future__ import annotations

from collections.abc import Sequence

from visiohub.booking.planning.views import Entry, EntryKind
from visiohub.booking.rooms.scope import manages
from visiohub.domain.booking import BookedRoom, RoomBooking, RoomState
from visiohub.domain.model import Appointment, AppointmentState, Partner, Person, Role
from visiohub.domain.waiting_list import Offer, WaitingEntry
from visiohub.storage.uow import UnitOfWork

_MOVABLE = frozenset({AppointmentState.BOOKED, AppointmentState.CONFIRMED})
_ROOM_MOVABLE = frozenset({RoomState.REQUESTED, RoomState.CONFIRMED})


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
        service = self._services[one.service_id]
        partner = self._partners[service.partner_id]
        own = self._serves(partner, venue_id)
        seen = own or manages(self._by, venue_id)
        return Entry(
            EntryKind.APPOINTMENT,
            one.id,
            one.version,
            one.starts_at,
            one.ends_at,
            one.state,
            partner.short_name if seen else "",
            one.initials if seen else "",
            service.name if seen else "",
            movable=own and one.state in _MOVABLE,
        )

    def offer(self, entry: WaitingEntry, offer: Offer, venue_id: str) -> Entry:
        """What is offered to somebody in a room of this venue."""
        service = self._services[entry.service_id]
        partner = self._partners[service.partner_id]
        own = self._serves(partner, venue_id)
        seen = own or manages(self._by, venue_id)
        return Entry(
            EntryKind.OFFER,
            entry.id,
            entry.version,
            offer.starts_at,
            offer.ends_at,
            entry.state,
            partner.short_name if seen else "",
            entry.initials if seen else "",
            service.name if seen else "",
            until=offer.until if seen else None,
            opens=own,
        )

    def _serves(self, partner: Partner, venue_id: str) -> bool:
        """Whether the reader is an agent of the partner, or reception of the venue."""
        own = Role.AGENT in self._by.roles and self._by.partner_id == partner.id
        return own or (Role.RECEPTION in self._by.roles and venue_id in self._by.venue_ids)

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
