"""When each packet leaves: sound first, then what is sent again, then video, then copies. Pure.

A leaky bucket: what leaves fills it, the pace empties it, and while there is anything in it video
waits. So the queue stands here, where sound may overtake, and not in the modem, where it may not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

from kiosk.rtc.sending.probing import Probe

Packet = TypeVar("Packet")

MOST_AGE_S = 0.6
"""Video that has waited longer is thrown away: it would be seen after newer sound."""
ENCODE_BELOW_S = 0.08
"""A picture is worth encoding only while the queue before it is shorter."""
_LATE_S = 0.02
"""What waits may catch up so much: timers fire late, and at each packet that time would be lost."""
_PADDING_OCTETS = 250
_ROUNDING_OCTETS = 1e-6


class Kind(IntEnum):
    """What a packet carries, first come first."""

    SOUND = 0
    SOUND_AGAIN = 1
    RESENT = 2
    """Of video, on request."""
    VIDEO = 3
    COPY = 4
    """Of video that has left, unasked."""

    @property
    def repeats(self) -> bool:
        """What leaves has left before."""
        return self in (*REPAIRS, Kind.COPY)


REPAIRS = (Kind.SOUND_AGAIN, Kind.RESENT)
"""What was asked for."""
_PICTURE = (Kind.VIDEO, Kind.COPY)
_AFTER_SOUND = (*REPAIRS, *_PICTURE)


@dataclass(frozen=True)
class Leaving(Generic[Packet]):
    """A packet to send now; without one, so many octets of padding."""

    kind: Kind
    packet: Packet | None
    octets: int
    """Of the line."""
    probe: int | None


@dataclass(frozen=True)
class _Waiting(Generic[Packet]):
    packet: Packet
    octets: int
    until: float


class Pacer(Generic[Packet]):
    """Holds packets until the line has room; asks for nothing but `now`."""

    def __init__(self, bit_s: float, first_octets: float = 0.0) -> None:
        """`first_octets` leave at once at the very first: the line is empty."""
        self._bit_s = bit_s
        self._queues: dict[Kind, deque[_Waiting[Packet]]] = {kind: deque() for kind in Kind}
        self._video_octets = 0
        self._bucket = -first_octets
        self._emptied_at: float | None = None
        self._probe: Probe | None = None
        self._probe_octets = 0
        self._probe_packets = 0
        self.dropped = 0
        """Video packets thrown away for their age; a whole picture must follow."""

    def pace(self, bit_s: float, now: float) -> None:
        """Leave at this rate from now on, in bit/s of the line."""
        self._leak(now)
        self._bit_s = bit_s

    def put(
        self,
        kind: Kind,
        packet: Packet,
        octets: int,
        now: float,
        patience_s: float = MOST_AGE_S,
    ) -> None:
        """One more packet waits, `patience_s` at most; octets of the line."""
        self._leak(now)
        self._queues[kind].append(_Waiting(packet, octets, now + patience_s))
        if kind in _PICTURE:
            self._video_octets += octets

    def probe(self, probe: Probe, now: float) -> None:
        """Send what comes at this burst's rate, filled up with padding."""
        self._leak(now)
        self._probe = probe
        self._probe_octets = self._probe_packets = 0
        self._bucket = min(self._bucket, 0.0)

    def probe_over(self, now: float) -> None:
        """Nobody waits for this burst any more: what is left of it never leaves."""
        self._leak(now)
        self._probe = None

    def take(self, now: float, *, window_open: bool = True) -> Iterator[Leaving[Packet]]:
        """Packets that leave now; with the window closed only sound does."""
        self._leak(now)
        self._drop_old(now)
        while (leaving := self._next(window_open)) is not None:
            self._bucket += leaving.octets
            if leaving.probe is not None:
                self._count_probe(leaving.octets)
            yield leaving

    def deadline(self, now: float, *, window_open: bool = True) -> float | None:
        """When to ask `take` next; None: not before something is put in or the window opens."""
        if self._queues[Kind.SOUND]:
            return now
        if not (self._waits or self._probe) or not window_open:
            return None
        self._leak(now)
        return now + max(0.0, self._bucket) * 8 / self._rate

    def queue_s(self) -> float:
        """How long the video that waits will take."""
        return self._video_octets * 8 / self._bit_s

    def may_encode(self) -> bool:
        """Whether one more picture would leave in time; else skip it before it is encoded."""
        return self.queue_s() < ENCODE_BELOW_S

    def clear_video(self) -> None:
        """What waits is of no use any more; a whole picture must follow."""
        self.dropped += len(self._queues[Kind.VIDEO])
        for kind in _PICTURE:
            self._queues[kind].clear()
        self._video_octets = 0

    @property
    def _waits(self) -> bool:
        return any(self._queues[kind] for kind in _AFTER_SOUND)

    @property
    def _rate(self) -> float:
        return self._bit_s if self._probe is None else max(self._bit_s, self._probe.bit_s)

    def _leak(self, now: float) -> None:
        if self._emptied_at is not None:
            gone = self._rate / 8 * (now - self._emptied_at)
            least = -self._rate / 8 * _LATE_S if self._waits else 0.0
            self._bucket = max(min(least, self._bucket), self._bucket - gone)
            if 0 < self._bucket < _ROUNDING_OCTETS:
                self._bucket = 0.0
        self._emptied_at = now

    def _drop_old(self, now: float) -> None:
        video = self._queues[Kind.VIDEO]
        if video and now > video[0].until:
            self.clear_video()
        for kind in (*REPAIRS, Kind.COPY):
            while self._queues[kind] and now > self._queues[kind][0].until:
                self._taken(kind)

    def _next(self, window_open: bool) -> Leaving[Packet] | None:
        number = None if self._probe is None else self._probe.number
        if self._queues[Kind.SOUND]:
            return self._leaving(Kind.SOUND, number)
        if not window_open or self._bucket > 0:
            return None
        for kind in _AFTER_SOUND:
            if self._queues[kind]:
                return self._leaving(kind, number)
        if self._probe is not None:
            share = self._probe.octets // self._probe.packets
            return Leaving(Kind.VIDEO, None, max(1, min(_PADDING_OCTETS, share)), number)
        return None

    def _leaving(self, kind: Kind, probe: int | None) -> Leaving[Packet]:
        waiting = self._taken(kind)
        return Leaving(kind, waiting.packet, waiting.octets, probe)

    def _taken(self, kind: Kind) -> _Waiting[Packet]:
        waiting = self._queues[kind].popleft()
        if kind in _PICTURE:
            self._video_octets -= waiting.octets
        return waiting

    def _count_probe(self, octets: int) -> None:
        self._probe_octets += octets
        self._probe_packets += 1
        probe = self._probe
        if (
            probe is not None
            and self._probe_octets >= probe.octets
            and self._probe_packets >= probe.packets
        ):
            self._probe = None
