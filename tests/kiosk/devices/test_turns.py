"""Threads take turns, and none waits for ever for one that hangs."""

from __future__ import annotations

import threading

import pytest
from structlog.testing import capture_logs

from kiosk.devices import turns
from kiosk.devices.turns import Turns


class Taker(threading.Thread):
    """Takes a turn and keeps it until it is told to leave."""

    def __init__(self, taken: Turns) -> None:
        super().__init__(daemon=True)
        self.turns = taken
        self.has, self.leave = threading.Event(), threading.Event()

    def run(self) -> None:
        with self.turns.taken():
            self.has.set()
            self.leave.wait(10)


def test_whoever_comes_second_waits_until_the_first_one_leaves() -> None:
    taken = Turns()
    first, second = Taker(taken), Taker(taken)
    first.start()
    assert first.has.wait(20)
    second.start()
    assert not second.has.wait(0.05)
    first.leave.set()
    assert second.has.wait(20)
    second.leave.set()


def test_whoever_hangs_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", 0.05)
    taken = Turns()
    hung = Taker(taken)
    hung.start()
    assert hung.has.wait(20)
    with capture_logs() as logs:
        for _ in range(3):
            with taken.taken():
                assert not hung.leave.is_set()
    assert len(logs) == 1
    hung.leave.set()


def test_beside_the_one_that_hangs_the_others_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", 30.0)
    taken = Turns()
    hung, last, beside = Taker(taken), Taker(taken), Taker(taken)
    hung.start()
    assert hung.has.wait(20)
    last.start()
    while not taken._changed._waiters:  # it waits with the patience of before
        assert not last.has.wait(0.01)
    monkeypatch.setattr(turns, "PATIENCE_S", 0.05)
    beside.start()
    assert beside.has.wait(20)
    hung.leave.set()
    hung.join(5)
    assert not last.has.wait(0.05), "who hung had lost its turn and gives none back"
    beside.leave.set()
    assert last.has.wait(20)
    last.leave.set()


def test_a_turn_ends_with_an_error_too() -> None:
    taken = Turns()
    with pytest.raises(OSError, match="busy"), taken.taken():
        raise OSError("the device is busy")
    with taken.taken():
        pass
