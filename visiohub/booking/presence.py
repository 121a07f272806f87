"""What kiosks tell of themselves, and what people do for whoever stands before one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from signaling.protocol.cards import DeviceCard
from visiohub.booking.arrivals import wrong_codes
from visiohub.booking.audit import note
from visiohub.booking.directory import Directory
from visiohub.booking.secrets import new_id
from visiohub.booking.tickets import fallback_phone
from visiohub.domain.model import KioskAbsence, Person
from visiohub.domain.record import note_faults
from visiohub.errors import CodesSpent
from visiohub.storage.uow import UnitOfWork


def kiosk_presence(
    uow: UnitOfWork, kiosk_id: str, here: bool, software: str, now: datetime
) -> None:
    """A kiosk came or went; absences are kept, so that nobody is blamed for a fault."""
    kiosk = uow.kiosks.get(kiosk_id)
    absence = uow.kiosks.open_absence(kiosk_id)
    kiosk.here, kiosk.seen_at = here, now
    if here:
        kiosk.software = software or kiosk.software
        if absence is not None:
            absence.ended_at = now
    elif absence is None:
        uow.kiosks.add_absence(KioskAbsence(new_id(), kiosk_id, began_at=now))
    _tell(uow, kiosk_id)


def forget_presence(uow: UnitOfWork, now: datetime) -> None:
    """The hub starts: no kiosk is here until it says so, nor was since it was last seen. What the
    hub missed while it was down is nobody's absence."""
    for kiosk in uow.kiosks.list(here=True):
        kiosk_presence(uow, kiosk.id, False, "", kiosk.seen_at or now)


def still_here(uow: UnitOfWork, now: datetime) -> None:
    """The hub runs, and sees the kiosks that came and did not go."""
    for kiosk in uow.kiosks.list(here=True):
        kiosk.seen_at = now


def kiosk_devices(uow: UnitOfWork, kiosk_id: str, devices: Sequence[DeviceCard]) -> None:
    """A kiosk told the state of its devices."""
    kiosk = uow.kiosks.get(kiosk_id)
    kiosk.devices = tuple(card.model_dump() for card in devices)
    for call in uow.calls.open(kiosk_id=kiosk_id):
        if call.connected_at is not None:
            note_faults(call, "kiosk", kiosk.devices)
    _tell(uow, kiosk_id)


def help_wanted(uow: UnitOfWork, kiosk_id: str, wanted: bool, now: datetime) -> str:
    """The citizen wants reception, or no longer. Returns the phone number to show."""
    kiosk = uow.kiosks.get(kiosk_id)
    kiosk.help_asked_at = (kiosk.help_asked_at or now) if wanted else None
    kiosk.help_coming_at = kiosk.help_coming_at if wanted else None
    _tell(uow, kiosk_id)
    return fallback_phone(Directory(uow), kiosk_id)


def help_coming(uow: UnitOfWork, kiosk_id: str, by: Person, now: datetime) -> str:
    """Reception goes there. Returns the phone number to show meanwhile."""
    kiosk = uow.kiosks.get(kiosk_id)
    kiosk.help_coming_at = now
    note(uow, by, now, "kiosk.help_coming", kiosk_id, {}, {})
    _tell(uow, kiosk_id)
    return fallback_phone(Directory(uow), kiosk_id)


def unlock_codes(uow: UnitOfWork, kiosk_id: str, by: Person, now: datetime) -> None:
    """Reception saw who stands there: the rest of the day's wrong codes may be used.

    For all kiosks of the venue, which count together. Raises CodesSpent when none are left.
    """
    _, _, venue = Directory(uow).whereabouts(kiosk_id)
    if wrong_codes(uow, venue, now).spent:
        raise CodesSpent(f"venue {venue.id} has used up its wrong codes of the day")
    for kiosk in uow.kiosks.at_venue(venue.id):
        kiosk.codes_unlocked_at = now
    note(uow, by, now, "kiosk.unlock_codes", kiosk_id, {}, {})
    _tell(uow, kiosk_id)


def receive_walk_ins(uow: UnitOfWork, person_id: str, on: bool) -> None:
    """The agent receives without appointment, or no longer. The caller refreshes the lobbies."""
    person = uow.persons.get(person_id)
    person.receives_walk_ins = on
    uow.changed(f"day:{person.partner_id}")


def _tell(uow: UnitOfWork, kiosk_id: str) -> None:
    _, _, venue = Directory(uow).whereabouts(kiosk_id)
    uow.changed("kiosks", f"reception:{venue.id}")
