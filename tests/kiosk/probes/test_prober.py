"""The prober against the hub's real UDP end on loopback; its hub link is a list."""

from __future__ import annotations

import asyncio
import base64
import math
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.probes import prober as prober_module
from kiosk.probes.cards import minute_card, telling_octets
from kiosk.probes.hub_clock import HubClock
from kiosk.probes.prober import Prober
from kiosk.probes.results import ResultStore
from kiosk.probes.schedule import TrainSchedule
from kiosk.probes.wire import ProbeWire
from signaling.protocol import codec
from signaling.protocol.cards import VenueCard
from signaling.protocol.line_cards import MinuteCard, TrainCard, VoiceCard
from signaling.protocol.messages import (
    CallBeside,
    CheckLine,
    LineResults,
    Ping,
    ProbeSession,
    ResultsKept,
    WelcomeKiosk,
)
from visiohub.linkquality.delays import summary
from visiohub.linkquality.ledger import Purpose
from visiohub.linkquality.probe_server import ProbeServer
from visiohub.linkquality.sockets import preferred
from visiohub.linkquality.train import Train, long_train
from visiohub.linkquality.verdict import Verdict

NOW = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)
SEED = 20_261_121


@dataclass
class Bench:
    prober: Prober
    store: ResultStore
    server: ProbeServer
    clock: HubClock
    sent: list[LineResults] = field(default_factory=list)
    in_call: bool = False
    connected: bool = True

    def send(self, message: LineResults) -> bool:
        self.sent.append(message)
        return self.connected

    def session(self, octets_a_day: int = 7_000_000) -> ProbeSession:
        granted = self.server.grant("kiosk")
        return ProbeSession(
            session=granted.identifier,
            key=base64.urlsafe_b64encode(granted.key).rstrip(b"=").decode(),
            port=self.server.port,
            up_kbit_s=900.0,
            down_kbit_s=8000.0,
            octets_a_day_up=octets_a_day,
            octets_a_day_down=octets_a_day,
        )

    async def until(self, so: Callable[[], bool], within_s: float = 20.0) -> None:
        async with asyncio.timeout(within_s):
            while not so():  # noqa: ASYNC110 - it is looked at from outside
                await asyncio.sleep(0.05)

    async def next_minute(self) -> None:
        """Once the hub has heard a probe."""
        begun = time.monotonic()
        await self.until(
            lambda: self.server.silent_s().get("kiosk", math.inf) < time.monotonic() - begun - 0.01
        )
        self.clock.told(NOW + timedelta(minutes=1), time.monotonic())

    def results(self, kind: type) -> list[object]:
        return [result for _, result in self.store.oldest(100) if isinstance(result, kind)]


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    server, store = ProbeServer("127.0.0.1", 0), ResultStore(folder)
    clock = HubClock(NOW, time.monotonic())
    made: list[Bench] = []
    prober = Prober(
        "http://127.0.0.1:8080",
        store,
        clock,
        lambda message: made[0].send(message),
        lambda: made[0].in_call,
    )
    made.append(Bench(prober, store, server, clock))
    prober.voice_s = 1.0
    task = asyncio.create_task(prober.run())
    try:
        yield made[0]
    finally:
        task.cancel()
        await asyncio.wait([task])
        await server.close()
        store.close()


async def test_a_minute_is_measured_kept_and_sent_until_the_hub_has_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        assert b.prober.take(b.session())
        await b.next_minute()
        await b.until(lambda: bool(b.results(MinuteCard)))
        (minute,) = b.results(MinuteCard)
        assert isinstance(minute, MinuteCard)
        assert minute.at == NOW
        assert minute.sent >= 1
        assert minute.lost == 0
        assert minute.octets_up >= 140 * minute.sent
        await b.until(lambda: bool(b.sent))
        assert not b.prober.take(Ping(n=1))
        kept, sent = b.store.count(), b.sent[-1]  # a train may end meanwhile, and is sent later
        assert b.prober.take(ResultsKept(batch="another"))
        assert b.store.count() == kept
        assert b.prober.take(ResultsKept(batch=sent.batch))
        assert b.store.count() == kept - len(sent.results)


async def test_sending_results_takes_the_day_s_octets_once_they_leave(tmp_path: Path) -> None:
    def spent(b: Bench) -> list[int]:
        return [ledger.shares()[Purpose.RESULTS] for ledger in b.prober._purse.ledgers.values()]

    def told(b: Bench) -> list[int]:
        b.prober._teller._sent_at, b.prober._teller._batch = -math.inf, None
        b.prober._teller.tell(time.monotonic())
        return list(telling_octets(codec.encode(b.sent[-1])).values())

    async with bench(tmp_path) as b:
        b.prober.take(b.session())
        await b.until(lambda: len(b.prober._purse.ledgers) == 2)
        b.connected = False
        b.store.add(minute_card(NOW, summary([], []), (0, 0), in_call=False, out=False))
        told(b)
        assert spent(b) == [0, 0]
        b.connected = True
        up, down = told(b)
        assert spent(b) == [up, down] == list(b.prober._purse.moved)
        assert up > len(codec.encode(b.sent[-1])) > down > 0
        sent = len(b.sent)
        for ledger in b.prober._purse.ledgers.values():
            ledger.octets_a_day = ledger.spent + 1
        b.prober._teller._sent_at, b.prober._teller._batch = -math.inf, None
        b.prober._teller.tell(time.monotonic())
        assert len(b.sent) == sent
        assert b.store.count() >= 1, "it is sent tomorrow"


async def test_before_an_appointment_the_line_is_looked_at_and_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.prober.take(b.session())
        b.prober.take(CheckLine(check_id="c1"))
        await b.until(lambda: bool(b.results(VoiceCard)))
        (voice,) = b.results(VoiceCard)
        assert isinstance(voice, VoiceCard)
        assert voice.check_id == "c1"
        assert voice.sent > 30
        assert voice.r_up is not None
        assert voice.r_up > 60
        ways = {train.way for train in b.results(TrainCard)}  # type: ignore[attr-defined]
        assert ways == {"up", "down"}


async def test_each_of_several_checks_at_one_time_is_answered(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.prober.take(b.session())
        for check_id in ("c1", "c2", "c3"):
            b.prober.take(CheckLine(check_id=check_id))
        await b.until(lambda: bool(b.results(TrainCard)))
        b.prober.take(CheckLine(check_id="c4"))
        await b.until(lambda: len(b.results(VoiceCard)) == 4)
        voices = [voice for voice in b.results(VoiceCard) if isinstance(voice, VoiceCard)]
        assert [voice.check_id for voice in voices[:3]] == ["c1", "c2", "c3"]
        assert voices[3].check_id == "c4"
        assert len({voice.at for voice in voices}) == 2, "one look answers three"
        assert all(voice.sent > 30 and voice.r_up is not None for voice in voices)


async def test_beside_a_call_of_another_kiosk_the_line_is_measured_as_beside_an_own_one(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as b:
        assert b.prober.take(CallBeside(holds_s=60))
        b.prober.take(b.session())
        b.prober.take(CheckLine(check_id="c1"))
        await b.until(lambda: bool(b.results(VoiceCard)))
        (voice,) = b.results(VoiceCard)
        assert isinstance(voice, VoiceCard)
        assert voice.sent == 0
        await b.next_minute()
        await b.until(lambda: bool(b.results(MinuteCard)))
        (minute,) = b.results(MinuteCard)
        assert isinstance(minute, MinuteCard)
        assert minute.in_call
        b.prober.take(CallBeside(holds_s=1))  # it is over, soon: nobody says it again
        await b.until(lambda: not b.prober._busy())
        b.prober.take(CheckLine(check_id="c2"))
        await b.until(lambda: len(b.results(VoiceCard)) == 2)
        assert [voice.sent > 0 for voice in b.results(VoiceCard)] == [False, True]  # type: ignore[attr-defined]


@pytest.mark.parametrize("comes", ["another session", "the hub's stop"])
async def test_a_look_that_its_session_leaves_says_that_it_saw_nothing(
    tmp_path: Path, comes: str
) -> None:
    async with bench(tmp_path) as b:
        b.prober.voice_s = 10.0
        b.prober.take(b.session())
        b.prober.take(CheckLine(check_id="c1"))
        await b.until(lambda: len(b.results(TrainCard)) == 2)
        await b.until(lambda: b.prober._wire is not None and b.prober._wire._voice is not None)
        if comes == "another session":
            b.prober.take(b.session())
        else:
            b.prober.rest()
        await b.until(lambda: bool(b.results(VoiceCard)), within_s=5.0)
        (voice,) = b.results(VoiceCard)
        assert isinstance(voice, VoiceCard)
        assert (voice.sent, voice.lost, voice.r_up) == (0, 0, None)


async def test_a_line_that_became_another_is_measured_as_a_new_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:

        async def told(**fields: Any) -> TrainSchedule:
            order = b.session().model_copy(update=fields)
            b.prober.take(order)
            await b.until(lambda: b.prober._order is None and b.prober._wire is not None)
            return b.prober._schedules["up"]

        first = await told(up_kbit_s=900.0, burst_up_octets=4_000)
        first.accepted = [900.0]
        same = await told(up_kbit_s=800.0, burst_up_octets=20_000)
        assert (same is first, same.burst_octets) == (True, 20_000)
        assert (await told(burst_up_octets=None)).burst_octets == 20_000
        anew = await told(up_kbit_s=1_800.0, burst_up_octets=None, known_since=NOW)
        assert (anew.expected_kbit_s, anew.burst_octets, anew.accepted) == (1_800.0, None, [])


async def test_who_is_welcomed_without_a_session_measures_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another kiosk of the venue measures now; until it does no longer."""
    monkeypatch.setattr(prober_module, "SESSION_WITHIN_S", 0.2)
    venue = VenueCard(venue_name="Mairie", room_name="Salle", time_zone="Europe/Paris", phone="")
    welcome = WelcomeKiosk(
        connection_id="c", ping_every_s=4, dead_after_s=8, now=NOW, venue=venue, services=[],
        call=None,
    )  # fmt: skip
    async with bench(tmp_path) as b:
        b.prober.take(b.session())
        await b.until(lambda: b.prober._wire is not None)
        assert not b.prober.take(welcome)
        await b.until(lambda: b.prober._wire is None)
        b.prober.take(b.session())
        await b.until(lambda: b.prober._wire is not None)


async def test_a_train_that_its_session_leaves_is_no_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[Verdict] = []
    send = ProbeWire.up

    async with bench(tmp_path) as b:

        async def cut(wire: ProbeWire, plan: Train, burst_octets: int | None) -> Verdict:
            b.prober.rest()
            judged.append(await send(wire, plan, burst_octets))
            return judged[-1]

        monkeypatch.setattr(ProbeWire, "up", cut)
        b.prober.take(b.session())
        b.prober.take(CheckLine(check_id="c1"))
        await b.until(lambda: bool(b.results(VoiceCard)), within_s=5.0)
        expected = [one.expected_kbit_s for one in b.prober._schedules.values()]
        assert expected == [900.0, 8000.0]
        assert [one.kbit_s for one in judged] == [None]
        assert b.results(TrainCard) == []


@pytest.mark.parametrize(("way", "expected"), [("up", 900.0), ("down", 8000.0)])
async def test_a_call_that_begins_cuts_the_train_that_fills_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, expected: float
) -> None:
    trains: list[Verdict] = []
    send, short = getattr(ProbeWire, way), TrainSchedule.short
    long = long_train(900.0)

    async with bench(tmp_path) as b:

        async def met(wire: ProbeWire, plan: Train, burst_octets: int | None) -> Verdict:
            b.in_call = True
            trains.append(await send(wire, plan, burst_octets))
            b.in_call = False  # a short one: it is over before the train is judged
            return trains[-1]

        monkeypatch.setattr(ProbeWire, way, met)
        monkeypatch.setattr(
            TrainSchedule,
            "short",
            lambda one: long if one.expected_kbit_s == expected else short(one),
        )
        b.prober.take(b.session())
        b.prober.take(CheckLine(check_id="c1"))
        await b.until(lambda: bool(trains))
        assert 0 < trains[0].arrived < len(long.offsets_s) / 2
        await b.until(lambda: bool(b.results(VoiceCard)))
        assert not any(card.way == way for card in b.results(TrainCard))  # type: ignore[attr-defined]
        assert b.prober._schedules[way].expected_kbit_s == expected  # type: ignore[index]


async def test_without_a_session_nothing_is_looked_at_and_that_is_said(tmp_path: Path) -> None:
    """The hub's port is closed to UDP, or its name is unknown: that is no bad line."""
    async with bench(tmp_path) as b:
        b.prober.take(CheckLine(check_id="c1"))
        await b.until(lambda: bool(b.results(VoiceCard)))
        (voice,) = b.results(VoiceCard)
        assert isinstance(voice, VoiceCard)
        assert (voice.sent, voice.r_up) == (0, None)


async def test_in_a_call_nothing_is_looked_at_and_that_is_said(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.in_call = True
        b.prober.take(b.session())
        b.prober.take(CheckLine(check_id="c1"))
        await b.until(lambda: bool(b.results(VoiceCard)))
        (voice,) = b.results(VoiceCard)
        assert isinstance(voice, VoiceCard)
        assert (voice.sent, voice.r_up) == (0, None)


async def test_the_day_s_octets_are_a_limit(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.prober.take(b.session(octets_a_day=150))
        b.prober.take(CheckLine(check_id="c1"))
        await b.next_minute()
        await b.until(lambda: bool(b.results(MinuteCard)))
        (minute,) = b.results(MinuteCard)
        assert isinstance(minute, MinuteCard)
        assert minute.sent == 1
        assert minute.octets_up == 140
        assert [voice.sent for voice in b.results(VoiceCard)] == [0]  # type: ignore[attr-defined]


async def test_what_was_probed_by_hand_counts_as_the_day_s(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.prober.take(b.session())
        by_hand = ResultStore(tmp_path)  # of another program
        by_hand.owe({"up": 250_000, "down": 260_000})
        by_hand.close()
        await b.until(lambda: len(b.prober._purse.ledgers) == 2)
        b.prober._minutes.look(time.monotonic() + 60, b.prober._wire)
        b.prober._minutes.look(time.monotonic() + 120, b.prober._wire)  # nothing twice
        spent = {way: one.shares()[Purpose.BY_HAND] for way, one in b.prober._purse.ledgers.items()}
        assert spent == {"up": 250_000, "down": 260_000}


async def test_a_hub_with_two_kinds_of_addresses_is_asked_by_ipv4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub listens on 127.0.0.1; its name has an IPv6 address, too, and that comes first."""
    real = socket.getaddrinfo

    def both(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host != "hub.example":
            return real(host, port, *args, **kwargs)
        six = (socket.AF_INET6, socket.SOCK_DGRAM, 17, "", ("::1", port, 0, 0))
        return [six, (socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    async with bench(tmp_path) as b:
        b.prober._host = "hub.example"
        b.prober.take(b.session())
        await b.until(lambda: "kiosk" in b.server.silent_s())
    assert preferred([both("hub.example", 1)[0]])[0] == socket.AF_INET6
