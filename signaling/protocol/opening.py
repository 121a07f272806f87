"""Messages of the opening, of keepalive and of errors; PROTOCOL.md §3 to §5."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from signaling.protocol.cards import (
    CallCard,
    Card,
    Identifier,
    ServiceCard,
    VenueCard,
)

PROTOCOL_VERSION = 1
OLDEST_VERSION = 1


# --- §3 opening ------------------------------------------------------------------------------


class Challenge(Card):
    """H to K, first of all: prove who you are (§3.2)."""

    type: Literal["challenge"] = "challenge"
    version: int = PROTOCOL_VERSION
    oldest_version: int = OLDEST_VERSION
    nonce: Annotated[str, Field(min_length=43, max_length=43)]
    """32 random octets, base64url without padding."""


class Prove(Card):
    """K to H: the Ed25519 signature over `proof_text` (§3.2)."""

    type: Literal["prove"] = "prove"
    version: Annotated[int, Field(ge=0)]
    kiosk_id: Identifier
    signature: Annotated[str, Field(min_length=86, max_length=86)]
    """64 octets, base64url without padding."""
    software: Annotated[str, Field(max_length=100)] = ""


class Hello(Card):
    """B to H, first of all; who it is, the session cookie already said (§3.3)."""

    type: Literal["hello"] = "hello"
    version: Annotated[int, Field(ge=0)]
    tab_id: Identifier


class WelcomeKiosk(Card):
    """H to K: you are in; this is where you stand and what goes on (§3.4)."""

    type: Literal["welcome_kiosk"] = "welcome_kiosk"
    version: int = PROTOCOL_VERSION
    connection_id: Identifier
    ping_every_s: float
    dead_after_s: float
    now: datetime
    venue: VenueCard
    services: list[ServiceCard]
    call: CallCard | None
    """The unfinished call of this kiosk, to be resumed."""


class WelcomeBrowser(Card):
    """H to B: you are in; these are your unfinished calls (§3.4)."""

    type: Literal["welcome_browser"] = "welcome_browser"
    version: int = PROTOCOL_VERSION
    connection_id: Identifier
    ping_every_s: float
    dead_after_s: float
    now: datetime
    calls: list[CallCard]


# --- §4 keepalive, §5 errors -----------------------------------------------------------------


class Ping(Card):
    """Both ways: are you there? (§4)."""

    type: Literal["ping"] = "ping"
    n: Annotated[int, Field(ge=0, le=2**53)]


class Pong(Card):
    """Both ways: answer to a ping, same `n` (§4)."""

    type: Literal["pong"] = "pong"
    n: Annotated[int, Field(ge=0, le=2**53)]


class Error(Card):
    """H to any: what you sent was not done (§5). The connection stays open."""

    type: Literal["error"] = "error"
    code: Identifier
    """Stable; the list is in PROTOCOL.md §5.2 and signaling/errors.py."""
    detail: Annotated[str, Field(max_length=500)]
    """For developers and logs, in English."""
    about: Annotated[str, Field(max_length=40)] = ""
    """`type` of the message that was refused, when it could be read."""
    field: Annotated[str, Field(max_length=100)] = ""
    retry_after_s: float | None = None


class Bye(Card):
    """H to any, last of all: why the connection closes (§5.3)."""

    type: Literal["bye"] = "bye"
    code: Identifier
    detail: Annotated[str, Field(max_length=500)]


def proof_text(origin: str, kiosk_id: str, nonce: str) -> bytes:
    """What a kiosk signs: bound to this hub, this kiosk and this connection (§3.2)."""
    return f"visiohub-kiosk-proof-v1\n{origin}\n{kiosk_id}\n{nonce}".encode()
