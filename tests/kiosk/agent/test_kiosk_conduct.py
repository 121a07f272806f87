"""What the hub says reaches the media in its order, and nothing outlives its call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.call_media import CallMedia
from kiosk.conduct import Conduct
from kiosk.devices import DeviceSet
from kiosk.hub_duty import HubDuty
from kiosk.lifecycle import Lifecycle
from kiosk.rtc.line import Line
from kiosk.settings import Settings
from signaling.protocol.cards import CallCard
from signaling.protocol.messages import CallState, Ended, Offer

CALL = CallCard(
    call_id="c1", state="negotiating", generation=1, kiosk_id="k1", venue_name="V", room_name="R",
    partner="CAF", service="Aide", arrived_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
)  # fmt: skip
OFFER = Offer(call_id="c1", generation=1, sdp="v=0")


@pytest.fixture
async def conduct(tmp_path: Path) -> AsyncIterator[Conduct]:
    life = Lifecycle(time.monotonic(), datetime.now(UTC))
    hub = HubDuty(
        Settings(state_dir=tmp_path), "test", lambda: life.in_call, lambda: life.on_the_line
    )
    made = Conduct(life, hub, Line(), tmp_path)
    devices = DeviceSet.open("synthetic", "synthetic", "none", made.devices_changed)
    made.equip(devices)
    made.hub_events().message(CallState(call=CALL))
    yield made
    await made.close()
    devices.close()
    await asyncio.to_thread(devices.join)


async def media_of(conduct: Conduct) -> CallMedia:
    """Once all that was begun is done."""
    await asyncio.gather(*conduct._errands)
    assert conduct._media is not None
    return conduct._media


async def test_an_offer_and_the_end_of_its_call_in_one_read_open_nothing(conduct: Conduct) -> None:
    hear = conduct.hub_events().message
    hear(OFFER)
    hear(Ended(call_id="c1", reason="hung_up_by_agent"))
    assert not (await media_of(conduct)).on


async def test_nothing_is_reported_before_anything_flowed(conduct: Conduct) -> None:
    conduct.hub_events().message(OFFER)
    media = await media_of(conduct)
    assert media.on
    assert media.report(time.monotonic()) is None
