"""How a PC becomes a kiosk, and stops being one."""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import datetime, timedelta

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from visiohub.booking.audit import note
from visiohub.booking.limits import ENROLMENT, count_try, require_below
from visiohub.booking.secrets import new_id, slow_hash, slow_match
from visiohub.booking.views import IssuedCode
from visiohub.domain.codes import (
    ENROLMENT_LENGTH,
    ENROLMENT_LETTERS,
    enrolment_code_of,
    spaced,
)
from visiohub.domain.model import EnrolmentCode, Kiosk, Person
from visiohub.errors import BadPublicKey, EnrolmentRefused
from visiohub.storage.uow import UnitOfWork

_HOUR = timedelta(hours=1)


def issue_code(uow: UnitOfWork, kiosk_id: str, by: Person | None, now: datetime) -> IssuedCode:
    """A one-time code for this kiosk; earlier ones stop working. Raises NotFound."""
    code = "".join(secrets.choice(ENROLMENT_LETTERS) for _ in range(ENROLMENT_LENGTH))
    code_hash = slow_hash(code)  # before the first statement: the write lock is not held for it
    kiosk = uow.kiosks.get(kiosk_id)
    for earlier in uow.enrolment_codes.list(kiosk_id=kiosk.id):
        uow.enrolment_codes.remove(earlier)
    expires_at = now + timedelta(minutes=uow.settings.enrolment_code_minutes)
    uow.enrolment_codes.add(
        EnrolmentCode(
            id=new_id(),
            kiosk_id=kiosk.id,
            code_hash=code_hash,
            created_at=now,
            expires_at=expires_at,
        )
    )
    note(uow, by, now, "kiosk.issue_code", kiosk.id, {}, {"expires_at": expires_at.isoformat()})
    return IssuedCode(spaced(code), kiosk.id, expires_at)


def redeem(
    uow: UnitOfWork, code: str, public_key: str, software: str, address: str, now: datetime
) -> str:
    """Make the PC with this key (base64url, raw Ed25519) the code's kiosk; returns its id.

    Raises EnrolmentRefused, BadPublicKey, TooManyAttempts (per address, and in all).
    """
    s = uow.settings
    require_below(uow, ENROLMENT, address, s.enrolment_tries_per_address_per_hour, _HOUR, now)
    require_below(uow, ENROLMENT, None, s.enrolment_tries_per_hour, _HOUR, now)
    key = _read_key(public_key)
    tried = count_try(uow, ENROLMENT, address, now)
    open_codes = [
        c for c in uow.enrolment_codes.list(used_at=None) if c.created_at <= now < c.expires_at
    ]
    uow.commit()
    typed = enrolment_code_of(code)
    match = next((c for c in open_codes if slow_match(c.code_hash, typed)), None)
    # again under the write lock: two PCs with one code, one wins
    kept = uow.enrolment_codes.fresh(match.id) if match else None
    kiosk = uow.kiosks.find(kept.kiosk_id) if kept and kept.used_at is None else None
    if kept is None or kiosk is None or not kiosk.active:
        raise EnrolmentRefused
    uow.attempts.remove(tried)
    kept.used_at = now
    kiosk.public_key, kiosk.enrolled_at, kiosk.revoked_at = key, now, None
    kiosk.software = software[:100]
    note(uow, None, now, "kiosk.enrol", kiosk.id, {}, {"software": kiosk.software})
    uow.changed("kiosks")
    return kiosk.id


def revoke_kiosk(uow: UnitOfWork, kiosk_id: str, by: Person | None, now: datetime) -> Kiosk:
    """Its key opens nothing any more. The caller tells signaling, which cuts it off."""
    kiosk = uow.kiosks.get(kiosk_id)
    kiosk.public_key, kiosk.revoked_at = None, now
    for code in uow.enrolment_codes.list(kiosk_id=kiosk.id):
        uow.enrolment_codes.remove(code)
    note(uow, by, now, "kiosk.revoke", kiosk.id, {}, {"revoked_at": now.isoformat()})
    uow.changed("kiosks")
    return kiosk


def _read_key(text: str) -> bytes:
    """RFC 8032 public key: 32 octets, base64url with or without padding."""
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        Ed25519PublicKey.from_public_bytes(key)
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise BadPublicKey("32 octets in base64url are expected") from error
    return key
