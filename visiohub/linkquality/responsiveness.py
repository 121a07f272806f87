"""Responsiveness under load, in round trips a minute. Pure.

The formulas of draft-ietf-ippm-responsiveness-08 §4.3: the trimmed mean of what new connections
take for TCP, TLS and one request, and of what a round trip takes inside a connection that is full.
Differences to the draft, to be said with the figure: the load is NDT7's one flow, which fills an
access line and not a fast one, and the round trip inside it is a ping of WebSocket (RFC 6455
§5.5.2) in place of a request of HTTP/2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

LEAST_PROBES = 5
_KEPT = 0.95
"""The slowest twentieth is left out."""
_MS_A_MINUTE = 60_000


@dataclass(frozen=True)
class NewConnection:
    """What a stranger's request took while the line was full, in milliseconds."""

    tcp_ms: float
    tls_ms: float | None
    """Of one round trip of its handshake; None without TLS."""
    http_ms: float


@dataclass(frozen=True)
class Responsiveness:
    """Round trips a minute; the more the better: below 200 a conversation suffers."""

    rpm: int
    foreign_rpm: int
    """Of other programs' new connections."""
    loaded_rpm: int
    """Inside the connection that fills the line."""


def responsiveness(
    foreign: Sequence[NewConnection], loaded_ms: Sequence[float]
) -> Responsiveness | None:
    """None where too few came back to say anything."""
    if len(foreign) < LEAST_PROBES or len(loaded_ms) < LEAST_PROBES:
        return None
    tls = [one.tls_ms for one in foreign if one.tls_ms is not None]
    means = [trimmed([one.tcp_ms for one in foreign]), trimmed([one.http_ms for one in foreign])]
    means += [trimmed(tls)] if tls else []
    strangers = _MS_A_MINUTE / mean(means)
    inside = _MS_A_MINUTE / trimmed(loaded_ms)
    return Responsiveness(round((strangers + inside) / 2), round(strangers), round(inside))


def trimmed(values: Sequence[float]) -> float:
    """Mean of all but the greatest twentieth, at least a microsecond; ValueError for none."""
    if not values:
        raise ValueError("values: none")
    kept = sorted(values)[: max(1, int(_KEPT * len(values)))]
    return max(mean(kept), 0.001)
