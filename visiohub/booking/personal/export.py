"""Everything that is kept of one person, as plain values that JSON and pages can show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time
from typing import Any

from visiohub.booking.personal.kinds import (
    ACCOUNTING,
    BOOKED,
    CITIZEN,
    KEYS,
    STAFF,
    Kind,
    Subject,
)
from visiohub.booking.personal.subjects import Who, all_entries, citizen, staff, waits
from visiohub.booking.rooms.ledger import held_label
from visiohub.domain.booking import RoomBooking
from visiohub.domain.tariff.standing import Standing
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Part:
    """One kind, and its rows with names in place of ids."""

    code: str
    title: str
    rows: tuple[dict[str, object], ...]


@dataclass(frozen=True)
class Export:
    """What is kept of one person at one instant; parts without a row are left out."""

    subject_id: str
    made_at: datetime
    parts: tuple[Part, ...]

    def plain(self) -> dict[str, object]:
        """For JSON."""
        return {
            "subject": self.subject_id,
            "made_at": self.made_at.isoformat(),
            "data": {part.code: list(part.rows) for part in self.parts},
        }


def export_staff(uow: UnitOfWork, person_id: str, now: datetime) -> Export:
    """Of an account. Raises NotFound."""
    subject = staff(uow, person_id)
    parts = _parts(uow, STAFF, subject)
    accounts = uow.memberships.list(person_id=person_id)
    booked = [b for m in accounts for b in uow.bookings.list(membership_id=m.id)]
    booked.sort(key=lambda b: b.starts_at)
    lines = [row for m in accounts for row in _rows(uow, ACCOUNTING, Subject(m.id))]
    rooms = [_times(b) | row for b in booked for row in _rows(uow, BOOKED, Subject(b.id))]
    held = [room.id for b in booked for room in uow.booked_rooms.list(booking_id=b.id)]
    keys = [row for room_id in held for row in _rows(uow, KEYS, Subject(room_id))]
    for kind, rows in ((ACCOUNTING, lines), (BOOKED, rooms), (KEYS, keys)):
        if rows:
            parts.append(Part(kind.code, kind.title, tuple(rows)))
    return Export(person_id, now, tuple(parts))


def export_citizen(uow: UnitOfWork, appointment_id: str, now: datetime) -> Export:
    """Of a citizen, by the appointment. Raises NotFound."""
    subject = citizen(uow, appointment_id)
    return Export(appointment_id, now, tuple(_parts(uow, CITIZEN, subject)))


def export_waiting(uow: UnitOfWork, entry_id: str, now: datetime) -> Export:
    """Of a citizen, by an entry on the waiting list: of every entry with its contact. Raises
    NotFound."""
    subjects = [waits(entry) for entry in all_entries(uow, entry_id)]
    return Export(entry_id, now, tuple(_parts(uow, CITIZEN, *subjects)))


EXPORTS: Mapping[Who, Callable[[UnitOfWork, str, datetime], Export]] = {
    Who.STAFF: export_staff,
    Who.CITIZEN: export_citizen,
    Who.WAITING: export_waiting,
}


def _parts(uow: UnitOfWork, kinds: Sequence[Kind], *subjects: Subject) -> list[Part]:
    found = [
        Part(kind.code, kind.title, tuple(row for s in subjects for row in _rows(uow, kind, s)))
        for kind in kinds
    ]
    return [part for part in found if part.rows]


def _rows(uow: UnitOfWork, kind: Kind, subject: Subject) -> list[dict[str, object]]:
    owner = kind.rows_of(subject)
    if owner is None:
        return []
    return [_named(uow, row) for row in uow.personal.rows(kind.table, owner, kind.shows)]


def _times(booking: RoomBooking) -> dict[str, object]:
    return {
        "starts_at": booking.starts_at.isoformat(),
        "ends_at": booking.ends_at.isoformat(),
        "visio": booking.visio,
    }


def _named(uow: UnitOfWork, row: Mapping[str, Any]) -> dict[str, object]:
    """Ids become the names that people know, under the name of what they are."""
    shown: dict[str, object] = {}
    for column, value in row.items():
        match column:
            case "service_id":
                shown["service"] = _name(uow.services.find(value))
            case "kiosk_id":
                shown["kiosk"] = _name(uow.kiosks.find(value))
            case "partner_id":
                shown["partner"] = _name(uow.partners.find(value))
            case "organisation_id":
                shown["organisation"] = _name(uow.organisations.find(value))
            case "room_id":
                shown["room"] = _name(uow.rooms.find(value))
            case "standing":
                shown |= _stands(value)
            case "venue_ids":
                shown["venues"] = [_name(uow.venues.find(one)) for one in value]
            case _:
                shown[column] = plain(value)
    return shown


def _stands(standing: Standing) -> dict[str, object]:
    return {
        "passes": [held_label(one) for one in standing.passes],
        "uses": standing.uses,
        "quota_hours": {str(month): hours for month, hours in standing.hours},
        "month_pages": {str(month): pages for month, pages in standing.pages},
    }


def _name(thing: Any) -> str:
    return thing.name if thing is not None else ""


def plain(value: object) -> object:
    """What JSON holds."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    match value:
        case None | bool() | int() | float():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case dict():
            return {str(k): plain(v) for k, v in value.items()}
        case frozenset():
            return sorted(str(one) for one in value)
        case list() | tuple():
            return [plain(one) for one in value]
        case _:
            return str(value)
