"""When a packet really came: the kernel's word, not that of an event loop that was busy."""

from __future__ import annotations

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


class Datagram(bytes):
    """A datagram that knows its arrival."""

    arrived_at: float
    """Seconds of `time.monotonic()`."""


class KioskStunProtocol(aioice.ice.StunProtocol):
    """aioice's socket with arrival times; media goes past its STUN parser.

    Far ends judge the line by the arrival times that we report: were they taken when Python gets
    round to it, each burst of work on this machine would look like a queue in the modem.
    """

    def datagram_received(self, data: bytes | str, addr: tuple[object, ...]) -> None:
        """One datagram; RTP and RTCP by their first octet (RFC 7983 §7)."""
        if isinstance(data, bytes) and data and 127 < data[0] < 192 and self.local_candidate:
            stamped = Datagram(data)
            stamped.arrived_at = self._arrival()
            self.receiver.data_received(stamped, self.local_candidate.component)
        else:
            super().datagram_received(data, addr)

    def _arrival(self) -> float:
        now = time.monotonic()
        found = None if self.transport is None else self.transport.get_extra_info("socket")
        if found is None or found.type != socket.SOCK_DGRAM:
            return now  # by a relay over TCP
        try:
            seconds, nanoseconds = _TIMESPEC.unpack(fcntl.ioctl(found, _SIOCGSTAMPNS, bytes(16)))
        except OSError:
            return now  # the first question switches the stamps on
        age_s = time.time() - seconds - nanoseconds * 1e-9
        return now - age_s if 0 <= age_s < _LONGEST_S else now
