"""A small territory, at a fixed instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from visiohub.booking import appointments, permanences, territory
from visiohub.booking.forms import (
    AppointmentForm,
    KioskForm,
    LineForm,
    PartnerForm,
    PersonForm,
    RangeForm,
    RoomForm,
    ServiceForm,
    VenueForm,
)
from visiohub.booking.permanences import PermanenceForm
from visiohub.booking.slots import Wish, free_days
from visiohub.booking.views import Booked, FreeDay
from visiohub.bootstrap import Hub
from visiohub.domain.model import Kiosk, LineKind, Partner, Person, Role, Service, Venue
from visiohub.domain.permanence import Permanence
from visiohub.storage.retry import committed
from visiohub.storage.uow import UnitOfWork

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""A Monday, 9 h 00 in Paris."""
DAY = date(2026, 11, 23)


@dataclass
class World:
    """Two venues, the first with two kiosks; two partners; one person a role."""

    hub: Hub
    venue: Venue
    elsewhere: Venue
    kiosk: Kiosk
    beside: Kiosk
    far: Kiosk
    partner: Partner
    service: Service
    walk_in: Service
    agent: Person
    colleague: Person
    stranger: Person
    reception: Person
    admin: Person

    def do(self, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run and commit, as Hub.run does."""
        result, self.topics = committed(
            self.hub.uow, lambda uow: use_case(uow, *args, **kwargs), within_s=10
        )
        return result

    def see(self, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run, only reading."""
        with self.hub.reading() as uow:
            return use_case(uow, *args, **kwargs)

    def form(self, at: str, **fields: Any) -> AppointmentForm:
        return AppointmentForm(
            **{
                "service_id": self.service.id,
                "kiosk_id": self.kiosk.id,
                "day": DAY,
                "time": time.fromisoformat(at),
                "initials": "D. R.",
                **fields,
            }
        )

    def permanence(self, **fields: Any) -> PermanenceForm:
        """Of the agent for the service, each day from ten to twelve, unless told otherwise."""
        return PermanenceForm(
            **{
                "partner_id": self.partner.id,
                "agent_id": self.agent.id,
                "service_ids": (self.service.id,),
                "first_day": DAY,
                "opens": time(10),
                "closes": time(12),
                "rule": "FREQ=DAILY",
                **fields,
            }
        )

    def hold(self, **fields: Any) -> Permanence:
        """Receive from now on, as `permanence` says."""
        held: Permanence = self.do(permanences.add, self.permanence(**fields), self.admin, NOW)
        return held

    def counter(self, **fields: Any) -> Permanence:
        """The same at a counter, which has no agent."""
        return self.hold(**{"agent_id": None, "name": "Guichet", **fields})

    def book(self, at: str, now: datetime = NOW, **fields: Any) -> Booked:
        booked: Booked = self.do(appointments.book, self.form(at, **fields), self.reception, now)
        return booked

    def appointment(self, appointment_id: str) -> Any:
        return self.see(lambda uow: uow.appointments.get(appointment_id))


def free_day(
    uow: UnitOfWork,
    service_id: str,
    kiosk_id: str,
    day: date,
    now: datetime,
    wish: Wish = Wish(),  # noqa: B008 - it cannot be changed
) -> FreeDay:
    """What staff are offered on one day."""
    (one,) = free_days(uow, service_id, kiosk_id, day, 1, now, wish)
    return one


def build(hub: Hub, uow: UnitOfWork) -> World:
    def make(form: Any) -> Any:
        return territory.create(uow, form, None, NOW - timedelta(days=30))

    def venue(name: str) -> Venue:
        return make(
            VenueForm(
                name=name,
                kind="Mairie",
                street="1 place du Four",
                postcode="05600",
                town=name,
                latitude=44.6,
                longitude=6.6,
                phone="04 65 71 20 05",
                opening=tuple(
                    RangeForm(weekday=day, opens=time(*opens), closes=time(*closes))
                    for day in range(5)
                    for opens, closes in (((8, 0), (12, 0)), ((12, 30), (16, 30)))
                ),
            )
        )

    def kiosk(at: Venue, name: str) -> Kiosk:
        room = make(RoomForm(venue_id=at.id, name=f"Salle {name}", capacity=3))
        return make(KioskForm(room_id=room.id, name=name))

    def person(login: str, role: Role, **fields: Any) -> Person:
        return make(PersonForm(login=login, label=login, roles=frozenset({role}), **fields))

    here, elsewhere = venue("Guillestre"), venue("Serres")
    make(LineForm(venue_id=here.id, kind=LineKind.ADSL, up_kbit_s=900, down_kbit_s=9000))
    partner = make(PartnerForm(name="Caisse", short_name="CAF", phone="04 65 71 30 00"))
    other = make(PartnerForm(name="Mutualité", short_name="MSA", phone="04 65 71 30 10"))
    return World(
        hub=hub,
        venue=here,
        elsewhere=elsewhere,
        kiosk=kiosk(here, "Borne 1"),
        beside=kiosk(here, "Borne 2"),
        far=kiosk(elsewhere, "Borne 3"),
        partner=partner,
        service=make(ServiceForm(partner_id=partner.id, name="Logement", duration_minutes=30)),
        walk_in=make(
            ServiceForm(partner_id=partner.id, name="Question", duration_minutes=15, walk_in=True)
        ),
        agent=person("agent", Role.AGENT, partner_id=partner.id),
        colleague=person("colleague", Role.AGENT, partner_id=partner.id),
        stranger=person("stranger", Role.AGENT, partner_id=other.id),
        reception=person("reception", Role.RECEPTION, venue_ids=(here.id,)),
        admin=person("admin", Role.ADMINISTRATOR),
    )
