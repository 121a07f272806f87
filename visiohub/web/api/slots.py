"""The operation of /api/v1 that searches free slots of a service, by venue or by place."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from visiohub.booking.search import VenueSlots, first_free
from visiohub.booking.search_places import Near, around, nearest_first, points_of
from visiohub.domain.hours import Span
from visiohub.errors import N_, FieldError, InvalidForm, NotFound
from visiohub.storage.uow import UnitOfWork
from visiohub.web.api.describe import operation
from visiohub.web.api.slot_models import SlotsQuery, VenueSlotsOut
from visiohub.web.context import HUB


@operation(
    "GET",
    "/api/v1/slots",
    "First free slots of a service, at a venue or near a place",
    query=SlotsQuery,
    answer=VenueSlotsOut,
    many=True,
)
async def slots(request: web.Request, query: SlotsQuery) -> list[VenueSlotsOut]:
    """Venues where nothing is free in that time come without slots. Books nothing."""
    hub = request.app[HUB]
    now = hub.clock()
    found = await hub.read(_found, query, query.span(hub.settings.time_zone, now), now)
    return [VenueSlotsOut.of(one) for one in found]


def _found(uow: UnitOfWork, query: SlotsQuery, span: Span, now: datetime) -> list[VenueSlots]:
    service = uow.services.get(query.service_id)
    if not service.active:
        raise NotFound(f"service {service.id} is retired", about=service.id)
    return first_free(uow, service, _near(uow, query), *span, now, query.each)


def _near(uow: UnitOfWork, query: SlotsQuery) -> list[Near]:
    if query.venue_id:
        venue = uow.venues.get(query.venue_id)
        if not venue.active:
            raise NotFound(f"venue {venue.id} is retired", about=venue.id)
        return [Near(venue)]
    if not query.place:
        return nearest_first(Near(venue) for venue in uow.venues.list(active=True))
    points = points_of(uow, query.place)
    if not points:
        says = N_("Ce lieu n’est pas connu. Donnez une commune, un code postal ou des coordonnées.")
        raise InvalidForm([FieldError("place", "unknown_place", says)])
    if len(points) > 1:
        several = ", ".join(point.named for point in points)
        says = N_("Plusieurs communes peuvent être celle-là : {several}. Donnez l’une d’elles.")
        raise InvalidForm([FieldError("place", "several_places", says, {"several": several})])
    return around(uow, points[0], query.km)


OPERATIONS = (slots,)
