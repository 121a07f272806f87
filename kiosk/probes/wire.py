"""The kiosk's UDP end: heartbeat, voice-like traffic and trains of one session with the hub.

Liveness: `run` sends until cancelled; a voice ends after its seconds and LOST_AFTER_S, a train
when nothing of it has come for a while, 30 s after its last packet at most. What fails to come is
lost, never an error.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from visiohub.linkquality import frame, train_talk
from visiohub.linkquality.capacity import judge
from visiohub.linkquality.delays import DelaySummary
from visiohub.linkquality.frame import UDP_IP_OCTETS, NotOfTrain
from visiohub.linkquality.sender import LOST_AFTER_S, SessionSender
from visiohub.linkquality.sockets import Datagram, UdpSocket
from visiohub.linkquality.stamp import SEALED_OCTETS, StampRefused
from visiohub.linkquality.train import Train
from visiohub.linkquality.train_talk import Kind, Order
from visiohub.linkquality.verdict import Arrival, Verdict
from visiohub.linkquality.voice import EVERY_S, PADDING, SECONDS

ASK_AGAIN_S = 1.5
ASK_TIMES = 3
QUIET_S = 1.0
"""Nothing more of a train comes after so long: a packet takes 77 ms at 128 kbit/s."""
LONGEST_S = 30.0
PROBE_OCTETS = SEALED_OCTETS + UDP_IP_OCTETS
SPENT_NAP_S = 10.0
_LONGEST_NAP_S = 0.5
_ROOM_AFTER = 8
"""Of a train's steps: in these the line takes two packets out of its buffer."""


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
        self._train = 0
        self._cars: dict[int, tuple[int, int]] = {}
        """Of the train that comes now: place to (sent, came) in nanoseconds."""
        self._expected = -1
        self._news = asyncio.Event()
        self._cookie: bytes | None = None
        self._told: list[tuple[int, int]] | None = None
        self._page = 0
        self._stop = threading.Event()
        self._octets = [0, 0]
        self.may_send: Callable[[int], bool] = lambda _octets: True
        """Whether the day's octets allow so many each way for a probe; asked before each one."""
        self._socket = UdpSocket("", 0, self._take, peer=address)

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
        await self._within(LOST_AFTER_S, lambda: voice.is_answered or self._stop.is_set())
        self._voice = None
        return voice.collect(time.monotonic() + LOST_AFTER_S)

    async def down(self, plan: Train, burst_octets: int | None = None) -> Verdict:
        """Have the hub send this train, and judge it."""
        order = self._next(plan)
        self._cookie, self._cars, self._expected = None, {}, order.train
        for _ in range(ASK_TIMES):
            if self._stop.is_set():
                break
            self._send(train_talk.pack_order(Kind.ASK, order, self._key))
            await self._within(ASK_AGAIN_S, lambda: self._cookie is not None or bool(self._cars))
            if self._cars:
                break
            if self._cookie is not None:
                order = Order(
                    order.train, order.front, order.tail, order.step_ns, order.octets,
                    order.in_call, self._cookie,
                )  # fmt: skip
                self._send(train_talk.pack_order(Kind.ASK, order, self._key))
                await self._within(ASK_AGAIN_S, lambda: bool(self._cars))
        await self._until_quiet(plan)
        self._expected = -1
        arrivals = [
            Arrival(place, sent / 1e9, came / 1e9) for place, (sent, came) in self._cars.items()
        ]
        return judge(arrivals, plan, burst_octets)

    async def up(self, plan: Train, burst_octets: int | None = None) -> Verdict:
        """Send this train to the hub, ask what came of it, and judge that."""
        order = self._next(plan)
        packets = len(plan.offsets_s)

        def car(place: int, sent_ns: int) -> bytes:
            return frame.pack(
                frame.Car(order.train, place, packets, sent_ns), self._key, plan.octets
            )

        loop = asyncio.get_running_loop()
        sent = await loop.run_in_executor(
            None, self._socket.send_train, plan.offsets_s, car, None, self._stop
        )
        self._octets[0] += len(sent) * plan.octets
        # A buffer that is full would drop the question, too.
        await asyncio.sleep(_ROOM_AFTER * plan.step_s)
        came = await self._arrivals_of(order.train, packets)
        arrivals = [
            Arrival(place, sent[place] / 1e9, at / 1e9) for place, at in came if place < len(sent)
        ]
        return judge(arrivals, plan, burst_octets)

    def close(self) -> None:
        """Send and hear no more; what is under way ends soon, and is worth nothing."""
        self._stop.set()
        self._news.set()
        self._socket.close()

    async def _arrivals_of(self, train: int, packets: int) -> list[tuple[int, int]]:
        """All pages; of the first one that is not full it is told when the train has passed."""
        if packets <= train_talk.PAGE:
            return await self._page_of(train, packets, 0)
        await asyncio.sleep(QUIET_S)
        found: list[tuple[int, int]] = []
        for page in range(-(-packets // train_talk.PAGE)):
            told = await self._page_of(train, train_talk.PAGE, page)
            found += told
            if len(told) < train_talk.PAGE:
                break
        return found

    async def _page_of(self, train: int, packets: int, page: int) -> list[tuple[int, int]]:
        """As the hub tells it, once two answers in a row tell the same."""
        before: list[tuple[int, int]] | None = None
        ends_at = time.monotonic() + LONGEST_S
        while time.monotonic() < ends_at and not self._stop.is_set():
            self._expected, self._told, self._page = train, None, page
            self._send(train_talk.pack_wanted(train, packets, self._key, page))
            await self._within(ASK_AGAIN_S, lambda: self._told is not None)
            told = self._told
            if told is not None and (len(told) == packets or told == before):
                return told
            before = told if told is not None else before
            if told is not None:
                await asyncio.sleep(QUIET_S)
        return before or []

    async def _until_quiet(self, plan: Train) -> None:
        packets = len(plan.offsets_s)
        ends_at = time.monotonic() + plan.offsets_s[-1] + LONGEST_S
        while self._cars and len(self._cars) < packets and time.monotonic() < ends_at:
            known = len(self._cars)
            await self._within(QUIET_S, lambda known=known: len(self._cars) > known)  # type: ignore[misc]  # bound at once
            if len(self._cars) == known:
                return

    async def _within(self, seconds: float, so: Callable[[], bool]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not so():
                    self._news.clear()
                    await self._news.wait()

    def _next(self, plan: Train) -> Order:
        self._train += 1
        return Order.of(train_talk.number_of(self._session, self._train), plan)

    def _send_due(self, sender: SessionSender) -> None:
        octets = sender.send(time.monotonic(), time.time())
        if octets is not None:
            self._send(octets)

    def _send(self, octets: bytes) -> None:
        if self._socket.send(octets):
            self._octets[0] += len(octets) + UDP_IP_OCTETS

    def _take(self, datagram: Datagram) -> None:
        self._octets[1] += len(datagram.octets) + UDP_IP_OCTETS
        with suppress(StampRefused, NotOfTrain):
            if datagram.octets[:2] == train_talk.FAMILY:
                self._take_train(datagram)
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
            self._news.set()

    def _take_train(self, datagram: Datagram) -> None:
        payload = datagram.octets
        match train_talk.kind_of(payload):
            case Kind.CHALLENGE:
                order = train_talk.unpack_order(payload, self._key)
                if order.train == self._expected:
                    self._cookie = order.cookie
            case Kind.ARRIVALS:
                train, page, arrivals = train_talk.unpack_arrivals(payload, self._key)
                if (train, page) == (self._expected, self._page):
                    self._told = arrivals
            case None:
                car = frame.unpack(payload, self._key)
                if car.train == self._expected:
                    self._cars.setdefault(car.place, (car.sent_ns, datagram.at_ns))
        self._news.set()
