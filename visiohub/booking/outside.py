"""An agent's calendar elsewhere: its address, what it blocks, when it is read again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from visiohub.booking.audit import note
from visiohub.domain.connections import OutsideCalendar
from visiohub.domain.hours import Span
from visiohub.domain.model import Person
from visiohub.errors import N_, FieldError, InvalidForm
from visiohub.notify.http import is_plain
from visiohub.storage.uow import UnitOfWork

MOST_IN_A_RUN = 20
MOST_CHARACTERS = 2000
_OURS = "@visiohub"


def set_outside_calendar(
    uow: UnitOfWork, address: str, by: Person, now: datetime
) -> OutsideCalendar:
    """Read this address from now on. Raises InvalidForm: it is none, or one of ours."""
    url = address.strip()
    if url[:9].lower() == "webcal://":  # as calendars write it for https
        url = f"https://{url[9:]}"
    if says := _wrong(uow, url):
        raise InvalidForm([FieldError("url", "not_a_calendar_address", says)])
    _forget(uow, by)
    uow.flush()
    outside = OutsideCalendar(by.id, url)
    uow.outside_calendars.add(outside)
    note(uow, by, now, "outside_calendar.set", by.id, {}, {})  # the address is a secret
    return outside


def remove_outside_calendar(uow: UnitOfWork, by: Person, now: datetime) -> None:
    """It blocks nothing any more."""
    if _forget(uow, by):
        note(uow, by, now, "outside_calendar.remove", by.id, {}, {})


def _forget(uow: UnitOfWork, by: Person) -> bool:
    kept = uow.outside_calendars.find(by.id)
    if kept is not None:
        uow.outside_calendars.block(by.id, [])
        uow.outside_calendars.remove(kept)
    return kept is not None


def due_calendars(uow: UnitOfWork, now: datetime) -> Sequence[OutsideCalendar]:
    """Those that are to be read again."""
    before = now - timedelta(minutes=uow.settings.outside_calendar_minutes)
    return uow.outside_calendars.due(before, MOST_IN_A_RUN)


def was_read(
    uow: UnitOfWork, read: OutsideCalendar, busy: Sequence[Span], etag: str, now: datetime
) -> None:
    """It blocks these times from now on, unless its owner has changed the address meanwhile."""
    kept = _still(uow, read)
    if kept is not None:
        uow.outside_calendars.block(kept.id, busy)
        kept.etag, kept.problem, kept.tried_at, kept.read_at = etag[:200], "", now, now


def was_unchanged(uow: UnitOfWork, read: OutsideCalendar, now: datetime) -> None:
    """What it blocks stays."""
    kept = _still(uow, read)
    if kept is not None:
        kept.problem, kept.tried_at = "", now


def was_not_read(uow: UnitOfWork, read: OutsideCalendar, problem: str, now: datetime) -> None:
    """What it blocked stays: an hour that was taken is rather taken still."""
    kept = _still(uow, read)
    if kept is not None:
        kept.problem, kept.tried_at = problem, now


def is_ours(uow: UnitOfWork, uid: str) -> bool:
    """Whether an event with this UID is one of this hub's appointments, come back."""
    kind, _, subject = uid.removesuffix(_OURS).partition("-")
    if not uid.endswith(_OURS):
        return False
    if kind == "appointment":
        return uow.appointments.find(subject) is not None
    return kind == "booking" and uow.bookings.find(subject) is not None


def _still(uow: UnitOfWork, read: OutsideCalendar) -> OutsideCalendar | None:
    kept = uow.outside_calendars.find(read.id)
    return kept if kept is not None and kept.url == read.url else None


def _wrong(uow: UnitOfWork, url: str) -> str:
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:
        named = False
    if not named or len(url) > MOST_CHARACTERS or not is_plain(url):
        return N_(
            "Ce n’est pas l’adresse d’un agenda. Copiez l’adresse « au format iCal » de votre "
            "agenda : elle commence par https:// ou webcal://."
        )
    if parts.scheme == "http" and parts.hostname not in uow.settings.private_hosts:
        return N_("Cette adresse n’est pas protégée. Donnez celle qui commence par https://.")
    if f"{parts.scheme}://{parts.netloc}" in uow.settings.public_origins:
        return N_("C’est une adresse de visiohub lui-même : il connaît déjà ces rendez-vous.")
    return ""
