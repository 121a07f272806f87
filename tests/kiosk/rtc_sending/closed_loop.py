"""A sender, an access line and a receiver in virtual time: the closed loop that tests look at.

The line is the laboratory's (bench/linelab/link.py). The encoder is scripted: it makes pictures of
the size that its rate asks for, each off by a seeded share, and whole ones four times as large.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from bench.linelab.link import OneWay
from bench.linelab.profile import Direction
from kiosk.rtc.sending import twcc
from kiosk.rtc.sending.budget import Budget
from kiosk.rtc.sending.control import SendControl
from kiosk.rtc.sending.framing import PLAIN, RTP_OVERHEAD_OCTETS, Framing
from kiosk.rtc.sending.keyframes import KeyframeThrottle
from kiosk.rtc.sending.ledger import Sent
from kiosk.rtc.sending.pacer import Kind, Pacer
from kiosk.rtc.sending.recorder import FeedbackRecorder
from kiosk.rtc.sending.retransmit import RepairBudget, Retransmitter

SEED = 20261120
IP_UDP = 28
FRAMES_PER_S = 25


@dataclass(frozen=True)
class Case:
    """A line of the issue: kbit/s, one-way delay and jitter in ms, loss in %, buffer in octets."""

    up: int
    down: int
    delay: float
    jitter: float
    loss: float
    buffer: int

    def way(self, kbit_s: float | None = None, **more: object) -> Direction:
        """The way up, or as it is after a step."""
        return Direction(
            kbit_s=kbit_s or self.up,
            buffer_octets=self.buffer,
            delay_ms=self.delay,
            jitter_ms=self.jitter,
            loss_ratio=self.loss / 100,
            **more,  # type: ignore[arg-type]
        )


LINES = {
    "sdsl2": Case(2000, 2000, 10, 1, 0, 64_000),
    "adsl1": Case(1000, 18_000, 15, 3, 0, 64_000),
    "adsl512": Case(512, 4000, 20, 4, 0.2, 48_000),
    "adsl256": Case(256, 1000, 25, 5, 0.5, 32_000),
    "readsl128": Case(128, 512, 30, 8, 0.5, 24_000),
    "lossy1": Case(1000, 8000, 20, 5, 2, 64_000),
}


@dataclass
class Seen:
    """One instant of the loop."""

    at: float
    bit_s: float
    queue_s: float
    """Of the modem, the truth."""
    state: str


@dataclass
class Record:
    """What happened."""

    seen: list[Seen] = field(default_factory=list)
    arrivals: list[tuple[float, Kind, int, float]] = field(default_factory=list)
    """When, what, octets on the line, and how old since capture."""
    sent: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    wire: list[tuple[float, int]] = field(default_factory=list)
    datagrams: list[tuple[float, int]] = field(default_factory=list)
    """When, and octets of the UDP payload."""
    targets: list[tuple[float, float]] = field(default_factory=list)
    frames: list[tuple[float, float]] = field(default_factory=list)
    """Last packet's arrival and age of each picture of which all arrived."""
    pictures: list[tuple[float, float]] = field(default_factory=list)
    """The same by their time of capture."""

    def share(self, kbit_s: float, begin: float, end: float) -> float:
        """Of the line, what arrived in this time."""
        octets = sum(o for at, _, o, _ in self.arrivals if begin <= at < end)
        return octets * 8 / (end - begin) / (kbit_s * 1000)

    def queue_p95(self, begin: float, end: float) -> float:
        """Of the modem, in seconds."""
        return percentile([s.queue_s for s in self.seen if begin <= s.at < end], 0.95)

    def age_p95(self, begin: float, end: float) -> float:
        """Capture to the last packet's arrival, of pictures."""
        return percentile([age for at, age in self.frames if begin <= at < end], 0.95)

    def rates(self, begin: float, end: float) -> list[float]:
        """The rate in force over time."""
        return [s.bit_s for s in self.seen if begin <= s.at < end]


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class _Frame:
    captured: float
    left: set[int]
    """Packets that have not come yet."""


_Packet = tuple[Kind, int, tuple[_Frame, int] | None]
"""What it carries, octets of the datagram, of which picture and which of its packets."""


class Loop:
    """Runs the events of sender, line and receiver in order of time."""

    def __init__(
        self,
        case: Case,
        budget: Budget,
        *,
        way: Direction | None = None,
        framing: Framing = PLAIN,
        seed: int = SEED,
        feedback: bool = True,
        drift: float = 0.0,
    ) -> None:
        self.case = case
        self.way = OneWay(way or case.way(), seed)
        self.back = OneWay(
            Direction(kbit_s=case.down, delay_ms=case.delay, loss_ratio=case.loss / 100), seed + 1
        )
        self.framing = framing
        self.random = random.Random(seed)
        self.control = SendControl(budget, framing)
        self.pacer: Pacer[_Packet] = Pacer(budget.start_bit_s)
        self.keyframes = KeyframeThrottle()
        self.recorder = FeedbackRecorder(1, case.down * 1000)
        self.feedback = feedback
        self.drift = drift
        self.retransmit: Retransmitter[_Packet] = Retransmitter()
        self.repairs = RepairBudget()
        self.record = Record()
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()
        self._known: dict[int, tuple[Kind, float, tuple[_Frame, int] | None]] = {}
        self.made: list[_Frame] = []
        self._numbers = itertools.count()
        self._dropped = 0
        self.foreign: Callable[[float, int], None] | None = None
        self.at(0.0, self._speak)
        self.at(0.0, self._film)
        self.at(0.0, self._look)

    def at(self, when: float, act: Callable[[float], None]) -> None:
        """Let something happen."""
        heapq.heappush(self._events, (when, next(self._order), act))

    def run(self, until: float) -> Record:
        """Play everything up to a time."""
        now = 0.0
        while now < until:
            window = self.control.window_open(now)
            times = (
                self._events[0][0],
                self.way.deadline(),
                self.back.deadline(),
                self.pacer.deadline(now, window_open=window),
                self.recorder.deadline() if self.feedback else None,
            )
            now = max(now, min(time for time in times if time is not None))
            self._step(now)
        return self.record

    def _step(self, now: float) -> None:
        while self._events and self._events[0][0] <= now:
            heapq.heappop(self._events)[2](now)
        for data in self.way.receive(now):
            self._arrive(data, now)
        for packet in self.recorder.take(now * (1 + self.drift)) if self.feedback else ():
            self.back.send(now, packet + bytes(IP_UDP))
        for data in self.back.receive(now):
            for feedback in twcc.split(data[:-IP_UDP])[0]:
                self._repair(self.control.feedback(feedback, now).lost, now)
        self._send(now)

    # --- the sender ------------------------------------------------------------------------------

    def _send(self, now: float) -> None:
        target = self.control.target(now)
        self.record.targets.append((now, target.total_bit_s))
        self.pacer.pace(target.pace_bit_s, now)
        probe = self.control.prober.take(now, self.framing.media_octets(target.payload_octets))
        if probe is not None:
            self.pacer.probe(probe, now)
        if not self.control.prober.awaits:
            self.pacer.probe_over(now)
        for leaving in self.pacer.take(now, window_open=self.control.window_open(now)):
            if leaving.packet is None:
                kind, octets, part = leaving.kind, leaving.octets - IP_UDP, None
            else:
                kind, octets, part = leaving.packet
            resent = leaving.kind is Kind.RESENT
            number = self.control.sent(now, octets, probe=leaving.probe, resent=resent)
            if kind is Kind.VIDEO and leaving.packet is not None:
                self.retransmit.sent(number, leaving.packet, leaving.octets, now)
            key = next(self._numbers)
            self._known[key] = (kind, part[0].captured if part else now, part)
            data = key.to_bytes(4, "big") + number.to_bytes(2, "big")
            self.record.sent[leaving.kind] += 1
            self.record.wire.append((now, self.framing.octets(octets)))
            self.record.datagrams.append((now, octets))
            self.way.send(now, data.ljust(octets + IP_UDP, b"\1"))

    def _repair(self, lost: Sequence[Sent], now: float) -> None:
        """The receiver's NACK says the same as its feedback, at the same time."""
        self.repairs.allow(self.control.target(now).resend_bit_s, now)
        numbers = [packet.number for packet in lost]
        may_spend = partial(self.repairs.take, now=now, sound=False)
        for packet, octets in self.retransmit.nack(
            numbers, now, self.control.round_trip_s, may_spend
        ):
            self.pacer.put(Kind.RESENT, packet, octets, now)

    def _speak(self, now: float) -> None:
        sound = self.control.target(now).sound
        octets = sound.bit_s * sound.packet_ms // 8000 + RTP_OVERHEAD_OCTETS
        self._queue(Kind.SOUND, octets, None, now)
        self.at(now + sound.packet_ms / 1000, self._speak)

    def _film(self, now: float) -> None:
        target = self.control.target(now)
        fps = FRAMES_PER_S if target.video_encoder_bit_s > 150_000 else 12.5
        self.at(now + 1 / fps, self._film)
        if self.pacer.dropped > self._dropped:
            self._dropped = self.pacer.dropped
            self.keyframes.needed()
        if not self.pacer.may_encode() or not self.control.window_open(now):
            return
        size = target.video_encoder_bit_s / 8 / fps * self.random.uniform(0.6, 1.4)
        if self.keyframes.due(now, target.video_bit_s):
            size *= 4
            self.keyframes.made(now, int(size))
        if size < 20:
            return
        count = -(-int(size) // target.payload_octets)
        frame = _Frame(now, set(range(count)))
        self.made.append(frame)
        for kind in (Kind.VIDEO, *[Kind.COPY] * target.copies):
            for index in range(count):
                octets = int(size / count) + RTP_OVERHEAD_OCTETS
                self._queue(kind, octets, (frame, index), now)

    def _queue(self, kind: Kind, octets: int, part: tuple[_Frame, int] | None, now: float) -> None:
        self.pacer.put(kind, (kind, octets, part), self.framing.octets(octets), now)

    # --- the receiver ----------------------------------------------------------------------------

    def _arrive(self, data: bytes, now: float) -> None:
        if data[:4] == b"\xff\xff\xff\xff":
            if self.foreign is not None:
                self.foreign(now, len(data))
            return
        kind, captured, part = self._known.pop(int.from_bytes(data[:4], "big"))
        self.record.arrivals.append(
            (now, kind, self.framing.octets(len(data) - IP_UDP), now - captured)
        )
        self.recorder.received(int.from_bytes(data[4:6], "big"), 1, now * (1 + self.drift))
        if part is not None and part[1] in part[0].left:
            part[0].left.remove(part[1])
            if not part[0].left:
                self.record.frames.append((now, now - captured))
                self.record.pictures.append((captured, now - captured))

    def _look(self, now: float) -> None:
        rate = (self.way.direction.kbit_s or 1) * 1000
        queued = sum(self.way.direction.wire_octets(len(p)) for p in self.way._queue)
        self.record.seen.append(
            Seen(now, self.control.target(now).total_bit_s, queued * 8 / rate, self.control.state)
        )
        self.at(now + 0.01, self._look)
