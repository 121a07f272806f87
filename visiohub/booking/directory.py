"""Names of places, services and people for views, each looked up once."""

from __future__ import annotations

from collections.abc import Collection

from visiohub.booking.views import AppointmentRow, PlaceView
from visiohub.domain import hours
from visiohub.domain.model import (
    Appointment,
    Call,
    Kiosk,
    Partner,
    Person,
    Room,
    Service,
    Venue,
)
from visiohub.storage.uow import UnitOfWork


class Directory:
    """Lives as long as one view is being made."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self._kiosks: dict[str, tuple[Kiosk, Room, Venue]] = {}
        self._services: dict[str | None, tuple[Service, Partner]] = {}
        self._persons: dict[str, Person | None] = {}

    def whereabouts(self, kiosk_id: str) -> tuple[Kiosk, Room, Venue]:
        """The kiosk, its room and its venue. Raises NotFound."""
        if kiosk_id not in self._kiosks:
            kiosk = self.uow.kiosks.get(kiosk_id)
            room = self.uow.rooms.get(kiosk.room_id)
            self._kiosks[kiosk_id] = (kiosk, room, self.uow.venues.get(room.venue_id))
        return self._kiosks[kiosk_id]

    def look_up(self, appointments: Collection[Appointment]) -> None:
        """All that their rows will ask for, in six reads, however many they are."""
        self.look_up_kiosks([a.kiosk_id for a in appointments])
        services = self.uow.services.by_ids([a.service_id for a in appointments])
        partners = self.uow.partners.by_ids([s.partner_id for s in services.values()])
        self._services |= {s.id: (s, partners[s.partner_id]) for s in services.values()}
        self._persons |= self.uow.persons.by_ids([a.agent_id for a in appointments])

    def look_up_kiosks(self, kiosk_ids: Collection[str]) -> None:
        """Where all these stand, in three reads; unknown ones are left out."""
        kiosks = self.uow.kiosks.by_ids(list(kiosk_ids))
        rooms = self.uow.rooms.by_ids([k.room_id for k in kiosks.values()])
        venues = self.uow.venues.by_ids([r.venue_id for r in rooms.values()])
        for kiosk in kiosks.values():
            room = rooms[kiosk.room_id]
            self._kiosks[kiosk.id] = (kiosk, room, venues[room.venue_id])

    def place(self, kiosk_id: str) -> PlaceView:
        """Where the kiosk stands."""
        kiosk, room, venue = self.whereabouts(kiosk_id)
        return PlaceView(
            venue_id=venue.id,
            venue_name=venue.name,
            town=venue.town,
            room_name=room.name,
            kiosk_id=kiosk.id,
            kiosk_name=kiosk.name,
            time_zone=venue.time_zone,
        )

    def service(self, service_id: str | None) -> tuple[Service, Partner]:
        """The service and whose it is. Raises NotFound."""
        if service_id not in self._services:
            service = self.uow.services.get(service_id)
            self._services[service_id] = (service, self.uow.partners.get(service.partner_id))
        return self._services[service_id]

    def label(self, person_id: str | None) -> str:
        """What pages call this person; empty for nobody."""
        if person_id is None:
            return ""
        if person_id not in self._persons:
            self._persons[person_id] = self.uow.persons.find(person_id)
        person = self._persons[person_id]
        return person.label if person else ""

    def row(self, appointment: Appointment, call: Call | None) -> AppointmentRow:
        """The appointment as lists show it; `call` is its last one."""
        service, partner = self.service(appointment.service_id)
        kiosk, _, _ = self.whereabouts(appointment.kiosk_id)
        return AppointmentRow(
            id=appointment.id,
            version=appointment.version,
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
            state=appointment.state,
            initials=appointment.initials,
            phone=appointment.phone,
            email=appointment.email,
            language=appointment.language,
            needs=appointment.needs,
            partner=partner.short_name,
            partner_id=partner.id,
            service=service.name,
            service_id=service.id,
            duration_minutes=hours.minutes([(appointment.starts_at, appointment.ends_at)]),
            place=self.place(appointment.kiosk_id),
            kiosk_here=kiosk.here,
            kiosk_installed=kiosk.public_key is not None,
            agent_id=appointment.agent_id,
            agent=self.label(appointment.agent_id),
            arrived_at=appointment.arrived_at,
            call_id=call.id if call else None,
            call_state=call.state if call else None,
            lost_cause=appointment.lost_cause,
            cancelled_by=appointment.cancelled_by,
            created_by=appointment.created_by,
        )
