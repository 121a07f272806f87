"""What a far end is told by REMB: what arrives, and never more than its share of the line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiortc.rate import RemoteBitrateEstimator

from kiosk.rtc.attach.remb import HeldEstimate
from kiosk.rtc.line import Line
from kiosk.rtc.sending.framing import ATM, PLAIN
from signaling.protocol.line_cards import BudgetCard

SMALL = BudgetCard(picture="small", audio_kbit_s=24, video_up_kbit_s=90, video_down_kbit_s=200)
SPEECH = BudgetCard(picture="none", audio_kbit_s=24, video_up_kbit_s=0, video_down_kbit_s=0)
OCTETS, EVERY_MS = 1_000, 4
"""Of a far end that sends 2 Mbit/s, and of a line that brings them."""


class Sender:
    """Such a far end; time goes on from call to call."""

    def __init__(self, estimate: RemoteBitrateEstimator) -> None:
        self._estimate = estimate
        self._now_ms = 0

    def told(self, seconds: int) -> list[int]:
        """What it hears while it sends so long."""
        return list(self._told(seconds * 1000 // EVERY_MS))

    def _told(self, packets: int) -> Iterator[int]:
        for _ in range(packets):
            self._now_ms += EVERY_MS
            sent_at = (self._now_ms << 18) // 1000 & 0xFFFFFF
            told = self._estimate.add(
                arrival_time_ms=self._now_ms, abs_send_time=sent_at, payload_size=OCTETS, ssrc=7
            )
            if told is not None:
                assert told[1] == [7]
                yield told[0]


def test_where_nothing_is_known_of_the_line_it_is_what_arrives() -> None:
    told = Sender(HeldEstimate(Line())).told(10)
    assert told == Sender(RemoteBitrateEstimator()).told(10)
    assert min(told) > 1_900_000


@pytest.mark.parametrize("framing", [PLAIN, ATM], ids=["plain", "cells"])
@pytest.mark.parametrize("down", [128, 512])
def test_it_is_never_more_than_the_far_ends_share(down: int, framing: object) -> None:
    line = Line.of_kbit(down=down, cells=framing is ATM)
    assert line.far_most_bit_s is not None
    told = Sender(HeldEstimate(line)).told(10)
    assert len(told) > 10
    assert set(told) == {told[0]}
    assert 0.5 * line.far_most_bit_s < told[0] < 0.97 * line.far_most_bit_s, "less the headers"


def test_a_share_that_the_hub_changes_in_mid_call_is_told_at_once() -> None:
    line = Line()
    sender = Sender(HeldEstimate(line))
    assert sender.told(5)[-1] > 1_900_000
    line.share(SMALL)
    shared = line.far_most_bit_s
    assert shared is not None
    assert max(sender.told(1)) < shared
    line.share(SPEECH)
    speech = line.far_most_bit_s
    assert speech is not None
    assert 20_000 < max(sender.told(1)) < speech, "0 would be no limit"
    line.share(None)
    assert sender.told(1)[-1] > 1_900_000
