"""A technician has a line's speed measured: the page, the order, the kiosk's NDT7, the result."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hub_site import Site

from kiosk.hub_link import Events, HubLink
from kiosk.identity import Identity
from kiosk.probes.hub_clock import HubClock
from kiosk.probes.prober import Prober
from kiosk.probes.results import ResultStore
from kiosk.probes.speed import measure
from signaling.protocol.messages import MeasureSpeed
from visiohub.booking.lines.speeds import order_speed
from visiohub.domain.line_orders import LineSpeed, SpeedState
from visiohub.domain.model import Call, Kiosk, Line, Person
from visiohub.linkquality.tickets import Tickets
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import SIGNALING
from visiohub.web.i18n import speak
from visiohub.web.line_desk import LINE_DESK
from visiohub.web.ndt7 import TICKETS
from visiohub.web.pages.line_speed import answers
from visiohub.web.pages.line_speed_runs import SPEED_RUNS, SpeedRuns

NIGHT = datetime(2031, 1, 5, 2, 0, tzinfo=UTC)
"""A Sunday years ahead: the demo has no appointment then."""
BEYOND = {"beyond_budget": "1"}


class FakeKiosks:
    """In place of signaling's: one is here, and keeps what it is told."""

    def __init__(self, kiosk_id: str) -> None:
        self.present = {kiosk_id}
        self.reached = True
        self.told: list[MeasureSpeed] = []
        self.topics: list[str] = []

    def present_kiosks(self) -> set[str]:
        return self.present

    def tell_kiosk(self, _kiosk_id: str, message: Any) -> bool:
        if isinstance(message, MeasureSpeed):  # the hub's own round tells other things beside it
            self.told.append(message)
        return self.reached

    def changed(self, topic: str) -> None:
        self.topics.append(topic)


@pytest.fixture
def night(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A quiet one: no call, no appointment, no ticket; what was ordered is over afterwards."""
    monkeypatch.setattr(site.hub, "clock", lambda: NIGHT)
    site.tokens.clear()  # a session of today is over by then
    site.app[TICKETS].__init__()  # type: ignore[misc]

    def clear(uow: UnitOfWork) -> None:
        for run in uow.linkquality.speeds.list():
            uow.linkquality.speeds.remove(run)
        for call in uow.calls.open():
            call.state = "ended"

    site.do(clear)
    yield
    site.do(clear)
    site.tokens.clear()


@pytest.fixture
def kiosks(site: Site, night: None, monkeypatch: pytest.MonkeyPatch) -> FakeKiosks:
    """Of that night."""
    signaling, fake = site.app[SIGNALING], FakeKiosks(site.demo.kiosk_id)
    for name in ("present_kiosks", "tell_kiosk", "changed"):
        monkeypatch.setattr(signaling, name, getattr(fake, name))
    return fake


@pytest.fixture
def line(site: Site) -> Line:
    def find(uow: UnitOfWork) -> Line:
        found = uow.lines.of_kiosk(site.demo.kiosk_id)
        assert found is not None
        return found

    return site.do(find)


@pytest.fixture
def admin(site: Site) -> Person:
    return site.do(lambda uow: uow.persons.list(login="admin")[0])  # type: ignore[no-any-return]


async def page(site: Site, line: Line, language: str = "fr", part: str = "") -> str:
    async with (
        site.client("admin", language) as client,
        client.get(f"/lines/{line.id}/speed{part}") as answer,
    ):
        assert answer.status == 200
        return await answer.text()


async def ordered(site: Site, line: Line, **typed: str) -> tuple[int, str]:
    async with (
        site.client("admin") as client,
        client.post(f"/lines/{line.id}/speed", data=typed) as answer,
    ):
        return answer.status, await answer.text()


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(40):
        while not so():  # noqa: ASYNC110 - it is looked at from outside
            await asyncio.sleep(0.05)


def runs(site: Site) -> list[Any]:
    return list(site.do(lambda uow: uow.linkquality.speeds.list()))


@pytest.mark.usefixtures("kiosks")
async def test_the_cost_comes_first_and_more_than_is_left_wants_a_tick(
    site: Site, line: Line
) -> None:
    before = await page(site, line)
    assert "Ce que coûte une mesure" in before
    assert "\u00a0Mo" in before
    assert "11.0\u00a0MB" in await page(site, line, "en")
    assert 'name="beyond_budget"' in before
    status, answer = await ordered(site, line)
    assert status == 409
    assert 'id="e-beyond_budget"' in answer
    assert runs(site) == []


async def test_the_kiosk_measures_and_its_result_is_on_the_page(
    site: Site, line: Line, kiosks: FakeKiosks
) -> None:
    status, going = await ordered(site, line, **BEYOND)
    assert status == 200
    assert "Mesure en cours" in going
    (order,) = kiosks.told
    (run,) = runs(site)
    assert (order.run_id, order.beyond_budget) == (run.id, True)
    assert (await ordered(site, line, **BEYOND))[0] == 409  # one at a time

    progress = site.app[SPEED_RUNS].progress(run.id)
    assert progress is not None
    assert progress.phase == "told"
    card = await measure(site.origin, order, NIGHT, lambda: False, seconds=1.0)
    assert card.failure is None
    assert card.down is not None
    assert card.up is not None
    assert card.down.octets > 1_000_000
    async with asyncio.timeout(20):  # the hub's end of the handshake comes after ours
        shown = ""
        while 'aria-current="step">Résultat' not in shown:
            shown = await page(site, line, part="/part")

    kiosk_id = site.demo.kiosk_id
    site.run(site.app[LINE_DESK].line_results(kiosk_id, [card]))
    site.run(site.app[LINE_DESK].line_results(kiosk_id, [card]))
    (run,) = runs(site)
    assert (run.state, run.down_kbit_s) == (SpeedState.DONE, card.down.kbit_s)
    assert f"line:{line.id}" in kiosks.topics
    over = await page(site, line, "en")
    assert "Measurement under way" not in over
    assert "Measurements made" in over
    assert "beyond the day’s octets" in over
    assert over.count("no figure, the measurement lasted only") == 2


@pytest.mark.parametrize(
    ("down", "up", "says"),
    [
        ((8_000.0, 10_000_000, 700), (800.0, 1_000_000, 150), (150, [])),
        (
            (400_000.0, 60_000_000, None), (50_000.0, 60_000_000, 900),
            (900, ["Vers le lieu\u00a0: pas de chiffre, la mesure n’a duré que 1,2 s"]),
        ),
        (
            (8_000.0, 10_000_000, None), (128.0, 160_000, None),
            (None, [
                f"{way}\u00a0: pas de chiffre, presque rien n’est revenu tant que la ligne était "
                "pleine"
                for way in ("Vers le lieu", "Depuis le lieu")
            ]),
        ),
    ],
)  # fmt: skip
def test_where_there_is_no_responsiveness_the_page_says_why(
    down: tuple[float, int, int | None],
    up: tuple[float, int, int | None],
    says: tuple[int | None, list[str]],
) -> None:
    run = LineSpeed("run", "line", "kiosk", None, NIGHT, NIGHT, 0, 0, beyond_budget=False)
    run.down_kbit_s, run.moved_down, run.down_rpm = down
    run.up_kbit_s, run.moved_up, run.up_rpm = up
    speak("fr")
    assert answers(run) == says


async def test_a_call_that_begins_ends_the_measurement(
    site: Site, line: Line, kiosks: FakeKiosks
) -> None:
    await ordered(site, line, **BEYOND)
    card = await measure(site.origin, kiosks.told[0], NIGHT, lambda: True, 10.0)
    assert (card.failure, card.down, card.up) == ("call", None, None)
    site.run(site.app[LINE_DESK].line_results(site.demo.kiosk_id, [card]))
    assert "Un appel a commencé" in await page(site, line)


async def test_a_call_of_another_kiosk_of_the_venue_ends_it_too(
    site: Site, line: Line, kiosks: FakeKiosks
) -> None:
    await ordered(site, line, **BEYOND)
    order = kiosks.told[0]
    ticket = site.app[TICKETS].find(order.token, time.monotonic())
    ticket.octets["download"] = 10**12  # this PC would be through it at once
    measuring = asyncio.create_task(measure(site.origin, order, NIGHT, lambda: False, 10.0))
    await until(lambda: bool(ticket.used))

    def call(uow: UnitOfWork) -> None:
        room = uow.rooms.get(uow.kiosks.get(site.demo.kiosk_id).room_id)
        beside = Kiosk(id="beside", room_id=room.id, name="Borne de l’accueil")
        uow.kiosks.add(beside)
        uow.flush()
        uow.calls.add(Call("call-beside", beside.id, None, None, "fr", "waiting", NIGHT))

    def forget(uow: UnitOfWork) -> None:
        uow.calls.remove(uow.calls.get("call-beside"))
        uow.flush()
        uow.kiosks.remove(uow.kiosks.get("beside"))

    site.do(call)
    try:
        async with asyncio.timeout(8):
            card = await measuring
        assert card.up is None
        (run,) = runs(site)
        assert (run.state, run.failure) == (SpeedState.FAILED, "call")
        site.run(site.app[LINE_DESK].line_results(site.demo.kiosk_id, [card]))
        (run,) = runs(site)
        assert (run.failure, run.down_kbit_s) == ("call", None)
        assert "Un appel a commencé" in await page(site, line)
    finally:
        site.do(forget)


@pytest.mark.usefixtures("night")
async def test_an_order_goes_to_a_kiosk_over_its_websocket_and_comes_back_as_figures(
    site: Site, line: Line, tmp_path: Path
) -> None:
    """The kiosk's own link and prober, the hub's own signaling and NDT7."""
    key = Ed25519PrivateKey.generate()

    def enrol(uow: UnitOfWork, public_key: bytes | None) -> bytes | None:
        kiosk = uow.kiosks.get(site.demo.kiosk_id)
        before, kiosk.public_key = kiosk.public_key, public_key
        return before

    before = site.do(enrol, key.public_key().public_bytes_raw())
    clock, store = HubClock(NIGHT, time.monotonic()), ResultStore(tmp_path)
    identity = Identity(site.demo.kiosk_id, site.origin, key)
    told = Events(lambda message: prober.take(message), lambda: None, lambda _code: None)
    link = HubLink(site.origin, identity, "test", told, in_call=lambda: False)
    prober = Prober(site.origin, store, clock, link.send, lambda: False, lambda: None)
    tasks = [asyncio.create_task(link.run()), asyncio.create_task(prober.run())]
    try:
        await until(lambda: site.demo.kiosk_id in site.app[SIGNALING].present_kiosks())
        assert (await ordered(site, line, **BEYOND))[0] == 200
        await until(lambda: runs(site)[0].state is not SpeedState.ORDERED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        store.close()
        site.do(enrol, before)
    (run,) = runs(site)
    assert (run.state, run.failure) == (SpeedState.DONE, "")
    assert run.down_kbit_s > 1_000
    assert run.up_kbit_s > 1_000
    assert run.moved_down > 1_000_000


async def test_a_ticket_that_is_used_or_none_is_a_failure_and_no_figure(
    site: Site, line: Line, kiosks: FakeKiosks
) -> None:
    await ordered(site, line, **BEYOND)
    site.app[TICKETS].__init__()  # type: ignore[misc]  # the hub began anew meanwhile
    card = await measure(site.origin, kiosks.told[0], NIGHT, lambda: False, 1.0)
    assert (card.failure, card.down, card.up) == ("refused", None, None)
    away = await measure("http://127.0.0.1:1", kiosks.told[0], NIGHT, lambda: False, 1.0)
    assert away.failure == "unreachable"


async def test_a_kiosk_that_is_away_is_said_in_words(
    site: Site, line: Line, kiosks: FakeKiosks
) -> None:
    kiosks.reached = False
    status, answer = await ordered(site, line, **BEYOND)
    assert status == 409
    assert "Aucun point visio de ce lieu n’est en liaison" in answer
    assert [run.failure for run in runs(site)] == ["away"]
    kiosks.present = set()
    refused = await page(site, line)
    assert "Aucun point visio de ce lieu n’est en liaison" in refused
    assert 'aria-disabled="true">Mesurer maintenant' in refused


async def test_tickets_are_few(site: Site, line: Line, kiosks: FakeKiosks) -> None:
    tickets: Tickets = site.app[TICKETS]
    for n in range(4):
        tickets.give(f"t{n}", f"line-{n}", 1000, 1000, 1e12)
    status, answer = await ordered(site, line, **BEYOND)
    assert status == 409
    assert "Trop de mesures" in answer
    assert kiosks.told == []


async def test_what_a_hub_left_open_is_given_up_when_it_starts_again(
    site: Site, line: Line, admin: Person, kiosks: FakeKiosks
) -> None:
    before = NIGHT - timedelta(minutes=5)
    here = list(kiosks.present)
    site.do(lambda uow: order_speed(uow, line.id, here, admin, before, beyond_budget=True))
    again = SpeedRuns(site.app)
    assert again.progress(runs(site)[0].id) is None
    assert "Mesure en cours" in await page(site, line)  # it is shown, and reserves nothing
    site.run(site.app[LINE_DESK].check(site.app[SIGNALING]))
    assert [run.failure for run in runs(site)] == ["silent"]
