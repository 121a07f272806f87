"""The hub's UDP end: reflects STAMP probes, receives trains and sends those that were ordered.

Liveness: it answers as long as its loop runs; trains are sent by threads, and who finds none of
them free is not answered: a kiosk asks again, and no train leaves when nobody waits for it.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from visiohub.linkquality import frame, train_talk
from visiohub.linkquality.frame import NotOfTrain
from visiohub.linkquality.reflector import Reflector
from visiohub.linkquality.sessions import Session, Sessions
from visiohub.linkquality.sockets import Address, Datagram, UdpSocket
from visiohub.linkquality.stamp import StampRefused
from visiohub.linkquality.stamp import session_of as stamp_session_of
from visiohub.linkquality.train_desk import Reply, Send, Stop, TrainDesk

SENDERS = 16
"""Trains at one time: what a territory of 300 new lines wants in its first minutes, whose rates are
proven by trains of 1 to 60 s. The threads sleep nearly all of that."""


class ProbeServer:
    """Made on a running loop, and closed on the same."""

    def __init__(self, host: str, port: int) -> None:
        """Raises OSError when the address cannot be bound."""
        secret = secrets.token_bytes(32)
        self.sessions = Sessions(secret, secrets.randbelow)
        self.refused: Counter[str] = Counter()
        """Packets that were met with silence, by reason's code."""
        self._reflector = Reflector(self.sessions.keys, sealed=True)
        self._desk = TrainDesk(self.sessions.keys, secret)
        self._granted: dict[str, float] = {}
        self._heard: dict[str, float] = {}
        self._threads = ThreadPoolExecutor(SENDERS, thread_name_prefix="trains")
        self._sending: dict[int, tuple[int, threading.Event]] = {}
        """By session the train that is under way, one each, and what stops it."""
        self._closing = False
        self._socket = UdpSocket(host, port, self._take)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._socket.port

    def grant(self, owner: str) -> Session:
        """A new session for this prober. Raises NoSessionLeft."""
        self._end(owner)
        session = self.sessions.grant(owner)
        self._granted[owner] = time.monotonic()
        self._desk.begin(session.identifier, owner)
        return session

    def revoke(self, owner: str) -> None:
        """The prober's session is over."""
        self._end(owner)
        self._heard.pop(owner, None)
        self._granted.pop(owner, None)

    def _end(self, owner: str) -> None:
        identifier = self.sessions.revoke(owner)
        if identifier is not None:
            self._reflector.forget(identifier)
            self._desk.end(identifier, owner)

    def silent_s(self) -> dict[str, float]:
        """Seconds since each prober's last probe, of this session or of one before; of whom none
        ever came nothing is said: a way that is closed to UDP is no line that fell silent."""
        now = time.monotonic()
        return {owner: now - at for owner, at in self._heard.items()}

    def waited_s(self) -> dict[str, float]:
        """Seconds since each prober's last probe, or its session's begin."""
        now = time.monotonic()
        return {
            owner: now - max(at, self._heard.get(owner, at)) for owner, at in self._granted.items()
        }

    async def close(self) -> None:
        """Answer no more."""
        self._closing = True
        for _, stop in self._sending.values():
            stop.set()
        await asyncio.to_thread(self._threads.shutdown)
        self._socket.close()

    def _take(self, datagram: Datagram) -> None:
        try:
            if datagram.octets[:2] == train_talk.FAMILY:
                self._take_train(datagram)
            else:
                self._reflect(datagram)
        except (StampRefused, NotOfTrain) as refusal:
            self.refused[refusal.code] += 1

    def _reflect(self, datagram: Datagram) -> None:
        answer = self._reflector.answer(
            datagram.octets,
            time.monotonic(),
            received_at=datagram.at_ns / 1e9,
            reflected_at=time.time(),
            ttl=datagram.ttl,
        )
        self._socket.send(answer, datagram.address)
        session = self.sessions.of(stamp_session_of(datagram.octets, sealed=True))
        if session is not None:
            self._heard[session.owner] = time.monotonic()

    def _take_train(self, datagram: Datagram) -> None:
        where = f"{datagram.address[0]} {datagram.address[1]}"
        session = train_talk.session_of(datagram.octets)
        under_way = self._sending.get(session)
        busy = self._closing or under_way is not None or len(self._sending) >= SENDERS
        what = self._desk.take(datagram.octets, where, time.monotonic(), datagram.at_ns, busy=busy)
        match what:
            case Reply(octets):
                self._socket.send(octets, datagram.address)
            case Send():
                stop = threading.Event()
                self._sending[session] = what.order.train, stop
                loop = asyncio.get_running_loop()
                sent = loop.run_in_executor(self._threads, self._send, what, datagram.address, stop)
                sent.add_done_callback(lambda _: self._sending.pop(session))
            case Stop(train) if under_way is not None and under_way[0] == train:
                under_way[1].set()

    def _send(self, what: Send, address: Address, stop: threading.Event) -> None:
        plan = what.order.plan
        packets = len(plan.offsets_s)

        def car(place: int, sent_ns: int) -> bytes:
            packet = frame.Car(what.order.train, place, packets, sent_ns)
            return frame.pack(packet, what.key, plan.octets)

        self._socket.send_train(plan.offsets_s, car, address, stop)
