"""Whom a request is about: an account by its login, a citizen by the paper of an appointment, who
waits for one by what they gave to be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import ClassVar

from visiohub.booking.personal.kinds import Subject
from visiohub.booking.secrets import slow_match, token_hash
from visiohub.domain import hours
from visiohub.domain.codes import read_qr
from visiohub.domain.model import Appointment, Person
from visiohub.domain.waiting_list import WaitingEntry
from visiohub.errors import N_, VisiohubError
from visiohub.storage.uow import UnitOfWork


class Who(StrEnum):
    """By what somebody is known here."""

    STAFF = "staff"
    """An account, by its id."""
    CITIZEN = "citizen"
    """An appointment's id."""
    WAITING = "waiting"
    """The id of an entry on the waiting list."""


_TELLING_DIGITS = 9
"""The last of a French telephone: +33 6… and 06… have them in common."""


class NobodyFound(VisiohubError):  # noqa: N818 - named for what happened, as in visiohub.errors
    """No account has this login, or no appointment this code."""

    code = "nobody_found"
    status = 404
    says = N_(
        "Aucun rendez-vous de ce jour, dans ce lieu, n’a ce code. "
        "Vérifiez les chiffres, le jour et le lieu. Les codes finis sont déjà effacés."
    )
    default_field: ClassVar[str | None] = "code"


class NobodyWaits(NobodyFound):
    """Nobody gave this address or telephone for the waiting list."""

    says = N_("Personne n’attend avec cette adresse ou ce téléphone. Vérifiez-les.")
    default_field: ClassVar[str | None] = "contact"


def staff(uow: UnitOfWork, person_id: str) -> Subject:
    """An account. Raises NotFound."""
    person = uow.persons.get(person_id)
    return Subject(person.id, person.login)


def citizen(uow: UnitOfWork, appointment_id: str) -> Subject:
    """Whose appointment this is. Raises NotFound."""
    appointment = uow.appointments.get(appointment_id)
    waited = uow.waiting_list.list(appointment_id=appointment.id)
    return Subject(appointment.id, waiting_id=waited[0].id if waited else "")


def waits(entry: WaitingEntry) -> Subject:
    """Who is on the waiting list by this entry, with the appointment that came of it."""
    return Subject(entry.appointment_id or "", waiting_id=entry.id)


def all_entries(uow: UnitOfWork, entry_id: str) -> list[WaitingEntry]:
    """This one, then every other that was given its address or its telephone, the latest first.
    Raises NotFound."""
    entry = uow.waiting_list.get(entry_id)
    others = [e for e in with_contact(uow, entry.email, entry.phone) if e.id != entry.id]
    return [entry, *others]


def by_contact(uow: UnitOfWork, contact: str) -> WaitingEntry:
    """The latest on the waiting list with this address or telephone. Raises NobodyWaits."""
    address, phone = (contact, "") if "@" in contact else ("", contact)
    found = with_contact(uow, address, phone)
    if not found:
        raise NobodyWaits("nobody waits with this contact")
    return found[0]


def with_contact(uow: UnitOfWork, email: str, phone: str) -> list[WaitingEntry]:
    """Entries with this address or this telephone, the latest first."""
    address, number = email.strip().lower(), _number(phone)
    found = [
        e
        for e in uow.waiting_list.list()
        if (address and e.email.lower() == address) or (number and _number(e.phone) == number)
    ]
    return sorted(found, key=lambda e: e.asked_at, reverse=True)


def _number(phone: str) -> str:
    return _digits(phone)[-_TELLING_DIGITS:]


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def by_login(uow: UnitOfWork, login: str) -> Person:
    """Raises NobodyFound."""
    found = uow.persons.list(login=login.strip().lower())
    if not found:
        raise NobodyFound(f"no account {login!r}", field="login")
    return found[0]


def by_paper(uow: UnitOfWork, paper: str, venue_id: str, day: date) -> Appointment:
    """The appointment of a convocation: the text of its QR, or its code with venue and day.

    Slow, once for each appointment of that day. Raises NobodyFound.
    """
    if read := read_qr(paper):
        appointment = uow.appointments.find(read[0])
        if appointment is not None and appointment.token_hash == token_hash(read[1]):
            return appointment
        raise NobodyFound("no appointment has this QR")
    digits = _digits(paper)
    for appointment in _of_day(uow, venue_id, day):
        if appointment.code_hash and slow_match(appointment.code_hash, digits):
            return appointment
    raise NobodyFound("no appointment of that day has this code")


def _of_day(uow: UnitOfWork, venue_id: str, day: date) -> Sequence[Appointment]:
    venue = uow.venues.find(venue_id)
    if venue is None:
        return ()
    start, end = hours.day_span(day, hours.zone_of(venue.time_zone))
    kiosks = [kiosk.id for kiosk in uow.kiosks.at_venue(venue.id)]
    return uow.appointments.between(start, end, kiosk_ids=kiosks)
