"""AV1 over a line that loses: what is shown is the sender's picture to the last bit, or nothing.

A real encoder and a real decoder in virtual time. Beside them a decoder that loses nothing says
what each picture must look like: a block of an older picture in it would be seen.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from kiosk.devices.test_picture import Painter
from kiosk.rtc.attach.decoding import Av1Decoder, Undecoded
from kiosk.rtc.av1 import payload, svt
from kiosk.rtc.seeing.picture_requests import PATIENCE_S
from kiosk.rtc.seeing.reception import PictureReception

WIDTH, HEIGHT = 320, 180
FRAME_S = 0.040
STEP_S = 0.005
ROUND_TRIP_S = 0.060
CODEC = RTCRtpCodecParameters("video/AV1", 90_000, payloadType=45)


@dataclass(frozen=True)
class Packet:
    ssrc: int
    sequence_number: int
    timestamp: int
    marker: int
    payload: bytes


@dataclass
class Line:
    """Loses packets, single ones and bursts; what is asked for again comes, or never does."""

    chance: random.Random
    answers: float
    """Share of the packets asked for that come again."""
    left: int = 0

    def loses(self) -> bool:
        if not self.left and self.chance.random() < 0.04:
            self.left = self.chance.choice((1, 1, 2, 5, 40))
        self.left -= self.left > 0
        return self.left > 0


@dataclass
class Shown:
    """What the receiving end did."""

    pictures: list[tuple[float, int, str]] = field(default_factory=list)
    """When, number, and digest of what was shown."""
    asked: list[float] = field(default_factory=list)
    """Instants of requests for a whole picture."""
    truth: dict[int, str] = field(default_factory=dict)
    """By number, what a decoder without losses shows."""


def digest(units: list[bytes], decoder: Av1Decoder, timestamp: int) -> list[str]:
    frames = decoder.decode(Undecoded(CODEC, units, timestamp))
    return [hashlib.sha1(f.to_ndarray().tobytes()).hexdigest() for f in frames]


def watched(line: Line, pictures: int, most_octets: int = 200) -> Shown:
    """So many pictures over this line, in payloads of so many octets."""
    encoder, painter = svt.Encoder(WIDTH, HEIGHT, 200_000), Painter(WIDTH, HEIGHT)
    seeing = PictureReception(lambda packet: payload.key_start(packet.payload))
    seeing.round_trip(ROUND_TRIP_S)
    decoder, whole_decoder, shown = Av1Decoder(), Av1Decoder(), Shown()
    sent: dict[int, Packet] = {}
    coming: list[tuple[float, Packet]] = []
    wanted: list[float] = []
    number, steps = 0, round(FRAME_S / STEP_S)
    for step in range(pictures * steps):
        now = step * STEP_S
        if step % steps == 0:
            picture = step // steps
            whole = any(at <= now for at in wanted)
            wanted = [at for at in wanted if at > now]
            unit = encoder.encode(painter.paint(picture, picture * FRAME_S), whole=whole)
            payloads = payload.packetize(unit, most_octets)
            (shown.truth[picture],) = digest(payloads, whole_decoder, picture)
            for index, one in enumerate(payloads):
                marker = int(index == len(payloads) - 1)
                sent[number] = Packet(7, number, picture * 3600, marker, one)
                if not line.loses():
                    coming.append((now, sent[number]))
                number += 1
        for at, packet in [entry for entry in coming if entry[0] <= now]:
            coming.remove((at, packet))
            seeing.packet(packet, now)
        due = seeing.due(now)
        if due.pli:
            shown.asked.append(now)
            wanted.append(now + ROUND_TRIP_S)
        answered = [again for again in due.nack if line.chance.random() < line.answers]
        coming += [(now + ROUND_TRIP_S, sent[again]) for again in answered]
        for one in due.pictures:
            units = [packet.payload for packet in one.packets]
            which = one.timestamp // 3600
            shown.pictures += [(now, which, d) for d in digest(units, decoder, which)]
    encoder.close()
    return shown


@pytest.mark.parametrize("answers", [0.0, 0.5, 0.95])
@pytest.mark.parametrize("most_octets", [200, 2000], ids=["parts", "one packet a picture"])
def test_no_picture_is_shown_whose_references_were_lost(answers: float, most_octets: int) -> None:
    seed = 20261121
    print(f"seed {seed}")
    shown = watched(Line(random.Random(seed), answers), 150, most_octets)
    numbers = [number for _, number, _ in shown.pictures]
    assert len(numbers) > 25
    assert numbers == sorted(set(numbers))
    assert len(numbers) < 150, "something was lost for good"
    for _, number, seen in shown.pictures:
        assert seen == shown.truth[number], f"picture {number}"


def test_a_whole_picture_is_asked_for_within_300_ms_and_shown_a_round_trip_later() -> None:
    line = Line(random.Random(1), answers=0.0)
    losses = iter([n == 60 for n in range(10_000)])
    line.loses = lambda: next(losses)  # type: ignore[method-assign]
    shown = watched(line, pictures=60)
    instants = [at for at, _, _ in shown.pictures]
    gone_at, back_at = max(pairwise(instants), key=lambda pair: pair[1] - pair[0])
    (asked_at,) = shown.asked
    assert asked_at <= gone_at + 2 * FRAME_S + PATIENCE_S
    assert back_at <= asked_at + ROUND_TRIP_S + 2 * FRAME_S
