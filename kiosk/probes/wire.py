"""The kiosk's UDP end: heartbeat, voice-like traffic and trains of one session with the hub.

Liveness: `run` sends until cancelled; a voice ends after its seconds and LOST_AFTER_S, a train as
train_wire.py says. What fails to come is lost, never an error.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from kiosk.probes.news import News
from kiosk.probes.train_wire import Car, TrainWire
from visiohub.linkquality import train_talk
from visiohub.linkquality.delays import DelaySummary
from visiohub.linkquality.frame import UDP_IP_OCTETS, NotOfTrain
from visiohub.linkquality.sender import LOST_AFTER_S, SessionSender
from visiohub.linkquality.sockets import Datagram, UdpSocket
from visiohub.linkquality.stamp import SEALED_OCTETS, StampRefused
from visiohub.linkquality.train import Train
from visiohub.linkquality.verdict import Verdict
from visiohub.linkquality.voice import EVERY_S, PADDING, SECONDS

PROBE_OCTETS = SEALED_OCTETS + UDP_IP_OCTETS
SPENT_NAP_S = 10.0
_LONGEST_NAP_S = 0.5


class ProbeWire:
    """One session. Made on a running loop; close it on the same."""

    def __init__(
        self,
        address: tuple[str, int],
        session: int,
        key: bytes,
        uniform: Callable[[], float] = random.random,
    ) -> None:
        """Raises OSError where the address cannot be reached at all."""
        self._session = session
        self._key = key
        self._uniform = uniform
        self.heartbeat = SessionSender(session, uniform, time.monotonic(), key)
        self._voice: SessionSender | None = None
        self._news = News()
        self._stop, self._cut = threading.Event(), threading.Event()
        self._octets = [0, 0]
        self.may_send: Callable[[int], bool] = lambda _octets: True
        """Whether the day's octets allow so many each way for a probe; asked before each one."""
        self._socket = UdpSocket("", 0, self._take, peer=address)
        self._trains = TrainWire(session, key, self._send, self._send_train, self._news, self._stop)

    def take_octets(self) -> tuple[int, int]:
        """IP octets sent and received since the last time."""
        sent, received = self._octets
        self._octets = [0, 0]
        return sent, received

    async def run(self) -> None:
        """Send the heartbeat, until cancelled."""
        while True:
            wait = self.heartbeat.deadline - time.monotonic()
            if wait > 0 or self._voice is not None:
                await asyncio.sleep(min(_LONGEST_NAP_S, max(0.01, wait)))
            elif self.may_send(PROBE_OCTETS):
                self._send_due(self.heartbeat)
            else:
                await asyncio.sleep(SPENT_NAP_S)

    async def voice(self, seconds: float = SECONDS) -> DelaySummary:
        """Traffic like a voice both ways; the heartbeat rests meanwhile."""
        begun = time.monotonic()
        voice = SessionSender(
            self._session, self._uniform, begun, self._key, every_s=EVERY_S, padding=PADDING
        )
        voice.next_number = self.heartbeat.next_number
        self._voice = voice
        try:
            while (now := time.monotonic()) < begun + seconds and not self._stop.is_set():
                self._send_due(voice)
                await asyncio.sleep(max(0.0, voice.deadline - now))
        finally:
            self.heartbeat.next_number = voice.next_number
        await self._news.within(LOST_AFTER_S, lambda: voice.is_answered or self._stop.is_set())
        self._voice = None
        return voice.collect(time.monotonic() + LOST_AFTER_S)

    async def down(self, plan: Train, burst_octets: int | None = None) -> Verdict:
        """Have the hub send this train, and judge it."""
        return await self._trains.down(plan, burst_octets)

    async def up(self, plan: Train, burst_octets: int | None = None) -> Verdict:
        """Send this train to the hub, ask what came of it, and judge that."""
        return await self._trains.up(plan, burst_octets)

    def cut_train(self) -> None:
        """No more of the train that is under way, in whichever direction: somebody needs the line.
        Say it again while it lasts."""
        self._cut.set()
        self._trains.cut()

    def close(self) -> None:
        """Send and hear no more; what is under way ends soon, and is worth nothing."""
        self._stop.set()
        self._cut.set()
        self._news.come()
        self._socket.close()

    def _send_due(self, sender: SessionSender) -> None:
        octets = sender.send(time.monotonic(), time.time())
        if octets is not None:
            self._send(octets)

    def _send(self, octets: bytes) -> None:
        if self._socket.send(octets):
            self._octets[0] += len(octets) + UDP_IP_OCTETS

    async def _send_train(self, plan: Train, car: Car) -> list[int]:
        loop = asyncio.get_running_loop()
        if not self._stop.is_set():
            self._cut.clear()
        sent = await loop.run_in_executor(
            None, self._socket.send_train, plan.offsets_s, car, None, self._cut
        )
        self._octets[0] += len(sent) * plan.octets
        return sent

    def _take(self, datagram: Datagram) -> None:
        self._octets[1] += len(datagram.octets) + UDP_IP_OCTETS
        with suppress(StampRefused, NotOfTrain):
            if datagram.octets[:2] == train_talk.FAMILY:
                self._trains.take(datagram)
            else:
                self._take_reflection(datagram)

    def _take_reflection(self, datagram: Datagram) -> None:
        waited_s = (time.time_ns() - datagram.at_ns) / 1e9
        # A clock that was set meanwhile says nothing of how long a packet waited here.
        now = time.monotonic() - (waited_s if 0 <= waited_s < 1 else 0.0)
        try:
            self.heartbeat.receive(datagram.octets, now)
        except StampRefused:
            if self._voice is None:
                raise
            self._voice.receive(datagram.octets, now)
            self._news.come()
