"""What becomes of each packet on an emulated line. Pure: packets and `now` in, deliveries out.

Time is any clock's seconds. The line keeps its own exact time: a packet's end on the wire is
computed from the rate and the end of the packet before it, never from the moment at which
somebody looked, so a driver that wakes late delivers late but never changes the rate.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bench.linelab.profile import Direction, DirectionName, Event, Profile, changed


@dataclass
class Counters:
    """Packets, each in exactly one of the places after `offered`."""

    offered: int = 0
    delivered: int = 0
    overflowed: int = 0
    """Came while the buffer was full."""
    lost: int = 0
    """Lost on the wire."""
    cut_off: int = 0
    """Came, waited or were being sent while the line was cut."""
    delivered_octets: int = 0


class OneWay:
    """One direction: drop-tail buffer, wire of a rate (or a token bucket), loss, delay, jitter.

    The caller hands packets to `send`, asks `receive` at every `deadline()`, and gives a `now`
    that never runs backwards.
    """

    def __init__(self, direction: Direction, seed: int) -> None:
        self._direction = direction
        # Reproducible on purpose: the same seed loses the same packets.
        self._random = random.Random(seed)  # noqa: S311 (no secret is made of it)
        self._in_bad_state = False
        self._queue: deque[bytes] = deque()
        self._queued_octets = 0
        self._head_ends_at = 0.0
        self._tokens = float(direction.burst_octets)
        self._tokens_at = 0.0
        self._in_flight: list[tuple[float, int, bytes]] = []
        self._flown = 0
        self._last_arrival = 0.0
        self._cut = False
        self.counters = Counters()

    @property
    def direction(self) -> Direction:
        """What this direction is like now."""
        return self._direction

    def queue_s(self, now: float) -> float:
        """How long a packet that comes now would wait for the wire, in seconds."""
        if not self._queue:
            return 0.0
        behind = (self._seconds_on_wire(packet) for packet in islice(self._queue, 1, None))
        return max(0.0, self._head_ends_at - now) + sum(behind)

    @property
    def held(self) -> int:
        """Packets in the buffer, on the wire or in flight."""
        return len(self._queue) + len(self._in_flight)

    @property
    def is_cut(self) -> bool:
        """Whether the line is dead now."""
        return self._cut

    def send(self, now: float, packet: bytes) -> bool:
        """Take a packet in; False when it is dropped at once (line cut, buffer full)."""
        self._advance(now)
        self.counters.offered += 1
        if self._cut:
            self.counters.cut_off += 1
            return False
        # A packet in transmission still holds its buffer, as in a modem.
        if self._queue and self._queued_octets + len(packet) > self._direction.buffer_octets:
            self.counters.overflowed += 1
            return False
        self._queue.append(packet)
        self._queued_octets += len(packet)
        if len(self._queue) == 1:
            self._begin(now)
            self._advance(now)
        return True

    def receive(self, now: float) -> list[bytes]:
        """Packets that have arrived by `now`, in their order of arrival."""
        self._advance(now)
        arrived = []
        while self._in_flight and self._in_flight[0][0] <= now:
            packet = heapq.heappop(self._in_flight)[2]
            self.counters.delivered += 1
            self.counters.delivered_octets += len(packet)
            arrived.append(packet)
        return arrived

    def deadline(self) -> float | None:
        """When to ask `receive` next; None: nothing under way."""
        times = []
        if self._in_flight:
            times.append(self._in_flight[0][0])
        # With order kept, nothing that is still queued can arrive before what is in flight.
        if self._queue and (self._direction.reorder or not times):
            times.append(self._head_ends_at)
        return min(times, default=None)

    def cut(self, now: float) -> None:
        """Kill the line: what waits is lost, what is past the wire still arrives."""
        self._advance(now)
        self._cut = True
        self.counters.cut_off += len(self._queue)
        self._queue.clear()
        self._queued_octets = 0

    def restore(self, now: float) -> None:
        """Bring the line back, empty."""
        self._advance(now)
        self._cut = False

    def change(self, now: float, direction: Direction) -> None:
        """Become another line; what is left of the packet on the wire goes at the new rate.

        A shaper begins with all its tokens.
        """
        self._advance(now)
        if self._queue:
            before = self._seconds_on_wire(self._queue[0])
            self._direction = direction
            after = self._seconds_on_wire(self._queue[0])
            left = (self._head_ends_at - now) / before if before else 0.0
            self._head_ends_at = now + left * after
        self._direction = direction
        self._tokens, self._tokens_at = float(direction.burst_octets), now

    def _seconds_on_wire(self, packet: bytes) -> float:
        if self._direction.kbit_s is None:
            return 0.0
        return self._direction.wire_octets(len(packet)) * 8 / (self._direction.kbit_s * 1000)

    def _begin(self, at: float) -> None:
        """The head's turn: it takes what tokens there are, and waits for the rest of its octets."""
        wire_s = self._seconds_on_wire(self._queue[0])
        if wire_s and self._direction.burst_octets:
            octets = self._direction.wire_octets(len(self._queue[0]))
            gained = (at - self._tokens_at) * octets / wire_s
            tokens = min(self._direction.burst_octets, self._tokens + max(0.0, gained))
            self._tokens = max(0.0, tokens - octets)
            wire_s *= max(0.0, 1 - tokens / octets)
            self._tokens_at = at + wire_s
            if link_kbit_s := self._direction.link_kbit_s:
                wire_s = max(wire_s, octets * 8 / (link_kbit_s * 1000))
        self._head_ends_at = at + wire_s

    def _advance(self, now: float) -> None:
        """Move everything whose time on the wire has ended by `now` into flight."""
        while self._queue and self._head_ends_at <= now:
            packet = self._queue.popleft()
            self._queued_octets -= len(packet)
            ended_at = self._head_ends_at
            if self._queue:
                self._begin(ended_at)
            if self._is_lost():
                self.counters.lost += 1
            else:
                self._fly(ended_at, packet)

    def _fly(self, left_at: float, packet: bytes) -> None:
        delay_s = self._direction.delay_ms / 1000
        if self._direction.jitter_ms:
            delay_s += self._random.random() * self._direction.jitter_ms / 1000
        arrives_at = left_at + delay_s
        if not self._direction.reorder:
            arrives_at = max(arrives_at, self._last_arrival)
        self._last_arrival = arrives_at
        self._flown += 1
        heapq.heappush(self._in_flight, (arrives_at, self._flown, packet))

    def _is_lost(self) -> bool:
        """Gilbert's two states: all is lost in the bad one, which lasts `loss_burst` on average."""
        ratio, burst = self._direction.loss_ratio, self._direction.loss_burst
        if not ratio:
            return False
        if burst == 1:
            return self._random.random() < ratio
        leaves_bad = 1 / burst
        enters_bad = min(1.0, leaves_bad * ratio / (1 - ratio))
        chance = self._random.random()
        self._in_bad_state = chance >= leaves_bad if self._in_bad_state else chance < enters_bad
        return self._in_bad_state


class Line:
    """Both directions and their script. `now` counts from the line's start at 0."""

    def __init__(self, profile: Profile) -> None:
        self.ways: dict[DirectionName, OneWay] = {
            "down": OneWay(profile.down, profile.seed),
            "up": OneWay(profile.up, profile.seed + 1),
        }
        self._script: deque[Event] = deque(sorted(profile.script, key=lambda event: event.at_s))

    def deadline(self) -> float | None:
        """The next moment at which `receive` has something to do."""
        times = [way.deadline() for way in self.ways.values()]
        if self._script:
            times.append(self._script[0].at_s)
        return min((time for time in times if time is not None), default=None)

    def send(self, now: float, way: DirectionName, packet: bytes) -> bool:
        """Offer a packet to one direction."""
        self._play(now)
        return self.ways[way].send(now, packet)

    def receive(self, now: float, way: DirectionName) -> list[bytes]:
        """Arrivals of one direction, with the script played up to `now`."""
        self._play(now)
        return self.ways[way].receive(now)

    def apply(self, now: float, event: Event) -> None:
        """Let something happen now; ValueError names an unknown field."""
        act: dict[str, Callable[[OneWay], Any]] = {
            "cut": lambda way: way.cut(now),
            "restore": lambda way: way.restore(now),
            "set": lambda way: way.change(now, changed(way.direction, event.change)),
        }
        for way in self._touched(event):
            act[event.do](way)

    def _touched(self, event: Event) -> Sequence[OneWay]:
        if event.direction == "both":
            return tuple(self.ways.values())
        return (self.ways[event.direction],)

    def _play(self, now: float) -> None:
        while self._script and self._script[0].at_s <= now:
            event = self._script.popleft()
            self.apply(event.at_s, event)
