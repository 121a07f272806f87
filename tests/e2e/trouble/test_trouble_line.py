"""The line is cut: both sides say so, keep the place, and talk again without a click."""

from __future__ import annotations

import asyncio
import re
import time
from html import unescape

import lens
import pytest
from people import Office, last_record, number
from scene import Call
from stack import Stack

from bench.linelab.namespaces import Lab
from bench.linelab.outages import OUTAGES, dead_line

pytestmark = [pytest.mark.root, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SAID_WITHIN_S = 3.0
BACK_WITHIN_S = 2.0
FREEZES = 3
FREEZE_MS = 800
CONSENT_LASTS_S = 30
"""RFC 7675: after so long without an answer a connection is dead, and only a new one helps."""


# more cuts and their 95th percentile: `python -m bench cuts`
@pytest.mark.parametrize("end", OUTAGES)
@pytest.mark.parametrize(
    ("call", "seconds"),
    [("chromium", 5), ("chromium", 30), ("firefox", 5),
     pytest.param("chromium", 120, marks=pytest.mark.slow),
     pytest.param("firefox", 60, marks=pytest.mark.slow)],
    indirect=["call"],
)  # fmt: skip
async def test_a_line_is_cut(call: Call, lines: Lab, end: str, seconds: int) -> None:
    await call.begin()
    call_id = await call.call_id()
    connection = await call.connection()
    cut_at = time.time()
    with OUTAGES[end](lines):
        told = await call.both_say_so(cut_at)
        await asyncio.sleep(max(0.0, cut_at + seconds - time.time()))  # the cut itself
    back = await call.media_is_back(time.time())
    await call.agent.reaches("live")
    await call.citizen.reaches("call")
    renewed = await call.connection() != connection
    lens.report(
        "line cut", end=end, engine=call.engine, seconds=seconds, new_connection=renewed,
        told_s=[round(s, 2) for s in told], back_s=[round(s, 2) for s in back],
    )  # fmt: skip
    assert await call.call_id() == call_id
    await call.end()
    assert max(told) <= SAID_WITHIN_S
    assert max(back) <= BACK_WITHIN_S
    assert renewed or seconds < CONSENT_LASTS_S


@pytest.mark.parametrize("call", ["chromium"], indirect=True)
async def test_freezes_are_in_the_record(call: Call, stack: Stack, lines: Lab) -> None:
    await call.begin()
    for _ in range(FREEZES):
        with dead_line(lines):
            for page in call.pages:
                await page.until(f"Date.now() - lens.of('far').seen.at(-1)[0] > {FREEZE_MS}")
        await call.media_is_back(time.time())
        for page in call.pages:
            await lens.clear(page)
            await lens.numbers(page)
    await call.citizen.hangs_up()
    await call.agent.reaches("ended")
    row = await last_record(stack)
    freezes = {end: number(row[f"{end}, figements par minute"]) for end in ("agent", "borne")}
    lasted_s = int(row["Durée (s)"])
    lens.report("freezes", per_minute=freezes, lasted_s=lasted_s)
    # the seconds before the end are in no report of the agent's: not quite the quotient
    assert min(freezes.values()) >= FREEZES * 60 / lasted_s / 2
    office = await Office.arrive(stack, "coordination")
    listed = await office.get("/calls")
    await office.close()
    assert re.search(r"[1-9]\d*,\d/min", unescape(listed))
