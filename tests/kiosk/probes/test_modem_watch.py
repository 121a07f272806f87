"""A technician writes a modem's access, the kiosk reads the modem, the hub keeps what it said."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import recorded_modems as recorded
from pydantic import SecretStr

from kiosk.probes import modem_watch
from kiosk.probes.hub_clock import HubClock
from kiosk.probes.modem import Modem, ModemError
from kiosk.probes.modem_watch import READ_EVERY_S, ModemWatch
from kiosk.probes.own_octets import own_octets
from kiosk.probes.prober import Prober
from kiosk.probes.results import ResultStore
from signaling.protocol import codec
from signaling.protocol.line_cards import ModemCard, ModemTroubleCard
from signaling.protocol.messages import LineResults, ProbeSession, ResultsKept
from signaling.protocol.modem import ModemAccess, SnmpV2
from visiohub.booking.lines.modems import ModemForm, write_access
from visiohub.bootstrap import Hub
from visiohub.demo import load_demo
from visiohub.linkquality.modem import ModemState, ModemTrouble
from visiohub.settings import Settings
from visiohub.web.line_desk import LineDesk

KEY = base64.urlsafe_b64encode(bytes(32)).decode()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with recorded.playing(tmp_path_factory.mktemp("snmpsim")) as found:
        yield found


async def until(so: Callable[[], bool], within_s: float = 30.0) -> None:
    async with asyncio.timeout(within_s):
        while not so():  # noqa: ASYNC110 - it is looked at from outside
            await asyncio.sleep(0.05)


class Signaling:
    """What the desk tells the kiosk, over the codec."""

    def __init__(self, kiosk_id: str) -> None:
        self.kiosk_id = kiosk_id
        self.told: list[ProbeSession] = []

    def present_kiosks(self) -> set[str]:
        return {self.kiosk_id}

    def tell_kiosk(self, kiosk_id: str, message: Any) -> bool:
        assert kiosk_id == self.kiosk_id
        self.told.append(codec.from_hub(codec.encode(message)))  # type: ignore[arg-type]
        return True


@dataclass
class Whole:
    """A hub, the kiosk's prober beside it, and what goes between them."""

    hub: Hub
    desk: LineDesk
    signaling: Signaling
    prober: Prober
    store: ResultStore
    sent: list[LineResults]
    line_id: str
    number: int = 0

    async def write(self, port: int, community: str, version: int) -> None:
        form = ModemForm(host="127.0.0.1", port=port, community=community)
        with self.hub.reading() as uow:
            admin = uow.persons.list(login="admin")[0]
        now = self.hub.clock()
        await self.hub.run(write_access, self.line_id, form, version, admin, now)

    def waiting(self, kind: type) -> list[Any]:
        return [result for _, result in self.store.oldest(100) if isinstance(result, kind)]

    async def deliver(self) -> None:
        """Every batch that was sent, each twice: the answer to the first one was lost."""
        await until(lambda: bool(self.sent))
        while self.sent:
            batch = codec.from_kiosk(codec.encode(self.sent.pop(0)))
            assert isinstance(batch, LineResults)
            for _ in range(2):
                await self.desk.line_results(self.signaling.kiosk_id, batch.results)
            self.prober.take(ResultsKept(batch=batch.batch))

    def kept(self) -> tuple[list[Any], str]:
        """Rows of the modem's table, and the trouble that stands."""
        now = self.hub.clock()
        with self.hub.reading() as uow:
            state = uow.linkquality.states.of(self.line_id)
            start, end = now - timedelta(1), now + timedelta(1)
            rows = list(uow.linkquality.series.modem(state.number, start, end))
            return rows, uow.linkquality.modems.get(self.line_id).trouble


@asynccontextmanager
async def whole(folder: Path) -> AsyncIterator[Whole]:
    hub = Hub(Settings(data_dir=folder / "hub", encryption_keys=SecretStr(KEY)))
    demo = load_demo(hub, reset=False, now=hub.clock())
    desk, store = LineDesk(hub), ResultStore(folder / "kiosk")
    desk.serve("127.0.0.1", 0)
    with hub.reading() as uow:
        line = uow.lines.of_kiosk(demo.kiosk_id)
        assert line is not None
    sent: list[LineResults] = []
    clock = HubClock(datetime.now(UTC), time.monotonic())

    def send(message: LineResults) -> bool:
        sent.append(message)
        return True

    prober = Prober("http://127.0.0.1:8080", store, clock, send, lambda: False)
    running = asyncio.create_task(prober.run())
    try:
        yield Whole(hub, desk, Signaling(demo.kiosk_id), prober, store, sent, line.id)
    finally:
        running.cancel()
        await asyncio.wait([running])
        await desk.close()
        store.close()
        hub.close()


async def test_from_the_form_to_the_table(tmp_path: Path, port: int) -> None:
    async with whole(tmp_path) as w:
        before = await w.desk.probe_session(w.signaling.kiosk_id)
        assert before is not None
        assert before.modem is None
        w.prober.take(before)
        await w.write(port, "adsl", version=0)
        await w.desk.anew(w.signaling, w.line_id)  # type: ignore[arg-type]  # the part that it uses
        w.prober.take(w.signaling.told[-1])
        await until(lambda: bool(w.waiting(ModemCard)))
        await w.deliver()
        ((row,), trouble) = w.kept()
        assert (row.standard, row.down_sync_kbit_s, row.up_sync_kbit_s) == ("adsl", 8128, 864)
        assert (row.down_snr_db, row.up_snr_db, trouble) == (6.2, 11.5, "")
        assert row.down_errored_s is None  # of a first reading nothing is known of a time before
        assert w.waiting(ModemCard) == []

        await w.write(port, "nonsense", version=1)
        await w.desk.anew(w.signaling, w.line_id)  # type: ignore[arg-type]
        w.prober.take(w.signaling.told[-1])
        await until(lambda: bool(w.waiting(ModemTroubleCard)))
        await w.deliver()
        assert w.kept() == ([row], "no_line_tables")


def watch(every_s: float = READ_EVERY_S) -> tuple[ModemWatch, list[Any]]:
    kept: list[Any] = []
    clock = HubClock(datetime.now(UTC), time.monotonic())
    return ModemWatch(kept.append, clock, lambda: None, lambda: False, every_s), kept


@asynccontextmanager
async def running(watching: ModemWatch) -> AsyncIterator[None]:
    task = asyncio.create_task(watching.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def access(port: int, community: str) -> ModemAccess:
    return ModemAccess(host="127.0.0.1", port=port, how=SnmpV2(community=community))


async def test_trouble_is_said_once_while_the_modem_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads = 0

    async def unread(_modem: Modem) -> ModemState:
        nonlocal reads
        reads += 1
        if reads % 5 == 0:
            raise ValueError("what nobody thought of")
        raise ModemError(ModemTrouble.NONSENSE, "whatever")

    monkeypatch.setattr(Modem, "read", unread)
    monkeypatch.setattr(modem_watch, "_LOOKS_UP_S", 0.01)
    watching, kept = watch(every_s=0.01)
    async with running(watching):
        watching.order(access(1, "x"))
        await until(lambda: reads >= 12)
        assert [card.trouble for card in kept] == ["nonsense"]


async def test_another_modem_begins_anew_and_none_is_none(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modem_watch, "_LOOKS_UP_S", 0.01)
    watching, kept = watch(every_s=0.01)
    async with running(watching):
        watching.order(access(port, "adsl"))
        await until(lambda: len(kept) >= 2)
        watching.order(None)
        kept.clear()
        watching.order(access(port, "shdsl"))
        await until(lambda: bool(kept))
        assert {card.standard for card in kept} == {"shdsl"}
        assert kept[0].retrains is None


def test_own_octets_are_those_of_cards_that_are_devices(tmp_path: Path) -> None:
    assert own_octets(tmp_path) is None
    for card, is_device in (("eth0", True), ("wlan0", True), ("br0", False)):
        counters = tmp_path / card / "statistics"
        counters.mkdir(parents=True)
        (counters / "rx_bytes").write_text("1000\n")
        (counters / "tx_bytes").write_text("10\n")
        if is_device:
            (tmp_path / card / "device").mkdir()
    assert own_octets(tmp_path) == (2000, 20)
    (tmp_path / "eth0/statistics/rx_bytes").write_text("nonsense")
    assert own_octets(tmp_path) is None
