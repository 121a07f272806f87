"""One call of the call benchmark: what happens beside it happens, and ends with it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from unittest.mock import AsyncMock

import pytest

from bench.call.take import take
from bench.call.upload import upload
from bench.linelab.namespaces import LINE_DEVICE, Lab, lab
from bench.lines import SCENARIOS, with_upload

pytestmark = pytest.mark.root

LINE = SCENARIOS["upload"]


@pytest.fixture
def hosts() -> Iterator[Lab]:
    with lab(LINE.profile) as running:
        yield running


async def test_an_upload_takes_place(hosts: Lab) -> None:
    await upload(hosts, (0.0, 1.0), LINE.up_kbit_s, time.time())
    assert hosts.line.stats()["up"]["delivered_octets"] > 0.1 * LINE.up_kbit_s * 1000 / 8


async def test_a_call_beside_an_upload_to_nobody_counts_for_nothing(hosts: Lab) -> None:
    hosts.venue.run("ip", "link", "set", LINE_DEVICE, "down")
    office = AsyncMock(**{"admits.return_value": time.time()})
    with pytest.raises(RuntimeError, match="upload beside the call ended with status 1"):
        await take(hosts, office, AsyncMock(), with_upload(LINE, 0.2, 1.2), 1.5)


async def test_an_upload_that_hardly_moves_is_none(hosts: Lab) -> None:
    hosts.line.set("up", kbit_s=4)
    with pytest.raises(RuntimeError, match="of 1000 kbit/s"):
        await upload(hosts, (0.0, 1.0), LINE.up_kbit_s, time.time())


async def test_an_upload_that_is_slow_for_a_wide_line_takes_place(hosts: Lab) -> None:
    hosts.line.set("up", kbit_s=75)
    await upload(hosts, (0.0, 2.0), 10_000, time.time())


@pytest.mark.parametrize("breaks", ["admits", "noted"])
async def test_a_call_that_breaks_leaves_nothing_running(hosts: Lab, breaks: str) -> None:
    office = AsyncMock(**{"admits.return_value": time.time()})
    getattr(office, breaks).side_effect = OSError("no")
    with pytest.raises(OSError, match="no"):
        await take(hosts, office, AsyncMock(), SCENARIOS["adsl1"], 0.2)
    assert asyncio.all_tasks() == {asyncio.current_task()}
