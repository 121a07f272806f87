"""Streams that no sender makes, past SRTP and parsers: numbers and times jump, wrap, come back.

A million in some minutes: `FUZZ_PACKETS=1000000 FUZZ_SEED=1 .venv/bin/pytest
tests/kiosk/rtc_receiving/test_receiving_fuzz.py`.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from kiosk.rtc import far
from kiosk.rtc.hearing.buffer import MOST_HELD as MOST_SOUND_HELD
from kiosk.rtc.order import MOST_HELD, vp8_key_start
from kiosk.rtc.seeing.nack import MOST_MISSING
from kiosk.rtc.seeing.reception import MOST_WAITING, PictureReception

PACKETS = int(os.environ.get("FUZZ_PACKETS", "20000"))
OPUS = 111
SEED = int(os.environ.get("FUZZ_SEED", "20261122"))
WHOLE = b"\x10" + b"\x00\x00\x00" + b"\x9d\x01\x2a\x10\x00\x10\x00"
PART = b"\x10" + b"\x01\x00\x00"
"""VP8 (RFC 7741 section 4.2): a descriptor, and a picture that is whole or not."""
SOURCES = (1, 2, 3, 0xFFFFFFFF)


class Stranger:
    """A sender whose numbering and clock wander."""

    def __init__(self, seed: int, payloads: tuple[bytes, ...], step: int) -> None:
        self._chance = random.Random(seed)
        self._payloads, self._step = payloads, step
        self._source, self._number, self._time = 1, 0xFFF0, 0xFFFFFF00
        self.now = 1000.0

    def packets(self, count: int) -> Iterator[Any]:
        """So many; each comes at `now`."""
        for _ in range(count):
            self.now += self._chance.choice((0.0, 0.0001, 0.005, 0.02)) + self._rarely(5.0)
            yield self._next()

    def _next(self) -> Any:
        chance = self._chance
        odd = chance.random()
        step = 1
        if odd < 0.02:  # beyond what is believed to be the same numbering, and back
            step = chance.choice((2_999, 3_000, 3_001, 0x7FFF, 0x8000, -99, -100, -101, -5_000))
        elif odd < 0.1:
            step = chance.randint(-20, 200)
        self._number = (self._number + step) & 0xFFFF
        if chance.random() < 0.3:
            self._time += self._step
        if chance.random() < 0.02:
            self._time += chance.choice((-self._step, 1 << 31, -(1 << 31), 1 << 20, -(1 << 20)))
        if chance.random() < 0.01:
            self._source = chance.choice(SOURCES)
        return self._packet(chance.random() < 0.3)

    def clean(self, count: int) -> Iterator[Any]:
        """What a good sender sends then: pictures of one packet, each a whole one."""
        for _ in range(count):
            self.now += 0.02
            self._number = (self._number + 1) & 0xFFFF
            self._time += self._step
            yield self._packet(last=True, payload=self._payloads[0])

    def _packet(self, last: bool, payload: bytes | None = None) -> Any:
        return SimpleNamespace(
            ssrc=self._source,
            sequence_number=self._number,
            timestamp=self._time & 0xFFFFFFFF,
            marker=int(last),
            payload_type=OPUS,
            payload=self._some() if payload is None else payload,
        )

    def _some(self) -> bytes:
        odd = self._chance.random()
        if odd < 0.7:
            return self._chance.choice(self._payloads)
        return b"" if odd < 0.75 else self._chance.randbytes(self._chance.randint(1, 40))

    def _rarely(self, seconds: float) -> float:
        return seconds if self._chance.random() < 0.001 else 0.0


def test_no_order_of_packets_ends_or_fills_the_picture() -> None:
    print("seed", SEED)
    stranger = Stranger(SEED, (WHOLE, PART, PART, PART), 3_600)
    seen = PictureReception(lambda packet: vp8_key_start(packet.payload))
    for packet in stranger.packets(PACKETS):
        seen.packet(packet, stranger.now)
        due = seen.due(stranger.now)
        assert len(due.nack) <= MOST_MISSING
        assert len(due.pictures) <= MOST_WAITING + 1
        assert len(seen._order._held) <= MOST_HELD
        assert seen._nacks.missing <= MOST_MISSING
    shown = 0
    for packet in stranger.clean(100):
        seen.packet(packet, stranger.now)
        shown += len(seen.due(stranger.now).pictures)
    assert shown >= 90, "a good stream after it is seen"


@pytest.mark.parametrize("redundant", [False, True])
def test_no_order_of_packets_ends_or_fills_the_sound(
    monkeypatch: pytest.MonkeyPatch, redundant: bool
) -> None:
    print("seed", SEED)
    speech = b"\xf8\xff\xfe"  # Opus: 20 ms of silence, mono
    twice = (0x80000000 | OPUS << 24 | 960 << 10 | 3).to_bytes(4) + bytes([OPUS]) + 2 * speech
    stranger = Stranger(SEED + 1, (twice if redundant else speech,), 960)
    monkeypatch.setattr(far, "time", SimpleNamespace(monotonic=lambda: stranger.now))
    heard = far.FarSound()
    heard.redundant = {OPUS} if redundant else ()
    for index, packet in enumerate(stranger.packets(PACKETS)):
        heard.packet(packet, stranger.now)
        assert len(heard.due(stranger.now).nack) <= MOST_MISSING
        assert heard._player.held <= MOST_SOUND_HELD
        if index % 4 == 0:
            assert len(heard.pull(480, stranger.now)) == 480
    made_up: int = heard.statistics()["concealedSamples"]
    for packet in stranger.clean(250):
        heard.packet(packet, stranger.now)
        for _ in range(2):
            heard.pull(480, stranger.now)
    made_up = heard.statistics()["concealedSamples"] - made_up
    assert made_up < 0.4 * 250 * 960, "a good stream after it is heard"
