"""Whether a kiosk has the key that it was enrolled with (PROTOCOL.md §3.2)."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def is_signed(public_key: bytes, signature: str, text: bytes) -> bool:
    """Ed25519 (RFC 8032 §5.1.7): `public_key` raw, 32 octets; `signature` base64url, unpadded."""
    try:
        raw = base64.b64decode(signature + "==", altchars=b"-_", validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(raw, text)
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True
