"""What both ends of an NDT7 measurement agree on: one TCP flow, ten seconds, each direction. Pure.

The protocol is M-Lab's (m-lab/ndt-server, spec/ndt7-protocol.md, 0.9.0): a WebSocket whose sender
fills it with binary messages, and both of whose ends may tell in JSON what they saw. A sender's own
count holds what lies in its buffers: only a receiver's count is a rate.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

SUBPROTOCOL = "net.measurementlab.ndt.v7"
DOWNLOAD_PATH, UPLOAD_PATH = "/ndt/v7/download", "/ndt/v7/upload"
SMALL_PATH = "/ndt/v7/small"
"""Our own: one octet, for round trips while the line is full."""
KIOSK_TICKET_PATH = "/ndt/v7/kiosk-ticket"
SECONDS = 10.0
"""How long a sender sends."""
LIMIT_S = 15.0
"""When a receiver may close whatever comes (spec, "Protocol description")."""
TELL_EVERY_S = 0.25
LEAST_MESSAGE, MOST_MESSAGE = 1 << 11, 1 << 20
ACCEPTED_MESSAGE = 1 << 23
"""What a client may send at once: M-Lab's own goes up to this."""
_SIXTEENTH = 16
"""A message is at most this part of what went before it."""
_A_SECOND = 100
"""And soon so many go in a second: a ping waits behind ten milliseconds of our own."""
_HEADERS = 1.1
"""TCP's and IP's, acknowledgements, and what is under way when the time is over."""


def next_message(sent: int, elapsed_s: float) -> int:
    """Octets of the next message, so many octets and seconds into the measurement."""
    part = int(sent / max(_SIXTEENTH, _A_SECOND * elapsed_s))
    return max(LEAST_MESSAGE, min(part, MOST_MESSAGE))


def cost_octets(down_kbit_s: float, up_kbit_s: float) -> int:
    """What both directions put on a line of these rates, to be said before."""
    return int((down_kbit_s + up_kbit_s) * 1000 / 8 * SECONDS * _HEADERS)


@dataclass(frozen=True)
class Seen:
    """What one end has counted so far; `octets` of WebSocket payload."""

    octets: int
    elapsed_s: float

    @property
    def kbit_s(self) -> float | None:
        """Mean rate; None before anything could be told."""
        return self.octets * 8 / 1000 / self.elapsed_s if self.elapsed_s > 0 else None


def told(seen: Seen, test: str, origin: str, tcp: dict[str, int] | None = None) -> str:
    """A measurement message; times in microseconds, as the specification has them."""
    elapsed = int(seen.elapsed_s * 1e6)
    message: dict[str, Any] = {
        "AppInfo": {"ElapsedTime": elapsed, "NumBytes": seen.octets},
        "Origin": origin,
        "Test": test,
    }
    if tcp is not None:
        message["TCPInfo"] = tcp | {"ElapsedTime": elapsed}
    return json.dumps(message)


def heard(text: str) -> Seen | None:
    """The other end's count; None for what is no such message: it is optional by specification."""
    try:
        app = json.loads(text)["AppInfo"]
        octets, elapsed = app["NumBytes"], app["ElapsedTime"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not (_whole(octets) and _whole(elapsed)):
        return None
    return Seen(octets, elapsed / 1e6)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62
