"""The waiting list: join, leave, take or decline an offer; find what can be offered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from visiohub.booking import appointments
from visiohub.booking.audit import note
from visiohub.booking.forms import Form, Id, Initials, Phone
from visiohub.booking.online import count_booking, link_of
from visiohub.booking.search import AHEAD, first_free, holders_at
from visiohub.booking.search_places import Near
from visiohub.booking.secrets import token_hash
from visiohub.booking.views import Booked
from visiohub.domain.model import Appointment, AppointmentState, Need
from visiohub.domain.occupancy import Occupancy, Owner, OwnerKind, Resource, ResourceKind
from visiohub.domain.waiting_list import Offer, WaitingEntry, WaitState, offer_until
from visiohub.errors import (
    AgentBusy,
    CodeUnknown,
    CounterFull,
    NotOffered,
    RoomTaken,
    SlotTaken,
    WrongState,
)
from visiohub.storage.uow import UnitOfWork

MOST_VENUES = 20
EACH = 4
"""Slots looked at of each venue: the first may have been refused."""


class WaitingForm(Form):
    """What the public page sends."""

    service_id: Id
    venue_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_VENUES)]
    not_after: AwareDatetime
    initials: Initials = ""
    phone: Phone = ""
    needs: frozenset[Need] = frozenset()


def join(
    uow: UnitOfWork, form: WaitingForm, key: str, address: str, language: str, now: datetime
) -> WaitingEntry:
    """Wait for a slot from now on; `key` as of online.book_online.

    Raises TooManyAttempts, NotOffered.
    """
    count_booking(uow, address, now)
    entry_id = hashlib.sha256(f"waiting {key}".encode()).hexdigest()[:16]
    made = uow.waiting_list.find(entry_id)
    if made is not None:
        return made
    service = uow.services.find(form.service_id)
    venues = uow.venues.by_ids(form.venue_ids)
    if service is None or not service.active or len(venues) < len(set(form.venue_ids)):
        raise NotOffered(f"service {form.service_id!r} or a venue is retired or never was")
    entry = WaitingEntry(
        id=entry_id,
        service_id=service.id,
        venue_ids=form.venue_ids,
        not_before=now,
        not_after=min(form.not_after, now + AHEAD),
        asked_at=now,
        token_hash=token_hash(key),
        language=language,
        initials=form.initials,
        phone=form.phone,
        needs=form.needs,
    )
    uow.waiting_list.add(entry)
    uow.flush()
    note(uow, None, now, "waiting.join", entry.id, {}, {"service_id": service.id})
    return entry


def own(uow: UnitOfWork, entry_id: str, key: str) -> WaitingEntry:
    """The entry that a link opens. Raises CodeUnknown."""
    entry = uow.waiting_list.find(entry_id)
    if entry is None or not key or entry.token_hash != token_hash(key):
        raise CodeUnknown
    return entry


def accept(uow: UnitOfWork, entry_id: str, key: str, now: datetime) -> Booked:
    """It becomes an appointment, which the same key opens. Raises CodeUnknown, WrongState."""
    paper = replace(appointments.new_paper(uow), token=key)
    entry = own(uow, entry_id, key)
    if entry.state is WaitState.TAKEN and entry.appointment_id:  # the form came twice
        return appointments.hand_out(uow.appointments.get(entry.appointment_id), paper)
    _step(entry.passed, now)
    offer = entry.offer
    if offer is None:
        raise WrongState(f"is {entry.state}")
    uow.occupancies.move([], _owner(entry))
    appointment = Appointment(
        id=hashlib.sha256(f"appointment {key}".encode()).hexdigest()[:16],
        service_id=entry.service_id,
        kiosk_id=offer.kiosk_id,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        state=AppointmentState.BOOKED,
        created_at=now,
        created_by=None,
        initials=entry.initials,
        phone=entry.phone,
        needs=entry.needs,
        language=entry.language,
        agent_id=offer.agent_id,
        seat_id=offer.seat_id,
    )
    booked = appointments.enter(
        uow, appointment, paper, None, now, link_of(uow, paper, appointment)
    )
    entry.accepted(appointment.id)
    return booked


def decline(uow: UnitOfWork, entry_id: str, key: str, now: datetime) -> WaitingEntry:
    """Another slot, please. Raises CodeUnknown, WrongState."""
    entry = own(uow, entry_id, key)
    _step(entry.declined)
    _let_go(uow, entry, now, "waiting.decline")
    return entry


def leave(uow: UnitOfWork, entry_id: str, key: str, now: datetime) -> WaitingEntry:
    """No longer wanted. Raises CodeUnknown, WrongState."""
    entry = own(uow, entry_id, key)
    _step(entry.left)
    _let_go(uow, entry, now, "waiting.leave")
    return entry


def pass_time(uow: UnitOfWork, now: datetime) -> int:
    """Let go of offers that ran out and of entries whose last day passed; how many."""
    changed = 0
    for entry in uow.waiting_list.open():
        if entry.passed(now):
            _let_go(uow, entry, now, "waiting.pass")
            changed += 1
    return changed


def offers_due(uow: UnitOfWork, now: datetime) -> list[tuple[str, Offer]]:
    """What can be offered now, by id of the entry, first come first served. Only reads.

    Two entries may be found for one slot: the second is refused by the database and asked again.
    """
    found = []
    promised: set[tuple[str, datetime]] = set()
    for entry in uow.waiting_list.open():
        service = uow.services.find(entry.service_id)
        if entry.state is not WaitState.WAITING or service is None or not service.active:
            continue
        venues = uow.venues.by_ids(entry.venue_ids)
        near = [Near(venues[i]) for i in entry.venue_ids if i in venues and venues[i].active]
        seen = first_free(uow, service, near, now, entry.not_after, now, EACH)
        slots = sorted((s.starts_at, n, s, v.near) for n, v in enumerate(seen) for s in v.slots)
        for starts_at, _, slot, at in slots:
            until = offer_until(now, starts_at)
            if until is None or starts_at in entry.refused:
                continue
            if (slot.kiosk_id, starts_at) in promised:
                continue
            holders = holders_at(uow, service, at, slot, now)
            if holders:
                promised.add((slot.kiosk_id, starts_at))
                agent, seat = _held(holders[0])
                offer = Offer(slot.kiosk_id, starts_at, slot.ends_at, agent, seat, until)
                found.append((entry.id, offer))
                break
    return found


def make_offer(uow: UnitOfWork, entry_id: str, offer: Offer, now: datetime) -> WaitingEntry:
    """Hold the slot for this entry. Raises SlotTaken, WrongState, NotFound."""
    entry = uow.waiting_list.get(entry_id)
    _step(lambda: entry.offered(offer))
    room_id = uow.kiosks.get(offer.kiosk_id).room_id
    taken = [(ResourceKind.KIOSK, offer.kiosk_id), (ResourceKind.ROOM, room_id)]
    taken += [(ResourceKind.AGENT, offer.agent_id)] if offer.agent_id else []
    taken += [(ResourceKind.SEAT, offer.seat_id)] if offer.seat_id else []
    owner = _owner(entry)
    held = [Occupancy(Resource(k, i), offer.starts_at, offer.ends_at, owner) for k, i in taken]
    try:
        uow.occupancies.move(held, owner)
    except (AgentBusy, CounterFull, RoomTaken) as error:
        raise SlotTaken(str(error)) from error
    said: dict[str, object] = {"starts_at": offer.starts_at.isoformat()}
    note(uow, None, now, "waiting.offer", entry.id, {}, said)
    return entry


def _let_go(uow: UnitOfWork, entry: WaitingEntry, now: datetime, action: str) -> None:
    uow.occupancies.move([], _owner(entry))
    note(uow, None, now, action, entry.id, {}, {"state": str(entry.state)})


def _step(step: Callable[..., object], *args: object) -> None:
    try:
        step(*args)
    except ValueError as error:
        raise WrongState(str(error)) from error


def _owner(entry: WaitingEntry) -> Owner:
    return Owner(OwnerKind.OFFER, entry.id)


def _held(holder: Resource) -> tuple[str | None, str | None]:
    is_agent = holder.kind is ResourceKind.AGENT
    return (holder.id, None) if is_agent else (None, holder.id)
