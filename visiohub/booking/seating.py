"""What is booked at counters keeps a seat that receives it when their windows change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from visiohub.booking import appointments, waiting
from visiohub.booking.audit import note
from visiohub.booking.directory import Directory
from visiohub.domain.calendar import spans as sp
from visiohub.domain.model import Appointment, Person, Service
from visiohub.domain.occupancy import Owner, OwnerKind, in_its_place, of_slot
from visiohub.domain.permanence import Permanence
from visiohub.domain.waiting_list import Offer
from visiohub.storage.uow import UnitOfWork


def seat_anew(uow: UnitOfWork, partner_id: str, by: Person | None, now: datetime) -> None:
    """Whoever sits at this partner's counters where no window has the seat any more, or has nobody
    yet, gets a seat that is free, the earliest first; offers come last.

    Where there is none an appointment has nobody, and counts as such for all that is offered.
    """
    kept = uow.permanences.list(partner_id=partner_id, active=True)
    counters = [p for p in kept if p.agent_id is None]
    services = {s.id: s for s in uow.services.list(partner_id=partner_id)}
    for appointment in uow.appointments.at_counters(list(services), now):
        whose = Owner(OwnerKind.APPOINTMENT, appointment.id)
        seat_id = _seat(uow, counters, services[appointment.service_id], appointment, whose)
        if seat_id != appointment.seat_id:
            before = appointments.facts(appointment)
            appointment.seat_id = seat_id
            appointment.version += 1
            uow.flush()
            after = appointments.facts(appointment)
            note(uow, by, now, "appointment.seat", appointment.id, before, after)
    for entry in uow.waiting_list.open():
        offer, service = entry.offer, services.get(entry.service_id)
        if offer is None or service is None or offer.agent_id is not None:
            continue
        whose = waiting.owner(entry)
        entry.offer = replace(offer, seat_id=_seat(uow, counters, service, offer, whose))
        room_id = uow.kiosks.get(offer.kiosk_id).room_id
        wanted = of_slot(entry.offer, room_id, uow.rooms.limits(room_id), service, whose)
        uow.occupancies.move(in_its_place(uow.occupancies.of(whose), wanted), whose)


def _seat(
    uow: UnitOfWork,
    counters: Sequence[Permanence],
    service: Service,
    slot: Appointment | Offer,
    whose: Owner,
) -> str | None:
    """Id of its own seat where a window has it, else of a free one; None: all are taken, or the
    counters absent."""
    _, _, venue = Directory(uow).whereabouts(slot.kiosk_id)
    span = slot.starts_at, slot.ends_at
    receiving = [c for c in counters if _receives(c, service.id, venue.id, *span)]
    if any(seat.id == slot.seat_id for c in receiving for seat in c.resources):
        return slot.seat_id
    absent = {a.holder_id for a in uow.absences.between([c.id for c in receiving], *span)}
    seats = [seat for c in receiving if c.id not in absent for seat in c.resources]
    held = uow.occupancies.between(seats, *service.kept(*span))
    taken = {one.resource for one in held if one.owner != whose}
    return next((seat.id for seat in seats if seat not in taken), None)


def _receives(
    counter: Permanence, service_id: str, venue_id: str, start: datetime, end: datetime
) -> bool:
    """From the start to the end."""
    rule = counter.as_rule()
    held = rule.spans(start, end) if rule.serves(service_id, venue_id) else []
    return sp.covers(held, start, end)
