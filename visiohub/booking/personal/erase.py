"""Erase one person: what identifies goes, what the record needs stays without a name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from visiohub.booking import announce, waiting
from visiohub.booking.appointments import change_state
from visiohub.booking.audit import note
from visiohub.booking.leaving import stop_receiving
from visiohub.booking.personal.kinds import CITIZEN, STAFF, Kind, Subject
from visiohub.booking.personal.subjects import Who, all_entries, citizen, staff, waits
from visiohub.booking.territory import check_administrator_left
from visiohub.domain.booking import HOLDS_ITS_ROOM
from visiohub.domain.model import AppointmentState, CancelledBy, Person
from visiohub.domain.waiting_list import OPEN, WaitingEntry
from visiohub.errors import N_, VisiohubError
from visiohub.storage.uow import UnitOfWork

ERASED = "effacé"
"""How the record calls who is erased, in any language: a name, not a sentence."""
_NAMES = ("login", "label", "initials", "email")
"""What the audit trail may hold of an account."""
_EXPECTED = frozenset({AppointmentState.BOOKED, AppointmentState.CONFIRMED})


class StillThere(VisiohubError):  # noqa: N818 - named for what happened, as in visiohub.errors
    """The person is in a call, or at the kiosk."""

    code = "still_there"
    status = 409
    says = N_("Cette personne est à la borne ou en appel. Effacez-la quand l’appel est fini.")


class StillBooked(VisiohubError):  # noqa: N818
    """Bookings of rooms to come would have nobody."""

    code = "still_booked"
    status = 409
    says = N_("Ce compte a des réservations de salles à venir. Annulez-les d’abord.")


def erase_staff(uow: UnitOfWork, person_id: str, by: Person | None, now: datetime) -> None:
    """Empty an account and what it left; appointments that it was to receive are anybody's again.

    The caller tells signaling. Raises NotFound, LastAdministrator, StillThere, StillBooked.
    """
    person = uow.persons.get(person_id)
    check_administrator_left(uow, person)
    if any(call.person_id == person.id for call in uow.calls.open()):
        raise StillThere(f"{person.id} holds a call")
    for account in uow.memberships.list(person_id=person.id):
        for booking in uow.bookings.list(membership_id=account.id):
            rooms = uow.booked_rooms.list(booking_id=booking.id)
            if booking.ends_at > now and any(r.state in HOLDS_ITS_ROOM for r in rooms):
                raise StillBooked(f"booking {booking.id} is to come")
    subject = staff(uow, person_id)
    stop_receiving(uow, person, by, now)
    _erase(uow, STAFF, subject)
    _keep_debtor(uow, person)
    _anonymous(person, now)
    _forget_names(uow, person_id)
    note(uow, by, now, "person.erase", person_id, {}, {})
    uow.changed("kiosks", *([f"day:{person.partner_id}"] if person.partner_id else []))
    uow.flush()


def erase_citizen(uow: UnitOfWork, appointment_id: str, by: Person | None, now: datetime) -> None:
    """Empty an appointment and what belongs to it; one to come is cancelled, as its paper will
    open nothing. Raises NotFound, StillThere."""
    appointment = uow.appointments.get(appointment_id)
    if appointment.state in _EXPECTED and appointment.ends_at > now:
        change_state(uow, appointment, AppointmentState.CANCELLED, "appointment.cancel", by, now)
        appointment.cancelled_by = CancelledBy.CITIZEN
        announce.of_erasing(uow, appointment, now)
        uow.flush()
    elif uow.calls.open(appointment_id=appointment_id):
        raise StillThere(f"appointment {appointment_id} has an open call")
    _erase(uow, CITIZEN, citizen(uow, appointment_id))
    note(uow, by, now, "citizen.erase", appointment_id, {}, {})
    uow.flush()


def erase_waiting(uow: UnitOfWork, entry_id: str, by: Person | None, now: datetime) -> None:
    """Take somebody off the waiting list for good: every entry with the contact of this one, and
    the appointments that came of them. Raises NotFound, StillThere."""
    for entry in all_entries(uow, entry_id):
        _erase_entry(uow, entry, by, now)


def _erase_entry(uow: UnitOfWork, entry: WaitingEntry, by: Person | None, now: datetime) -> None:
    if entry.appointment_id is not None:
        erase_citizen(uow, entry.appointment_id, by, now)
        return
    if entry.state in OPEN:
        waiting.left(uow, entry, by, now)
        uow.flush()
    _erase(uow, CITIZEN, waits(entry))
    note(uow, by, now, "citizen.erase", entry.id, {}, {})
    uow.flush()


ERASURES: Mapping[Who, Callable[[UnitOfWork, str, Person | None, datetime], None]] = {
    Who.STAFF: erase_staff,
    Who.CITIZEN: erase_citizen,
    Who.WAITING: erase_waiting,
}


def erase_retired(uow: UnitOfWork, before: datetime) -> int:
    """Empty the accounts that were retired before; how many they were."""
    old = [
        person
        for person in uow.persons.list(active=False)
        if person.retired_at is not None and person.retired_at < before and not is_erased(person)
    ]
    for person in old:
        _erase(uow, STAFF, staff(uow, person.id))
        _keep_debtor(uow, person)
        _anonymous(person, person.retired_at or before)
        _forget_names(uow, person.id)
    uow.flush()
    return len(old)


def is_erased(person: Person) -> bool:
    """Whether nothing of this account says whose it was."""
    return person.login == _login_of_nobody(person.id)


def _login_of_nobody(person_id: str) -> str:
    return f"{ERASED}.{person_id}"  # no form takes such a login, so nobody else can have it


def _erase(uow: UnitOfWork, kinds: Iterable[Kind], subject: Subject) -> None:
    for kind in kinds:
        owner = kind.rows_of(subject)
        if owner is None:
            continue
        if kind.deletes:
            uow.personal.delete(kind.table, owner)
        elif kind.empties:
            uow.personal.empty(kind.table, owner, kind.empties)


def _keep_debtor(uow: UnitOfWork, person: Person) -> None:
    """What they owe alone stays owed by somebody with a name, as long as the lines are kept."""
    for account in uow.memberships.list(person_id=person.id):
        for line in uow.charges.list(membership_id=account.id, organisation_id=None):
            line.debtor = line.debtor or person.label


def _anonymous(person: Person, now: datetime) -> None:
    """No name, no rights, no way in; the record's references to it stay good."""
    person.login = _login_of_nobody(person.id)
    person.label = ERASED
    person.initials = person.email = person.language = ""
    person.password_hash = "!"  # noqa: S105 - no hash matches it
    person.roles, person.venue_ids = frozenset(), ()
    person.receives_walk_ins = person.active = False
    person.retired_at = person.retired_at or now
    person.version += 1


def _forget_names(uow: UnitOfWork, person_id: str) -> None:
    for entry in uow.audit.list(subject=person_id):
        entry.before = _without_names(entry.before)
        entry.after = _without_names(entry.after)


def _without_names(values: dict[str, object]) -> dict[str, object]:
    return {name: "" if name in _NAMES else value for name, value in values.items()}
