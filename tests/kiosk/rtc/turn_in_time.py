"""A TURN server in a test's own time, to the letter of RFC 8656: what is not renewed is gone."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Any

from aioice import stun, turn
from virtual_loop import VirtualLoop

USER, PASSWORD, REALM = "u", "c", "test"
PEER = ("192.0.2.9", 9)
_KEY = turn.make_integrity_key(USER, REALM, PASSWORD)
_ALLOCATION_S, _CHANNEL_S, _PERMISSION_S, _NONCE_S = 600, 600, 300, 600


class TurnServer(asyncio.DatagramTransport):
    """The server of one client, for whom it is the socket, too."""

    def __init__(self, client: Any) -> None:
        super().__init__()
        self._client = client
        self._loop = asyncio.get_running_loop()
        self._begun = self._loop.time()
        self.trip_s = 0.3
        """One way, between client and server."""
        self.passes: Callable[[], bool] = lambda: True
        """Asked for each datagram of either way."""
        self.refuses = False
        self.came: list[tuple[float, bytes]] = []
        """From the client to the peer, and when."""
        self.bound_at: list[float] = []
        self._allocated_until = 0.0
        self._channels: dict[int, float] = {}
        self._permissions: dict[str, float] = {}
        self._closing = False

    # --- the client's socket -------------------------------------------------------------------

    def get_extra_info(self, _name: str, default: Any = None) -> Any:
        return default

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self._closing = True
        self._loop.call_soon(self._client.connection_lost, None)

    def sendto(self, data: bytes, _addr: Any = None) -> None:
        self._after_trip(self._take, data)

    # --- the server ----------------------------------------------------------------------------

    def says(self, payload: bytes) -> None:
        """The peer sends to the relay."""
        now = self._loop.time()
        for channel, until in self._channels.items():
            if now < min(until, self._permissions[PEER[0]], self._allocated_until):
                data = struct.pack("!HH", channel, len(payload)) + payload
                self._after_trip(self._client.datagram_received, data, ("198.51.100.1", 3478))

    def _after_trip(self, then: Callable[..., None], *given: Any) -> None:
        if self.passes():
            self._loop.call_later(self.trip_s, then, *given)

    def _take(self, data: bytes) -> None:
        if not turn.is_channel_data(data):
            self._answer(stun.parse_message(data))
            return
        now = self._loop.time()
        channel, length = struct.unpack("!HH", data[:4])
        if now < min(self._channels.get(channel, 0.0), self._allocated_until):
            self.came.append((now, data[4 : 4 + length]))

    def _answer(self, request: stun.Message) -> None:
        now = self._loop.time()
        nonce = b"%d" % ((now - self._begun) // _NONCE_S)
        response = stun.Message(request.message_method, stun.Class.ERROR, request.transaction_id)
        if not request.check_message_integrity(_KEY):
            response.attributes = {
                "ERROR-CODE": (401, "Unauthorized"), "REALM": REALM, "NONCE": nonce,
            }  # fmt: skip
        elif request.attributes["NONCE"] != nonce:
            response.attributes = {
                "ERROR-CODE": (438, "Stale Nonce"), "REALM": REALM, "NONCE": nonce,
            }  # fmt: skip
        elif self.refuses:
            response.attributes = {"ERROR-CODE": (508, "Insufficient Capacity")}
            response.add_message_integrity(_KEY)
        else:
            response.message_class = stun.Class.RESPONSE
            response.attributes = self._granted(request, now)
            response.add_message_integrity(_KEY)
        self._after_trip(self._client.datagram_received, bytes(response), ("198.51.100.1", 3478))

    def _granted(self, request: stun.Message, now: float) -> dict[str, Any]:
        if request.message_method == stun.Method.CHANNEL_BIND:
            self.bound_at.append(now)
            self._channels[request.attributes["CHANNEL-NUMBER"]] = now + _CHANNEL_S
            host, _port = request.attributes["XOR-PEER-ADDRESS"]
            self._permissions[host] = now + _PERMISSION_S
            return {}
        lifetime = request.attributes["LIFETIME"] and _ALLOCATION_S
        self._allocated_until = now + lifetime
        return {
            "LIFETIME": lifetime,
            "XOR-RELAYED-ADDRESS": ("198.51.100.1", 50_000),
            "XOR-MAPPED-ADDRESS": ("203.0.113.5", 40_000),
        }


class RelayedLoop(VirtualLoop):
    """A loop whose every socket leads to a TURN server."""

    server: TurnServer

    async def create_datagram_endpoint(
        self, protocol_factory: Callable[[], Any], *_: Any, **__: Any
    ) -> tuple[Any, Any]:
        protocol = protocol_factory()
        self.server = TurnServer(protocol)
        protocol.connection_made(self.server)
        return self.server, protocol
