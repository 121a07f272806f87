"""A call's loss is its line's as far as the line's probes, or its modem, saw it too."""

from __future__ import annotations

import pytest

from visiohub.linkquality.call_loss import LEAST_PROBES, Beside, lines_share


def test_what_the_probes_did_not_lose_is_not_the_lines() -> None:
    assert lines_share(0.10, Beside(sent=100, lost=0)) == 0.0


def test_what_both_lost_is_the_lines_and_never_more_than_the_call_lost() -> None:
    assert lines_share(0.10, Beside(sent=100, lost=11)) == 0.10
    assert lines_share(0.10, Beside(sent=100, lost=4)) == 0.04
    assert lines_share(0.0, Beside(sent=100, lost=4)) == 0.0


def test_of_few_probes_nothing_is_said() -> None:
    assert lines_share(0.10, Beside(sent=LEAST_PROBES - 1, lost=3)) is None
    assert lines_share(0.10, Beside(sent=LEAST_PROBES, lost=3)) == 0.10


def test_a_modem_confirms_by_seconds_with_errors_alone_or_beside_probes() -> None:
    assert lines_share(0.10, Beside(sent=0, lost=0, errored=0.05)) == 0.05
    assert lines_share(0.10, Beside(sent=100, lost=0, errored=0.05)) == 0.05
    assert lines_share(0.10, Beside(sent=100, lost=7, errored=0.05)) == pytest.approx(0.07)
    assert lines_share(0.10, Beside(sent=0, lost=0, errored=0.0)) == 0.0
