from __future__ import annotations

import queue
import threading

import pytest

from kiosk.devices import worker
from kiosk.devices.errors import DeviceError
from kiosk.devices.worker import Worker
from signaling.protocol.cards import DeviceStatus


class Bench:
    """A worker whose device follows a script; cards arrive in a queue."""

    def __init__(
        self,
        *script: Exception | None,
        absent: str | Exception | None = None,
        status: DeviceStatus = "absent",
    ) -> None:
        self.script = list(script)
        self.cards: queue.Queue[tuple[str, str]] = queue.Queue()
        self.absent = absent
        self.go_on = threading.Event()
        self.looked, self.began = threading.Event(), threading.Event()
        self.worker = Worker(
            "camera", "scripted", self.work, self.changed,
            absent=self.lacks, status=status, retry_s=0.01,
        )  # fmt: skip

    def work(self, stop: threading.Event) -> None:
        self.began.set()
        step = self.script.pop(0) if self.script else None
        if isinstance(step, Exception):
            raise step
        self.worker.working()
        while not stop.is_set() and not self.go_on.wait(0.01):
            self.worker.want()
        self.go_on.clear()
        if not stop.is_set() and self.script and isinstance(self.script[0], Exception):
            raise self.script.pop(0)

    def lacks(self) -> str | None:
        self.looked.set()
        if isinstance(self.absent, Exception):
            raise self.absent
        return self.absent

    def changed(self) -> None:
        card = self.worker.card
        self.cards.put((card.status, card.detail))

    def end(self) -> None:
        self.worker.close()
        self.worker.join(20)


def test_a_device_that_fails_is_tried_again_until_it_works() -> None:
    bench = Bench(DeviceError("cannot_open", "busy"), ZeroDivisionError("driver"), None)
    bench.worker.start()
    assert bench.cards.get(timeout=20) == ("failed", "busy")
    assert bench.cards.get(timeout=20) == ("failed", "ZeroDivisionError: driver")
    assert bench.cards.get(timeout=20) == ("ok", "")
    bench.end()


def test_a_device_that_disappears_while_it_works_is_unplugged_and_comes_back() -> None:
    bench = Bench(None, DeviceError("stopped", "no more pictures"), None)
    bench.worker.start()
    assert bench.cards.get(timeout=20) == ("ok", "")
    bench.absent = "not plugged in"
    bench.go_on.set()
    assert bench.cards.get(timeout=20) == ("unplugged", "no more pictures")
    bench.absent = None
    assert bench.cards.get(timeout=20) == ("ok", "")
    bench.end()


def test_a_device_stays_unplugged_for_as_long_as_it_is_wanted_and_gone() -> None:
    gone = DeviceError("cannot_open", "there is no camera")
    bench = Bench(
        None, DeviceError("stopped", "no more pictures"), gone, ValueError("driver"), None
    )
    bench.worker.start()
    assert bench.cards.get(timeout=20) == ("ok", "")
    bench.absent = "not plugged in"
    bench.go_on.set()
    assert bench.cards.get(timeout=20) == ("unplugged", "no more pictures")
    assert bench.cards.get(timeout=20) == ("unplugged", "there is no camera")
    assert bench.cards.get(timeout=20) == ("unplugged", "ValueError: driver")
    assert bench.cards.get(timeout=20) == ("ok", "")
    bench.end()


def test_a_device_that_never_was_there_is_absent_until_it_comes() -> None:
    bench = Bench(DeviceError("cannot_open", "there is no camera"), None, absent="not plugged in")
    bench.worker.start()
    assert bench.cards.get(timeout=20) == ("absent", "there is no camera")
    assert bench.cards.get(timeout=20) == ("ok", "")
    bench.end()


def test_a_device_that_failed_and_then_is_pulled_out_is_unplugged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "LINGER_S", 0.0)  # nobody wants it: it rests at once
    bench = Bench(absent="not plugged in", status="ok")
    bench.worker._report("failed", "busy")
    bench.worker.start()
    assert bench.cards.get(timeout=20) == ("failed", "busy")
    assert bench.cards.get(timeout=20) == ("unplugged", "not plugged in")
    bench.end()


def test_a_wanted_device_of_which_nobody_can_tell_whether_it_is_there_is_tried_again() -> None:
    busy = DeviceError("cannot_open", "busy")
    bench = Bench(busy, None, absent=OSError("no such node"), status="ok")
    bench.worker.start()
    assert bench.cards.get(timeout=20) == ("failed", "busy")
    assert bench.cards.get(timeout=20) == ("ok", "")
    bench.end()


def test_a_resting_device_of_which_nobody_can_tell_whether_it_is_there_works_when_it_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "LINGER_S", 0.0)  # nobody wants it: it rests at once
    bench = Bench(absent=OSError("no such node"), status="ok")
    bench.worker.start()
    bench.looked.wait(20)
    monkeypatch.setattr(worker, "LINGER_S", 3.0)
    bench.worker.want()
    assert bench.began.wait(20)
    bench.end()


def test_closing_needs_no_waiting_device() -> None:
    bench = Bench(None)
    bench.worker.start()
    assert bench.cards.get(timeout=20) == ("ok", "")
    bench.end()
    assert bench.worker._thread.is_alive() is False


def test_a_worker_that_never_began_can_be_closed_and_stays_unbegun() -> None:
    bench = Bench()
    bench.worker.close()
    bench.worker.start()
    bench.worker.join(1)
    assert bench.cards.empty()


def test_what_is_in_use_begins_again_although_nobody_says_that_they_want_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "LINGER_S", 0.0)
    worked: queue.Queue[None] = queue.Queue()

    def leaves_at_once(_stop: threading.Event) -> None:
        worked.put(None)

    speaker = Worker(
        "speaker", "scripted", leaves_at_once, lambda: None,
        in_use=lambda: True, status="ok", retry_s=0.01,
    )  # fmt: skip
    speaker.start()
    for _ in range(3):
        worked.get(timeout=20)
    speaker.close()
    speaker.join(20)
