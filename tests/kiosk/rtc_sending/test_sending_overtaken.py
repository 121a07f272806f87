"""A line that does not keep the order: what is overtaken is told as lost, then comes after all."""

from __future__ import annotations

from kiosk.rtc.sending.ledger import SentLedger
from kiosk.rtc.sending.loss import LossController
from kiosk.rtc.sending.twcc import Feedback


def test_what_was_told_as_lost_and_comes_after_all_is_found_once() -> None:
    ledger = SentLedger()
    for n in range(3):
        ledger.sent(n * 0.01, 50)
    first = ledger.feedback(Feedback(1, 2, 0, 0, (0, None, 40)), 1.0)
    assert (len(first.arrived), len(first.lost), first.found) == (2, 1, 0)
    again = ledger.feedback(Feedback(1, 2, 1, 1, (80, 40)), 1.1)
    assert (len(again.arrived), len(again.lost), again.found) == (1, 0, 1)
    assert ledger.feedback(Feedback(1, 2, 1, 2, (80, 40)), 1.2).found == 0


def test_what_comes_after_all_is_taken_off_the_loss() -> None:
    loss = LossController(1_000_000)
    for step in range(40):  # of 20 packets 6 are overtaken and come with the next feedback
        loss.update(step * 0.05, 20, 6 - (6 if step else 0), 0.0, 0.6)
    assert loss.ratio == 0
    assert loss.bit_s > 1_000_000
