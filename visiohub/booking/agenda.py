"""The day as each user sees it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from visiohub.booking.arrivals import wrong_codes_at
from visiohub.booking.directory import Directory
from visiohub.booking.parties import party_of
from visiohub.booking.views import (
    AgentDay,
    AppointmentRow,
    KioskState,
    ReceptionDay,
    WaitingRow,
)
from visiohub.domain import hours
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.model import Appointment, Call, Person
from visiohub.storage.uow import UnitOfWork

FAULTS = frozenset({"line_fault", "kiosk_fault"})
"""Causes of a lost appointment that are the equipment's."""


def agent_day(uow: UnitOfWork, person: Person, day: date, now: datetime) -> AgentDay:
    """All of the partner's appointments of the day, and whoever is at a kiosk now."""
    directory = Directory(uow)
    partner = uow.partners.get(person.partner_id)
    services = [s.id for s in uow.services.list(partner_id=partner.id)]
    zone = hours.zone_of(uow.settings.time_zone)
    appointments = uow.appointments.between(*hours.day_span(day, zone), service_ids=services)
    open_calls = [c for c in uow.calls.open() if c.service_id in set(services)]
    waiting = [_waiting_row(directory, call, person, now) for call in open_calls]
    here = {call.appointment_id for call in open_calls}
    rows = [
        row
        for row in _rows(directory, [a for a in appointments if a.id not in here])
        if row.agent_id in {None, person.id}
    ]
    return AgentDay(
        day=day,
        time_zone=uow.settings.time_zone,
        partner=partner.short_name,
        receives_walk_ins=person.receives_walk_ins,
        arrived=tuple(
            sorted((w for w in waiting if w.starts_at), key=lambda w: w.starts_at or w.arrived_at)
        ),
        walk_ins=tuple(w for w in waiting if w.starts_at is None),
        upcoming=tuple(row for row in rows if row.state in HOLDS_ITS_SLOT),
        done=tuple(row for row in rows if row.state not in HOLDS_ITS_SLOT),
    )


def reception_day(uow: UnitOfWork, venue_id: str, day: date, now: datetime) -> ReceptionDay:
    """Appointments of the venue's day, open calls and kiosks there. Raises NotFound."""
    directory = Directory(uow)
    kiosks = [kiosk.id for kiosk in uow.kiosks.at_venue(venue_id)]
    zone = hours.zone_of(uow.venues.get(venue_id).time_zone)
    appointments = uow.appointments.between(*hours.day_span(day, zone), kiosk_ids=kiosks)
    return ReceptionDay(
        day=day,
        time_zone=zone.key,
        appointments=tuple(_rows(directory, appointments)),
        waiting=tuple(
            _waiting_row(directory, call, None, now)
            for call in uow.calls.open()
            if call.kiosk_id in set(kiosks)
        ),
        kiosks=tuple(kiosk_states(uow, now, [venue_id])),
    )


def kiosk_states(
    uow: UnitOfWork, now: datetime, venue_ids: Sequence[str] | None = None
) -> list[KioskState]:
    """All active kiosks, or those of some venues, by venue and name."""
    directory = Directory(uow)
    calls = {call.kiosk_id: call for call in uow.calls.open()}
    venues = [v for v in uow.venues.list(active=True) if venue_ids is None or v.id in venue_ids]
    at = uow.kiosks.at_venues([venue.id for venue in venues])
    all_kiosks = [kiosk.id for kiosks in at.values() for kiosk in kiosks]
    directory.look_up_kiosks(all_kiosks)
    absences = uow.kiosks.open_absences(all_kiosks)
    lines = uow.lines.of_venues(at.keys())
    wrong = wrong_codes_at(uow, venues, at, now)
    states = []
    for venue in venues:
        line, codes = lines.get(venue.id), wrong[venue.id]
        for kiosk in at.get(venue.id, ()):
            absence, call = absences.get(kiosk.id), calls.get(kiosk.id)
            states.append(
                KioskState(
                    kiosk=kiosk,
                    place=directory.place(kiosk.id),
                    line_kind=line.kind if line else None,
                    down_kbit_s=line.down_kbit_s if line else None,
                    up_kbit_s=line.up_kbit_s if line else None,
                    in_call=call is not None,
                    agent_devices=call.agent_devices if call else (),
                    away_since=absence.began_at if absence else None,
                    wrong_codes_today=codes.count,
                    codes_locked=codes.locked,
                )
            )
    return states


def _rows(directory: Directory, appointments: Sequence[Appointment]) -> list[AppointmentRow]:
    directory.look_up(appointments)
    calls = directory.uow.calls.latest_of([a.id for a in appointments])
    return [directory.row(a, calls.get(a.id)) for a in appointments]


def _waiting_row(
    directory: Directory, call: Call, looks: Person | None, now: datetime
) -> WaitingRow:
    party = party_of(directory, call)
    kiosk, _, _ = directory.whereabouts(call.kiosk_id)
    appointment = directory.uow.appointments.find(call.appointment_id)
    given_to = call.person_id or (appointment.agent_id if appointment else None)
    return WaitingRow(
        call_id=call.id,
        call_state=call.state,
        appointment_id=call.appointment_id,
        starts_at=appointment.starts_at if appointment else None,
        arrived_at=call.arrived_at,
        waited_minutes=int((now - call.arrived_at) / timedelta(minutes=1)),
        asked_to_wait_minutes=call.asked_to_wait_minutes,
        initials=appointment.initials if appointment else "",
        partner=party.name,
        service=party.service,
        duration_minutes=party.minutes,
        language=call.language,
        place=directory.place(call.kiosk_id),
        kiosk_here=kiosk.here,
        devices=kiosk.devices,
        person_id=call.person_id,
        agent=directory.label(call.person_id),
        mine=looks is not None and given_to == looks.id,
        interrupted_at=call.interrupted_at,
    )
