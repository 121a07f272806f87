"""Appointments that citizens take and move alone on the public pages, without an account."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from visiohub.booking import announce, appointments, limits
from visiohub.booking.appointments import Paper
from visiohub.booking.audit import note
from visiohub.booking.forms import CitizenPhone, Email, Form, Id, Initials
from visiohub.booking.lines.moved import leave_looks
from visiohub.booking.search import FreeSlot, first_free, holders_at
from visiohub.booking.search_places import Near
from visiohub.booking.views import Booked
from visiohub.domain import hours
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.model import Appointment, AppointmentState, Need, Person, Service
from visiohub.domain.occupancy import Resource, ResourceKind
from visiohub.errors import (
    AgentBusy,
    CounterFull,
    EditedMeanwhile,
    InThePast,
    NotOffered,
    RoomTaken,
    SlotTaken,
    TimeHappensTwice,
    WrongState,
)
from visiohub.notify.notice import Change
from visiohub.storage.uow import UnitOfWork

PUBLIC_BOOKING = "public_booking"
"""Kind of the tries that count against one address."""
MOST_AN_HOUR = 10
"""From one address: a media library's computers share theirs."""
_TAKEN = (AgentBusy, CounterFull, RoomTaken)
"""What it is that is taken is nothing to a citizen."""


class OnlineForm(Form):
    """What the public page sends."""

    service_id: Id
    venue_id: Id
    starts_at: AwareDatetime
    initials: Initials = ""
    phone: CitizenPhone = ""
    email: Email = ""
    needs: frozenset[Need] = frozenset()


def book_online(
    uow: UnitOfWork, form: OnlineForm, key: str, address: str, now: datetime, language: str = "fr"
) -> Booked:
    """Take a slot for the citizen, at any kiosk of the venue and with whoever receives.

    `key` is a token that the page was made with (secrets.new_token): it opens the appointment,
    and the same form sent twice makes one appointment, with a new code. Raises TooManyAttempts,
    NotOffered, InThePast, TimeHappensTwice, SlotTaken, LineFull, and WrongState for a form whose
    appointment is over.
    """
    paper = replace(appointments.new_paper(uow), token=key)
    count_booking(uow, address, now)
    appointment_id = hashlib.sha256(f"appointment {key}".encode()).hexdigest()[:16]
    made = uow.appointments.find(appointment_id)
    if made is not None:
        if made.state not in HOLDS_ITS_SLOT:
            raise WrongState(f"is {made.state}")
        return appointments.hand_out(made, paper)
    service, near = offer(uow, form.service_id, form.venue_id)
    slot, holder = free_at(uow, service, near, form.starts_at, now, despite_line=True)
    appointment = Appointment(
        id=appointment_id,
        service_id=service.id,
        kiosk_id=slot.kiosk_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        state=AppointmentState.BOOKED,
        created_at=now,
        created_by=None,
        initials=form.initials,
        phone=form.phone,
        email=form.email,
        language=language,
        needs=form.needs,
    )
    _give(appointment, holder)
    try:
        return appointments.enter(
            uow, appointment, paper, None, now, link_of(uow, paper, appointment)
        )
    except _TAKEN as error:
        raise SlotTaken(str(error)) from error


def move_online(
    uow: UnitOfWork,
    appointment_id: str,
    venue_id: str,
    starts_at: datetime,
    version: int,
    by: Person | None,
    now: datetime,
) -> Appointment:
    """To another free slot, as long as it was, with whoever receives then; the paper's code goes on
    working.

    Raises EditedMeanwhile, WrongState, and as book_online.
    """
    appointment = uow.appointments.get(appointment_id)
    if appointment.version != version:
        raise EditedMeanwhile(f"version {version} was read, {appointment.version} is kept")
    if appointment.state not in {AppointmentState.BOOKED, AppointmentState.CONFIRMED}:
        raise WrongState(f"is {appointment.state}")
    service, near = offer(uow, appointment.service_id, venue_id)
    slot, holder = free_at(uow, service, near, starts_at, now, appointment, despite_line=True)
    before = appointments.facts(appointment)
    was_at, was_with = appointment.starts_at, appointment.agent_id
    appointments.tell(uow, appointment)
    appointment.kiosk_id = slot.kiosk_id
    appointment.starts_at, appointment.ends_at = slot.starts_at, slot.ends_at
    _give(appointment, holder)
    appointment.version += 1
    try:
        uow.flush()
        appointments.fits_line(uow, appointment, now)
    except _TAKEN as error:
        raise SlotTaken(str(error)) from error
    leave_looks(uow, appointment.id)
    after = appointments.facts(appointment)
    note(uow, by, now, "appointment.move", appointment.id, before, after)
    appointments.tell(uow, appointment)
    announce.of_appointment(uow, appointment, Change.MOVED, now, was_at=was_at, was_with=was_with)
    return appointment


def link_of(uow: UnitOfWork, paper: Paper, appointment: Appointment) -> str:
    """Opens the appointment for the citizen."""
    return f"{uow.settings.public_origins[0]}/my/{appointment.id}?key={paper.token}"


def offer(uow: UnitOfWork, service_id: str, venue_id: str) -> tuple[Service, Near]:
    """The service at the venue. Raises NotOffered."""
    service, venue = uow.services.find(service_id), uow.venues.find(venue_id)
    if service is None or not service.active:
        raise NotOffered(f"service {service_id!r} is retired or never was", about=service_id)
    if venue is None or not venue.active:
        raise NotOffered(f"venue {venue_id!r} is retired or never was", about=venue_id)
    if service.venue_ids and venue.id not in service.venue_ids:
        raise NotOffered(f"service {service.id} is not offered at {venue.id}", about=venue.id)
    return service, Near(venue)


def free_at(
    uow: UnitOfWork,
    service: Service,
    near: Near,
    starts_at: datetime,
    now: datetime,
    moved: Appointment | None = None,
    *,
    despite_line: bool = False,
) -> tuple[FreeSlot, Resource]:
    """A kiosk that is free then, and who would receive; `moved` and `despite_line` as of
    search.first_free. Raises InThePast, TimeHappensTwice, SlotTaken."""
    if starts_at < now:
        raise InThePast(f"{starts_at} is before {now}")
    zone = hours.zone_of(near.venue.time_zone)
    if hours.shown_twice(starts_at, zone):
        raise TimeHappensTwice(f"{starts_at} is told by a clock that goes back in {zone}")
    just_after = starts_at + timedelta(seconds=1)
    found = first_free(
        uow, service, [near], starts_at, just_after, now, 1, moved, despite_line=despite_line
    )
    slot = next((s for v in found for s in v.slots if s.starts_at == starts_at), None)
    holders = holders_at(uow, service, near, slot, now, moved) if slot else []
    if slot is None or not holders:
        raise SlotTaken(f"nothing is free at {starts_at} at venue {near.venue.id}")
    return slot, holders[0]


def count_booking(uow: UnitOfWork, address: str, now: datetime) -> None:
    """One more try from this address. Raises TooManyAttempts."""
    limits.require_below(uow, PUBLIC_BOOKING, address, MOST_AN_HOUR, timedelta(hours=1), now)
    limits.count_try(uow, PUBLIC_BOOKING, address, now)


def _give(appointment: Appointment, holder: Resource) -> None:
    is_agent = holder.kind is ResourceKind.AGENT
    appointment.agent_id = holder.id if is_agent else None
    appointment.seat_id = None if is_agent else holder.id
