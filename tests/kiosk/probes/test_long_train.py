"""A long train both ways over real sockets: all its arrivals are known, and what it may cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kiosk.probes.wire import ProbeWire
from visiohub.linkquality import train_talk
from visiohub.linkquality.probe_server import ProbeServer
from visiohub.linkquality.train import LEAD_PACKETS, LONGEST_OCTETS, MOST_PACKETS, long_train
from visiohub.linkquality.verdict import Doubt

PACKETS = LEAD_PACKETS + MOST_PACKETS
KBIT_S = 20_000.0
"""A third of a second."""


@asynccontextmanager
async def talking() -> AsyncIterator[ProbeWire]:
    server = ProbeServer("127.0.0.1", 0)
    session = server.grant("kiosk")
    wire = ProbeWire(("127.0.0.1", server.port), session.identifier, session.key)
    try:
        yield wire
    finally:
        wire.close()
        await server.close()


def test_its_arrivals_are_told_page_by_page_and_a_faster_line_is_no_proof() -> None:
    async def work() -> None:
        async with talking() as wire:
            for send in (wire.up, wire.down):
                verdict = await send(long_train(KBIT_S), None)
                # A busy machine may drop some; without pages sixty were known.
                assert verdict.arrived > PACKETS / 2
                assert (verdict.kbit_s, verdict.doubt) == (None, Doubt.SENDER)

    asyncio.run(work())


def test_one_session_gets_one_long_train_at_once() -> None:
    """Further octets only at the rate of ordinary trains."""

    async def work() -> None:
        async with talking() as wire:
            first, second = [await wire.down(long_train(4 * KBIT_S), None) for _ in range(2)]
            assert first.arrived > PACKETS / 2
            assert second.arrived == 0
            assert wire.take_octets()[1] < 1.1 * LONGEST_OCTETS

    asyncio.run(work())


def test_an_order_means_the_train_that_was_planned() -> None:
    plan = long_train(700.0)
    order = train_talk.Order.of(1, plan)
    assert order.plan.lead == plan.lead == LEAD_PACKETS
    off = [abs(a - b) for a, b in zip(order.plan.offsets_s, plan.offsets_s, strict=True)]
    assert max(off) < 1e-5
