"""ICE servers with time-limited credentials for coturn's `use-auth-secret` (PROTOCOL.md §8.3.1).

The scheme is draft-uberti-behave-turn-rest-00: username `expiry:user`, password
base64(HMAC-SHA1(secret, username)).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from signaling.protocol.cards import IceServer


@dataclass(frozen=True)
class IceSettings:
    """Which STUN and TURN servers the two ends may use. All empty is right for a LAN."""

    stun_urls: Sequence[str] = ()
    """For instance `stun:turn.example.org:3478`."""
    turn_urls: Sequence[str] = ()
    """For instance `turns:turn.example.org:443?transport=tcp`, in any order."""
    turn_secret: str = ""
    """coturn's `static-auth-secret`."""
    turn_valid_s: int = 4 * 3600
    """Life of a credential; longer than the longest call."""


def ice_servers(settings: IceSettings, user: str, now: datetime) -> list[IceServer]:
    """The servers in the order in which they should be tried: STUN, TURN by UDP, TCP, TLS.

    One entry a URL: aiortc uses only the first of a list, so the kiosk walks the entries itself.
    """
    servers = [IceServer(urls=[url]) for url in settings.stun_urls]
    if settings.turn_urls:
        username = f"{int(now.timestamp()) + settings.turn_valid_s}:{user}"
        credential = turn_password(settings.turn_secret, username)
        servers += [
            IceServer(urls=[url], username=username, credential=credential)
            for url in sorted(settings.turn_urls, key=_order)
        ]
    return servers


def turn_password(secret: str, username: str) -> str:
    """What coturn computes for this user name."""
    # SHA-1 is coturn's fixed choice; HMAC does not rest on its collision resistance
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _order(url: str) -> int:
    """UDP, then TCP, then TLS (RFC 7065 §3.1: no transport means UDP for turn, TCP for turns)."""
    if url.startswith("turns:"):
        return 2
    return 1 if "transport=tcp" in url else 0
