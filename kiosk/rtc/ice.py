"""STUN and TURN servers out of RTCIceServer entries, in the order in which they are tried. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from signaling.protocol.cards import IceServer

_URL = re.compile(
    r"(?P<scheme>stuns?|turns?):(?P<host>\[[0-9A-Fa-f:.]+\]|[^?:\s]+)(:(?P<port>\d{1,5}))?"
    r"(\?transport=(?P<transport>udp|tcp))?"
)

Way: TypeAlias = Literal["udp", "tcp", "tls"]
"""To a relay."""


@dataclass(frozen=True)
class StunServer:
    """Where to ask for our address as others see it."""

    host: str
    port: int


@dataclass(frozen=True)
class TurnServer:
    """Where to ask for a relay, and how to get there."""

    host: str
    port: int
    way: Way
    username: str
    credential: str


_WAYS = ("udp", "tcp", "tls")


def choose(servers: Sequence[IceServer]) -> tuple[list[StunServer], list[TurnServer]]:
    """STUN servers as listed; TURN servers by UDP first, then TCP, then TLS.

    URLs as in RFC 7064 and RFC 7065; those that cannot be read or lack credentials are passed
    over, since a bad server must not cost the call. Ways the kiosk lacks (TURN over DTLS) too.
    """
    stun: list[StunServer] = []
    turn: list[TurnServer] = []
    for server in servers:
        for url in server.urls:
            match = _URL.fullmatch(url)
            if match is None:
                continue
            scheme, host = match["scheme"], match["host"].strip("[]")
            port = int(match["port"] or (5349 if scheme.endswith("s") else 3478))
            if not 0 < port < 65536:
                continue
            if scheme == "stun":
                stun.append(StunServer(host, port))
            elif scheme.startswith("turn") and server.username and server.credential:
                way = _way(scheme, match["transport"])
                if way is not None:
                    turn.append(TurnServer(host, port, way, server.username, server.credential))
    return stun, sorted(turn, key=lambda one: _WAYS.index(one.way))


def _way(scheme: str, transport: str | None) -> Way | None:
    if scheme == "turns":
        return None if transport == "udp" else "tls"
    return "tcp" if transport == "tcp" else "udp"
