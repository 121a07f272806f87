"""Who measures which line, what becomes of results and silences, looks before appointments."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from fake_signaling import FakeSignaling
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases
from pydantic import ValidationError
from room_world import at, furnish

from signaling.protocol.line_cards import MinuteCard, VoiceCard
from signaling.protocol.messages import CheckLine, ProbeSession
from visiohub.booking import territory
from visiohub.booking.appointments import move
from visiohub.booking.forms import LineForm, MoveForm
from visiohub.booking.lines import checks
from visiohub.booking.lines.ordered import LineTestForm, due_tests, order_test
from visiohub.booking.lines.results import keep_results
from visiohub.domain.line import LineCheck, LineMaintenance, TrainResult, Way
from visiohub.domain.model import LineKind
from visiohub.linkquality.grading import Level
from visiohub.linkquality.silence import OUT_AFTER_S
from visiohub.web.line_desk import LineDesk


@pytest.fixture
async def desk(world: World) -> AsyncIterator[LineDesk]:
    desk = LineDesk(world.hub)
    desk.serve("127.0.0.1", 0)
    yield desk
    await desk.close()


async def test_one_kiosk_of_a_venue_measures_the_line(world: World, desk: LineDesk) -> None:
    first = await desk.probe_session(world.kiosk.id)
    assert first is not None
    assert (first.octets_a_day_up, first.octets_a_day_down) == (8_500_000, 10_000_000)
    assert first.up_kbit_s == pytest.approx(900 * 1228 / (27 * 53), rel=0.01)
    assert await desk.probe_session(world.beside.id) is None
    assert await desk.probe_session(world.far.id) is None  # its venue has no line
    again = await desk.probe_session(world.kiosk.id)
    assert again is not None
    assert again.key != first.key


async def test_a_kiosk_that_is_here_takes_over_from_one_that_left(
    world: World, desk: LineDesk
) -> None:
    await desk.probe_session(world.kiosk.id)
    await desk.kiosk_left(world.kiosk.id, closed=True)
    signaling = FakeSignaling(world.beside.id, world.far.id)
    await desk.watch(signaling)  # type: ignore[arg-type]
    ((kiosk_id, message),) = signaling.told
    assert kiosk_id == world.beside.id
    assert isinstance(message, ProbeSession)
    assert world.see(lambda uow: uow.linkquality.alerts.standing()) == []


async def test_who_takes_over_ends_the_session_of_who_measured(
    world: World, desk: LineDesk
) -> None:
    """The other one is out of touch, and may still be there."""
    first = await desk.probe_session(world.kiosk.id)
    await desk.watch(FakeSignaling(world.beside.id))  # type: ignore[arg-type]
    assert first is not None
    assert desk.server is not None
    assert desk.server.sessions.of(first.session) is None
    assert desk.server.waited_s().keys() == {world.beside.id}


async def test_silence_is_an_outage_and_its_end_clears_it(
    world: World, desk: LineDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.probe_session(world.kiosk.id)
    assert desk.server is not None
    signaling = FakeSignaling()

    async def silent_for(seconds: float) -> Any:
        monkeypatch.setattr(desk.server, "silent_s", lambda: {world.kiosk.id: seconds})
        await desk.watch(signaling)  # type: ignore[arg-type]
        return world.see(lambda uow: uow.linkquality.alerts.standing())

    assert await silent_for(OUT_AFTER_S - 1) == []
    (alert,) = await silent_for(OUT_AFTER_S + 1)
    assert (alert.rule, alert.level) == ("outage", Level.ALARM)
    assert len(await silent_for(OUT_AFTER_S + 6)) == 1
    assert await silent_for(1) == []
    (over,) = world.see(
        lambda uow: uow.linkquality.alerts.between(
            alert.line_id, NOW - timedelta(1), NOW + timedelta(1)
        )
    )
    assert over.cleared_at == NOW


async def test_a_kiosk_that_is_connected_and_sends_no_probe_through_is_no_outage(
    world: World, desk: LineDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UDP is closed: said as such, with no alert by silence or by a look that saw nothing."""
    await desk.probe_session(world.kiosk.id)
    assert desk.server is not None
    line_id = world.see(lambda uow: uow.lines.of_venue(world.venue.id)).id
    signaling = FakeSignaling(world.kiosk.id)

    async def look(waited_s: float, **silent_s: float) -> int | None:
        monkeypatch.setattr(desk.server, "silent_s", lambda: silent_s)
        monkeypatch.setattr(desk.server, "waited_s", lambda: {world.kiosk.id: waited_s})
        await desk.watch(signaling)  # type: ignore[arg-type]
        assert standing(world) == {}
        return desk.unheard_port(line_id)

    assert await look(5.0) is None
    assert await look(OUT_AFTER_S + 1) == desk.server.port  # never heard
    assert await look(3600.0, **{world.kiosk.id: 3600.0}) == desk.server.port  # closed since
    assert await look(2.0, **{world.kiosk.id: 2.0}) is None
    world.book("09:15")
    (check,) = world.do(checks.due_checks, frozenset({world.kiosk.id}), NOW)
    card = VoiceCard(at=NOW, check_id=check.id, sent=500, lost=500)
    assert world.do(checks.answer_check, line_id, card, NOW)
    assert world.see(lambda uow: uow.linkquality.checks.get(check.id)).level is None
    assert standing(world) == {}
    signaling.present.clear()  # and gone, before any probe was heard
    assert await look(3600.0) is None


async def test_a_line_that_is_heard_in_signaling_again_is_no_longer_out(
    world: World, desk: LineDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.probe_session(world.kiosk.id)
    monkeypatch.setattr(desk.server, "silent_s", lambda: {world.kiosk.id: OUT_AFTER_S + 1})
    for _ in range(2):
        await desk.watch(FakeSignaling())  # type: ignore[arg-type]
    assert standing(world) == {"outage": Level.ALARM}
    await desk.watch(FakeSignaling(world.kiosk.id))  # type: ignore[arg-type]
    assert standing(world) == {}


async def test_results_of_several_kiosks_are_kept_together(world: World, desk: LineDesk) -> None:
    at = NOW - timedelta(minutes=5)
    card = MinuteCard(at=at, sent=20, lost=0)
    later = MinuteCard(at=at + timedelta(minutes=1), sent=20, lost=0)
    await asyncio.gather(
        desk.line_results(world.kiosk.id, [card]), desk.line_results(world.beside.id, [card, later])
    )
    state = world.see(lambda uow: uow.linkquality.states.of_active_lines())
    assert [one.heard_at for one in state] == [later.at]


async def test_results_that_cannot_be_kept_are_answered_alone(world: World, desk: LineDesk) -> None:
    at = NOW - timedelta(minutes=5)
    with pytest.raises(ValidationError, match="timezone"):
        MinuteCard.model_validate({"at": "2026-11-23T08:00:00", "sent": 20, "lost": 0})
    bad = MinuteCard.model_construct(at=at.replace(tzinfo=None), sent=20, lost=0)
    good = MinuteCard(at=at, sent=20, lost=0)
    told = await asyncio.gather(
        desk.line_results(world.kiosk.id, [good]),
        desk.line_results(world.beside.id, [bad]),
        return_exceptions=True,
    )
    assert [type(one) for one in told] == [type(None), TypeError]
    state = world.see(lambda uow: uow.linkquality.states.of_active_lines())
    assert [one.heard_at for one in state] == [at]


def test_an_answer_counts_for_the_line_that_was_asked_alone(world: World) -> None:
    form = LineForm(
        venue_id=world.elsewhere.id, kind=LineKind.SDSL, up_kbit_s=2000, down_kbit_s=2000
    )
    there = world.do(territory.create, form, None, NOW).id
    world.do(
        lambda uow: uow.linkquality.checks.add(LineCheck("check", there, world.far.id, 5, NOW))
    )
    card = VoiceCard(at=NOW, check_id="check", sent=500, lost=0, r_up=80.0, r_down=80.0)
    world.do(keep_results, [(world.kiosk.id, [card])], NOW)
    assert world.see(lambda uow: uow.linkquality.checks.get("check").answered_at) is None
    world.do(keep_results, [(world.far.id, [card])], NOW)
    assert world.see(lambda uow: uow.linkquality.checks.get("check").answered_at) == NOW


async def test_the_line_is_looked_at_before_an_appointment_once_each_time(
    world: World, desk: LineDesk
) -> None:
    await desk.probe_session(world.kiosk.id)
    world.book("10:00", kiosk_id=world.beside.id)
    signaling = FakeSignaling(world.kiosk.id)
    for minute in range(62):
        world.hub.clock = lambda minute=minute: NOW + timedelta(minutes=minute)  # type: ignore[misc]
        await desk.check(signaling)  # type: ignore[arg-type]
        await desk.check(signaling)  # type: ignore[arg-type]
    assert [(kiosk, type(message)) for kiosk, message in signaling.told] == [
        (world.kiosk.id, CheckLine)
    ] * 2
    standing = world.see(lambda uow: uow.linkquality.alerts.standing())
    assert [alert.rule for alert in standing] == ["check"]  # nobody answered


@pytest.mark.parametrize(
    ("r_up", "r_down", "level"),
    [(79.5, 81.9, None), (80.0, 75.0, Level.WARNING), (40.0, 81.9, Level.ALARM)],
)
async def test_a_bad_answer_is_an_alert_at_once_and_a_good_one_clears_it(
    world: World, desk: LineDesk, r_up: float, r_down: float, level: Level | None
) -> None:
    await desk.probe_session(world.kiosk.id)
    world.book("09:15")
    world.book("09:45")

    async def look(minutes: int, up: float, down: float) -> list[Level]:
        now = NOW + timedelta(minutes=minutes)
        world.hub.clock = lambda: now
        (check,) = world.do(checks.due_checks, frozenset({world.kiosk.id}), now)
        voice = VoiceCard(at=now, check_id=check.id, sent=500, lost=0, r_up=up, r_down=down)
        await desk.line_results(world.kiosk.id, [voice])
        await desk.line_results(world.kiosk.id, [voice])
        return [a.level for a in world.see(lambda uow: uow.linkquality.alerts.standing())]

    assert await look(0, r_up, r_down) == ([] if level is None else [level])
    assert await look(30, 79.5, 79.5) == []


def standing(world: World) -> dict[str, Level]:
    alerts = world.see(lambda uow: uow.linkquality.alerts.standing())
    return {alert.rule: alert.level for alert in alerts}


def trains(world: World, at: datetime, up_kbit_s: float, *, hours: int = 3) -> None:
    """One each way an hour up to this time; 8,000 kbit/s down."""

    def measured(uow: Any) -> None:
        state = uow.linkquality.states.of(uow.lines.of_venue(world.venue.id).id)
        for hour in range(hours):
            for way, kbit_s in ((Way.UP, up_kbit_s), (Way.DOWN, 8000.0)):
                then = at - timedelta(hours=hour)
                row = TrainResult(then, way, kbit_s, None, 0.01, 0, 61, 1228, 61, 0, in_call=False)
                uow.linkquality.series.add_trains([(state.number, row)])

    world.do(measured)


def look(world: World, minutes: int, up_kbit_s: float | None = None, r: float = 79.5) -> LineCheck:
    """The one that is due so long after NOW; its train upwards, its answer."""
    now = NOW + timedelta(minutes=minutes)
    (check,) = world.do(checks.due_checks, frozenset({world.kiosk.id}), now)
    if up_kbit_s is not None:
        trains(world, now + timedelta(seconds=3), up_kbit_s, hours=1)
    at = now + timedelta(seconds=30)
    card = VoiceCard(at=at, check_id=check.id, sent=500, lost=0, r_up=r, r_down=r)
    world.do(checks.answer_check, check.line_id, card, at)
    found: LineCheck = world.see(lambda uow: uow.linkquality.checks.get(check.id))
    return found


@pytest.mark.parametrize(
    ("usual", "seen", "level"),
    [
        (800.0, 760.0, Level.FINE),
        (800.0, 250.0, Level.WARNING),  # the picture must be smaller
        (800.0, 60.0, Level.ALARM),  # not even sound
        (5000.0, 1500.0, Level.FINE),  # it fell, and still carries what was planned
        (250.0, 240.0, Level.FINE),  # as thin as every day
        (800.0, None, Level.FINE),  # the train was inconclusive
    ],
)
def test_the_look_judges_its_train_by_what_was_planned(
    world: World, usual: float, seen: float | None, level: Level
) -> None:
    trains(world, NOW - timedelta(hours=1), usual)
    world.book("09:15")
    assert look(world, 0, seen).level is level
    assert standing(world) == ({} if level is Level.FINE else {"check_rate": level})


def test_the_next_good_look_ends_both_alerts(world: World) -> None:
    trains(world, NOW - timedelta(hours=1), 800.0)
    world.book("09:15")
    look(world, 0, 60.0, r=40.0)
    assert standing(world) == {"check": Level.ALARM, "check_rate": Level.ALARM}
    look(world, 10, 790.0)
    assert standing(world) == {}


def test_a_visio_that_is_moved_is_looked_at_anew(world: World) -> None:
    visio_id = world.book("09:15").appointment_id
    found = look(world, 0, r=40.0)
    assert world.see(checks.newest_checks, [visio_id]).keys() == {visio_id}
    form = MoveForm(kiosk_id=world.kiosk.id, day=DAY, time=time(14, 0))
    moved_at = NOW + timedelta(minutes=1)
    kept = world.do(move, visio_id, form, 1, world.reception, moved_at)
    assert world.see(checks.newest_checks, [visio_id]) == {}
    world.do(checks.give_up_checks, NOW + timedelta(hours=1))
    assert standing(world) == {"check": Level.ALARM}  # the line is as bad as it was
    before = kept.starts_at - timedelta(minutes=15)
    (again,) = world.do(checks.due_checks, frozenset({world.kiosk.id}), before)
    assert again.appointment_id == visio_id
    world.do(lambda uow: uow.linkquality.checks.forget(before + timedelta(minutes=1)))
    left = world.see(lambda uow: [check.id for check in uow.linkquality.checks.list()])
    assert left == [again.id] != [found.id]


def test_what_a_look_found_is_no_alert_for_ever(world: World) -> None:
    world.book("09:15")
    look(world, 0, r=40.0)
    world.do(checks.give_up_checks, NOW + timedelta(hours=23))
    assert standing(world) == {"check": Level.ALARM}
    world.do(checks.give_up_checks, NOW + timedelta(hours=25))
    assert standing(world) == {}


def test_a_technician_s_good_test_ends_the_alert_of_a_look(world: World) -> None:
    world.book("09:15")
    look(world, 0, r=40.0)
    line_id = world.see(lambda uow: uow.lines.of_venue(world.venue.id)).id

    def tested(minutes: int, r: float) -> None:
        at = NOW + timedelta(minutes=minutes)
        test = world.do(order_test, line_id, LineTestForm(due_at=at), world.admin, at)
        world.do(due_tests, frozenset({world.kiosk.id}), at)
        card = VoiceCard(at=at, check_id=test.id, sent=500, lost=0, r_up=r, r_down=r)
        world.do(keep_results, [(world.kiosk.id, [card])], at)

    tested(1, 75.0)
    assert standing(world) == {"check": Level.ALARM}
    tested(2, 79.5)
    assert standing(world) == {}


def test_during_announced_works_a_bad_look_is_no_alert(world: World) -> None:
    def works(uow: Any) -> None:
        line_id = uow.lines.of_venue(world.venue.id).id
        end = NOW + timedelta(minutes=5)
        uow.linkquality.maintenances.add(
            LineMaintenance("m", line_id, NOW - timedelta(hours=1), end, "filtre", None)
        )

    world.do(works)
    world.book("09:15")
    assert look(world, 0, r=40.0).level is Level.ALARM  # reception sees it
    assert standing(world) == {}
    look(world, 10, r=40.0)  # the works are over
    assert standing(world) == {"check": Level.ALARM}


@on_both_databases
def test_lines_are_looked_at_before_the_visio_of_a_booking(world: World) -> None:
    """A line to each venue of the booking, and none for rooms without a visio."""
    rooms = furnish(world)
    there = LineForm(
        venue_id=world.elsewhere.id, kind=LineKind.SDSL, up_kbit_s=2000, down_kbit_s=2000
    )
    world.do(territory.create, there, None, NOW)
    with world.hub.reading() as uow:
        both = [uow.rooms.get(kiosk.room_id) for kiosk in (world.kiosk, world.far)]
    rooms.book(visio=True, rooms=tuple(both), by=rooms.coordinator)
    probers = frozenset({world.kiosk.id, world.far.id})
    begins = at(9)
    made = [
        check
        for minute in range(-16, 0)
        for check in world.do(checks.due_checks, probers, begins + timedelta(minutes=minute))
    ]
    assert sorted((c.kiosk_id, c.minutes_before) for c in made) == sorted(
        (kiosk, minutes) for kiosk in probers for minutes in checks.MINUTES_BEFORE
    )
    assert {c.appointment_id for c in made} == {None}
    (booking_id,) = {c.booking_id for c in made}
    world.do(checks.give_up_checks, begins)
    newest = world.see(checks.newest_checks, [booking_id], made[0].line_id)
    assert newest[booking_id].line_id == made[0].line_id


async def test_a_port_that_is_taken_leaves_lines_unmeasured(world: World, desk: LineDesk) -> None:
    assert desk.server is not None
    other = LineDesk(world.hub)
    other.serve("127.0.0.1", desk.server.port)
    assert other.server is None
    assert await other.probe_session(world.kiosk.id) is None
    await other.close()
