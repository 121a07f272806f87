"""A TCP upload by BBR beside the call: it paces at what it measured to arrive.

Crude on purpose: startup, drain, the eight-phase cycle of gains and the look at the empty way
every ten seconds (Cardwell et al., "BBR: Congestion-Based Congestion Control", ACM Queue 14(5),
2016); what is lost changes nothing.
"""

from __future__ import annotations

from collections import deque

from closed_loop import Loop

_OCTETS = 1500
_DATA = b"\xff\xff\xff\xff".ljust(_OCTETS, b"\2")
_STARTUP = 2.885
_CYCLE = (1.25, 0.75, 1, 1, 1, 1, 1, 1)
_ROUNDS = 10
_TRIP_MEMORY_S, _PROBE_TRIP_S = 10.0, 0.2


class BbrUpload:
    """Runs between two instants of a loop."""

    def __init__(self, loop: Loop, begin: float, end: float) -> None:
        self._loop, self._end = loop, end
        self._state = "startup"
        self._gain, self._window_gain = _STARTUP, _STARTUP
        self._phase = 0
        self._under_way: deque[tuple[float, int, float]] = deque()
        self._lost = 0
        self._rates: deque[tuple[int, float]] = deque()
        self._round, self._round_ends_at = 0, 0
        self._full, self._full_rounds = 0.0, 0
        self._trip_s, self._trip_at = 1.0, begin
        self._phase_at = begin
        self._look_until = 0.0
        self._delivered, self._delivered_at = 0, begin
        self._next_at = begin
        self._armed = False
        self.arrived_octets = 0
        loop.foreign = self._arrived
        loop.at(begin, self._send)

    @property
    def _bit_s(self) -> float:
        return max((rate for _, rate in self._rates), default=0.0)

    def _window(self) -> float:
        if self._state == "look":
            return 4
        if not self._bit_s:
            return 10
        return max(4.0, self._window_gain * self._bit_s / 8 * self._trip_s / _OCTETS)

    def _send(self, now: float) -> None:
        self._armed = False
        while now < self._end and len(self._under_way) + self._lost < int(self._window()):
            if now < self._next_at - 1e-9:
                self._arm(self._next_at)
                return
            pace = self._gain * self._bit_s
            self._next_at = max(now, self._next_at) + (_OCTETS * 8 / pace if pace else 0.0)
            if self._loop.way.send(now, _DATA):
                self._under_way.append((now, self._delivered, self._delivered_at))
            else:
                self._lost += 1
                self._loop.at(now + self._trip_s + 0.05, self._found_lost)

    def _arm(self, at: float) -> None:
        if not self._armed:
            self._armed = True
            self._loop.at(at, self._send)

    def _found_lost(self, now: float) -> None:
        self._lost -= 1
        self._send(now)

    def _arrived(self, now: float, octets: int) -> None:
        self.arrived_octets += octets
        self._loop.at(now + self._loop.case.delay / 1000, self._acknowledged)

    def _acknowledged(self, now: float) -> None:
        sent_at, delivered, delivered_at = self._under_way.popleft()
        self._delivered += 1
        self._delivered_at = now
        trip = now - sent_at
        expired = now - self._trip_at > _TRIP_MEMORY_S
        if trip <= self._trip_s or expired:
            self._trip_s, self._trip_at = trip, now
        if delivered >= self._round_ends_at:
            self._round += 1
            self._round_ends_at = self._delivered
            self._each_round()
        took = now - delivered_at
        if took > 0:
            self._rates.append((self._round, (self._delivered - delivered) * _OCTETS * 8 / took))
        while self._rates and self._rates[0][0] < self._round - _ROUNDS:
            self._rates.popleft()
        self._advance(now, expired)
        self._send(now)

    def _each_round(self) -> None:
        if self._state != "startup" or not self._bit_s:
            return
        if self._bit_s > 1.25 * self._full:
            self._full, self._full_rounds = self._bit_s, 0
            return
        self._full_rounds += 1
        if self._full_rounds >= 3:
            self._state, self._gain, self._window_gain = "drain", 1 / _STARTUP, _STARTUP

    def _advance(self, now: float, expired: bool) -> None:
        under_way = len(self._under_way) * _OCTETS * 8
        if self._state == "drain" and under_way <= self._bit_s * self._trip_s:
            self._begin_cycle(now)
        elif self._state == "cycle" and now - self._phase_at > self._trip_s:
            self._phase = (self._phase + 1) % len(_CYCLE)
            self._gain, self._phase_at = _CYCLE[self._phase], now
        if expired and self._state != "look":
            self._state, self._gain = "look", 1.0
            self._look_until = now + _PROBE_TRIP_S + self._trip_s
        elif self._state == "look" and now > self._look_until:
            self._trip_at = now
            self._begin_cycle(now)

    def _begin_cycle(self, now: float) -> None:
        self._state, self._window_gain = "cycle", 2.0
        self._phase, self._gain, self._phase_at = 2, 1.0, now
