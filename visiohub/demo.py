"""The demo territory: venues, partners and people from demo_territory.toml, and a believable day.

Whatever the hour, the day has appointments that start about now: they are at the télécentre,
which is open day and night.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from typing import Any

from visiohub import demo_permanences
from visiohub.booking import territory
from visiohub.booking.accounts import generated_password
from visiohub.booking.audit import note
from visiohub.booking.enrolment import issue_code
from visiohub.booking.forms import (
    Form,
    KioskForm,
    LineForm,
    PartnerForm,
    PersonForm,
    RoomForm,
    ServiceForm,
    VenueForm,
    read_form,
)
from visiohub.booking.secrets import slow_hash
from visiohub.booking.views import Booked
from visiohub.bootstrap import Hub
from visiohub.demo_day import DemoDay
from visiohub.demo_rooms import DemoRooms
from visiohub.domain.hours import zone_of
from visiohub.domain.model import Kiosk, Person, Service, Venue
from visiohub.errors import N_, VisiohubError
from visiohub.storage.uow import UnitOfWork

LOADED = "demo.load"
"""Audit action that marks a database as a demo's: only such a one is ever erased."""


class DemoRefused(VisiohubError):  # noqa: N818 - as in errors/
    """The database already holds a territory."""

    code = "demo_refused"
    status = 409
    says = N_("Cette base contient déjà un territoire.")


@dataclass
class Cast:
    """What was made, by the keys of demo_territory.toml."""

    venues: dict[str, Venue] = field(default_factory=dict)
    kiosks: dict[str, list[Kiosk]] = field(default_factory=dict)
    services: dict[str, list[Service]] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)


@dataclass(frozen=True)
class SignIn:
    """One line of the table that is printed."""

    login: str
    password: str
    label: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Demo:
    """All that one needs to play the story through."""

    sign_ins: tuple[SignIn, ...]
    kiosk_id: str
    """The kiosk that is to be enrolled, at the télécentre."""
    kiosk_name: str
    enrolment_code: str
    convocation: Booked
    """Of an appointment there that can be opened now."""
    convocation_starts_at: datetime
    """On the clock of that place."""
    convocation_agent: str
    """Login of an agent who can receive it."""


def load_demo(hub: Hub, *, reset: bool, now: datetime) -> Demo:
    """Fill an empty database. Raises DemoRefused when it is not empty.

    With `reset` an earlier demo is erased first; a real territory never is.
    """
    password = generated_password()
    password_hash = slow_hash(password)
    with hub.uow() as uow:
        if uow.venues.list() or uow.partners.list() or uow.persons.list():
            if not uow.audit.list(action=LOADED):
                raise DemoRefused("this database holds a real territory, not a demo: left alone")
            if not reset:
                raise DemoRefused("the demo territory is already loaded; --reset makes it anew")
            uow.purge.everything()
        cast = _people_and_places(uow, now)
        for person in cast.persons.values():
            person.password_hash = password_hash
            person.receives_walk_ins = person.partner_id is not None
        admin = cast.persons["admin"]
        note(uow, admin, now, LOADED, "demo", {}, {})
        uow.commit()
        DemoRooms(uow, cast.venues, cast.persons, now).furnish()
        day = DemoDay(uow, cast.venues, cast.kiosks, cast.services, cast.persons, now)
        day.past()
        convocation, starts_at = day.about_now()
        day.today_and_tomorrow()
        demo_permanences.load(uow, cast.services, cast.persons, now)
        kiosk = cast.kiosks["gap"][0]
        issued = issue_code(uow, kiosk.id, admin, now)
        uow.commit()
    there = zone_of(cast.venues["gap"].time_zone)
    return Demo(
        sign_ins=tuple(
            SignIn(p.login, password, p.label, tuple(sorted(p.roles)))
            for p in cast.persons.values()
        ),
        kiosk_id=kiosk.id,
        kiosk_name=kiosk.name,
        enrolment_code=issued.code,
        convocation=convocation,
        convocation_starts_at=starts_at.astimezone(there),
        convocation_agent="caf1",
    )


def _people_and_places(uow: UnitOfWork, now: datetime) -> Cast:
    file = resources.files("visiohub").joinpath("demo_territory.toml")
    data = tomllib.loads(file.read_text("utf-8"))
    cast = Cast()

    def make(form: type[Form], fields: dict[str, Any]) -> Any:
        return territory.create(uow, read_form(form, fields), None, now)  # type: ignore[arg-type]  # only territory forms come here

    for row in data["venue"]:
        key, hours = row.pop("key"), row.pop("hours")
        rooms, line = row.pop("rooms"), row.pop("line")
        row["opening"] = [
            dict(zip(("opens", "closes"), r.split("-"), strict=True), weekday=day)
            for day in hours["days"]
            for r in hours["ranges"]
        ]
        venue = cast.venues[key] = make(VenueForm, row)
        make(LineForm, {"venue_id": venue.id, **line})
        made = [make(RoomForm, {"venue_id": venue.id, **room}) for room in rooms]
        cast.kiosks[key] = [
            make(KioskForm, {"room_id": room.id, "name": f"Borne {venue.town} {n}"})
            for n, room in enumerate(made, 1)
        ]
    partners = {}
    for row in data["partner"]:
        key, services = row.pop("key"), row.pop("services")
        partners[key] = make(PartnerForm, row)
        cast.services[key] = [
            make(ServiceForm, {"partner_id": partners[key].id, **service}) for service in services
        ]
    for row in data["person"]:
        if "partner" in row:
            row["partner_id"] = partners[row.pop("partner")].id
        cast.persons[row["login"]] = make(PersonForm, row)
    for key, venue in cast.venues.items():
        cast.persons[f"accueil-{key}"] = make(
            PersonForm,
            {
                "login": f"accueil-{key}",
                "label": f"Accueil, {venue.town}",
                "roles": ["reception"],
                "venue_ids": [venue.id],
            },
        )
    return cast
