"""Which appointments and kiosks a request may touch; for pages and the API alike."""

from __future__ import annotations

from aiohttp import web

from visiohub.booking import appointments
from visiohub.booking.views import AppointmentRow
from visiohub.domain.model import Person
from visiohub.errors import NotAllowed, NotFound
from visiohub.storage.uow import UnitOfWork
from visiohub.web import lookups
from visiohub.web.context import HUB, staff
from visiohub.web.scope import (
    is_social_worker,
    may_change,
    may_see,
    sees_partner,
    sees_venue,
)


async def visible(request: web.Request) -> AppointmentRow:
    """The appointment of the address. Raises NotFound, also for somebody else's."""
    row = await request.app[HUB].read(appointments.show, request.match_info["appointment_id"])
    if not may_see(staff(request), row):
        raise NotFound("not this person's appointment", about=row.id)
    return row


async def changeable(request: web.Request) -> AppointmentRow:
    """The appointment of the address, if the person may change it. Raises NotFound, NotAllowed."""
    row = await visible(request)
    if not may_change(staff(request), row):
        raise NotAllowed("not this person's to change")
    return row


def require_bookable(uow: UnitOfWork, person: Person, service_id: str, kiosk_id: str) -> None:
    """Raises NotAllowed when the person may not book this service at this kiosk.

    Reception books every service at its venues, an agent the own partner's at every venue; who is
    both books no other partner's elsewhere. A social worker books every service everywhere.
    """
    offered = lookups.bookable_services(uow, person)
    partner_id = {s.id: partner.id for partner, services in offered for s in services}
    venue_id = {p.kiosk.id: p.venue.id for p in lookups.bookable_kiosks(uow, person)}
    if service_id not in partner_id:
        raise NotAllowed("no service that this person books", field="service_id")
    if kiosk_id not in venue_id:
        raise NotAllowed("no kiosk that this person books", field="kiosk_id")
    if not (
        is_social_worker(person)
        or sees_partner(person, partner_id[service_id])
        or sees_venue(person, venue_id[kiosk_id])
    ):
        raise NotAllowed("another partner's service at another venue", field="kiosk_id")
