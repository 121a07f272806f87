"""The operations of /api/v1 on the waiting list: who waits, offers, and their answers."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from visiohub.booking import appointments, waiting_desk
from visiohub.booking.secrets import new_token
from visiohub.booking.waiting import WaitingForm
from visiohub.web.api.describe import by_names, operation
from visiohub.web.api.models import BookedOut, VersionIn
from visiohub.web.api.slot_models import JoinedOut, OfferIn, WaitingIn, WaitingOut
from visiohub.web.context import HUB, staff

V1 = "/api/v1"
ONE = f"{V1}/waiting/{{entry_id}}"


async def _one(request: web.Request) -> WaitingOut:
    entry_id = request.match_info["entry_id"]
    row = await request.app[HUB].read(waiting_desk.show, entry_id, staff(request))
    return WaitingOut.of(row)


@operation("GET", f"{V1}/waiting", "Who waits for a slot", answer=WaitingOut, many=True)
async def list_waiting(request: web.Request) -> list[WaitingOut]:
    """Of your venues, or of your partner's services; the first asked first."""
    rows = await request.app[HUB].read(waiting_desk.rows, staff(request))
    return [WaitingOut.of(row) for row in rows]


@operation(
    "POST",
    f"{V1}/waiting",
    "Wait for a slot, on somebody's behalf",
    body=WaitingIn,
    answer=JoinedOut,
    status=201,
)
async def join_list(request: web.Request, body: WaitingIn) -> JoinedOut:
    """At one of your venues at least, or for your partner's service."""
    hub, person, key = request.app[HUB], staff(request), new_token()
    form = by_names(WaitingForm, body)
    entry = await hub.run(waiting_desk.join, form, key, body.language, person, hub.clock())
    row = await hub.read(waiting_desk.show, entry.id, person)
    link = f"{hub.settings.public_origins[0]}/wait/{entry.id}?key={key}"
    return JoinedOut(waiting=WaitingOut.of(row), link=link)


@operation("GET", ONE, "One who waits", answer=WaitingOut)
async def get_waiting(request: web.Request) -> WaitingOut:
    """If it is yours."""
    return await _one(request)


@operation(
    "POST",
    f"{ONE}/offer",
    "Hold a slot for them, and tell them",
    body=OfferIn,
    answer=WaitingOut,
    kept=_one,
)
async def offer_slot(request: web.Request, body: OfferIn) -> WaitingOut:
    """409 `slot_taken` when it is not free; 422 `too_soon_to_offer` when nobody could answer."""
    hub, place = request.app[HUB], (body.venue_id, body.starts_at)
    entry_id = request.match_info["entry_id"]
    await hub.run(waiting_desk.offer, entry_id, *place, body.version, staff(request), hub.clock())
    return await _one(request)


@operation(
    "POST",
    f"{ONE}/accept",
    "They take what is offered: it becomes an appointment",
    body=VersionIn,
    answer=BookedOut,
    status=201,
    kept=_one,
)
async def accept_offer(request: web.Request, body: VersionIn) -> BookedOut:
    """The code and the QR text exist only in this answer. 409 `offer_gone` when the slot can no
    longer be had: they wait again."""
    hub, entry_id = request.app[HUB], request.match_info["entry_id"]
    booked = await hub.run_hashing(
        waiting_desk.accept, entry_id, body.version, staff(request), hub.clock()
    )
    row = await hub.read(appointments.show, booked.appointment_id)
    return BookedOut.of(row, booked)


@operation(
    "POST",
    f"{ONE}/decline",
    "They want another slot",
    body=VersionIn,
    answer=WaitingOut,
    kept=_one,
)
async def decline_offer(request: web.Request, body: VersionIn) -> WaitingOut:
    """They go on waiting; this one is not offered again."""
    return await _changed(request, waiting_desk.decline, body.version)


@operation(
    "POST", f"{ONE}/leave", "They wait no longer", body=VersionIn, answer=WaitingOut, kept=_one
)
async def leave_list(request: web.Request, body: VersionIn) -> WaitingOut:
    """What was held for them is free again."""
    return await _changed(request, waiting_desk.remove, body.version)


async def _changed(
    request: web.Request, use_case: Callable[..., object], version: int
) -> WaitingOut:
    hub, entry_id = request.app[HUB], request.match_info["entry_id"]
    await hub.run(use_case, entry_id, version, staff(request), hub.clock())
    return await _one(request)


OPERATIONS = (
    list_waiting,
    join_list,
    get_waiting,
    offer_slot,
    accept_offer,
    decline_offer,
    leave_list,
)
