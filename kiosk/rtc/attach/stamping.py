"""When a packet really came: the kernel's word, not that of an event loop that was busy."""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import time

import aioice.ice

_SIOCGSTAMPNS = 0x8907
"""Linux, socket(7): when the datagram read last from this socket had come, by the wall clock."""
_TIMESPEC = struct.Struct("qq")
_LONGEST_S = 10.0
"""A packet older than this was stamped by another clock."""
_AT_ONCE = 64
"""Datagrams; then others have their turn."""
_MOST_OCTETS = 65536


class Datagram(bytes):
    """A datagram that knows its arrival."""

    arrived_at: float
    """Seconds of `time.monotonic()`."""


class KioskStunProtocol(aioice.ice.StunProtocol):
    """aioice's socket with arrival times; media goes past its STUN parser.

    Far ends judge the line by the arrival times that we report: were they taken when Python gets
    round to it, each burst of work on this machine would look like a queue in the modem.

    asyncio reads one datagram a turn of its loop. Where the turns are slow because there is much
    to do, datagrams would pile up in the kernel for seconds: all that wait are taken at once.
    """

    _socket: socket.socket | None = None
    """Ours to read; None by a relay, whose socket carries other things."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        super().connection_made(transport)
        found = transport.get_extra_info("socket")
        if found is not None and found.type == socket.SOCK_DGRAM:
            self._socket = found.dup()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        super().connection_lost(exc)

    def datagram_received(self, data: bytes | str, addr: tuple[object, ...]) -> None:
        """One datagram that asyncio has read, and those behind it."""
        self._take(data, addr)
        for _ in range(_AT_ONCE):
            if self._socket is None or self.transport.is_closing():
                return
            try:
                data, addr = self._socket.recvfrom(_MOST_OCTETS)
            except BlockingIOError:
                return
            except OSError as error:  # an ICMP error, as asyncio tells it
                self.error_received(error)
                return
            self._take(data, addr)

    def _take(self, data: bytes | str, addr: tuple[object, ...]) -> None:
        """RTP and RTCP by their first octet (RFC 7983 §7)."""
        if isinstance(data, bytes) and data and 127 < data[0] < 192 and self.local_candidate:
            stamped = Datagram(data)
            stamped.arrived_at = self._arrival()
            self.receiver.data_received(stamped, self.local_candidate.component)
        else:
            super().datagram_received(data, addr)

    def _arrival(self) -> float:
        now = time.monotonic()
        if self._socket is None:
            return now
        try:
            stamp = fcntl.ioctl(self._socket, _SIOCGSTAMPNS, bytes(_TIMESPEC.size))
        except OSError:
            return now  # the first question switches the stamps on
        seconds, nanoseconds = _TIMESPEC.unpack(stamp)
        age_s = time.time() - seconds - nanoseconds * 1e-9
        return now - age_s if 0 <= age_s < _LONGEST_S else now
