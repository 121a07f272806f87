"""AV1 in a call between two ends of the engine: by the line, in mid-call, missing, broken."""

from __future__ import annotations

import asyncio
import queue
import random
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from two_ends import Call

from kiosk.devices.test_picture import Painter
from kiosk.rtc.attach.codecs import _compatible
from kiosk.rtc.attach.decoding import DecoderWatch, Undecoded, decode
from kiosk.rtc.attach.sending import PictureSource
from kiosk.rtc.av1 import svt
from kiosk.rtc.coding import av1
from kiosk.rtc.line import Line
from kiosk.rtc.sending.codec_choice import CodecPlan, wished
from kiosk.rtc.sending.pictures import Order

pytestmark = pytest.mark.realtime


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    made = Call()
    yield made
    await made.close()


def source(call: Call) -> PictureSource:
    """What makes the kiosk's picture."""
    pc: Any = call.session._current.connection
    (sender,) = (sender for sender in pc.getSenders() if sender.kind == "video")
    return sender._source


async def shown(call: Call, more: int) -> None:
    seen = len(call.far.pictures)
    await call.far.until(lambda: len(call.far.pictures) >= seen + more, within_s=20)


def received(call: Call) -> str:
    pc: Any = call.ends[-1].connection
    (receiver,) = (r for r in pc.getReceivers() if r._kind == "video")
    return receiver.codec


@pytest.mark.parametrize(
    ("up", "codec"), [(None, "VP8"), (200, "AV1"), (2000, "VP8")], ids=["unknown", "thin", "wide"]
)
async def test_the_line_says_what_is_sent(call: Call, up: float | None, codec: str) -> None:
    call.session._line = Line.of_kbit(up=up)
    await call.connect(1)
    await shown(call, 3)
    assert (received(call), source(call).codec) == (codec, codec)


async def test_another_codec_in_mid_call_freezes_nothing(call: Call) -> None:
    await call.connect(1)
    await shown(call, 20)
    for plan in (CodecPlan("av1", 8), CodecPlan("av1", 10), CodecPlan("vp8"), CodecPlan("av1", 8)):
        source(call)._choice._adopt(plan)
        await shown(call, 25)
        assert received(call).lower() == plan.codec
    instants = [at for at, _ in call.far.pictures]
    assert max(b - a for a, b in pairwise(instants)) < 1
    assert len(call.far.numbers) >= 0.95 * len(call.far.pictures), "the numbers are read back"
    # the picture after a new rate has some forty octets: a number may be half the one before
    steps = [(b - a) % 65536 for a, b in pairwise(call.far.numbers)]
    assert sum(0 < step < 50 for step in steps) >= 0.95 * len(steps)


async def test_without_the_encoder_all_is_as_before(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(av1, "unavailable", lambda: "no libSvtAv1Enc")
    call.session._line = Line.of_kbit(up=200, down=200)
    await call.connect(1)
    await shown(call, 5)
    assert received(call) == "VP8"
    await call.kiosk.until(lambda: len(call.kiosk.numbers) >= 5)


async def test_an_encoder_that_fails_in_the_call_is_replaced(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    call.session._line = Line.of_kbit(up=200)
    await call.connect(1)
    await shown(call, 5)
    assert received(call) == "AV1"

    def fails(*_picture: Any, **_whole: Any) -> bytes:
        raise svt.Av1Error("SVT-AV1 answered 0x80001000")

    monkeypatch.setattr(svt.Encoder, "encode", fails)
    await shown(call, 10)
    assert received(call) == "VP8"


@pytest.mark.parametrize(
    ("far_most", "first"), [(None, "VP8"), (200_000, "AV1"), (251_000, "VP8"), (4e6, "VP8")]
)
def test_the_order_asked_for_follows_the_line(far_most: float | None, first: str) -> None:
    assert wished(far_most)[0] == first
    assert {"VP8", "H264", "AV1"} == set(wished(far_most))


def test_two_profiles_of_av1_are_two_codecs() -> None:
    def codec(**parameters: int | str | None) -> RTCRtpCodecParameters:
        return RTCRtpCodecParameters("video/AV1", 90_000, payloadType=45, parameters=parameters)

    assert _compatible(codec(profile="0"), codec(profile=0, tier=0))
    assert _compatible(codec(profile="0"), codec())
    assert not _compatible(codec(profile="0"), codec(profile=1))


def test_svt_is_told_of_large_steps_and_of_less_sooner_than_of_more() -> None:
    def told_after(bit_s: float, frames_per_s: float = 25) -> int | None:
        steps = av1.RateSteps(100_000, 25)
        return next((n for n in range(1, 200) if steps.next(bit_s, frames_per_s)), None)

    assert told_after(100_000) is None
    assert told_after(101_000) is None
    assert told_after(60_000) == 9
    assert told_after(150_000) == told_after(95_000) == 26
    assert told_after(105_000) == 101
    assert told_after(100_000, 15) == 1
    assert av1.svt_bit_s(60_000, 15) == 95_000, "a little less, at its own frame rate"


def test_the_rate_follows_a_target_that_never_rests() -> None:
    coder, painter = av1.Av1Coder(10), Painter(640, 360)
    random.seed(20261121)
    made = []
    for number in range(150):
        bit_s = 100_000 + random.randrange(-4_000, 4_000)
        order = Order(640 * 360, bit_s, 25, whole=False, payload_octets=900, patience_s=0.6)
        coded = coder.encode(painter.paint(number, 1000 + number / 25), order)
        assert coded is not None
        assert coded.whole == (number == 0)
        assert max(map(len, coded.payloads)) <= 900
        made.append(coded.octets)
    coder.close()
    assert 50_000 < sum(made[25:]) * 8 / 5 < 150_000


def test_a_whole_picture_takes_the_room_of_few_others() -> None:
    coder, painter = av1.Av1Coder(8), Painter(640, 360)
    octets = []
    for number in range(120):
        order = Order(640 * 360, 150_000, 25, number in (0, 80), 900, 0.6)
        coded = coder.encode(painter.paint(number, 1000 + number / 25), order)
        assert coded is not None
        assert coded.whole == order.whole
        octets.append(coded.octets)
    coder.close()
    usual = sum(octets[30:80]) / 50
    assert octets[0] < 1.5 * usual
    assert octets[80] < 1.5 * usual
    assert 0.8 * usual < sum(octets[85:]) / 35 < 1.3 * usual, "the rate is told again"


def test_stills_have_the_size_that_the_ladder_counts_on() -> None:
    coder, painter = av1.Av1Coder(8), Painter(640, 360)
    for every_s in (3.0, 3.1, 2.4):
        order = Order(640 * 360, 12_000, 1 / every_s, True, 300, 4.0)
        coded = coder.encode(painter.paint(1, 1000 + every_s), order)
        assert coded is not None
        assert coded.whole
        assert coded.octets < 7_000
    coder.close()


async def test_garbage_in_place_of_av1_ends_no_decoder() -> None:
    """Real payloads with octets changed, cut, doubled, left out; a whole picture ends it well."""
    chance = random.Random(20261121)
    coder, painter = av1.Av1Coder(10), Painter(320, 180)

    def picture(number: int, *, whole: bool = False) -> list[bytes]:
        order = Order(320 * 180, 200_000, 25, whole, 300, 0.6)
        coded = coder.encode(painter.paint(number, number / 25), order)
        assert coded is not None
        return coded.payloads

    codec = RTCRtpCodecParameters("video/AV1", 90_000, payloadType=45)
    inputs: queue.Queue[Any] = queue.Queue()
    good = [picture(number, whole=number % 10 == 0) for number in range(100)]
    for at in range(10_000):
        payloads = [mangled(payload, chance) for payload in chance.choice(good)]
        chance.shuffle(payloads)
        inputs.put(Undecoded(codec, payloads[: chance.randint(1, 9)], at))
    inputs.put(Undecoded(codec, picture(1, whole=True), 90_000))
    inputs.put(None)
    coder.close()
    outputs: asyncio.Queue[Any] = asyncio.Queue()
    failures: list[None] = []
    watch = DecoderWatch(lambda: failures.append(None))
    await asyncio.to_thread(decode, asyncio.get_running_loop(), inputs, outputs, watch)
    last = None
    while (frame := await outputs.get()) is not None:
        last = frame
    assert last is not None
    assert (last.pts, last.width, last.height) == (90_000, 320, 180)
    assert len(failures) == watch.failures > 500


def mangled(payload: bytes, chance: random.Random) -> bytes:
    octets = bytearray(payload)
    match chance.randrange(5):
        case 0:
            octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)
        case 1:
            del octets[chance.randrange(1, len(octets) + 1) :]
        case 2:
            octets = bytearray(chance.randbytes(chance.randint(1, 300)))
        case 3:
            octets[0] ^= chance.choice((0x80, 0x40, 0x10, 0x08))
    return bytes(octets)
