"""Webhooks as Standard Webhooks (standardwebhooks.com, 1.0) signs them. Pure.

Three headers: `webhook-id`, the same at each attempt, so that a receiver can leave out what comes
twice; `webhook-timestamp`, seconds since 1970 of this attempt; `webhook-signature`,
`v1,BASE64(HMAC-SHA-256(secret, "ID.TIMESTAMP.BODY"))`. A receiver computes it anew, compares in
constant time, and refuses a timestamp that is more than five minutes off.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime

PREFIX = "whsec_"


def secret_of(random: bytes) -> str:
    """How the secret is written and shown; the specification wants 24 to 64 bytes."""
    return PREFIX + base64.b64encode(random).decode()


def body(event: str, at: datetime, data: Mapping[str, object]) -> str:
    """The specification's payload: type, timestamp, data."""
    whole = {"type": event, "timestamp": at.isoformat(), "data": data}
    return json.dumps(whole, separators=(",", ":"))


def headers(secret: str, message_id: str, seconds: int, text: bytes) -> dict[str, str]:
    """What goes with the body at this time."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{seconds}.".encode() + text
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{signature}",
    }
