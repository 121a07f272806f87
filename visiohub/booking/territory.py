"""Make, edit and retire what the territory consists of; every step is audited.

One form class a thing (forms.py): `create(uow, RoomForm(...), by, now)`,
`update(uow, room_id, RoomForm(...), version, by, now)`, `retire(uow, Room, room_id, ...)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from visiohub.booking import accounts
from visiohub.booking.audit import note
from visiohub.booking.forms import (
    KioskForm,
    LineForm,
    PersonForm,
    RoomForm,
    ServiceForm,
    TerritoryForm,
    VenueForm,
)
from visiohub.booking.leaving import stop_receiving
from visiohub.booking.lines.voiding import contract_edited
from visiohub.booking.secrets import new_id
from visiohub.booking.twins import check_names
from visiohub.domain.model import (
    Kiosk,
    Line,
    OpeningRange,
    Partner,
    Person,
    Role,
    Room,
    Service,
    Venue,
)
from visiohub.domain.occupancy import Resource, ResourceKind
from visiohub.errors import (
    N_,
    EditedMeanwhile,
    FieldError,
    InvalidForm,
    LastAdministrator,
    StillInUse,
    TooManyKiosks,
)
from visiohub.storage.repository import Repository
from visiohub.storage.uow import UnitOfWork

Thing = Venue | Line | Room | Kiosk | Partner | Service | Person
T = TypeVar("T", Venue, Line, Room, Kiosk, Partner, Service, Person)

_NO_PASSWORD = "!"  # noqa: S105 - no hash matches it: nobody signs in before a password is set
_ON_PAPER = ("venue_id", "room_id", "time_zone")
"""What decides where and when, and is printed on papers that are handed out."""
_RIGHTS = ("roles", "partner_id", "venue_ids")
"""What decides what a person may see and do: open pages were made for the rights of before."""
_NEVER_AUDITED = frozenset({"id", "password_hash", "public_key", "devices", "version"})


def create(uow: UnitOfWork, form: TerritoryForm, by: Person | None, now: datetime) -> Any:
    """Make one. Raises InvalidForm (a reference that does not exist), NameTaken, TooManyKiosks."""
    _check_references(uow, form)
    if isinstance(form, KioskForm):
        _check_room_for_kiosk(uow)
    check_names(form, repository_of(uow, form.makes).list(active=True))
    thing = _make(uow, form, by, now)
    _tell(uow)
    uow.flush()
    return thing


def create_all(
    uow: UnitOfWork, forms: Iterable[TerritoryForm], by: Person | None, now: datetime
) -> None:
    """Make many, whose references and names the caller has just looked up. Raises NameTaken."""
    for form in forms:
        _make(uow, form, by, now)
    _tell(uow)
    uow.flush()


def _make(uow: UnitOfWork, form: TerritoryForm, by: Person | None, now: datetime) -> Any:
    extra = {"password_hash": _NO_PASSWORD} if isinstance(form, PersonForm) else {}
    thing = form.makes(id=new_id(), **_values(form), **extra)
    repository_of(uow, form.makes).add(thing)
    note(uow, by, now, f"{_name(thing)}.create", thing.id, {}, facts(thing))
    return thing


def update(
    uow: UnitOfWork,
    thing_id: str,
    form: TerritoryForm,
    version: int,
    by: Person | None,
    now: datetime,
) -> Any:
    """Edit one. A person whose rights change has to sign in again; an agent who goes to another
    partner, or is none any more, stops receiving. The caller tells signaling.

    Raises NotFound, EditedMeanwhile (`version` is not the present one), StillInUse (booked
    appointments would be elsewhere or at another hour), LastAdministrator, as create.
    """
    _check_references(uow, form)
    repository = repository_of(uow, form.makes)
    thing = repository.get(thing_id)
    _check_version(thing, version)
    check_names(form, repository.list(active=True), thing)
    values = _values(form)
    moved = [n for n in _ON_PAPER if n in values and values[n] != getattr(thing, n)]
    if moved and _needed(uow, thing, now):
        raise StillInUse(f"papers of appointments to come say the {moved[0]}", field=moved[0])
    if isinstance(form, PersonForm) and Role.ADMINISTRATOR not in form.roles:
        check_administrator_left(uow, thing)
    rights_change = any(n in values and values[n] != getattr(thing, n) for n in _RIGHTS)
    if isinstance(form, PersonForm) and rights_change:
        accounts.end_sessions(uow, thing.id, now)
        if values["partner_id"] != thing.partner_id or Role.AGENT not in form.roles:
            stop_receiving(uow, thing, by, now)
    before = facts(thing)
    for name, value in values.items():
        setattr(thing, name, value)
    thing.version += 1
    if isinstance(thing, Line):
        contract_edited(uow, thing, before, now)
    note(uow, by, now, f"{_name(thing)}.update", thing.id, before, facts(thing))
    _tell(uow)
    uow.flush()
    return thing


def retire(
    uow: UnitOfWork,
    kind: type[T],
    thing_id: str,
    version: int,
    by: Person | None,
    now: datetime,
) -> T:
    """Use no longer, keep for the record; an agent stops receiving. Raises NotFound,
    EditedMeanwhile, StillInUse, LastAdministrator."""
    thing: T = repository_of(uow, kind).get(thing_id)
    _check_version(thing, version)
    if _needed(uow, thing, now):
        raise StillInUse(f"appointments to come need {_name(thing)} {thing_id}")
    if isinstance(thing, Person):
        check_administrator_left(uow, thing)
    thing.active = False
    thing.version += 1
    if isinstance(thing, Kiosk):
        thing.public_key, thing.revoked_at = None, now
    if isinstance(thing, Person):
        thing.retired_at = now
        accounts.end_sessions(uow, thing.id, now)
        stop_receiving(uow, thing, by, now)
    note(uow, by, now, f"{_name(thing)}.retire", thing.id, {"active": True}, {"active": False})
    _tell(uow)
    uow.flush()
    return thing


def has_password(person: Person) -> bool:
    """Whether anybody ever gave the person a password: without one nobody signs in."""
    return person.password_hash != _NO_PASSWORD


def repository_of(uow: UnitOfWork, kind: type[Any]) -> Repository[Any]:
    """The repository that holds things of this kind."""
    repositories: dict[type[Any], Repository[Any]] = {
        Venue: uow.venues,
        Line: uow.lines,
        Room: uow.rooms,
        Kiosk: uow.kiosks,
        Partner: uow.partners,
        Service: uow.services,
        Person: uow.persons,
    }
    return repositories[kind]


def facts(thing: Thing) -> dict[str, object]:
    """What the audit keeps of it: plain values, no secrets."""
    return {
        f.name: _plain(getattr(thing, f.name))
        for f in fields(thing)
        if f.name not in _NEVER_AUDITED
    }


def _plain(value: object) -> object:
    match value:
        case frozenset():
            return sorted(str(v) for v in value)
        case tuple():
            return [_plain(v) for v in value]
        case OpeningRange():
            return f"{value.weekday} {value.opens:%H:%M}-{value.closes:%H:%M}"
        case datetime():
            return value.isoformat()
        case None | bool() | int() | float():
            return value
        case _:
            return str(value)


def _values(form: TerritoryForm) -> dict[str, object]:
    values = {name: getattr(form, name) for name in type(form).model_fields}
    if isinstance(form, VenueForm):
        values["opening"] = tuple(OpeningRange(r.weekday, r.opens, r.closes) for r in form.opening)
    return values


def _name(thing: Thing) -> str:
    return type(thing).__name__.lower()


def _check_version(thing: Thing, version: int) -> None:
    if thing.version != version:
        raise EditedMeanwhile(f"version {version} was read, {thing.version} is kept")


def check_administrator_left(uow: UnitOfWork, leaving: Person) -> None:
    """Raises LastAdministrator."""
    administrators = [p.id for p in uow.persons.list(active=True) if Role.ADMINISTRATOR in p.roles]
    if administrators == [leaving.id]:
        raise LastAdministrator(f"{leaving.id} is the only active administrator")


def _check_room_for_kiosk(uow: UnitOfWork) -> None:
    kiosks, most = len(uow.kiosks.list(active=True)), uow.settings.max_kiosks
    if kiosks >= most:
        raise TooManyKiosks(f"{kiosks} kiosks of at most {most}", most=most)


def _check_references(uow: UnitOfWork, form: TerritoryForm) -> None:
    references: list[tuple[str, Thing | None]]
    match form:
        case LineForm() | RoomForm():
            references = [("venue_id", uow.venues.find(form.venue_id))]
        case KioskForm():
            references = [("room_id", uow.rooms.find(form.room_id))]
        case ServiceForm():
            references = [("partner_id", uow.partners.find(form.partner_id))]
            references += [("venue_ids", uow.venues.find(v)) for v in form.venue_ids]
        case PersonForm():
            references = [("venue_ids", uow.venues.find(v)) for v in form.venue_ids]
            if form.partner_id is not None:
                references.append(("partner_id", uow.partners.find(form.partner_id)))
        case _:
            references = []
    wrong = [name for name, found in references if found is None or not found.active]
    if wrong:
        says = N_("Ce choix n’existe plus. Choisissez dans la liste.")
        raise InvalidForm([FieldError(name, "unknown_reference", says) for name in wrong])


def _needed(uow: UnitOfWork, thing: Thing, now: datetime) -> bool:
    match thing:
        case Venue():
            kiosks = [k.id for k in uow.kiosks.at_venue(thing.id)]
            booked = uow.booked_rooms.has_coming(now, venue_id=thing.id)
            return booked or _kiosks_needed(uow, kiosks, now)
        case Room():
            kiosks = [k.id for k in uow.kiosks.list(room_id=thing.id, active=True)]
            booked = uow.booked_rooms.has_coming(now, room_id=thing.id)
            return booked or _kiosks_needed(uow, kiosks, now)
        case Kiosk():
            return _kiosks_needed(uow, [thing.id], now)
        case Partner():
            services = [s.id for s in uow.services.list(partner_id=thing.id)]
            return uow.appointments.has_coming_for(now, service_ids=services)
        case Service():
            return uow.appointments.has_coming_for(now, service_ids=[thing.id])
        case _:
            return False


def _kiosks_needed(uow: UnitOfWork, kiosk_ids: list[str], now: datetime) -> bool:
    """By appointments to come, or by an offer of the waiting list that may become one."""
    held = [Resource(ResourceKind.KIOSK, kiosk_id) for kiosk_id in kiosk_ids]
    offered = uow.occupancies.offered(held, now)
    return offered or uow.appointments.has_coming(now, kiosk_ids=kiosk_ids)


def _tell(uow: UnitOfWork) -> None:
    uow.changed("kiosks")
