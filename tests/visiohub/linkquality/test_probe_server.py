"""The hub's UDP end against strangers, thieves of packets and floods; real sockets on loopback."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest

from visiohub.linkquality import frame, stamp, train_talk
from visiohub.linkquality.probe_server import SENDERS, ProbeServer
from visiohub.linkquality.reflector import Reflector
from visiohub.linkquality.sender import SessionSender
from visiohub.linkquality.stamp import Probe, pack_probe, unpack_reflection
from visiohub.linkquality.train_talk import Kind, Order

SEED = 20_261_121
OPEN: list[socket.socket] = []


@asynccontextmanager
async def serving() -> AsyncIterator[ProbeServer]:
    server = ProbeServer("127.0.0.1", 0)
    try:
        yield server
    finally:
        await server.close()
        while OPEN:
            OPEN.pop().close()


class Peer:
    """A socket of its own; counts what comes."""

    def __init__(self, server: ProbeServer) -> None:
        self.wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.wire.setblocking(False)
        OPEN.append(self.wire)
        self.wire.connect(("127.0.0.1", server.port))
        self.sent = self.got = 0

    def send(self, octets: bytes) -> None:
        self.sent += len(octets)
        self.wire.send(octets)

    async def answers(self, within_s: float = 0.3, enough: int = 10_000) -> list[bytes]:
        found: list[bytes] = []
        ends_at = time.monotonic() + within_s
        while len(found) < enough and (left := ends_at - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    found.append(await asyncio.get_running_loop().sock_recv(self.wire, 2048))
            except TimeoutError:
                break
        self.got += sum(map(len, found))
        return found


def run(work: Callable[[ProbeServer], object]) -> None:
    async def whole() -> None:
        async with serving() as server:
            await work(server)  # type: ignore[misc]  # a coroutine function

    asyncio.run(whole())


def order_of(session: int, train: int = 1, **fields: int) -> Order:
    usual = {"front": 20, "tail": 10, "step_ns": 100_000}
    return Order(train_talk.number_of(session, train), **usual | fields)  # type: ignore[arg-type]


def test_a_probe_of_a_session_is_answered_once_with_no_more_octets() -> None:
    async def work(server: ProbeServer) -> None:
        session, peer = server.grant("kiosk"), Peer(server)
        probe = pack_probe(Probe(0, session.identifier, time.time()), session.key)
        peer.send(probe)
        (answer,) = await peer.answers(2, enough=1)
        assert len(answer) == len(probe)
        told = unpack_reflection(answer, session.key)
        assert 0 <= told.reflected_at - told.received_at < 1
        assert told.probe_ttl in range(1, 256)
        peer.send(probe)  # a replay
        assert await peer.answers() == []
        assert server.refused["stamp_replayed"] == 1

    run(work)


def test_strangers_forgers_and_the_dismissed_hear_nothing() -> None:
    async def work(server: ProbeServer) -> None:
        old = server.grant("kiosk")
        session, peer = server.grant("kiosk"), Peer(server)
        random = Random(SEED)
        for octets in (
            pack_probe(Probe(0, old.identifier, time.time()), old.key),
            pack_probe(Probe(0, session.identifier, time.time()), old.key),
            pack_probe(Probe(0, session.identifier, time.time())),
            pack_probe(Probe(0, session.identifier, time.time()), session.key)[:-1],
            train_talk.pack_order(Kind.ASK, order_of(session.identifier), old.key),
            train_talk.pack_order(Kind.ASK, order_of(session.identifier), session.key)[:40],
            train_talk.pack_order(Kind.CHALLENGE, order_of(session.identifier), session.key),
            train_talk.pack_wanted(train_talk.number_of(session.identifier, 1), 60, old.key),
            train_talk.pack_arrivals(session.identifier << 16, [(1, 2)], session.key),
            b"",
            b"VH",
            b"VHC1",
            *(b"VH" + random.randbytes(random.randrange(200)) for _ in range(200)),
            *(random.randbytes(random.randrange(200)) for _ in range(200)),
        ):
            peer.send(octets)
        assert await peer.answers() == []

    run(work)


def test_a_train_goes_only_to_who_answers_the_challenge_and_only_once() -> None:
    async def work(server: ProbeServer) -> None:
        session, victim, thief = server.grant("kiosk"), Peer(server), Peer(server)
        ask = train_talk.pack_order(Kind.ASK, order_of(session.identifier), session.key)
        victim.send(ask)
        (challenge,) = await victim.answers(2, enough=1)
        assert len(challenge) == len(ask)
        order = train_talk.unpack_order(challenge, session.key)
        paid = train_talk.pack_order(Kind.ASK, order, session.key)
        thief.send(paid)  # from another address the cookie is worth nothing
        assert await thief.answers() == []
        victim.send(paid)
        cars = await victim.answers(2, enough=30)
        places = [frame.unpack(car, session.key).place for car in cars]
        assert places == list(range(30))
        victim.send(paid)
        assert await victim.answers() == []

    run(work)


def test_what_nobody_may_ask_for_is_not_sent() -> None:
    async def work(server: ProbeServer) -> None:
        session, peer = server.grant("kiosk"), Peer(server)
        for fields in (
            {"front": 10_000},
            {"front": 0, "tail": 0},
            {"step_ns": 10**12},
            {"front": 1, "tail": 7_000, "octets": 100, "step_ns": 100_000_000},  # 700 s
            {"octets": 20},
            {"octets": 9_000},
        ):
            peer.send(
                train_talk.pack_order(Kind.ASK, order_of(session.identifier, **fields), session.key)
            )
        assert await peer.answers() == []

    run(work)


async def spend(server: ProbeServer, trains: range, *, sessions: int, leaves: bool = False) -> int:
    """Octets of trains that somebody gets who asks for all of these in so many sessions."""
    peer, challenges = Peer(server), 0
    for _ in range(sessions):
        if leaves:
            server.revoke("kiosk")
        session = server.grant("kiosk")
        for train in trains:
            ask = order_of(session.identifier, train, front=1, tail=0)
            peer.send(train_talk.pack_order(Kind.ASK, ask, session.key))
            (challenge,) = await peer.answers(2, enough=1)
            challenges += len(challenge)
            order = train_talk.unpack_order(challenge, session.key)
            peer.send(train_talk.pack_order(Kind.ASK, order, session.key))
            await peer.answers(0.02, enough=1)
    return peer.got - challenges


def test_a_train_leaves_at_once_or_not_at_all_and_is_then_asked_for_again() -> None:
    """Long ones of others take all threads; who is refused has spent nothing, and gets it later."""

    async def paid_order(server: ProbeServer, owner: str, **fields: int) -> tuple[Peer, bytes]:
        session, peer = server.grant(owner), Peer(server)
        ask = order_of(session.identifier, **fields)
        peer.send(train_talk.pack_order(Kind.ASK, ask, session.key))
        (challenge,) = await peer.answers(2, enough=1)
        order = train_talk.unpack_order(challenge, session.key)
        peer.send(paid := train_talk.pack_order(Kind.ASK, order, session.key))
        return peer, paid

    async def work(server: ProbeServer) -> None:
        long = {"front": 1, "tail": 30, "step_ns": 100_000_000}
        slow = [await paid_order(server, f"kiosk {n}", **long) for n in range(SENDERS)]
        assert all([await peer.answers(2, enough=1) for peer, _ in slow])
        peer, paid = await paid_order(server, "one more")
        assert await peer.answers(0.5) == []
        assert server.refused["train_refused"] == 1
        await asyncio.gather(*(peer.answers(5, enough=30) for peer, _ in slow))
        assert await peer.answers(0.2) == [], "nothing comes late"
        for _ in range(20):
            peer.send(paid)
            if cars := await peer.answers(0.5, enough=30):
                break
        assert len(cars) == 30

    run(work)


def test_one_key_holds_one_of_the_threads() -> None:
    """However long its trains are: 70 s of small packets are less than the octets of one train."""

    async def work(server: ProbeServer) -> None:
        session, peer = server.grant("kiosk"), Peer(server)
        for train in (1, 2, 3):
            ask = order_of(session.identifier, train, front=1, tail=20, step_ns=100_000_000)
            peer.send(train_talk.pack_order(Kind.ASK, ask, session.key))
            while (
                kind := train_talk.kind_of(said := (await peer.answers(2, enough=1))[0])
            ) is None:
                pass  # a packet of the first train
            assert kind is Kind.CHALLENGE
            order = train_talk.unpack_order(said, session.key)
            peer.send(train_talk.pack_order(Kind.ASK, order, session.key))
        cars = [frame.unpack(one, session.key) for one in await peer.answers(4, enough=21)]
        assert {car.train & 0xFFFF for car in cars} == {1}

    run(work)


def test_a_train_is_stopped_by_who_ordered_it_and_in_silence() -> None:
    async def work(server: ProbeServer) -> None:
        session, other = server.grant("kiosk"), server.grant("another")
        peer, thief = Peer(server), Peer(server)
        ask = order_of(session.identifier, front=1, tail=30, step_ns=100_000_000)
        peer.send(train_talk.pack_order(Kind.ASK, ask, session.key))
        (challenge,) = await peer.answers(2, enough=1)
        order = train_talk.unpack_order(challenge, session.key)
        peer.send(train_talk.pack_order(Kind.ASK, order, session.key))
        assert await peer.answers(2, enough=1)
        stop = train_talk.pack_stop(ask.train, session.key)
        for octets in (
            train_talk.pack_stop(ask.train, other.key),
            train_talk.pack_stop(ask.train + 1, session.key),
            train_talk.pack_stop(train_talk.number_of(other.identifier, 1), other.key),
            stop[:-1],
            stop + b"\0",
        ):
            thief.send(octets)
        assert len(await peer.answers(1, enough=3)) == 3
        peer.send(stop)
        assert len(await peer.answers(1)) <= 2, "those on their way"
        peer.send(stop)
        assert await peer.answers() == []
        assert await thief.answers() == []

    run(work)


def test_a_stolen_session_gets_no_more_trains_than_its_rate() -> None:
    async def work(server: ProbeServer) -> None:
        assert await spend(server, range(1, 40), sessions=1) <= 13 * 1200

    run(work)


@pytest.mark.parametrize("leaves", [False, True])
def test_a_stolen_key_gets_no_more_trains_by_asking_for_sessions(leaves: bool) -> None:
    """Nor by connecting, and closing its connection, again and again."""

    async def work(server: ProbeServer) -> None:
        assert await spend(server, range(1, 4), sessions=13, leaves=leaves) <= 13 * 1200

    run(work)


def test_arrivals_are_told_in_no_more_octets_than_asked_with() -> None:
    async def work(server: ProbeServer) -> None:
        session, peer = server.grant("kiosk"), Peer(server)
        train = train_talk.number_of(session.identifier, 7)
        for place in (0, 1, 3, 3):
            peer.send(frame.pack(frame.Car(train, place, 5, place), session.key, 1228))
        late = train_talk.number_of(session.identifier, 6)
        peer.send(frame.pack(frame.Car(late, 0, 5, 0), session.key, 1228))
        for packets, places in ((5, [0, 1, 3]), (2, [0, 1])):
            wanted = train_talk.pack_wanted(train, packets, session.key)
            peer.send(wanted)
            (told,) = await peer.answers(2, enough=1)
            assert len(told) <= len(wanted)
            number, _, arrivals = train_talk.unpack_arrivals(told, session.key)
            assert number == train
            assert [place for place, _ in arrivals] == places
        times = [at for _, at in arrivals]
        assert abs(times[0] / 1e9 - time.time()) < 60
        assert times == sorted(times)

    run(work)


def test_a_flood_holds_up_neither_the_loop_nor_a_kiosk() -> None:
    async def work(server: ProbeServer) -> None:
        session, peer, flood = server.grant("kiosk"), Peer(server), Peer(server)
        random = Random(SEED)
        forged = [
            struct.pack(">I12xQHH", n, n, 255, session.identifier) + random.randbytes(84)
            for n in range(200)
        ]
        answered = 0
        for number in range(20):
            for octets in forged:
                flood.send(octets)
            peer.send(pack_probe(Probe(number, session.identifier, time.time()), session.key))
            answered += len(await peer.answers(2, enough=1))
        assert answered == 20
        assert await flood.answers(0.05) == []
        assert server.refused["stamp_forged"] > 1000

    run(work)


def test_each_session_may_send_so_much_and_no_more() -> None:
    async def work(server: ProbeServer) -> None:
        session, peer = server.grant("kiosk"), Peer(server)
        for number in range(600):
            peer.send(pack_probe(Probe(number, session.identifier, time.time()), session.key))
            await asyncio.sleep(0)
        answers = await peer.answers()
        assert 100 <= len(answers) < 300
        assert peer.got <= peer.sent

    run(work)


def test_the_clock_that_jumps_an_hour_leaves_delays_as_they_are() -> None:
    key, uniform = bytes(32), Random(SEED).random
    sender = SessionSender(7, uniform, 0.0, key)
    reflector_wall, now = 1_000_000.0, 0.0
    reflector = Reflector({7: key}, sealed=True)
    for step in range(60):
        now = sender.deadline
        wall = 2_000_000.0 + now + (3600.0 if step >= 30 else 0.0)
        probe = sender.send(now, wall)
        assert probe is not None
        there = reflector_wall + now + (-3600.0 if step >= 45 else 0.0)
        answer = reflector.answer(probe, now, received_at=there, reflected_at=there + 0.001)
        sender.receive(answer, now + 0.041)
    told = sender.collect(now + 10)
    assert told.lost == 0
    assert told.two_way_ms is not None
    assert abs(told.two_way_ms.p99 - 40) < 1
    for way in (told.forward_variation_ms, told.backward_variation_ms):
        assert way is not None
        assert way.p99 < 1


def test_the_session_of_a_packet_is_found_before_it_is_believed() -> None:
    number = train_talk.number_of(513, 4)
    car = frame.pack(frame.Car(number, 0, 1, 0), bytes(32), 1228)
    order = train_talk.pack_order(Kind.ASK, Order(number, 1, 0, 0), bytes(32))
    assert train_talk.session_of(car) == train_talk.session_of(order) == 513
    probe = pack_probe(Probe(0, 513, 0.0), bytes(32))
    assert stamp.session_of(probe, sealed=True) == 513
