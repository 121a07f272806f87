"""What a connection took, it gives back, however its end falls."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import av
import pytest
from two_ends import Call

from kiosk.devices.test_picture import stopped_picture
from kiosk.rtc import generation
from kiosk.rtc.attach import sending
from kiosk.rtc.attach.outbound import Outbound
from kiosk.rtc.attach.sending import PictureSource
from kiosk.rtc.coding import av1
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
    loop = asyncio.get_running_loop()
    coded, _ = await loop.run_in_executor(None, source._encode, frame, ORDER)
    assert coded is not None
    working = threads()
    with source._at_work:  # the picture before is still in the encoder
        source.close()
        late = loop.run_in_executor(None, source._encode, frame, ORDER)
        await asyncio.sleep(0)
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
    monkeypatch.setattr(sending, "STUCK_AFTER_S", 30.0)
    for number in range(1, 26):
        await source.take(frame, number * 3600)
    assert "VP8" in sent
    answers.set()
    source.close()


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
