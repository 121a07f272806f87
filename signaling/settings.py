"""What the signaling server needs to know; the hub makes it from its own settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from signaling.session.rate_limit import Rate
from signaling.session.timings import CallTimings
from signaling.turn import IceSettings

MESSAGE_RATES: Mapping[str, Rate] = {
    "exchange": Rate(per_s=50, burst=200),
    "code": Rate(per_s=0.5, burst=5),
    "other": Rate(per_s=5, burst=40),
}
"""By class of message (PROTOCOL.md §2.4)."""
_EVERY_FRAME = Rate(per_s=100, burst=400)
_REFUSALS = Rate(per_s=5, burst=50)
_OPENINGS = Rate(per_s=20, burst=400)


@dataclass(frozen=True)
class SignalingSettings:
    """Times in seconds."""

    hub_origin: str
    """Scheme, host and port that kiosks connect to; part of what they sign (§3.2)."""
    browser_origins: frozenset[str]
    """Exact values of the Origin header that staff pages have."""
    ice: IceSettings = field(default_factory=IceSettings)
    call: CallTimings = field(default_factory=CallTimings)

    ping_every_s: float = 4.0
    """Told to clients; the hub itself pings a peer that was silent for so long."""
    client_dead_after_s: float = 8.0
    """Told to clients: give a connection up on which nothing came for so long."""
    peer_dead_after_s: float = 12.0
    """The hub drops a peer that was silent for so long."""
    opening_s: float = 10.0
    """From the upgrade to the proof or hello."""
    race_s: float = 2.0
    """A kiosk's attempts race (§3.5): proofs that come so soon after a welcome came second."""
    identity_check_s: float = 4.0
    """How often a peer's right to be here is asked again; bounds an unannounced revocation."""
    farewell_s: float = 1.0
    """How long `bye` and the closing handshake may take before the socket is cut."""
    code_digits: int = 8
    code_early_minutes: int = 30
    """Told to kiosks (§6.7)."""
    place_every_s: float = 30.0
    """Places of waiting citizens are computed anew at least this often."""
    lobby_pause_s: float = 1.0
    """Changes within this time reach the lobbies together."""
    page_change_s: float = 5.0
    """Who closed a page is expected on another for so long; kiosks may call them meanwhile."""

    incoming_frames: int = 32
    """Messages that may wait while one is handled; then the peer's socket is not read."""
    outgoing_frames: int = 256
    """Frames that may wait for a slow consumer before it is cut."""
    every_frame: Rate = _EVERY_FRAME
    message_rates: Mapping[str, Rate] = field(default_factory=lambda: MESSAGE_RATES)
    refusals: Rate = _REFUSALS
    """Frames above the limits that are answered; beyond them the connection ends."""
    tabs_per_person: int = 20
    """At least 2. Beyond them the oldest, but for the one in a call, gives way (§3.4)."""
    openings: Rate = _OPENINGS
    """New connections of one address, kiosks and pages counted apart."""
