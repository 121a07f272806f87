"""A kiosk that hears as well as it speaks: its reports stand in the same modem. Virtual time."""

from __future__ import annotations

import pytest
from closed_loop import IP_UDP, LINES, SEED, Case, Loop

from kiosk.rtc.sending.budget import LEAST_BIT_S, Budget
from kiosk.rtc.sending.control import SendControl
from kiosk.rtc.sending.framing import ATM, PLAIN, Framing
from kiosk.rtc.sending.recorder import FeedbackRecorder

FAR_PACKETS_S = 36
"""Of speech and picture on a thin line."""
SRTCP_OCTETS = 4 + 10
SENDER_REPORT_OCTETS = 84
"""With the report about the far end and SDES; of sound and of picture, one a second each."""


class Hearing(Loop):
    """The closed loop, and what is said upwards about the way down."""

    def __init__(self, case: Case, framing: Framing) -> None:
        way = case.way(cell_tax="atm" if framing.cells else "none")
        most = case.up * 1000.0
        super().__init__(case, Budget(most, most), way=way, framing=framing)
        self.reports: list[tuple[float, int]] = []
        self._far = FeedbackRecorder(1)
        self._heard = 0
        self.at(0.0, self._hear)
        self.at(0.0, self._report)

    def _hear(self, now: float) -> None:
        self.at(now + 1 / FAR_PACKETS_S, self._hear)
        self._heard += 1
        self._far.received(self._heard, 1, now)
        self._far.back(self.control.target(now).total_bit_s)
        for packet in self._far.take(now):
            self._say(len(packet), now)

    def _report(self, now: float) -> None:
        self.at(now + 0.5, self._report)
        self._say(SENDER_REPORT_OCTETS, now)

    def _say(self, octets: int, now: float) -> None:
        octets += SRTCP_OCTETS
        self.control.sent_report(now, octets)
        self.reports.append((now, self.framing.octets(octets)))
        self.way.send(now, b"\xff" * (octets + IP_UDP))


@pytest.mark.parametrize("framing", [PLAIN, ATM], ids=["plain", "cells"])
@pytest.mark.parametrize("name", ["readsl128", "adsl256", "adsl512"])
def test_reports_and_media_together_stay_within_the_line(name: str, framing: Framing) -> None:
    print("seed", SEED)
    case = LINES[name]
    loop = Hearing(case, framing)
    record = loop.run(30)
    reports = sum(octets for at, octets in loop.reports if 10 <= at < 30) * 8 / 20
    media = sum(octets for at, octets in record.wire if 10 <= at < 30) * 8 / 20
    print(
        f"{name}: reports {reports / 1000:.1f} kbit/s, all {(media + reports) / case.up / 1000:.3f}"
        f" of the line, modem queue p95 {record.queue_p95(10, 30) * 1000:.0f} ms,"
        f" picture p95 {record.age_p95(10, 30) * 1000:.0f} ms"
    )
    most = case.up * 1000
    for begin in range(5, 29):
        said = [o for at, o in (*record.wire, *loop.reports) if begin <= at < begin + 1]
        assert sum(said) * 8 <= most * 1.05, "a packet or two over the second's edge"
    assert media + reports >= 0.80 * most
    assert record.queue_p95(10, 30) < 0.1
    assert record.age_p95(10, 30) < 0.25


def test_reports_are_taken_from_the_budget_and_not_from_what_the_line_was_found_to_carry() -> None:
    narrow, wide = SendControl(Budget(100_000, 100_000)), SendControl(Budget(800_000, 100_000))
    for control in (narrow, wide):
        for n in range(300):
            control.sent_report(n / 100, 172)  # 200 octets of the line, 160 kbit/s
    assert narrow.target(3.0).total_bit_s == LEAST_BIT_S, "speech goes on whatever is reported"
    assert wide.target(3.0).total_bit_s == 85_000, "start rate: well within the budget"
    assert narrow.target(10.0).total_bit_s == 85_000
