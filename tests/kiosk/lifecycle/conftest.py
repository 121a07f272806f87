"""A kiosk on its first screen, and one in a call."""

from __future__ import annotations

import pytest
from lifecycle_kiosk import Kiosk, card

from signaling.protocol.messages import (
    CallState,
    Offer,
)


@pytest.fixture
def kiosk() -> Kiosk:
    made = Kiosk()
    made.welcome()
    made.forget()
    return made


@pytest.fixture
def in_call(kiosk: Kiosk) -> Kiosk:
    kiosk.hear(CallState(call=card("waiting")))
    kiosk.hear(CallState(call=card("admitted")))
    kiosk.hear(Offer(call_id="c1", generation=1, sdp="v=0"))
    kiosk.hear(CallState(call=card("negotiating")))
    kiosk.effects += kiosk.life.media_flows(1, kiosk.now)
    kiosk.life.picture(kiosk.now)
    kiosk.hear(CallState(call=card("connected")))
    kiosk.forget()
    return kiosk
