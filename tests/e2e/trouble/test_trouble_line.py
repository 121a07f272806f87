"""The line is cut: both sides say so, keep the place, and talk again without a click."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import lens
import pytest
from scene import Call

from bench.linelab.namespaces import Host, Lab

pytestmark = [pytest.mark.root, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SAID_WITHIN_S = 3.0
BACK_WITHIN_S = 2.0
CUTS_S = (5, 5, 5, 30, 120)


async def test_the_kiosks_line_is_cut(call: Call, lines: Lab) -> None:
    await call.begin()
    call_id = await call.call_id()
    figures = []
    for seconds in CUTS_S:
        cut_at = time.time()
        lines.line.cut()
        agent_told, citizen_told = await call.both_say_so(cut_at)
        await asyncio.sleep(max(0.0, cut_at + seconds - time.time()))  # the cut itself
        restored_at = time.time()
        lines.line.restore()
        agent_back, citizen_back = await call.media_is_back(restored_at)
        await call.agent.reaches("live", within_s=10)
        await call.citizen.reaches("call")
        figures.append((seconds, agent_told, citizen_told, agent_back, citizen_back))
        lens.report(
            "kiosk's line cut", seconds=seconds,
            told_s=(round(agent_told, 2), round(citizen_told, 2)),
            back_s=(round(agent_back, 2), round(citizen_back, 2)),
        )  # fmt: skip
    assert await call.call_id() == call_id
    await call.end()
    for _, agent_told, citizen_told, agent_back, citizen_back in figures:
        assert max(agent_told, citizen_told) <= SAID_WITHIN_S
        # of so few cuts, the 95th percentile is the worst
        assert max(agent_back, citizen_back) <= BACK_WITHIN_S


@contextmanager
def unplugged(host: Host) -> Iterator[None]:
    """A host whose network takes and gives nothing."""
    rules = [("INPUT", "-i"), ("OUTPUT", "-o")]
    for chain, side in rules:
        host.run("iptables", "-I", chain, side, "eth0", "-j", "DROP")
    try:
        yield
    finally:
        for chain, side in rules:
            host.run("iptables", "-D", chain, side, "eth0", "-j", "DROP")


async def test_the_agents_line_is_cut(call: Call, lines: Lab) -> None:
    await call.begin()
    figures = []
    for seconds in (5, 20):
        cut_at = time.time()
        with unplugged(lines.office):
            told = await call.both_say_so(cut_at)
            await asyncio.sleep(max(0.0, cut_at + seconds - time.time()))  # the cut itself
        restored_at = time.time()
        back = await call.media_is_back(restored_at)
        await call.agent.reaches("live", within_s=10)
        await call.citizen.reaches("call")
        figures.append((told, back))
        lens.report(
            "agent's line cut", seconds=seconds,
            told_s=[round(s, 2) for s in told], back_s=[round(s, 2) for s in back],
        )  # fmt: skip
    await call.end()
    for told, back in figures:
        assert max(told) <= SAID_WITHIN_S
        assert max(back) <= BACK_WITHIN_S
