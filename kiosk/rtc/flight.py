"""What DTLS said last is said again while no answer comes. Pure.

OpenSSL waits a second before it does so (RFC 6347 §4.2.4.1 allows less where it is known to do no
harm), and a browser some tens of milliseconds: one lost datagram of the handshake would be a second
of the citizen's first picture. The same datagrams once more do no harm: what has come already is
passed over as a replay (RFC 6347 §4.1.2.6).
"""

from __future__ import annotations

FIRST_S = 0.25
"""More than a round trip and a thin line's time for a flight; twice as long each time after."""
_MOST_TIMES = 4


def is_dtls(datagram: bytes) -> bool:
    """By its first octet (RFC 7983)."""
    return bool(datagram) and 20 <= datagram[0] <= 63


def _is_media(datagram: bytes) -> bool:
    return bool(datagram) and 128 <= datagram[0] <= 191


class Flight:
    """The newest flight of ours, from its first datagram to the next flight or to media."""

    def __init__(self) -> None:
        self._said: list[bytes] = []
        self._heard = True
        self._again_at: float | None = None
        self._times = 0

    def sent(self, datagram: bytes, now: float) -> None:
        """Something left; what is not DTLS is passed over."""
        if not is_dtls(datagram):
            return
        if self._heard:
            self._said, self._heard = [], False
        self._said.append(datagram)
        self._times = 0
        self._again_at = now + FIRST_S

    def came(self, datagram: bytes) -> None:
        """Something arrived: what DTLS says next is a new flight; after media it has none."""
        if is_dtls(datagram):
            self._heard = True
        elif _is_media(datagram):
            self._said, self._again_at = [], None

    def due(self, now: float) -> list[bytes]:
        """What to send once more now; counts as sent."""
        if self._again_at is None or now < self._again_at:
            return []
        self._times += 1
        self._again_at = now + FIRST_S * 2**self._times if self._times < _MOST_TIMES else None
        return list(self._said)

    def deadline(self) -> float | None:
        """When `due` should be asked next, in seconds; None: not before DTLS says something."""
        return self._again_at
