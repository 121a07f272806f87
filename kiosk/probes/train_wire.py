"""Trains of one session, both ways: asked for, sent, their arrivals told, and judged.

Liveness: a train ends when nothing of it has come for a while, 30 s after its last packet at most.
What fails to come is lost, never an error.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from kiosk.probes.news import News
from visiohub.linkquality import frame, train_talk
from visiohub.linkquality.capacity import judge
from visiohub.linkquality.sockets import Datagram
from visiohub.linkquality.train import Train
from visiohub.linkquality.train_talk import Kind, Order
from visiohub.linkquality.verdict import Arrival, Verdict

ASK_AGAIN_S = 1.5
ASK_TIMES = 3
QUIET_S = 1.0
"""Nothing more of a train comes after so long: a packet takes 77 ms at 128 kbit/s."""
LONGEST_S = 30.0
_ROOM_AFTER = 8
"""Of a train's steps: in these the line takes two packets out of its buffer."""
Car: TypeAlias = Callable[[int, int], bytes]
"""A packet by its place and the time of its sending."""


class TrainWire:
    """The socket's owner sends and hands in what comes."""

    def __init__(
        self,
        session: int,
        key: bytes,
        send: Callable[[bytes], None],
        send_train: Callable[[Train, Car], Awaitable[list[int]]],
        news: News,
        stop: threading.Event,
    ) -> None:
        """`send_train` tells when each packet left. `news` come at `stop`, too, which ends all."""
        self._session = session
        self._key = key
        self._send = send
        self._send_train = send_train
        self._news = news
        self._stop = stop
        self._train = 0
        self._cars: dict[int, tuple[int, int]] = {}
        """Of the train that comes now: place to (sent, came) in nanoseconds."""
        self._expected = -1
        self._cookie: bytes | None = None
        self._told: list[tuple[int, int]] | None = None
        self._page = 0

    async def down(self, plan: Train, burst_octets: int | None = None) -> Verdict:
        """Have the hub send this train, and judge it."""
        order = self._next(plan)
        self._cookie, self._cars, self._expected = None, {}, order.train
        for _ in range(ASK_TIMES):
            if self._stop.is_set():
                break
            self._send(train_talk.pack_order(Kind.ASK, order, self._key))
            await self._news.within(
                ASK_AGAIN_S, lambda: self._cookie is not None or bool(self._cars)
            )
            if self._cars:
                break
            if self._cookie is not None:
                order = Order(
                    order.train, order.front, order.tail, order.step_ns, order.octets,
                    order.in_call, self._cookie,
                )  # fmt: skip
                self._send(train_talk.pack_order(Kind.ASK, order, self._key))
                await self._news.within(ASK_AGAIN_S, lambda: bool(self._cars))
        await self._until_quiet(plan)
        self._expected = -1
        cars, self._cars = self._cars, {}
        arrivals = [Arrival(place, sent / 1e9, came / 1e9) for place, (sent, came) in cars.items()]
        return judge(arrivals, plan, burst_octets)

    def cut(self) -> None:
        """Have the hub send no more of the train that comes; it may get lost: say it again."""
        if self._cars:
            self._send(train_talk.pack_stop(self._expected, self._key))

    async def up(self, plan: Train, burst_octets: int | None = None) -> Verdict:
        """Send this train to the hub, ask what came of it, and judge that."""
        order = self._next(plan)
        packets = len(plan.offsets_s)

        def car(place: int, sent_ns: int) -> bytes:
            return frame.pack(
                frame.Car(order.train, place, packets, sent_ns), self._key, plan.octets
            )

        sent = await self._send_train(plan, car)
        # A buffer that is full would drop the question, too.
        await asyncio.sleep(_ROOM_AFTER * plan.step_s)
        came = await self._arrivals_of(order.train, packets)
        arrivals = [
            Arrival(place, sent[place] / 1e9, at / 1e9) for place, at in came if place < len(sent)
        ]
        return judge(arrivals, plan, burst_octets)

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
            await self._news.within(ASK_AGAIN_S, lambda: self._told is not None)
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
            await self._news.within(QUIET_S, lambda known=known: len(self._cars) > known)  # type: ignore[misc]  # bound at once
            if len(self._cars) == known:
                return

    def _next(self, plan: Train) -> Order:
        self._train += 1
        return Order.of(train_talk.number_of(self._session, self._train), plan)

    def take(self, datagram: Datagram) -> None:
        """A packet of trains. Raises NotOfTrain."""
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
        self._news.come()
