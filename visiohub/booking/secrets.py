"""Random identifiers and tokens, and the hashes under which they are kept."""

from __future__ import annotations

import base64
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
        return HASHER.verify(kept if kept.startswith("$argon2id$") else _decoy(), secret)
    except VerificationError:
        return False


def _random(octets: int) -> str:
    """As in an encoded hash: base64 without padding."""
    return base64.b64encode(secrets.token_bytes(octets)).decode("ascii").rstrip("=")


def _decoy() -> str:
    """A hash that nothing matches, and that takes as long as any."""
    parameters = f"m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    return f"$argon2id$v=19${parameters}${_random(HASHER.salt_len)}${_random(HASHER.hash_len)}"
