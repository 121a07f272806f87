from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases

from signaling.ports import CallFact, CallReport, Ticket
from signaling.protocol.cards import DeviceCard, DeviceStatus
from signaling.protocol.messages import Report
from visiohub.booking import agenda, arrivals, calls, presence, usage
from visiohub.booking.forms import CallFilter
from visiohub.booking.views import Booked
from visiohub.domain.model import AppointmentState as State
from visiohub.domain.model import Call
from visiohub.errors import CallOver, CallTaken, NotAllowed

TEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def booked(world: World) -> Booked:
    return world.book("10:00")


@pytest.fixture
def ticket(world: World, booked: Booked) -> Ticket:
    ticket: Ticket = world.do(arrivals.present_code, world.kiosk.id, booked.code, "fr", TEN)
    return ticket


def fact(world: World, ticket: Ticket, state: str, minutes: float, **fields: Any) -> None:
    at = TEN + timedelta(minutes=minutes)
    world.do(calls.record_fact, CallFact(ticket.call_id, at, state, 1, **fields))


def test_an_agent_of_the_partner_admits_once(world: World, booked: Booked, ticket: Ticket) -> None:
    for nobody in (world.stranger.id, world.reception.id, world.admin.id, "nobody"):
        assert not world.see(calls.may_answer, nobody, ticket.call_id)
        with pytest.raises(NotAllowed):
            world.do(calls.admit, nobody, ticket.call_id, TEN)
    assert world.see(calls.may_answer, world.agent.id, ticket.call_id)
    world.do(calls.admit, world.agent.id, ticket.call_id, TEN)
    assert world.do(calls.admit, world.agent.id, ticket.call_id, TEN).call_id == ticket.call_id
    with pytest.raises(CallTaken):
        world.do(calls.admit, world.colleague.id, ticket.call_id, TEN)
    assert world.appointment(booked.appointment_id).state is State.IN_CALL
    with pytest.raises(CallOver):
        world.do(calls.admit, world.agent.id, "nothing", TEN)


@on_both_databases
def test_two_agents_at_once_and_one_gets_it(world: World, ticket: Ticket) -> None:
    def admit(person_id: str) -> str:
        try:
            world.do(calls.admit, person_id, ticket.call_id, TEN)
        except CallTaken:
            return "taken"
        return "got"

    with ThreadPoolExecutor(8) as pool:
        ids = [world.agent.id, world.colleague.id] * 10
        outcomes = dict(zip(ids, pool.map(admit, ids), strict=True))
    assert sorted(outcomes.values()) == ["got", "taken"]


def test_of_the_agent_s_devices_the_states_are_kept_while_the_call_lasts(
    world: World, ticket: Ticket
) -> None:
    def tell(*statuses: DeviceStatus) -> tuple[dict[str, str], ...]:
        cards = [DeviceCard(kind="camera", status=s, name="Casque de M. D.") for s in statuses]
        world.do(calls.agent_devices, ticket.call_id, cards)
        kept: tuple[dict[str, str], ...] = call().agent_devices
        return kept

    def call() -> Call:
        found: Call = world.see(lambda uow: uow.calls.get(ticket.call_id))
        return found

    world.do(calls.admit, world.agent.id, ticket.call_id, TEN)
    (kept,) = tell("ok", "failed")
    assert kept == {"kind": "camera", "status": "failed", "name": "", "detail": ""}
    fact(world, ticket, "ended", 20, end_reason="hung_up_by_agent")
    assert call().agent_devices == tell("unplugged") == ()
    assert call().device_faults == ("agent.camera",)


def test_the_record_of_a_whole_call(world: World, booked: Booked, ticket: Ticket) -> None:
    world.do(calls.admit, world.agent.id, ticket.call_id, TEN + timedelta(minutes=2))
    fact(world, ticket, "connected", 3, person_id=world.agent.id)
    gives_up = TEN + timedelta(minutes=8)
    interrupted = {"interrupted_at": TEN + timedelta(minutes=5), "gives_up_at": gives_up}
    fact(world, ticket, "interrupted", 5, **interrupted)
    fact(world, ticket, "interrupted", 5.1, **interrupted)
    fact(world, ticket, "connected", 6)
    for end, minute, rate in (("kiosk", 4, 400.0), ("kiosk", 7, 600.0), ("agent", 7, 900.0)):
        at = TEN + timedelta(minutes=minute)
        report = Report(
            call_id=ticket.call_id,
            generation=1,
            sent_kbit_s=rate,
            video_codec="VP8",
            concealed_ratio=rate / 10_000,
        )
        world.do(calls.record_report, ticket.call_id, CallReport(end, at, report))
    world.do(
        presence.kiosk_devices,
        world.kiosk.id,
        [DeviceCard(kind="screen", status="not_fitted")],
    )
    for status in ("unplugged", "ok"):
        for kind, tell, whose in (
            ("camera", calls.agent_devices, ticket.call_id),
            ("speaker", presence.kiosk_devices, world.kiosk.id),
        ):
            card = DeviceCard(kind=kind, status=status)
            world.do(tell, whose, [card])
        (state,) = [s for s in world.see(agenda.kiosk_states, TEN) if s.kiosk.id == world.kiosk.id]
        assert [device["status"] for device in state.agent_devices] == [status]
    fact(world, ticket, "ended", 20, end_reason="hung_up_by_agent")
    fact(world, ticket, "ended", 21, end_reason="line_fault")  # late, and ignored

    (row,) = world.see(calls.list_calls, CallFilter(start=NOW, end=NOW + timedelta(days=1)))
    assert (row.waited_s, row.lasted_s) == (120, 17 * 60)
    assert (row.call.end_reason, row.call.interruptions) == ("hung_up_by_agent", 1)
    assert (row.call.kiosk_end.sent_kbit_s, row.call.agent_end.sent_kbit_s) == (550.0, 900.0)
    assert row.call.kiosk_end.concealed_ratio == pytest.approx(0.055)
    assert row.call.device_faults == ("agent.camera", "kiosk.speaker")
    (state,) = [s for s in world.see(agenda.kiosk_states, TEN) if s.kiosk.id == world.kiosk.id]
    assert state.agent_devices == ()
    assert (row.agent, row.partner, row.place.venue_name) == ("agent", "CAF", "Guillestre")
    assert world.appointment(booked.appointment_id).state is State.DONE


@pytest.mark.parametrize(
    ("reason", "admitted", "state", "cause"),
    [
        ("refused", False, State.CANCELLED, None),
        ("left_by_citizen", False, State.BOOKED, None),
        ("agent_absent", False, State.LOST, "agent_absent"),
        ("line_fault", True, State.LOST, "line_fault"),
        ("kiosk_fault", True, State.LOST, "kiosk_fault"),
        ("agent_lost", True, State.LOST, "agent_lost"),
        ("revoked", True, State.LOST, "revoked"),
        ("hung_up_by_agent", True, State.LOST, "line_fault"),  # before any picture
    ],
)
def test_how_it_ends_is_what_the_appointment_becomes(
    world: World,
    booked: Booked,
    ticket: Ticket,
    reason: str,
    admitted: bool,
    state: State,
    cause: str | None,
) -> None:
    if admitted:
        world.do(calls.admit, world.agent.id, ticket.call_id, TEN)
    fact(world, ticket, "ended", 1, end_reason=reason)
    appointment = world.appointment(booked.appointment_id)
    assert (appointment.state, appointment.lost_cause) == (state, cause)


def test_every_step_of_an_appointment_is_in_the_audit_trail(
    world: World, booked: Booked, ticket: Ticket
) -> None:
    world.do(calls.admit, world.agent.id, ticket.call_id, TEN)
    fact(world, ticket, "connected", 1)
    fact(world, ticket, "ended", 20, end_reason="hung_up_by_agent")
    kept = world.see(lambda uow: uow.audit.list(subject=booked.appointment_id))
    steps = {e.action: (e.person_id, e.before.get("state"), e.after.get("state")) for e in kept}
    assert steps == {
        "appointment.book": (world.reception.id, None, None),
        "appointment.arrive": (None, "booked", "arrived"),
        "appointment.admit": (world.agent.id, "arrived", "in_call"),
        "appointment.settle": (None, "in_call", "done"),
    }


def test_a_hub_that_was_killed_knows_its_calls(world: World, ticket: Ticket) -> None:
    world.do(calls.admit, world.agent.id, ticket.call_id, TEN)
    told = CallFact(
        call_id=ticket.call_id,
        at=TEN + timedelta(minutes=4),
        state="interrupted",
        generation=3,
        person_id=world.agent.id,
        interrupted_at=TEN + timedelta(minutes=4),
        gives_up_at=TEN + timedelta(minutes=7),
    )
    world.do(calls.record_fact, told)
    (unfinished,) = world.see(calls.unfinished_calls, TEN)
    assert unfinished.fact == told
    assert unfinished.ticket == ticket
    assert unfinished.admitted_at == TEN
    world.do(calls.record_fact, replace(told, state="ended", end_reason="line_fault"))
    assert world.see(calls.unfinished_calls, TEN) == []


def test_the_record_is_filtered(world: World, ticket: Ticket) -> None:
    def found(**fields: Any) -> int:
        wanted = CallFilter(**{"start": NOW, "end": NOW + timedelta(days=1), **fields})
        return len(world.see(calls.list_calls, wanted))

    assert found() == 1
    assert found(venue_id=world.elsewhere.id) == 0
    assert found(venue_id=world.venue.id, partner_id=world.partner.id) == 1
    assert found(partner_id=world.stranger.partner_id) == 0
    assert found(end_reason="line_fault") == 0
    assert found(end=NOW + timedelta(minutes=1)) == 0


@pytest.fixture
def busy_day(world: World, ticket: Ticket) -> World:
    world.book("11:00", agent_id=world.colleague.id)
    world.book("14:00")
    world.do(presence.receive_walk_ins, world.agent.id, True)
    told = frozenset({world.agent.id})
    world.do(arrivals.call_service, world.far.id, world.walk_in.id, "en", told, TEN)
    return world


def test_the_agents_day(busy_day: World) -> None:
    world = busy_day
    now = TEN + timedelta(minutes=7)
    day = world.see(agenda.agent_day, world.agent, TEN.date(), now)
    assert [(w.initials, w.waited_minutes, w.mine) for w in day.arrived] == [("D. R.", 7, False)]
    assert [(w.place.venue_name, w.language) for w in day.walk_ins] == [("Serres", "en")]
    assert len(day.upcoming) == 1  # the colleague's is the colleague's
    assert day.done == ()
    mine = world.see(agenda.agent_day, world.colleague, TEN.date(), now)
    assert len(mine.upcoming) == 2
    assert world.see(agenda.agent_day, world.stranger, TEN.date(), now).walk_ins == ()


def test_receptions_day_is_its_venues(busy_day: World) -> None:
    world = busy_day
    day = world.see(agenda.reception_day, world.venue.id, TEN.date(), TEN)
    assert len(day.appointments) == 3
    assert [w.place.kiosk_id for w in day.waiting] == [world.kiosk.id]
    assert [k.in_call for k in day.kiosks] == [True, False]
    assert day.kiosks[0].line_kind == "adsl"
    elsewhere = world.see(agenda.kiosk_states, TEN, [world.elsewhere.id])
    assert [(k.in_call, k.line_kind) for k in elsewhere] == [(True, None)]


def test_receptions_day_begins_at_its_venues_midnight(busy_day: World) -> None:
    world, zone = busy_day, "Pacific/Auckland"
    world.do(lambda uow: setattr(uow.venues.get(world.venue.id), "time_zone", zone))
    days = [
        world.see(agenda.reception_day, world.venue.id, TEN.date() + timedelta(days=later), TEN)
        for later in (0, 1)
    ]
    assert {day.time_zone for day in days} == {zone}
    found = [
        [row.starts_at.astimezone(ZoneInfo(zone)).date() for row in d.appointments] for d in days
    ]
    assert [set(dates) for dates in found] == [{day.day} for day in days], "some on either"
    assert sum(map(len, found)) == 3


def test_what_was_used(world: World, booked: Booked, ticket: Ticket) -> None:
    world.do(calls.admit, world.agent.id, ticket.call_id, TEN)
    fact(world, ticket, "connected", 1)
    fact(world, ticket, "ended", 21, end_reason="line_fault")
    start = NOW - timedelta(hours=8)
    end = start + timedelta(days=1)
    here, elsewhere = world.see(usage.use_report, usage.By.VENUE, start, end, end).lines
    assert (here.use.appointments, here.use.calls, here.use.lost_to_fault) == (1, 1, 1)
    assert (here.use.no_shows, here.use.call_time) == (0, timedelta(minutes=20))
    assert here.use.open == timedelta(hours=16)  # two rooms, 8 hours each
    assert (elsewhere.use.calls, elsewhere.use.open) == (0, timedelta(hours=8))
