"""aiortc's statistics in the units of W3C webrtc-stats."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from kiosk.rtc.statistics import w3c

AT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SENT: dict[str, Any] = {
    "timestamp": AT, "type": "outbound-rtp", "id": "outbound-rtp_9", "ssrc": 7, "kind": "audio",
    "transportId": "t", "packetsSent": 1, "bytesSent": 60, "trackId": "140",
}  # fmt: skip


@pytest.mark.parametrize(("kind", "clock"), [("audio", 48_000), ("video", 90_000)])
def test_a_receiver_report_is_in_seconds_and_shares_and_about_what_was_sent(
    kind: str, clock: int
) -> None:
    reported = {
        "timestamp": AT, "type": "remote-inbound-rtp", "id": "remote-inbound-rtp_9", "kind": kind,
        "ssrc": 4_000_000_000, "transportId": "t", "packetsReceived": 90, "packetsLost": 10,
        "jitter": clock // 50, "roundTripTime": 0.125, "fractionLost": 64,
    }  # fmt: skip
    told = w3c(reported, {"outbound-rtp_9": SENT, "remote-inbound-rtp_9": reported})
    assert (told["jitter"], told["roundTripTime"], told["fractionLost"]) == (0.02, 0.125, 0.25)
    assert (told["localId"], told["ssrc"]) == ("outbound-rtp_9", 7)
    assert told["timestamp"] == 1_767_225_600_000


def test_what_is_not_known_or_not_the_standards_is_left_out() -> None:
    assert "trackId" not in w3c(SENT, {})
    report = {"type": "remote-outbound-rtp", "timestamp": AT, "remoteTimestamp": AT}
    assert w3c(report, {})["remoteTimestamp"] == 1_767_225_600_000
    assert "remoteTimestamp" not in w3c(report | {"remoteTimestamp": None}, {})
