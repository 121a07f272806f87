"""SRTP from a far end that may have only so many sources."""

from __future__ import annotations

from collections.abc import Callable

import pylibsrtp

MOST_SOURCES = 32
"""Of a far end: three send, and each may begin anew some times."""


class BoundedSession:
    """libsrtp's session, without the packets of ever new sources.

    It keeps a stream for each source that was ever authenticated and goes through all of them for
    each packet, and aiortc's router keeps them too: far ends that name ever new ones would fill
    the memory and slow down the rest. What is not authentic names no source. None is forgotten
    either: libsrtp would forget which of its packets have come (RFC 3711 section 3.3.2), and
    who recorded old ones could have them heard again. A new connection, with new keys, begins anew.
    """

    def __init__(self, session: pylibsrtp.Session) -> None:
        self._session = session
        self._known: set[bytes] = set()

    def unprotect(self, packet: bytes) -> bytes:
        """An RTP packet decrypted; pylibsrtp.Error when it is not authentic, or one too many."""
        return self._opened(packet, packet[8:12], self._session.unprotect)

    def unprotect_rtcp(self, packet: bytes) -> bytes:
        """The same of RTCP."""
        return self._opened(packet, packet[4:8], self._session.unprotect_rtcp)

    def _opened(self, packet: bytes, source: bytes, unprotect: Callable[[bytes], bytes]) -> bytes:
        if source not in self._known and len(self._known) >= MOST_SOURCES:
            raise pylibsrtp.Error("one source too many")
        clear = unprotect(packet)
        self._known.add(source)
        return clear
