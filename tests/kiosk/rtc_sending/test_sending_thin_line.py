"""A line that thins in mid-call, down to speech alone and back: real encoders in virtual time.

Rate, ladder, encoder and pacer are the kiosk's own, the line is the laboratory's.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from closed_loop import IP_UDP, SEED, Case, Loop, _Frame, percentile

from kiosk.devices.test_picture import Painter
from kiosk.rtc.coding import PictureCoder, Vp8Coder
from kiosk.rtc.coding.av1 import Av1Coder
from kiosk.rtc.sending.budget import Budget
from kiosk.rtc.sending.codec_choice import FINE_PRESET
from kiosk.rtc.sending.framing import RTP_OVERHEAD_OCTETS
from kiosk.rtc.sending.ladder import Codec
from kiosk.rtc.sending.pacer import Kind
from kiosk.rtc.sending.pictures import PictureCourse

LINE = Case(up=150, down=512, delay=30, jitter=5, loss=0, buffer=16_000)
STILLS_S, ALONE_S, BACK_S, END_S = 6.0, 24.0, 44.0, 68.0
STILLS_KBIT_S, ALONE_KBIT_S, BACK_KBIT_S = 50, 30, 400
SETTLES_S = 6.0
REPORT_EVERY_S, REPORT_OCTETS = 0.25, 70
"""What the kiosk says about the far end's packets takes 3 kbit/s of the way up."""


class Filmed(Loop):
    """The closed loop with a camera and the encoder of the call."""

    def __init__(self, codec: Codec, coder: PictureCoder) -> None:
        self._course = PictureCourse(codec)
        self._coder = coder
        self._painter = Painter(640, 360)
        self._pictures = 0
        super().__init__(LINE, Budget(1_700_000.0, LINE.up * 1000.0))
        self.at(0.0, self._report)

    def _film(self, now: float) -> None:
        self.at(now + 0.04, self._film)
        self._pictures += 1
        if self.pacer.dropped > self._dropped:
            self._dropped = self.pacer.dropped
            self._course.needed()
        room = self.pacer.may_encode() and self.control.window_open(now)
        order = self._course.decide(now, self.control.target(now), room=room)
        if order is None:
            return
        coded = self._coder.encode(self._painter.paint(self._pictures, now), order)
        if coded is None:
            return
        scaled = coded.width * coded.height < 640 * 360
        self._course.coded(now, coded.octets, whole=coded.whole, scaled=scaled)
        frame = _Frame(now, set(range(len(coded.payloads))))
        for index, payload in enumerate(coded.payloads):
            octets = len(payload) + RTP_OVERHEAD_OCTETS
            self.pacer.put(
                Kind.VIDEO, (Kind.VIDEO, octets, (frame, index)), self.framing.octets(octets), now,
                order.patience_s,
            )  # fmt: skip

    def _report(self, now: float) -> None:
        self.at(now + REPORT_EVERY_S, self._report)
        self.way.send(now, b"\xff" * (REPORT_OCTETS + IP_UDP))


@pytest.mark.parametrize(
    ("codec", "coder"), [("vp8", Vp8Coder), ("av1", lambda: Av1Coder(FINE_PRESET))]
)
def test_stills_then_speech_alone_then_back(
    codec: Codec, coder: Callable[[], PictureCoder]
) -> None:
    print("seed", SEED)
    made = coder()
    loop = Filmed(codec, made)
    for at, kbit_s in (
        (STILLS_S, STILLS_KBIT_S), (ALONE_S, ALONE_KBIT_S), (BACK_S, BACK_KBIT_S),
    ):  # fmt: skip
        loop.at(at, lambda now, kbit_s=kbit_s: loop.way.change(now, LINE.way(kbit_s)))
    record = loop.run(END_S)
    made.close()

    def pictures(begin: float, end: float) -> list[float]:
        return [at for at, _ in record.frames if begin <= at < end]

    def ages(begin: float, end: float) -> list[float]:
        return [
            age for at, kind, _, age in record.arrivals
            if kind is Kind.SOUND and begin <= at < end
        ]  # fmt: skip

    stills = pictures(STILLS_S + SETTLES_S, ALONE_S)
    back = next(at for at, _ in record.frames if at > BACK_S) - BACK_S
    phases = ((0.0, STILLS_S), (STILLS_S + SETTLES_S, ALONE_S), (ALONE_S + SETTLES_S, BACK_S))
    print(f"{codec}: stills {[round(at, 1) for at in stills]}, a picture {back:.1f} s after")
    for begin, end in phases:
        print(f"speech p95 {percentile(ages(begin, end), 0.95) * 1000:.0f} ms")
    assert len(pictures(2, STILLS_S)) / (STILLS_S - 2) >= 12
    assert len(stills) >= 2
    assert min(b - a for a, b in pairwise(stills)) > 1.5
    assert len(pictures(ALONE_S + SETTLES_S, BACK_S)) <= 1, "a trial, and the next one much later"
    assert back < 12.0
    assert len(pictures(END_S - 2, END_S)) / 2 >= 12
    assert loop.way.counters.overflowed == 0
    for begin, end in phases:
        assert percentile(ages(begin, end), 0.95) < 0.3, f"speech from second {begin:.0f} on"
