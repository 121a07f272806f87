"""Scripted packets and a decoder that notes what it was given; all in virtual time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from kiosk.rtc.hearing.decoding import Sound, Undecodable
from kiosk.rtc.hearing.player import Player
from kiosk.rtc.hearing.statistics import HearingTotals

RATE = 48000
PACKET = 960
TICK = 480
WIDEBAND_20_MS = 9 << 3  # TOC: SILK, wide band, 20 ms, mono, one frame


@dataclass(frozen=True)
class Arrival:
    at: float
    sequence: int
    timestamp: int
    payload: bytes


def payload(index: int, *, spare: bool = True, toc: int = WIDEBAND_20_MS) -> bytes:
    return bytes([toc, 0x80 | 0x40 * spare]) + index.to_bytes(4, "big")


def steady(
    seconds: float,
    *,
    first_sequence: int = 0,
    first_timestamp: int = 0,
    spare: bool = True,
    delay_s: float = 0.05,
    packet_s: float = 0.020,
    begin_s: float = 0.0,
) -> list[Arrival]:
    return [
        Arrival(
            begin_s + delay_s + i * packet_s,
            (first_sequence + i) & 0xFFFF,
            (first_timestamp + i * PACKET) & 0xFFFFFFFF,
            payload(i, spare=spare),
        )
        for i in range(round(seconds / 0.020))
    ]


def late(arrivals: Iterable[Arrival], by: Callable[[int], float]) -> list[Arrival]:
    """Each delayed by its own amount, in the order in which they then arrive."""
    moved = [
        Arrival(a.at + by(i), a.sequence, a.timestamp, a.payload) for i, a in enumerate(arrivals)
    ]
    return sorted(moved, key=lambda a: a.at)


def jittered(arrivals: list[Arrival], most_s: float, seed: int) -> list[Arrival]:
    dice = random.Random(seed)
    return late(arrivals, lambda _: dice.random() * most_s)


def lossy(arrivals: list[Arrival], ratio: float, seed: int) -> list[Arrival]:
    dice = random.Random(seed)
    return [a for a in arrivals if dice.random() >= ratio]


def held_up(arrivals: list[Arrival], begin: float, end: float) -> list[Arrival]:
    """Nothing comes from `begin` to `end`, then all of it at once."""
    return [
        Arrival(end if begin < a.at < end else a.at, a.sequence, a.timestamp, a.payload)
        for a in arrivals
    ]


@dataclass
class NotingDecoder:
    """A tone of 200 Hz whose phase is the packet's place, so that only true cuts can be heard."""

    played: list[int] = field(default_factory=list)
    recovered: list[int] = field(default_factory=list)
    made_up: int = 0
    _end: int = 0

    def decode(self, payload: bytes) -> Sound:
        if len(payload) < 6:
            raise Undecodable("short")
        index = int.from_bytes(payload[2:6], "big")
        self.played.append(index)
        return self._tone(index * PACKET, PACKET)

    def decode_spare(self, payload: bytes, samples: int) -> Sound:
        index = int.from_bytes(payload[2:6], "big") - 1
        self.recovered.append(index)
        return self._tone(index * PACKET, samples)

    def conceal(self, samples: int) -> Sound:
        self.made_up += samples
        return self._tone(self._end, samples)

    def _tone(self, start: int, samples: int) -> Sound:
        self._end = start + samples
        turns = (start + np.arange(samples)) * 200 / RATE
        return (0.5 * np.sin(2 * np.pi * turns)).astype(np.float32)


@dataclass
class Heard:
    """What a run gave, one entry a tick of 10 ms."""

    player: Player
    decoder: NotingDecoder
    delays: list[float]
    targets: list[float]
    concealed: list[int]
    """Running total."""
    sound: Sound

    @property
    def totals(self) -> HearingTotals:
        return self.player.totals

    @property
    def concealed_ratio(self) -> float:
        return self.totals.concealed / self.totals.samples

    def delay(self, begin: float, end: float) -> float:
        """Largest delay between two times, in seconds."""
        return max(self.delays[round(begin * 100) : round(end * 100)])

    def gaps(self, longer_s: float) -> int:
        """Unbroken stretches of made up sound longer than that."""
        run = count = 0
        for before, after in pairwise(self.concealed):
            run = run + after - before if after > before else 0
            if run > longer_s * RATE:
                count += 1
                run = -(10**9)
        return count


def hear(
    arrivals: list[Arrival],
    seconds: float,
    *,
    speaker_ppm: float = 0.0,
    keep_sound: bool = True,
    player: Player | None = None,
) -> Heard:
    """Play arrivals (in order of arrival) into a loudspeaker that asks every 10 ms."""
    decoder = NotingDecoder()
    player = player or Player(decoder)
    delays, targets, concealed, sound = [], [], [], []
    at = 0
    tick_s = 0.010 / (1 + speaker_ppm * 1e-6)
    for tick in range(round(seconds * 100)):
        now = tick * tick_s
        while at < len(arrivals) and arrivals[at].at <= now:
            a = arrivals[at]
            player.put(a.sequence, a.timestamp, a.payload, a.at)
            at += 1
        delays.append(player.delay_s(now))
        block = player.pull(TICK, now)
        assert len(block) == TICK
        if keep_sound:
            sound.append(block)
        targets.append(player.target_s)
        concealed.append(player.totals.concealed)
    whole = np.concatenate(sound) if sound else np.zeros(0, np.float32)
    return Heard(player, decoder, delays, targets, concealed, whole)
