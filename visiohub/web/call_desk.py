"""What the call page is given to begin with; implements call_pages.CallDesk."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from aiohttp import web

from signaling.protocol.cards import CallCard, CallStateName, EndReason, IceServer
from signaling.turn import IceSettings, ice_servers
from visiohub.booking import arrivals
from visiohub.booking.directory import Directory
from visiohub.booking.parties import party_of
from visiohub.booking.tickets import ticket_of
from visiohub.bootstrap import Hub
from visiohub.domain.model import Person
from visiohub.storage.uow import UnitOfWork
from visiohub.web.call_pages import CallView
from visiohub.web.context import SIGNALING, staff


class HubCallDesk:
    """Cards from the record: right even before the wire is open."""

    def __init__(self, hub: Hub, ice: IceSettings) -> None:
        self._hub = hub
        self._ice = ice

    async def call_view(self, request: web.Request, call_id: str) -> CallView | None:
        """The call, if it is for this person."""
        told = request.app[SIGNALING].present_people()
        return await self._hub.read(_view, staff(request), call_id, told, self._hub.clock())

    async def ice_servers(self, request: web.Request) -> list[IceServer]:
        """STUN and TURN with credentials of this person."""
        return ice_servers(self._ice, staff(request).id, self._hub.clock())


def _view(
    uow: UnitOfWork, person: Person, call_id: str, told: frozenset[str], now: datetime
) -> CallView | None:
    call = uow.calls.find(call_id)
    if call is None:
        return None
    directory = Directory(uow)
    party = party_of(directory, call)
    if person.id not in party.person_ids:
        return None
    kiosk, _room, venue = directory.whereabouts(call.kiosk_id)
    ticket = ticket_of(directory, call, uow.appointments.find(call.appointment_id))
    waiting = call.state == "waiting"
    card = CallCard(
        call_id=call.id,
        state=cast("CallStateName", call.state),
        generation=call.generation,
        kiosk_id=call.kiosk_id,
        venue_name=ticket.venue.venue_name,
        room_name=ticket.venue.room_name,
        partner=ticket.partner,
        service=ticket.service,
        citizen=ticket.citizen,
        language=ticket.language,
        arrived_at=call.arrived_at,
        admitted_at=call.admitted_at,
        until=call.until,
        interrupted_at=call.interrupted_at,
        gives_up_at=call.gives_up_at,
        kiosk_here=kiosk.here,
        agent_here=call.person_id is not None and call.person_id in told,
        fallback_phone=ticket.fallback_phone,
        end_reason=cast("EndReason | None", call.end_reason),
        place=arrivals.place(uow, call.id, told, now) if waiting else None,
    )
    booked = uow.booked_rooms.find(call.booked_room_id)
    return CallView(
        card, venue.time_zone, party.topics, booking_id=booked.booking_id if booked else ""
    )
