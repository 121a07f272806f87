"""The operations of /api/v1."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from aiohttp import web

from visiohub.booking import agenda, appointments, assignment, enrolment
from visiohub.booking.calls import list_calls
from visiohub.booking.forms import AppointmentForm, CallFilter, MoveForm
from visiohub.domain.model import CancelledBy
from visiohub.web import lookups
from visiohub.web.api import permanences, rooms, slots, venue_rooms, waiting
from visiohub.web.api.call_models import CallOut, CallQuery
from visiohub.web.api.describe import by_names, operation
from visiohub.web.api.models import (
    AppointmentOut,
    AppointmentQuery,
    AssignIn,
    BookedOut,
    CancelIn,
    EnrolmentIn,
    EnrolmentOut,
    KioskOut,
    MoveIn,
    ServiceOut,
    VenueOut,
    VersionIn,
)
from visiohub.web.appointment_access import changeable, require_bookable, visible
from visiohub.web.context import HUB, address_of, staff
from visiohub.web.scope import require_venue

V1 = "/api/v1"
ONE = f"{V1}/appointments/{{appointment_id}}"


@operation(
    "POST",
    f"{V1}/enrolments",
    "Make this PC the kiosk of a one-time code",
    body=EnrolmentIn,
    answer=EnrolmentOut,
    status=201,
    public=True,
)
async def enrol(request: web.Request, body: EnrolmentIn) -> EnrolmentOut:
    """Rate-limited by address and in all."""
    hub = request.app[HUB]
    kiosk_id = await hub.run_at_door(
        enrolment.redeem,
        body.code,
        body.public_key,
        body.software,
        address_of(request),
        hub.clock(),
    )
    return EnrolmentOut(kiosk_id=kiosk_id, hub_origin=hub.settings.public_origins[0])


@operation("GET", f"{V1}/venues", "All active venues", answer=VenueOut, many=True)
async def venues(request: web.Request) -> list[VenueOut]:
    """By name."""
    found = await request.app[HUB].read(lambda uow: uow.venues.list(active=True))
    return [VenueOut.of(venue) for venue in found]


@operation("GET", f"{V1}/services", "All active services", answer=ServiceOut, many=True)
async def services(request: web.Request) -> list[ServiceOut]:
    """By name."""
    found = await request.app[HUB].read(lambda uow: uow.services.list(active=True))
    return [ServiceOut.of(service) for service in found]


@operation("GET", f"{V1}/kiosks", "All active kiosks and how they do", answer=KioskOut, many=True)
async def kiosks(request: web.Request) -> list[KioskOut]:
    """By venue."""
    hub = request.app[HUB]
    return [KioskOut.of(row) for row in await hub.read(agenda.kiosk_states, hub.clock())]


@operation(
    "GET",
    f"{V1}/appointments",
    "Appointments that you may see, from a day on",
    query=AppointmentQuery,
    answer=AppointmentOut,
    many=True,
)
async def list_appointments(request: web.Request, query: AppointmentQuery) -> list[AppointmentOut]:
    """The next first."""
    hub = request.app[HUB]
    start, end = query.span(hub.settings.time_zone, hub.clock())
    rows = await hub.read(
        lookups.appointments_between, staff(request), start, end, query.venue_id, ""
    )
    return [AppointmentOut.of(row) for row in rows]


@operation(
    "POST",
    f"{V1}/appointments",
    "Make an appointment",
    body=AppointmentForm,
    answer=BookedOut,
    status=201,
)
async def book(request: web.Request, body: AppointmentForm) -> BookedOut:
    """The code and the QR text exist only in this answer. 409 `line_full` says which
    pictures `fits` has, when the line is `free_at` again that day, who has room `elsewhere`."""
    hub, person = request.app[HUB], staff(request)
    await hub.read(require_bookable, person, body.service_id, body.kiosk_id)
    booked = await hub.run_hashing(appointments.book, body, person, hub.clock())
    row = await hub.read(appointments.show, booked.appointment_id)
    return BookedOut.of(row, booked)


async def _one(request: web.Request) -> AppointmentOut:
    return AppointmentOut.of(await visible(request))


@operation("GET", ONE, "One appointment", answer=AppointmentOut)
async def get_appointment(request: web.Request) -> AppointmentOut:
    """If you may see it."""
    return await _one(request)


@operation(
    "POST",
    f"{ONE}/move",
    "Another time, perhaps another kiosk",
    body=MoveIn,
    answer=AppointmentOut,
    kept=_one,
)
async def move(request: web.Request, body: MoveIn) -> AppointmentOut:
    """The paper's code goes on working, there and then."""
    hub, person = request.app[HUB], staff(request)
    row = await changeable(request)
    await hub.read(require_bookable, person, row.service_id, body.kiosk_id)
    form = by_names(MoveForm, body)
    await hub.run(appointments.move, row.id, form, body.version, person, hub.clock())
    return AppointmentOut.of(await hub.read(appointments.show, row.id))


@operation("POST", f"{ONE}/cancel", "Take it back", body=CancelIn, answer=AppointmentOut, kept=_one)
async def cancel(request: web.Request, body: CancelIn) -> AppointmentOut:
    """The slot is free again."""
    hub = request.app[HUB]
    row = await changeable(request)
    by = CancelledBy(body.cancelled_by)
    await hub.run(appointments.cancel, row.id, by, body.version, staff(request), hub.clock())
    return AppointmentOut.of(await hub.read(appointments.show, row.id))


@operation(
    "POST",
    f"{ONE}/confirm",
    "The citizen says to come",
    body=VersionIn,
    answer=AppointmentOut,
    kept=_one,
)
async def confirm(request: web.Request, body: VersionIn) -> AppointmentOut:
    """409 `wrong_state` when it is not only booked."""
    return await _stepped(request, appointments.confirm, body.version)


@operation(
    "POST",
    f"{ONE}/check-in",
    "The citizen is here",
    body=VersionIn,
    answer=AppointmentOut,
    kept=_one,
)
async def check_in(request: web.Request, body: VersionIn) -> AppointmentOut:
    """Reception of its venue notes it. 409 `not_the_day` before the venue's day of the
    appointment."""
    row = await visible(request)
    require_venue(staff(request), row.place.venue_id)
    return await _stepped(request, appointments.check_in, body.version)


async def _stepped(
    request: web.Request, use_case: Callable[..., object], version: int
) -> AppointmentOut:
    hub = request.app[HUB]
    row = await changeable(request)
    await hub.run(use_case, row.id, version, staff(request), hub.clock())
    return AppointmentOut.of(await hub.read(appointments.show, row.id))


@operation(
    "POST",
    f"{ONE}/assign",
    "Say which agent receives",
    body=AssignIn,
    answer=AppointmentOut,
    kept=_one,
)
async def assign(request: web.Request, body: AssignIn) -> AppointmentOut:
    """409 with the reason where the agent is not there or not free."""
    hub = request.app[HUB]
    row = await changeable(request)
    who = row.id, body.agent_id, body.version, staff(request), hub.clock()
    await hub.run(assignment.assign, *who, despite_calendar=body.despite_calendar)
    return AppointmentOut.of(await hub.read(appointments.show, row.id))


@operation("GET", f"{V1}/calls", "The record of calls", query=CallQuery, answer=CallOut, many=True)
async def calls(request: web.Request, query: CallQuery) -> list[CallOut]:
    """The newest first."""
    hub = request.app[HUB]
    end = query.end or hub.clock()
    wanted = CallFilter(
        start=query.start or hub.clock() - timedelta(days=30),
        end=end,
        venue_id=query.venue_id,
        partner_id=query.partner_id,
        limit=query.limit,
    )
    return [CallOut.of(row) for row in await hub.read(list_calls, wanted)]


OPERATIONS = (
    enrol,
    venues,
    services,
    kiosks,
    list_appointments,
    book,
    get_appointment,
    move,
    cancel,
    confirm,
    check_in,
    assign,
    calls,
    *slots.OPERATIONS,
    *waiting.OPERATIONS,
    *permanences.OPERATIONS,
    *rooms.OPERATIONS,
    *venue_rooms.OPERATIONS,
)
