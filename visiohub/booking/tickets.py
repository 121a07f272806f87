"""A call as signaling needs to know it."""

from __future__ import annotations

from typing import cast

from signaling.ports import Ticket
from signaling.protocol.cards import Language, VenueCard
from visiohub.booking.directory import Directory
from visiohub.booking.parties import party_of
from visiohub.domain.model import Appointment, Call


def venue_card(directory: Directory, kiosk_id: str) -> VenueCard:
    """Where the kiosk stands, as its screen says it."""
    _, room, venue = directory.whereabouts(kiosk_id)
    return VenueCard(
        venue_name=venue.name,
        room_name=room.name,
        time_zone=venue.time_zone,
        phone=fallback_phone(directory, kiosk_id),
    )


def fallback_phone(directory: Directory, kiosk_id: str) -> str:
    """The venue's own number, else the territory's."""
    _, _, venue = directory.whereabouts(kiosk_id)
    return venue.phone or directory.uow.settings.fallback_phone


def ticket_of(directory: Directory, call: Call, appointment: Appointment | None) -> Ticket:
    """The ticket of a call."""
    party = party_of(directory, call)
    return Ticket(
        call_id=call.id,
        kiosk_id=call.kiosk_id,
        venue=venue_card(directory, call.kiosk_id),
        partner=party.name,
        service=party.service,
        citizen=appointment.initials if appointment else "",
        language=cast("Language", call.language),
        arrived_at=call.arrived_at,
        until=call.until,
        fallback_phone=fallback_phone(directory, call.kiosk_id),
        person_ids=party.person_ids,
    )
