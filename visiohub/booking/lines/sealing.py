"""Secrets of lines are encrypted where they are kept: Fernet (AES-128-CBC with HMAC-SHA-256).

The keys are of the setting `encryption_keys`. The first one seals, each of them opens, so that a
new key comes before the old one until everything is sealed anew (`modems.reseal`, at each start).
The line's id is sealed with its secret: what is copied to another line's row opens nothing there.
"""

from __future__ import annotations

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from visiohub.booking.lines.refusals import NoEncryptionKey
from visiohub.settings import Settings

Secrets = dict[str, str]
"""By the names of signaling.protocol.modem: community, or authentication_key and privacy_key."""


def can_seal(settings: Settings) -> bool:
    """Whether there is a key at all."""
    return _fernet(settings) is not None


def seal(settings: Settings, line_id: str, secrets: Secrets) -> str:
    """As it is kept. Raises NoEncryptionKey."""
    fernet = _fernet(settings)
    if fernet is None:
        raise NoEncryptionKey("setting encryption_keys is empty")
    return fernet.encrypt(json.dumps({"line": line_id, **secrets}).encode()).decode("ascii")


def unseal(settings: Settings, line_id: str, sealed: str) -> Secrets | None:
    """What was sealed for this line; None: no key of today opens it."""
    fernet = _fernet(settings)
    if fernet is None:
        return None
    try:
        known: Secrets = json.loads(fernet.decrypt(sealed.encode("ascii")))
    except (InvalidToken, UnicodeEncodeError):
        return None
    return known if known.pop("line", None) == line_id else None


def _fernet(settings: Settings) -> MultiFernet | None:
    keys = settings.encryption_keys_listed
    return MultiFernet([Fernet(key) for key in keys]) if keys else None
