from __future__ import annotations

import queue
import threading

from kiosk.devices.errors import DeviceError
from kiosk.devices.worker import Worker


class Bench:
    """A worker whose device follows a script; cards arrive in a queue."""

    def __init__(self, *script: Exception | None, absent: str | None = None) -> None:
        self.script = list(script)
        self.cards: queue.Queue[tuple[str, str]] = queue.Queue()
        self.absent = absent
        self.go_on = threading.Event()
        self.worker = Worker(
            "camera", "scripted", self.work, self.changed, absent=lambda: self.absent, retry_s=0.01
        )

    def work(self, stop: threading.Event) -> None:
        step = self.script.pop(0) if self.script else None
        if isinstance(step, Exception):
            raise step
        self.worker.working()
        while not stop.is_set() and not self.go_on.wait(0.01):
            self.worker.want()
        self.go_on.clear()
        if not stop.is_set() and self.script and isinstance(self.script[0], Exception):
            raise self.script.pop(0)

    def changed(self) -> None:
        card = self.worker.card
        self.cards.put((card.status, card.detail))

    def end(self) -> None:
        self.worker.close()
        self.worker.join(2)


def test_a_device_that_fails_is_tried_again_until_it_works() -> None:
    bench = Bench(DeviceError("cannot_open", "busy"), ZeroDivisionError("driver"), None)
    bench.worker.start()
    assert bench.cards.get(timeout=2) == ("failed", "busy")
    assert bench.cards.get(timeout=2) == ("failed", "ZeroDivisionError: driver")
    assert bench.cards.get(timeout=2) == ("ok", "")
    bench.end()


def test_a_device_that_disappears_while_it_works_is_unplugged_and_comes_back() -> None:
    bench = Bench(None, DeviceError("stopped", "no more pictures"), None)
    bench.worker.start()
    assert bench.cards.get(timeout=2) == ("ok", "")
    bench.absent = "not plugged in"
    bench.go_on.set()
    assert bench.cards.get(timeout=2) == ("unplugged", "no more pictures")
    bench.absent = None
    assert bench.cards.get(timeout=2) == ("ok", "")
    bench.end()


def test_closing_needs_no_waiting_device() -> None:
    bench = Bench(None)
    bench.worker.start()
    assert bench.cards.get(timeout=2) == ("ok", "")
    bench.end()
    assert bench.worker._thread.is_alive() is False


def test_a_worker_that_never_began_can_be_closed_and_stays_unbegun() -> None:
    bench = Bench()
    bench.worker.close()
    bench.worker.start()
    bench.worker.join(1)
    assert bench.cards.empty()
