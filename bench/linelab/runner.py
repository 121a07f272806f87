"""Moves real packets between two TUN devices through an emulated line.

One thread sleeps in `select` (microseconds, unlike epoll's milliseconds) until a packet comes, an
order comes, or the line's deadline passes. What it does late, `stats` says.
"""

from __future__ import annotations

import errno
import json
import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

from bench.linelab.link import Line
from bench.linelab.profile import DirectionName, Event, Profile

MTU = 1500
_PACKETS_A_TURN = 64
"""Read at most so many from one device before deliveries get their turn."""
LATENESS_BOUNDS_US = (50, 100, 200, 500, 1_000, 2_000, 5_000, 20_000)


class Runner:
    """One line between two descriptors.

    Liveness: `run` never waits longer than the line's next deadline, and at most 1 s.
    """

    def __init__(self, profile: Profile, hub_tun: int, venue_tun: int, control: str) -> None:
        self._line = Line(profile)
        self._from: dict[int, tuple[DirectionName, int]] = {
            hub_tun: ("down", venue_tun),
            venue_tun: ("up", hub_tun),
        }
        self._control_path = control
        self._started = time.perf_counter()
        self._lateness = [0] * (len(LATENESS_BOUNDS_US) + 1)
        self._stopping = False

    def run(self) -> None:
        """Until `stop` is ordered or `stop()` is called."""
        with bound(self._control_path) as control:
            watched: list[Any] = [*self._from, control]
            while not self._stopping:
                deadline = self._line.deadline()
                pause = 1.0 if deadline is None else min(1.0, max(0.0, deadline - self._now()))
                ready, _, _ = select.select(watched, [], [], pause)
                self._note_lateness(deadline)
                for source in ready:
                    if isinstance(source, int):
                        self._take(source)
                    else:
                        self._obey(control)
                self._deliver()

    def stop(self) -> None:
        """End `run` within a second; for signal handlers."""
        self._stopping = True

    def _now(self) -> float:
        return time.perf_counter() - self._started

    def _take(self, source: int) -> None:
        way = self._from[source][0]
        for _ in range(_PACKETS_A_TURN):
            try:
                packet = os.read(source, MTU + 100)
            except BlockingIOError:
                return
            self._line.send(self._now(), way, packet)

    def _deliver(self) -> None:
        now = self._now()
        for way, target in self._from.values():
            for packet in self._line.receive(now, way):
                try:
                    os.write(target, packet)
                except OSError as error:
                    if error.errno != errno.EIO:  # EIO: that host's device is not up
                        raise

    def _note_lateness(self, deadline: float | None) -> None:
        if deadline is None or (late_us := (self._now() - deadline) * 1e6) < 0:
            return
        for index, bound_us in enumerate(LATENESS_BOUNDS_US):
            if late_us <= bound_us:
                self._lateness[index] += 1
                return
        self._lateness[-1] += 1

    def _obey(self, control: socket.socket) -> None:
        """Answer every order in the socket; a bad one gets its error back."""
        while True:
            try:
                text, sender = control.recvfrom(65_536)
            except BlockingIOError:
                return
            try:
                answer = self._do(json.loads(text))
            except (ValueError, TypeError, KeyError) as error:
                answer = {"error": str(error)}
            if sender:
                with suppress(OSError):  # who asked waits no longer
                    control.sendto(json.dumps(answer).encode(), sender)

    def _do(self, order: dict[str, Any]) -> dict[str, Any]:
        match order.get("do"):
            case "cut" | "restore" | "set":
                self._line.apply(self._now(), Event(at_s=self._now(), **order))
            case "stop":
                self.stop()
            case "stats":
                return self._stats()
            case other:
                raise ValueError(f"{other}: not an order (cut, restore, set, stats, stop)")
        return {}

    def _stats(self) -> dict[str, Any]:
        labels = [f"<={us} us" for us in LATENESS_BOUNDS_US] + [f">{LATENESS_BOUNDS_US[-1]} us"]
        used = os.times()
        return {
            "seconds": self._now(),
            "cpu_seconds": used.user + used.system,
            "lateness": dict(zip(labels, self._lateness, strict=True)),
            **{
                name: {
                    **asdict(way.counters),
                    "held": way.held,
                    "queue_ms": way.queue_s(self._now()) * 1000,
                    "cut": way.is_cut,
                }
                for name, way in self._line.ways.items()
            },
        }


@contextmanager
def bound(path: str) -> Iterator[socket.socket]:
    """The control socket: a Unix datagram an order, a datagram back; unlinked at the end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as control:
        control.bind(path)
        control.setblocking(False)
        try:
            yield control
        finally:
            os.unlink(path)
