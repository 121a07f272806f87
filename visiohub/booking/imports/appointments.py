"""Appointments to come that were kept elsewhere, with the venue's clock on the wall.

They keep the hour that was promised, on the grid of this hub or not, when the place is open and
somebody receives. They have no code yet: reception prints a convocation for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.booking.audit import note
from visiohub.booking.forms import AppointmentForm
from visiohub.booking.imports.clashes import beyond_lines, clashes
from visiohub.booking.imports.closed import tell_closed
from visiohub.booking.imports.importer import Importer, Names, venue_names
from visiohub.booking.imports.receiving import Sought, give_seats
from visiohub.booking.imports.venues import with_zero
from visiohub.booking.opening import room_openings
from visiohub.booking.secrets import new_id
from visiohub.domain import hours
from visiohub.domain.calendar import spans as sp
from visiohub.domain.csv_table import Column, Row, fold
from visiohub.domain.model import (
    Appointment,
    AppointmentState,
    Kiosk,
    Need,
    Partner,
    Person,
    Role,
    Service,
    Venue,
)
from visiohub.domain.occupancy import ResourceKind, of_appointment
from visiohub.errors import N_
from visiohub.storage.availability import VisioOnLine
from visiohub.storage.uow import UnitOfWork

_NEEDS = {
    "interprete": Need.INTERPRETER,
    "interpreter": Need.INTERPRETER,
    "langue des signes": Need.SIGN_LANGUAGE,
    "lsf": Need.SIGN_LANGUAGE,
    "sign language": Need.SIGN_LANGUAGE,
    "fauteuil": Need.WHEELCHAIR,
    "fauteuil roulant": Need.WHEELCHAIR,
    "wheelchair": Need.WHEELCHAIR,
    "gros caracteres": Need.LARGE_PRINT,
    "grands caracteres": Need.LARGE_PRINT,
    "large print": Need.LARGE_PRINT,
}
"""As tables call them, accents and capitals apart."""


@dataclass(frozen=True)
class Planned:
    """One line, ready to be written."""

    row: Row
    appointment: Appointment
    service: Service
    room_id: str
    venue_id: str
    partner_id: str

    @property
    def on_line(self) -> VisioOnLine:
        """What it takes of its venue's line."""
        one = self.appointment
        return VisioOnLine(self.venue_id, one.id, one.starts_at, one.ends_at)


class AppointmentImporter(Importer[Planned]):
    """One kiosk, one service, one time a line."""

    columns = (
        Column("venue", ("lieu", "venue"), "Mairie de Rosans"),
        Column("kiosk", ("borne", "kiosk"), "", required=False),
        Column("partner", ("organisme", "partner"), "CAF"),
        Column("service", ("service", "motif"), "Logement"),
        Column("day", ("jour", "date", "day"), "15/01/2027"),
        Column("time", ("heure", "début", "time", "start"), "9:30"),
        Column("agent", ("agent", "identifiant de l’agent"), "", required=False),
        Column("initials", ("initiales", "initials"), "D. R.", required=False),
        Column("phone", ("téléphone", "tel", "phone"), "", required=False),
        Column("email", ("courriel", "mail", "e-mail", "email"), "", required=False),
        Column("language", ("langue", "language"), "fr", required=False),
        Column("needs", ("besoins", "needs"), "fauteuil, interprète", required=False),
    )

    def __init__(self, uow: UnitOfWork, now: datetime) -> None:
        super().__init__(uow, now)
        venues = uow.venues.list(active=True)
        self._venues = Names(venues, venue_names)
        rooms = {room.id: room for room in uow.rooms.list()}
        self._kiosks: dict[str, Names[Kiosk]] = {}
        self._only: dict[str, Kiosk | None] = {}
        by_venue: dict[str, list[Kiosk]] = {}
        for kiosk in uow.kiosks.list(active=True):
            by_venue.setdefault(rooms[kiosk.room_id].venue_id, []).append(kiosk)
        for venue_id, kiosks in by_venue.items():
            self._kiosks[venue_id] = Names(kiosks, lambda kiosk: (kiosk.name,))
            self._only[venue_id] = kiosks[0] if len(kiosks) == 1 else None
        known = {venue.id: venue for venue in venues}
        at = {k.room_id: v for v, kiosks in by_venue.items() if v in known for k in kiosks}
        self._openings = room_openings(uow, known, at)
        self._partners = Names(
            uow.partners.list(active=True), lambda partner: (partner.short_name, partner.name)
        )
        self._services: dict[str, Names[Service]] = {}
        self._agents = Names(
            [p for p in uow.persons.list(active=True) if Role.AGENT in p.roles],
            lambda person: (person.login, person.label),
        )

    def read(self, row: Row) -> Planned | None:
        """One appointment."""
        before = len(self.problems)
        venue = self.one_of(row, "venue", self._venues)
        kiosk = self._kiosk(row, venue) if venue else None
        partner = self.one_of(row, "partner", self._partners)
        service = self._service(row, partner) if partner else None
        if venue and service and service.venue_ids and venue.id not in service.venue_ids:
            says = N_("Ce service n’est pas proposé dans ce lieu. Choisissez un autre lieu.")
            self.wrong(row, "service", "not_offered", says)
        agent = self._agent(row, partner) if partner and row.cells.get("agent") else None
        span = self._span(row, venue, kiosk, service) if venue and service else None
        form = self._form(row)
        if len(self.problems) > before:
            return None
        if not (venue and kiosk and partner and service and span and form):
            return None
        appointment = Appointment(
            id=new_id(),
            service_id=service.id,
            kiosk_id=kiosk.id,
            starts_at=span[0],
            ends_at=span[1],
            state=AppointmentState.BOOKED,
            created_at=self.now,
            created_by=None,
            initials=form.initials,
            phone=form.phone,
            email=form.email,
            language=form.language,
            needs=form.needs,
            agent_id=agent.id if agent else None,
        )
        return Planned(row, appointment, service, kiosk.room_id, venue.id, partner.id)

    def settle(self, planned: Sequence[Planned]) -> None:
        """No kiosk, room or agent twice at one time, and no visio that the line does not carry;
        somebody receives each."""
        wanted = (
            (p.row, occupancy)
            for p in planned
            for occupancy in of_appointment(
                p.appointment, p.room_id, self._openings[p.room_id].limits, p.service
            )
        )
        told: set[int] = set()
        for clash in clashes(self.uow, wanted):
            if clash.row.line in told and clash.resource.kind is not ResourceKind.AGENT:
                continue  # kiosk and room are taken together
            told.add(clash.row.line)
            column = "agent" if clash.resource.kind is ResourceKind.AGENT else "time"
            if clash.other is None:
                says = (
                    N_("Cet agent a déjà un rendez-vous à cette heure. Choisissez une autre heure.")
                    if column == "agent"
                    else N_("La salle est déjà prise à cette heure. Choisissez une autre heure.")
                )
                self.wrong(clash.row, column, "taken", says)
            else:
                says = N_("La ligne {line} a déjà cette heure. Changez l’heure de l’une des deux.")
                self.wrong(clash.row, column, "taken_in_file", says, line=clash.other)
        visios = [(p.row, p.on_line) for p in planned if p.row.line not in told]
        for row in beyond_lines(self.uow, visios, self.now):
            says = N_(
                "La ligne de ce lieu n’a plus assez de débit à cette heure pour une visio de plus. "
                "Changez l’heure."
            )
            self.wrong(row, "time", "line_full", says)
        sought = [
            Sought(p.row, p.appointment, p.service, p.venue_id)
            for p in planned
            if p.row.line not in told
        ]
        for row in give_seats(self.uow, sought):
            says = N_(
                "Personne ne reçoit à cette heure, ou tous sont pris. Changez l’heure, écrivez un "
                "agent, ou complétez les permanences."
            )
            self.wrong(row, "time", "nobody_free", says)

    def write(self, planned: Sequence[Planned], by: Person | None) -> None:
        """All of them, with their occupancies in one call."""
        for one in planned:
            one.appointment.created_by = by.id if by else None
            self.uow.appointments.add(one.appointment)
            facts: dict[str, object] = {
                "service_id": one.appointment.service_id,
                "kiosk_id": one.appointment.kiosk_id,
                "starts_at": one.appointment.starts_at.isoformat(),
                "agent_id": one.appointment.agent_id,
                "seat_id": one.appointment.seat_id,
            }
            note(self.uow, by, self.now, "appointment.import", one.appointment.id, {}, facts)
        self.uow.changed(*{f"day:{p.partner_id}" for p in planned})
        self.uow.changed(*{f"reception:{p.venue_id}" for p in planned})
        self.uow.flush()

    def _kiosk(self, row: Row, venue: Venue) -> Kiosk | None:
        if venue.id not in self._kiosks:
            says = N_("Ce lieu n’a pas de borne. Créez-la d’abord.")
            self.wrong(row, "venue", "no_kiosk", says)
            return None
        if row.cells.get("kiosk"):
            return self.one_of(row, "kiosk", self._kiosks[venue.id])
        if self._only[venue.id] is None:
            says = N_("Ce lieu a plusieurs bornes. Écrivez laquelle.")
            self.wrong(row, "kiosk", "which_kiosk", says)
        return self._only[venue.id]

    def _service(self, row: Row, partner: Partner) -> Service | None:
        if partner.id not in self._services:
            offered = self.uow.services.list(partner_id=partner.id, active=True)
            self._services[partner.id] = Names(offered, lambda service: (service.name,))
        return self.one_of(row, "service", self._services[partner.id])

    def _agent(self, row: Row, partner: Partner) -> Person | None:
        agent = self.one_of(row, "agent", self._agents)
        if agent is not None and agent.partner_id != partner.id:
            says = N_("Cet agent ne reçoit pas pour cet organisme. Choisissez-en un autre.")
            self.wrong(row, "agent", "other_partner", says)
        return agent

    def _span(
        self, row: Row, venue: Venue, kiosk: Kiosk | None, service: Service
    ) -> hours.Span | None:
        day, at = self.day_of(row, "day"), self.time_of(row, "time")
        if day is None or at is None:
            return None
        zone = hours.zone_of(venue.time_zone)
        if day > hours.local_day(self.now, zone) + hours.BOOKABLE_AHEAD:
            says = N_("Ce jour est trop loin. Choisissez un jour dans les deux ans.")
            self.wrong(row, "day", "too_far_ahead", says)
            return None
        start = self.instant_of(row, "time", day, at, zone)
        if start is None:
            return None
        end = start + timedelta(minutes=service.duration_minutes)
        if start < self.now:
            says = N_("C’est passé. Ôtez la ligne : seul ce qui est à venir est repris.")
            self.wrong(row, "day", "in_the_past", says)
        elif kiosk is not None:
            calendar = self._openings[kiosk.room_id].calendar
            left = sp.subtract([(start, end)], calendar.spans(start, end))
            if left:
                tell_closed(self, row, "time", calendar.why_closed(left[0][0]))
        return start, end

    def _form(self, row: Row) -> AppointmentForm | None:
        """What is written of the person, under the rules of the booking form."""
        needs = [one for one in row.cells.get("needs", "").split(",") if one.strip()]
        unknown = [one.strip() for one in needs if fold(one) not in _NEEDS]
        if unknown:
            says = N_(
                "« {need} » n’est pas compris. Écrivez interprète, langue des signes, fauteuil ou "
                "grands caractères, avec des virgules entre eux."
            )
            self.wrong(row, "needs", "unknown_need", says, need=unknown[0])
            needs = []
        data = {
            "service_id": "-",
            "kiosk_id": "-",
            "day": self.now.date(),
            "time": "00:00",
            "initials": row.cells.get("initials", ""),
            "phone": with_zero(row.cells.get("phone", ""), 10),
            "email": row.cells.get("email", ""),
            "language": row.cells.get("language", "").lower(),
            "needs": [_NEEDS[fold(one)] for one in needs],
        }
        return self.form(row, AppointmentForm, data)
