"""What a connection took, it gives back, however its end falls."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from scripted_line import without_candidates
from two_ends import Call

from kiosk.devices.test_picture import stopped_picture
from kiosk.rtc import generation
from kiosk.rtc.attach import sending
from kiosk.rtc.attach.one_thread import OneThread
from kiosk.rtc.attach.outbound import Outbound
from kiosk.rtc.attach.sending import PictureSource, SpeechSource
from kiosk.rtc.av1 import svt
from kiosk.rtc.av1.obu import Malformed
from kiosk.rtc.coding import av1, vpx
from kiosk.rtc.generation import Generation
from kiosk.rtc.hearing import opus
from kiosk.rtc.sending.codec_choice import CodecPlan
from kiosk.rtc.sending.framing import PLAIN
from kiosk.rtc.sending.pictures import Order
from kiosk.rtc.sending.sharing import Sharer

ORDER = Order(640 * 360, 100_000, 25, whole=True, payload_octets=900, patience_s=0.6)


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    made = Call()
    yield made
    await made.close()


def threads() -> int:
    return len(os.listdir("/proc/self/task"))


async def test_a_picture_that_waited_for_its_encoder_opens_none_after_the_end() -> None:
    """SVT-AV1 has 16 threads: one encoder lost with each hang-up would soon be felt."""
    assert av1.unavailable() is None
    uplink: Any = SimpleNamespace(
        target=lambda: Sharer(PLAIN).share(100_000, 0.0, 100_000, 0.0), rate_is_known=True
    )
    source = PictureSource(["AV1"], uplink, Outbound(), lambda *_: None)
    frame: av.VideoFrame = stopped_picture(640, 360)
    coded, _ = await source._thread.run(lambda: source._encode(frame, ORDER))
    assert coded is not None
    working = threads()
    before = threading.Event()
    source._thread.run(before.wait)  # the picture before is still in the encoder
    late = source._thread.run(lambda: source._encode(frame, ORDER))
    source.close()
    before.set()
    coded, _ = await late
    assert coded is None
    while threads() >= working:  # noqa: ASYNC110 - threads tell nobody that they end
        await asyncio.sleep(0.01)


async def test_an_encoder_that_does_not_answer_costs_a_picture_and_no_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "STUCK_AFTER_S", 0.05)
    uplink: Any = SimpleNamespace(
        target=lambda: Sharer(PLAIN).share(100_000, 0.0, 100_000, 0.0),
        rate_is_known=True,
        has_room=lambda: True,
        pacer=SimpleNamespace(dropped=0),
    )
    sent: list[str] = []
    source = PictureSource(
        ["AV1", "VP8"], uplink, Outbound(), lambda _kind, codec, *_: sent.append(codec)
    )
    assert source.codec == "AV1"
    answers = threading.Event()
    monkeypatch.setattr(source._coder, "encode", lambda *_: answers.wait())
    frame: av.VideoFrame = stopped_picture(640, 360)
    await source.take(frame, 0)
    assert (source.codec, sent) == ("VP8", [])
    lost = [thread for thread in threading.enumerate() if thread.name == "encoder"]
    assert lost
    assert all(thread.daemon for thread in lost)  # nobody waits for it, at the end neither
    monkeypatch.setattr(sending, "STUCK_AFTER_S", 30.0)
    for number in range(1, 26):
        await source.take(frame, number * 3600)
    assert "VP8" in sent
    answers.set()
    source.close()


@pytest.mark.parametrize("turns", range(4))
async def test_a_hang_up_in_the_moment_that_a_picture_is_done_ends_the_sending(
    monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    """aiortc says it once, and waits for ever for a sender that has not heard it."""
    source = PictureSource(["VP8"], uplink_of(1_000_000), Outbound(), lambda *_: None)
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(source._thread, "run", lambda _work: done)
    frame: av.VideoFrame = stopped_picture(640, 360)

    async def send() -> None:
        while True:
            await source.take(frame, 0)
            await asyncio.Event().wait()  # the next picture of a camera that has gone

    sending_on = asyncio.create_task(send())
    await asyncio.sleep(0)
    done.set_result((None, 0.01))
    for _ in range(turns):
        await asyncio.sleep(0)
    sending_on.cancel()
    await asyncio.wait({sending_on}, timeout=1)
    assert sending_on.cancelled()
    source.close()


def uplink_of(bit_s: float) -> Any:
    return SimpleNamespace(
        target=lambda: Sharer(PLAIN).share(bit_s, 0.0, bit_s, 0.0),
        rate_is_known=True,
        has_room=lambda: True,
        pacer=SimpleNamespace(dropped=0),
    )


@pytest.mark.parametrize(
    ("codecs", "error", "then"),
    [
        (["AV1", "VP8"], svt.Av1Error("0x80001000"), "VP8"),
        (["AV1", "VP8"], Malformed("no frame"), "VP8"),
        (["VP8", "H264"], vpx.VpxError("memory"), "H264"),
        (["H264", "VP8"], vpx.VpxError("memory"), "H264"),
        (["VP8"], vpx.VpxError("memory"), "VP8"),
        (["H264"], av.FFmpegError(12, "no memory"), "H264"),
    ],
)
async def test_whatever_an_encoder_breaks_on_the_picture_comes_back(
    codecs: list[str], error: Exception, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_TRY_EVERY_S", 0.0)
    sent: list[str] = []
    source = PictureSource(
        codecs, uplink_of(200_000), Outbound(), lambda _kind, codec, *_: sent.append(codec)
    )
    made, broken, still_broken = sending._coder, source.codec, 8

    def breaking(plan: CodecPlan) -> Any:
        nonlocal still_broken
        coder = made(plan)
        if sending._NAMES[plan.codec] == broken and still_broken:
            still_broken -= 1
            monkeypatch.setattr(coder, "encode", refuses)
        return coder

    def refuses(*_: Any) -> None:
        raise error

    monkeypatch.setattr(sending, "_coder", breaking)
    monkeypatch.setattr(source._coder, "encode", refuses)
    frame: av.VideoFrame = stopped_picture(320, 180)
    for number in range(40):
        if not sent:
            await source.take(frame, number * 3600)
    assert set(sent) == {then}
    source.close()


async def test_a_codec_that_is_all_there_is_gets_one_try_a_second() -> None:
    source = PictureSource(["VP8"], uplink_of(200_000), Outbound(), lambda *_: None)
    for _ in range(sending._GIVEN_UP_AFTER):
        source._renew(vpx.VpxError("memory"), 100.0)
    assert (source.codec, source._resume_at) == ("VP8", 101.0)
    source.close()


async def test_a_piece_of_sound_that_is_refused_silences_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[bytes] = []
    source = SpeechSource(uplink_of(200_000), lambda _kind, _codec, made, *_: sent.extend(made))

    def refuses(_sound: Any) -> bytes:
        raise opus.OpusError("internal error")

    monkeypatch.setattr(source._encoder, "encode", refuses)
    for number in range(20):
        piece = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), layout="mono")
        await source.take(piece, number * 960)
    assert len(sent) >= 5


async def test_who_waits_for_the_thread_gets_what_its_work_raised() -> None:
    thread = OneThread("encoder")

    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await thread.run(fails)
    assert await thread.run(lambda: 3) == 3
    thread.end(lambda: None)


@pytest.mark.parametrize("codec", ["VP8", "H264", "AV1"])
async def test_the_encoder_that_was_opened_ahead_takes_the_first_picture(codec: str) -> None:
    sent: list[str] = []
    source = PictureSource(
        [codec], uplink_of(400_000), Outbound(), lambda _kind, name, *_: sent.append(name)
    )
    coder: Any = source._coder
    source.ready(640, 480)
    opened = await source._thread.run(lambda: coder._encoder)
    assert opened is not None
    await source.take(stopped_picture(640, 480), 0)
    assert sent == [codec]
    assert coder._encoder is opened
    source.close()


async def test_an_encoder_that_cannot_be_opened_ahead_costs_nothing_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[str] = []
    source = PictureSource(
        ["VP8"], uplink_of(400_000), Outbound(), lambda _kind, name, *_: sent.append(name)
    )

    def refuses(*_: Any) -> None:
        raise vpx.VpxError("memory")

    with monkeypatch.context() as broken:
        broken.setattr(vpx, "Encoder", refuses)
        source.ready(640, 480)
        await source._thread.run(lambda: None)
    await source.take(stopped_picture(640, 480), 0)
    assert sent == ["VP8"]
    source.close()


async def test_a_connection_that_never_stood_gives_its_encoder_back(call: Call) -> None:
    await call.kiosk_devices.pictures.subscribe().next(5.0)  # an encoder needs a picture's size
    end = generation.Generation(1, call.far_devices, show=call.far.show, on_event=call.far.told)
    await call.session.answer(1, without_candidates(await end.offer(["VP8"])), [])
    encoders = [thread for thread in threading.enumerate() if thread.name == "encoder"]
    assert len(encoders) == 1
    await call.session.close()
    await end.close()
    await asyncio.to_thread(encoders[0].join, 5.0)
    assert not encoders[0].is_alive()


@pytest.mark.realtime
async def test_a_connection_that_closes_slowly_is_closed_all_the_same(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "_CLOSE_WITHIN_S", 0.05)
    end = await call.connect(1)
    await call.far.until(lambda: call.far.pictures)
    transport: Any = end.connection.getSenders()[0].transport
    stop, may_stop = transport.stop, asyncio.Event()

    async def slowly() -> None:
        await may_stop.wait()
        await stop()

    transport.stop = slowly
    await end.close()
    assert transport.state != "closed"
    may_stop.set()
    await asyncio.wait(generation._CLOSING, timeout=5)
    assert transport.state == "closed"
    assert transport.transport.state == "closed"


@pytest.mark.parametrize("turns", range(12))
async def test_an_offer_that_surpasses_one_still_being_answered_leaves_no_socket(
    call: Call, turns: int
) -> None:
    """A page that waits for a kiosk that is held up offers again each second."""
    far = Generation(1, call.far_devices, show=lambda _frame: None, on_event=lambda _event: None)
    call.ends.append(far)
    offer = without_candidates(await far.offer())
    before = sockets()
    late = asyncio.create_task(call.session.answer(1, offer, []))
    for _ in range(turns):
        await asyncio.sleep(0)
    answers = await asyncio.gather(late, call.session.answer(2, offer, []), return_exceptions=True)
    assert isinstance(answers[1], str)
    await call.session.close()
    assert sockets() == before
    assert not call.kiosk_devices.pictures.wanted


def sockets() -> int:
    return sum(
        os.readlink(entry.path).startswith("socket:")
        for entry in os.scandir("/proc/self/fd")
        if os.path.islink(entry.path)
    )
