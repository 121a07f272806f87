"""Which feedback the two ends agree upon; what a far end gets that knows the older one alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from two_ends import Call

from kiosk.rtc.generation import Generation
from kiosk.rtc.line import Line
from kiosk.rtc.sending.twcc import EXTENSION_URI

pytestmark = pytest.mark.realtime


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    made = Call()
    yield made
    await made.close()


def senders(connection: Any) -> list[Any]:
    return [sender for sender in connection.getSenders() if sender.kind == "video"]


def estimators(connection: Any) -> list[Any]:
    return [r._RTCRtpReceiver__remote_bitrate_estimator for r in connection.getReceivers()]


def reports_bit_s(control: Any) -> float:
    """What the feedback takes, as this end knows it."""
    taken: float = control._limit.reports_bit_s(asyncio.get_running_loop().time())
    return taken


async def test_transport_wide_feedback_is_the_only_one_where_both_know_it(call: Call) -> None:
    end = await call.connect(1)
    await call.far.until(lambda: call.far.numbers)
    await call.kiosk.until(lambda: call.kiosk.numbers)
    kiosk = call.session._current
    assert kiosk is not None
    for connection in (end.connection, kiosk.connection):
        assert [sender.numbered for sender in senders(connection)] == [True]
        assert estimators(connection) == [None, None]
        control = senders(connection)[0].uplink.control
        await call.far.until(lambda: reports_bit_s(control))  # noqa: B023 - awaited at once


async def connected_without_it(call: Call) -> None:
    """The far end knows REMB alone."""
    end = Generation(1, call.far_devices, show=call.far.show, on_event=call.far.told)
    call.ends.append(end)
    offer = await end.offer()
    assert "goog-remb" in offer
    old = [
        line for line in offer.splitlines()
        if "transport-cc" not in line and EXTENSION_URI not in line
    ]  # fmt: skip
    assert any("abs-send-time" in line for line in old)
    await end.accept(await call.session.answer(1, "\r\n".join([*old, ""]), []))


async def test_a_far_end_that_knows_remb_alone_gets_and_gives_it(call: Call) -> None:
    await connected_without_it(call)
    await call.far.until(lambda: call.far.numbers)
    await call.kiosk.until(lambda: call.kiosk.numbers)
    kiosk = call.session._current
    assert kiosk is not None
    for connection in (call.ends[0].connection, kiosk.connection):
        (sender,) = senders(connection)
        assert not sender.numbered
        await call.far.until(lambda: sender.uplink.control._reported._remb, within_s=12)  # noqa: B023 - awaited at once
    await call.kiosk.until(lambda: len(call.kiosk.numbers) >= 10)


async def test_a_far_end_that_passes_over_its_description_is_held_to_its_share(call: Call) -> None:
    line = call.session._line = Line.of_kbit(down=160)
    share_bit_s = line.far_most_bit_s
    assert share_bit_s is not None
    await connected_without_it(call)
    (sender,) = senders(call.ends[0].connection)
    assert sender.uplink.target().total_bit_s > 2 * share_bit_s
    await call.far.until(lambda: sender.uplink.control._reported._remb, within_s=12)
    assert sender.uplink.control._reported._remb < share_bit_s
    await call.far.until(lambda: sender.uplink.target().total_bit_s < share_bit_s, within_s=12)
    seen = len(call.kiosk.numbers)
    await call.kiosk.until(lambda: len(call.kiosk.numbers) >= seen + 10)
