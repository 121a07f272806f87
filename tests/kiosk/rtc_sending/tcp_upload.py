"""A TCP upload beside the call: slow start, then CUBIC-like growth with halving at loss.

Crude on purpose: one flow that fills a drop-tail buffer, backs off by 0.7 once a round trip when a
packet is dropped, and never runs out of data (RFC 9438 in its Reno-friendly region).
"""

from __future__ import annotations

from closed_loop import Loop

from bench.linelab.link import OneWay

_OCTETS = 1500
_DATA = b"\xff\xff\xff\xff".ljust(_OCTETS, b"\2")
_BACK_OFF = 0.7


class Upload:
    """Runs between two instants of a loop."""

    def __init__(self, loop: Loop, begin: float, end: float) -> None:
        self._loop = loop
        self._end = end
        self._window = 10.0
        self._threshold = float("inf")
        self._in_flight = 0
        self._backed_off_at = float("-inf")
        self._sent: list[float] = []
        self.arrived_octets = 0
        loop.foreign = self._arrived
        loop.at(begin, self._send)

    @property
    def _way(self) -> OneWay:
        return self._loop.way

    def _send(self, now: float) -> None:
        while now < self._end and self._in_flight < int(self._window):
            self._in_flight += 1
            if self._way.send(now, _DATA):
                self._sent.append(now)
            else:
                self._dropped(now)

    def _dropped(self, now: float) -> None:
        """The sender learns it a round trip later."""
        trip = self._loop.case.delay * 2 / 1000 + 0.05
        self._loop.at(now + trip, self._lost)

    def _lost(self, now: float) -> None:
        self._in_flight -= 1
        trip = 0.1 if not self._sent else max(0.1, now - self._sent[0])
        if now - self._backed_off_at > trip:
            self._backed_off_at = now
            self._window = max(2.0, self._window * _BACK_OFF)
            self._threshold = self._window
        self._send(now)

    def _arrived(self, now: float, octets: int) -> None:
        self.arrived_octets += octets
        self._loop.at(now + self._loop.case.delay / 1000, self._acknowledged)

    def _acknowledged(self, now: float) -> None:
        self._in_flight -= 1
        if self._sent:
            self._sent.pop(0)
        if self._window < self._threshold:
            self._window += 1
        else:
            self._window += 1 / self._window
        self._send(now)
