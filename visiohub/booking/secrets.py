"""Random identifiers and tokens, and the hashes under which they are kept."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

HASHER = PasswordHasher()
"""argon2id with argon2-cffi's defaults, which are RFC 9106 §4's low-memory profile."""


def new_id() -> str:
    """64 random bits: no counting of rows from outside, short enough for a QR."""
    return secrets.token_hex(8)


def new_token() -> str:
    """128 random bits, base64url."""
    return secrets.token_urlsafe(16)


def token_hash(token: str) -> str:
    """SHA-256: enough for what has 128 bits of its own. Strangers send what is no text, too."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def slow_hash(secret: str) -> str:
    """argon2id, salted: for what people can type."""
    return HASHER.hash(secret)


def slow_match(kept: str, secret: str) -> bool:
    """Is this the secret behind the hash? A wrong one, or no hash at all, takes as long."""
    try:
        return HASHER.verify(kept if kept.startswith("$argon2id$") else _DECOY, secret)
    except VerificationError:
        return False


_DECOY = slow_hash(secrets.token_urlsafe(16))
"""Nothing matches it."""
