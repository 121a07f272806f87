"""The citizen's own appointment, opened by the link or with the code of its paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from visiohub.booking import limits
from visiohub.booking.directory import Directory
from visiohub.booking.secrets import slow_match, token_hash
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.codes import digits_of
from visiohub.domain.model import Appointment
from visiohub.errors import AppointmentLinkDead, CodeUnknown
from visiohub.storage.uow import UnitOfWork

PUBLIC_CODE = "public_code"
"""Kind of the tries with a code on the public page, by address and by venue."""
MOST_BY_ADDRESS, MOST_BY_VENUE = 10, 50
"""Wrong ones in a day. A code is asked for with its venue, day and hour, where no more than the
venue's kiosks can have one: 50 guesses a day in 10^8 codes find one of three in 1,800 years."""
_DAY = timedelta(days=1)


def by_link(uow: UnitOfWork, appointment_id: str, token: str) -> Appointment:
    """Raises AppointmentLinkDead."""
    appointment = uow.appointments.find(appointment_id)
    if appointment is None or not token or appointment.token_hash != token_hash(token):
        raise AppointmentLinkDead
    return appointment


def by_code(
    uow: UnitOfWork, venue_id: str, starts_at: datetime, code: str, address: str, now: datetime
) -> Appointment:
    """By what its paper says. Slow; raises CodeUnknown, TooManyAttempts."""
    kiosks = [kiosk.id for kiosk in uow.kiosks.at_venue(venue_id)]
    just_after = starts_at + timedelta(seconds=1)
    there = uow.appointments.between(starts_at, just_after, kiosk_ids=kiosks)
    expected = [a for a in there if a.starts_at == starts_at]
    return _matching(uow, expected, venue_id, code, address, now)


def with_code(
    uow: UnitOfWork, appointment_id: str, code: str, address: str, now: datetime
) -> Appointment:
    """This one, if the code is its own. Slow; raises CodeUnknown, TooManyAttempts."""
    appointment = uow.appointments.find(appointment_id)
    if appointment is None:
        raise CodeUnknown
    _, _, venue = Directory(uow).whereabouts(appointment.kiosk_id)
    return _matching(uow, [appointment], venue.id, code, address, now)


def _matching(
    uow: UnitOfWork,
    candidates: Sequence[Appointment],
    venue_id: str,
    code: str,
    address: str,
    now: datetime,
) -> Appointment:
    """The try is written first, so that guesses sent at once are all counted, and given back when
    it was right. Commits before the slow part, so as to hold no lock."""
    digits = digits_of(code)
    if len(digits) != uow.settings.code_digits or not digits.isdecimal():
        raise CodeUnknown  # no code at all: nothing was guessed
    keys = ((f"address {address}", MOST_BY_ADDRESS), (f"venue {venue_id}", MOST_BY_VENUE))
    for key, most in keys:
        limits.require_below(uow, PUBLIC_CODE, key, most, _DAY, now)
    tries = [limits.count_try(uow, PUBLIC_CODE, key, now) for key, _ in keys]
    uow.commit()
    held = [a for a in candidates if a.state in HOLDS_ITS_SLOT]
    found = next((a for a in held if slow_match(a.code_hash, digits)), None)
    appointment = uow.appointments.fresh(found.id) if found else None
    if appointment is None:
        raise CodeUnknown
    for one in tries:
        uow.attempts.remove(one)
    return appointment
