"""A program dies in mid-call: nothing is lost, and the call goes on."""

from __future__ import annotations

import asyncio
import signal
import time
from itertools import pairwise

import lens
import pytest
from lens import FAR_IN_BROWSER
from people import last_record
from scene import Call, both
from stack import Stack

from bench.linelab.namespaces import Lab

pytestmark = [pytest.mark.root, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HUB_BACK_WITHIN_S = 10.0
KIOSK_BACK_WITHIN_S = 15.0
GIVES_UP_S = 14
"""Longer than the 12 s after which the hub knows that the kiosk's connection is dead."""
FREEZE_S = 0.6
"""A gap between two pictures that somebody would call an interruption."""


async def test_the_hub_is_killed(call: Call, stack: Stack) -> None:
    await call.begin()
    call_id = await call.call_id()
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
    for page in call.pages:
        seen = await page.evaluate("lens.of('far').seen")
        instants = [at for at, *_ in seen]
        gaps.append(max(b - a for a, b in pairwise(instants)) / 1000)
        assert lens.count_up([n for _, n, *_ in seen if n is not None], loop_of(page, call))
    lens.report(
        "hub killed", start_s=round(start_took, 2), signaling_back_s=round(signaling_back, 2),
        longest_gap_s=[round(gap, 2) for gap in gaps],
    )  # fmt: skip
    assert signaling_back <= HUB_BACK_WITHIN_S
    assert max(gaps) <= FREEZE_S
    assert await call.agent.phase() == "live"
    assert await call.call_id() == call_id
    await both_ends_told(stack)
    await call.end()

    record = await last_record(stack)
    assert record["Fin, code"] == "hung_up_by_agent"
    assert record["Agent"] == "Agent CAF 1"
    assert record["borne, vidéo"] in {"VP8", "H264"}


async def both_ends_told(stack: Stack) -> None:
    """The record has figures of both ends, which come every 5 and every 10 s."""
    deadline = time.monotonic() + 15
    while True:
        record = await last_record(stack)
        if record["borne, vidéo"] and record["agent, vidéo"]:
            return
        assert time.monotonic() < deadline, record
        await asyncio.sleep(1)


def loop_of(page: object, call: Call) -> int:
    """The kiosk's camera begins anew every 8 s; the agent's studio counts on."""
    return 200 if page is call.agent.page else 65536


TOLD_OR_BACK = f"""(() => {{
  lens.watch('far', {FAR_IN_BROWSER});
  const told = document.body.innerText.includes('La borne ne répond plus.');
  const seen = lens.of('far').seen.map(one => one[0]);
  return told || seen.some((at, i) => i && at - seen[i - 1] > 700);
}})()"""
"""The page says so after two seconds; a kiosk that is back before that was a short freeze."""


async def test_the_kiosk_is_killed(call: Call, stack: Stack, supervised: None) -> None:
    await call.begin()
    assert stack.kiosk.process is not None
    killed_at = time.time()
    stack.kiosk.process.send_signal(signal.SIGKILL)
    agent_told, _ = await both(
        killed_at,
        lambda: call.agent.page.until(TOLD_OR_BACK),
        lambda: call.citizen.page.sees("Un instant, la borne redémarre."),
    )
    ready = "['call', 'interrupted', 'admitted'].includes(document.body.dataset.screen)"
    await call.citizen.page.until(ready, within_s=KIOSK_BACK_WITHIN_S)
    kiosk_ready = time.time() - killed_at
    back = await call.media_is_back(killed_at + 1, within_s=KIOSK_BACK_WITHIN_S)
    await call.agent.reaches("live")
    await call.citizen.reaches("call")
    lens.report(
        "kiosk killed", agent_told_s=round(agent_told, 2), ready_s=round(kiosk_ready, 2),
        talking_again_s=[round(s + 1, 2) for s in back],
    )  # fmt: skip
    assert agent_told <= 3
    assert kiosk_ready <= KIOSK_BACK_WITHIN_S
    await call.end()


async def test_a_line_that_does_not_come_back(call: Call, stack: Stack, lines: Lab) -> None:
    await stack.restart_hub(call_gives_up_after_s=GIVES_UP_S)
    try:
        await call.begin()
        lines.line.cut()
        await call.citizen.reaches("interrupted")
        # the number is on the screen while nothing else works
        await call.citizen.page.sees("04 65 71 20 00")
        await call.agent.reaches("ended", within_s=GIVES_UP_S + 5)
        await call.agent.page.sees("La liaison n’est pas revenue.")
        await call.agent.page.sees("04 65 71 20 00")
        lines.line.restore()
        await call.citizen.reaches("ended")
        await call.citizen.page.sees("La liaison n’est pas revenue.")
        await call.citizen.page.sees("04 65 71 20 00")
    finally:
        lines.line.restore()
        await stack.restart_hub()
    assert (await last_record(stack))["Fin, code"] == "line_fault"
