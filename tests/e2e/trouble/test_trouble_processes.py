"""A program dies in mid-call: nothing is lost, and the call goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise

import lens
import pytest
from people import Office, last_record
from scene import Call, both
from stack import Stack

from bench.linelab.namespaces import Lab

pytestmark = [pytest.mark.root, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SAID_WITHIN_S = 3.0
HUB_BACK_WITHIN_S = 10.0
KIOSK_BACK_WITHIN_S = 15.0
HUB_FINDS_SILENCE_S = 8
GIVES_UP_S = 10
"""Longer than the time after which the hub knows that the kiosk's connection is dead."""
HELD_UP_S = 4.0
"""Longer than the page waits before it offers another connection."""
CLOSED_WITHIN_S = 20.0
FREEZE_S = 0.6
"""A gap between two pictures that somebody would call an interruption."""
FOR_KIOSK, FOR_AGENT = 200, 65536
"""The kiosk's camera begins anew every 8 s; the agent's studio counts on."""


async def test_the_hub_is_killed(call: Call, stack: Stack) -> None:
    office = await Office.arrive(stack, "accueil-gap")
    await call.begin()
    call_id = await call.call_id()
    booked = await office.books("Séparation")
    for page in call.pages:
        await lens.clear(page)
    await stack.kill(stack.hub)
    await call.agent.page.sees("Le serveur est absent. Le son et l’image continuent.", within_s=15)
    await asyncio.sleep(3)  # of media without a hub
    assert await call.agent.phase() == "live"
    assert await call.citizen.screen() == "call"

    start_took = await stack.start_hub()
    restarted_at = time.time()
    # a word from the agent that reaches the citizen has gone through both ends' signaling
    await call.agent.page.type("#say-text", "Nous continuons.")
    gone = "!document.querySelector('#strips').innerText.includes('absent')"
    await call.agent.page.until(gone, within_s=HUB_BACK_WITHIN_S)
    deadline = time.monotonic() + HUB_BACK_WITHIN_S
    while True:
        await call.agent.page.click("#say-send")
        try:
            await call.citizen.page.sees("Nous continuons.", within_s=0.7)
            break
        except AssertionError:
            assert time.monotonic() < deadline
            if not await call.agent.page.evaluate("document.querySelector('#say-text').value"):
                await call.agent.page.type("#say-text", "Nous continuons.")
    signaling_back = time.time() - restarted_at

    gaps = []
    for page, loop in zip(call.pages, (FOR_KIOSK, FOR_AGENT), strict=True):
        seen = await lens.seen(page)
        instants = [at for at, *_ in seen]
        gaps.append(max(b - a for a, b in pairwise(instants)) / 1000)
        assert lens.count_up([n for _, n, *_ in seen if n is not None], loop)
    lens.report(
        "hub killed", engine=call.engine, start_s=round(start_took, 2),
        signaling_back_s=round(signaling_back, 2), longest_gap_s=[round(gap, 2) for gap in gaps],
    )  # fmt: skip
    assert signaling_back <= HUB_BACK_WITHIN_S
    assert max(gaps) <= FREEZE_S
    assert await call.agent.phase() == "live"
    assert await call.call_id() == call_id
    # what was booked in the second before is there, and so is who was signed in
    assert "D. R." in await office.get(f"/appointments/{booked.appointment_id}")
    await office.close()

    await agent_told(stack)
    await call.citizen.hangs_up()  # its figures go before it
    await call.agent.reaches("ended")
    record = await last_record(stack)
    assert record["Fin, code"] == "hung_up_by_citizen"
    assert record["Agent"] == "Agent CAF 1"
    assert record["borne, vidéo"] in {"VP8", "H264", "AV1"}
    assert record["agent, vidéo"] in {"VP8", "H264", "AV1"}


async def agent_told(stack: Stack) -> None:
    """The record has figures of the agent's end, which come every 5 s."""
    deadline = time.monotonic() + 15
    while not (record := await last_record(stack))["agent, vidéo"]:
        assert time.monotonic() < deadline, record
        await asyncio.sleep(0.5)


@asynccontextmanager
async def supervised(stack: Stack) -> AsyncIterator[None]:
    """The kiosk is started again whenever it ends, as systemd does."""
    task = asyncio.create_task(stack.kiosk.keep_running())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_the_kiosk_is_killed(call: Call, stack: Stack) -> None:
    await call.begin()
    call_id = await call.call_id()
    killed_at = time.time()
    await stack.kill(stack.kiosk)
    # both pages say so before anybody starts it again
    told = await both(
        killed_at,
        lambda: call.agent.page.sees("La borne ne répond plus."),
        lambda: call.citizen.reaches("restarting"),
    )
    told_at = time.time()
    async with supervised(stack):
        ready = "['call', 'interrupted', 'admitted'].includes(document.body.dataset.screen)"
        await call.citizen.page.until(ready, within_s=KIOSK_BACK_WITHIN_S)
        kiosk_ready = time.time() - killed_at
        back = await call.media_is_back(told_at, within_s=KIOSK_BACK_WITHIN_S)
        await call.agent.reaches("live")
        await call.citizen.reaches("call")
    lens.report(
        "kiosk killed", engine=call.engine, told_s=[round(s, 2) for s in told],
        ready_s=round(kiosk_ready, 2),
        talking_again_s=[round(told_at - killed_at + s, 2) for s in back],
    )  # fmt: skip
    assert max(told) <= SAID_WITHIN_S
    assert kiosk_ready <= KIOSK_BACK_WITHIN_S
    assert await call.call_id() == call_id
    await call.end()


@pytest.mark.parametrize("call", ["chromium"], indirect=True)
async def test_a_kiosk_that_is_held_up(call: Call, stack: Stack) -> None:
    """By whatever else runs on its PC: the page offers again and again, and all of it comes at
    once. The call goes on, and of the connections that nobody needed nothing stays open."""
    await call.begin()
    assert stack.kiosk.process is not None
    pid = stack.kiosk.process.pid
    before = sockets(pid)
    for _ in range(3):
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(HELD_UP_S)
        os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(0.3)
    back = await call.media_is_back(time.time(), within_s=KIOSK_BACK_WITHIN_S)
    await call.agent.reaches("live")
    await call.citizen.reaches("call")
    lens.report("kiosk held up", engine=call.engine, talking_again_s=[round(s, 2) for s in back])
    deadline = time.monotonic() + CLOSED_WITHIN_S
    while sockets(pid) > before:
        assert time.monotonic() < deadline, (before, sockets(pid))
        await asyncio.sleep(0.5)
    await call.end()


def sockets(pid: int) -> int:
    """Those that this process has open."""
    held = 0
    for entry in os.scandir(f"/proc/{pid}/fd"):
        with suppress(FileNotFoundError):
            held += os.readlink(entry.path).startswith("socket:")
    return held


@pytest.mark.parametrize("call", ["chromium"], indirect=True)
async def test_a_line_that_does_not_come_back(
    call: Call, stack: Stack, lines: Lab, plain_hub: None
) -> None:
    await stack.restart_hub(
        call_gives_up_after_s=GIVES_UP_S, silent_peer_dropped_after_s=HUB_FINDS_SILENCE_S
    )
    await call.begin()
    lines.line.cut()
    try:
        await call.citizen.reaches("interrupted")
        # the number is on the screen while nothing else works
        await call.citizen.page.sees("04 65 71 20 00")
        await call.agent.reaches("ended", within_s=GIVES_UP_S + 5)
        await call.agent.page.sees("La liaison n’est pas revenue.")
        await call.agent.page.sees("04 65 71 20 00")
    finally:
        lines.line.restore()
    await call.citizen.reaches("ended")
    await call.citizen.page.sees("La liaison n’est pas revenue.")
    await call.citizen.page.sees("04 65 71 20 00")
    assert (await last_record(stack))["Fin, code"] == "line_fault"
