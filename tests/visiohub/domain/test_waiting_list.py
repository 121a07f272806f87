"""Who waits: offers last for some time, and each step is one that is drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from visiohub.domain.waiting_list import (
    LONGEST_OFFER,
    SHORTEST_OFFER,
    UNTOLD_OFFER,
    Offer,
    WaitingEntry,
    WaitState,
    offer_until,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SLOT = NOW + timedelta(days=2)


def waiting() -> WaitingEntry:
    until = NOW + timedelta(weeks=2)
    return WaitingEntry("w", "s", ("v",), NOW, until, NOW, token_hash="", language="fr")


def offer(until: datetime = NOW + timedelta(hours=4)) -> Offer:
    return Offer("k", SLOT, SLOT + timedelta(minutes=30), "a", None, until)


def test_an_offer_is_taken() -> None:
    entry = waiting()
    entry.offered(offer())
    entry.accepted("t")
    assert (entry.state, entry.offer, entry.appointment_id) == (WaitState.TAKEN, None, "t")


def test_an_offer_declined_is_not_made_again() -> None:
    entry = waiting()
    entry.offered(offer())
    entry.declined()
    assert (entry.state, entry.refused) == (WaitState.WAITING, (SLOT,))


def test_an_offer_runs_out_twice_and_nobody_is_there() -> None:
    entry = waiting()
    for state in (WaitState.WAITING, WaitState.OVER):
        entry.offered(offer())
        assert not entry.passed(NOW + timedelta(hours=4) - timedelta(seconds=1))
        assert entry.passed(NOW + timedelta(hours=4))
        assert entry.state is state
    assert not entry.passed(NOW + timedelta(days=99))


def test_what_nobody_could_tell_of_runs_out_and_they_wait_on() -> None:
    entry = waiting()
    for refused in range(1, 4):
        entry.offered(offer())
        assert entry.passed(NOW + timedelta(hours=4), told=False)
        assert (entry.state, entry.lapses) == (WaitState.WAITING, 0)
        assert entry.refused == (SLOT,) * refused
    assert entry.passed(NOW + timedelta(days=14), told=False)
    assert entry.state is WaitState.OVER


def test_the_last_day_passes() -> None:
    entry = waiting()
    assert not entry.passed(NOW + timedelta(days=13))
    assert entry.passed(NOW + timedelta(days=14))
    assert entry.state is WaitState.OVER
    entry = replace(waiting(), not_after=NOW + timedelta(hours=4))
    entry.offered(offer())
    assert entry.passed(NOW + timedelta(hours=4))
    assert entry.state is WaitState.OVER


@pytest.mark.parametrize("state", list(WaitState))
def test_no_other_step_is_taken(state: WaitState) -> None:
    steps = {
        "offered": (lambda e: e.offered(offer()), {WaitState.WAITING}),
        "accepted": (lambda e: e.accepted("t"), {WaitState.OFFERED}),
        "declined": (lambda e: e.declined(), {WaitState.OFFERED}),
        "left": (lambda e: e.left(), {WaitState.WAITING, WaitState.OFFERED}),
    }
    for step, of in steps.values():
        entry = replace(waiting(), state=state)
        if state in of:
            step(entry)
        else:
            with pytest.raises(ValueError, match="cannot become"):
                step(entry)
            assert entry.state is state


def test_an_offer_leaves_time_to_answer_and_to_get_there() -> None:
    assert offer_until(NOW, NOW + timedelta(days=9)) == NOW + LONGEST_OFFER
    assert offer_until(NOW, NOW + timedelta(hours=9)) == NOW + timedelta(hours=4)
    assert offer_until(NOW, NOW + timedelta(minutes=90)) == NOW + SHORTEST_OFFER
    assert offer_until(NOW, NOW + timedelta(minutes=89)) is None
    assert offer_until(NOW, NOW + timedelta(days=9), told=False) == NOW + UNTOLD_OFFER
    assert offer_until(NOW, NOW + timedelta(minutes=89), told=False) is None
