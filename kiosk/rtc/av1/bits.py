"""Bits of an AV1 header, the most significant one first. Pure."""

from __future__ import annotations

from kiosk.rtc.av1.obu import Malformed

_MOST_UVLC_ZEROS = 32


class Bits:
    """Reads on from where it stands; raises Malformed where nothing is left."""

    def __init__(self, octets: bytes) -> None:
        self._value = int.from_bytes(octets, "big")
        self._left = 8 * len(octets)

    def take(self, count: int) -> int:
        """The next `count` bits as a number: f(n) of the AV1 specification, section 4.10.2."""
        self._left -= count
        if self._left < 0:
            raise Malformed("a header is cut short")
        return self._value >> self._left & ((1 << count) - 1)

    def skip_uvlc(self) -> None:
        """A number as section 4.10.3 writes it."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        if zeros < _MOST_UVLC_ZEROS:
            self.take(zeros)
