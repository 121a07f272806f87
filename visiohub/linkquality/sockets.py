"""UDP with the kernel's time of arrival, and trains that leave in time.

Linux: SO_TIMESTAMPNS says when the kernel got a packet, whatever this process did meanwhile.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

SO_TIMESTAMPNS = 35
"""asm-generic/socket.h; the socket module has no name for it in Python 3.11."""
_IP_RECVTTL = 12
"""linux/in.h."""
_TIMESPEC = struct.Struct("@qq")
_MOST = 2_048
_AT_ONCE = 64
"""Packets that are read before the loop sees to others again."""
_BUFFER_OCTETS = 1_000_000
_ANCILLARY = socket.CMSG_SPACE(_TIMESPEC.size) + socket.CMSG_SPACE(4)
Address = tuple[str, int]


@dataclass(frozen=True)
class Datagram:
    """What came: octets, from where, when by CLOCK_REALTIME in nanoseconds, with which TTL."""

    octets: bytes
    address: Address
    at_ns: int
    ttl: int


Found = tuple[int, int, int, str, Any]
"""As getaddrinfo gives them."""


def preferred(found: Sequence[Found]) -> Found:
    """The first address of IPv4, else the first: a hub whose name has both may hear probes on one
    of them alone, and its usual probe_host 0.0.0.0 is IPv4's. ValueError for none."""
    return min(found, key=lambda one: one[0] != socket.AF_INET)


class UdpSocket:
    """A bound socket on the running loop; `take` is called with each datagram. Close it."""

    def __init__(
        self, host: str, port: int, take: Callable[[Datagram], None], *, peer: Address | None = None
    ) -> None:
        """`peer`: hear and speak to this address alone. Raises OSError."""
        found = socket.getaddrinfo(*(peer or (host, port)), type=socket.SOCK_DGRAM)
        family, kind, _, _, address = preferred(found)
        self._socket = socket.socket(family, kind)
        self._six = family == socket.AF_INET6
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_OCTETS)
            if self._six:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
            else:
                self._socket.setsockopt(socket.IPPROTO_IP, _IP_RECVTTL, 1)
            if peer:
                self._socket.connect(address)
            else:
                self._socket.bind(address)
        except OSError:
            self._socket.close()
            raise
        self._connected = peer is not None
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._readable)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    def send(self, octets: bytes, address: Address | None = None) -> bool:
        """Whether it left; a full queue or an unreachable peer loses it, as the net would."""
        with suppress(OSError):
            if self._connected or address is None:
                self._socket.send(octets)
            else:
                self._socket.sendto(octets, address)
            return True
        return False

    def send_train(
        self,
        offsets_s: Sequence[float],
        octets: Callable[[int, int], bytes],
        address: Address | None,
        stop: threading.Event,
    ) -> list[int]:
        """In a thread: each packet `octets(place, sent_ns)` at its offset; the monotonic
        nanoseconds at which each left. `stop` ends it early."""
        begun = time.monotonic()
        sent = []
        for place, offset in enumerate(offsets_s):
            wait = begun + offset - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            if stop.is_set():
                break
            sent.append(time.monotonic_ns())
            self.send(octets(place, sent[-1]), address)
        return sent

    def close(self) -> None:
        """Hear no more."""
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _readable(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                octets, ancillary, _, address = self._socket.recvmsg(_MOST, _ANCILLARY)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error of something that was sent: the loss shows by itself
            at_ns, ttl = time.time_ns(), 255
            for level, kind, data in ancillary:
                if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                    seconds, nanoseconds = _TIMESPEC.unpack(data[: _TIMESPEC.size])
                    at_ns = seconds * 1_000_000_000 + nanoseconds
                elif len(data) >= 4:
                    ttl = int.from_bytes(data[:4], "little") & 0xFF
            self._take(Datagram(octets, (address or ("", 0))[:2], at_ns, ttl))
