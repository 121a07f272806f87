"""The operations of /api/v1 for who runs a venue's rooms: what is booked there, agree, refuse, note
who came, keys and printed pages."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from visiohub.booking.rooms import attendance, changes, keys, lists, printing
from visiohub.errors import NotFound
from visiohub.storage.uow import UnitOfWork
from visiohub.web.api.booked_models import KeyIn, KeyOut, PagesIn, VenueRoomOut, VenueRoomsQuery
from visiohub.web.api.describe import operation
from visiohub.web.api.models import VersionIn
from visiohub.web.api.price_models import PriceLineOut
from visiohub.web.context import HUB, staff

V1 = "/api/v1"
ONE = f"{V1}/booked-rooms/{{booked_room_id}}"


async def _one(request: web.Request) -> VenueRoomOut:
    room_id = request.match_info["booked_room_id"]
    found = await request.app[HUB].read(lists.venue_row, room_id, staff(request))
    return VenueRoomOut.of(found)


@operation(
    "GET",
    f"{V1}/booked-rooms",
    "Rooms of a venue that are booked, from a day on",
    query=VenueRoomsQuery,
    answer=VenueRoomOut,
    many=True,
)
async def list_booked_rooms(request: web.Request, query: VenueRoomsQuery) -> list[VenueRoomOut]:
    """The next first; with `state` "requested", those that wait for the venue's answer."""
    hub = request.app[HUB]

    def found(uow: UnitOfWork) -> list[lists.VenueRow]:
        span = query.span(uow.venues.get(query.venue_id).time_zone, hub.clock())
        return lists.at_venue(uow, query.venue_id, *span, staff(request))

    rows = await hub.read(found)
    return [VenueRoomOut.of(r) for r in rows if query.state in {"", r.row.booked.state}]


@operation(
    "POST",
    f"{ONE}/approve",
    "The venue agrees to a booking",
    body=VersionIn,
    answer=VenueRoomOut,
    kept=_one,
)
async def approve_room(request: web.Request, body: VersionIn) -> VenueRoomOut:
    """409 `booking_changed` when it does not wait for an answer any more."""
    return await _changed(request, changes.approve, body.version)


@operation(
    "POST",
    f"{ONE}/refuse",
    "The venue does not agree: all rooms of the booking are free again",
    body=VersionIn,
    answer=VenueRoomOut,
    kept=_one,
)
async def refuse_room(request: web.Request, body: VersionIn) -> VenueRoomOut:
    """409 `booking_changed` when it does not wait for an answer any more."""
    return await _changed(request, changes.refuse, body.version)


@operation(
    "POST",
    f"{ONE}/check-in",
    "Who booked the room is here",
    body=VersionIn,
    answer=VenueRoomOut,
    kept=_one,
)
async def check_in_room(request: web.Request, body: VersionIn) -> VenueRoomOut:
    """Until the end of the next day, also of who was taken for absent. 409 `not_the_time` before
    and after; 409 `room_taken` when somebody else has the room meanwhile."""
    return await _changed(request, attendance.check_in, body.version)


@operation("GET", ONE, "One booked room, with its keys", answer=VenueRoomOut)
async def get_booked_room(request: web.Request) -> VenueRoomOut:
    """If its venue is yours."""
    return await _one(request)


@operation(
    "POST", f"{ONE}/keys", "Hand out a key or a badge", body=KeyIn, answer=KeyOut, status=201
)
async def hand_out_key(request: web.Request, body: KeyIn) -> KeyOut:
    """409 when it is out already."""
    hub, room_id = request.app[HUB], request.match_info["booked_room_id"]
    made = await hub.run(keys.hand_out_key, room_id, body.name, staff(request), hub.clock())
    return KeyOut.of(made)


@operation("POST", f"{ONE}/keys/{{loan_id}}/back", "A key or a badge is back", answer=KeyOut)
async def take_key_back(request: web.Request) -> KeyOut:
    """409 when it came back before."""
    hub, room_id = request.app[HUB], request.match_info["booked_room_id"]
    loan = await hub.read(lambda uow: uow.key_loans.get(request.match_info["loan_id"]))
    if loan.booked_room_id != room_id:
        raise NotFound(f"key {loan.id} is not of {room_id}", about=loan.id)
    back = await hub.run(keys.take_key_back, loan.id, staff(request), hub.clock())
    return KeyOut.of(back)


@operation(
    "POST", f"{ONE}/pages", "Count pages that were printed", body=PagesIn, answer=PriceLineOut
)
async def count_pages(request: web.Request, body: PagesIn) -> PriceLineOut:
    """Out of the month's quota first; the answer is what is charged. Sent twice, they count
    twice."""
    hub, room_id = request.app[HUB], request.match_info["booked_room_id"]
    said = room_id, body.pages, staff(request), hub.clock()
    return PriceLineOut.of(await hub.run(printing.count_pages, *said))


async def _changed(
    request: web.Request, use_case: Callable[..., object], version: int
) -> VenueRoomOut:
    hub, room_id = request.app[HUB], request.match_info["booked_room_id"]
    await hub.run(use_case, room_id, version, staff(request), hub.clock())
    return await _one(request)


OPERATIONS = (
    list_booked_rooms,
    get_booked_room,
    approve_room,
    refuse_room,
    check_in_room,
    hand_out_key,
    take_key_back,
    count_pages,
)
