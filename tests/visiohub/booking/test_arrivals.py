from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hub_world import NOW, World

from signaling.ports import CallFact, Ticket
from visiohub.booking import appointments, arrivals, calls, presence
from visiohub.booking.views import Booked
from visiohub.domain.model import AppointmentState as State
from visiohub.domain.model import CancelledBy
from visiohub.errors import (
    ArrivalRefused,
    CodeElsewhere,
    CodeLocked,
    CodesSpent,
    CodeTooEarly,
    CodeTooLate,
    CodeUnknown,
    CodeUsed,
    ServiceClosed,
    ServiceUnknown,
)

TEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""10 h 00 in Paris."""


@pytest.fixture
def booked(world: World) -> Booked:
    return world.book("10:00")


def present(world: World, code: str, at: datetime = TEN, kiosk_id: str | None = None) -> Ticket:
    ticket: Ticket = world.do(arrivals.present_code, kiosk_id or world.kiosk.id, code, "fr", at)
    return ticket


def end(world: World, call_id: str, reason: str, *, connected: bool = False) -> None:
    for state in ["connected", "ended"] if connected else ["ended"]:
        fact = CallFact(call_id, TEN, state, 1, end_reason=reason if state == "ended" else None)  # type: ignore[arg-type]
        world.do(calls.record_fact, fact)


@pytest.mark.parametrize("paper", ["code", "qr_text"])
def test_the_paper_opens_the_waiting_room(world: World, booked: Booked, paper: str) -> None:
    ticket = present(world, getattr(booked, paper))
    assert ticket.citizen == "D. R."
    assert ticket.person_ids == {world.agent.id, world.colleague.id}
    assert ticket.until == TEN + timedelta(minutes=30)
    assert ticket.venue.phone == ticket.fallback_phone == "04 65 71 20 05"
    appointment = world.appointment(booked.appointment_id)
    assert (appointment.state, appointment.arrived_at) == (State.ARRIVED, TEN)
    assert f"day:{world.partner.id}" in world.topics


@pytest.mark.parametrize(
    ("minutes", "refusal"),
    [(-31, CodeTooEarly), (-30, None), (29, None), (30, CodeTooLate)],
)
def test_the_window(
    world: World, booked: Booked, minutes: int, refusal: type[ArrivalRefused] | None
) -> None:
    at = TEN + timedelta(minutes=minutes)
    if refusal is None:
        assert present(world, booked.code, at)
    else:
        with pytest.raises(CodeUnknown):
            present(world, booked.code, at)
        with pytest.raises(refusal):
            present(world, booked.qr_text, at)


def test_another_venue_and_the_kiosk_beside(world: World, booked: Booked) -> None:
    with pytest.raises(CodeUnknown):
        present(world, booked.code, kiosk_id=world.far.id)
    with pytest.raises(CodeElsewhere):
        present(world, booked.qr_text, kiosk_id=world.far.id)
    assert present(world, booked.code, kiosk_id=world.beside.id).kiosk_id == world.beside.id


@pytest.mark.parametrize("text", ["VH1.x.y", "VH1..", "VH1.", "http://a", "", "12", "é" * 8])
def test_what_is_no_code_spends_no_try(world: World, booked: Booked, text: str) -> None:
    with pytest.raises(CodeUnknown):
        present(world, text)
    with world.hub.reading() as uow:
        assert arrivals.wrong_codes(uow, world.venue, TEN).count == 0


def test_a_forged_token_is_unknown(world: World, booked: Booked) -> None:
    with pytest.raises(CodeUnknown):
        present(world, f"VH1.{booked.appointment_id}.AAAAAAAAAAAAAAAAAAAAAA")


def test_it_opens_once_at_a_time(world: World, booked: Booked) -> None:
    present(world, booked.code)
    with pytest.raises(CodeUsed):
        present(world, booked.qr_text)
    with pytest.raises(CodeUnknown):
        present(world, booked.code)


def wrong(booked: Booked) -> str:
    return f"{(int(booked.code.replace(' ', '')) + 1) % 10**8:08}"


def test_wrong_codes_lock_reception_unlocks_and_the_day_has_its_end(
    world: World, booked: Booked
) -> None:
    def miss(times: int) -> None:
        for n in range(times):
            with pytest.raises(CodeUnknown):
                present(world, wrong(booked), kiosk_id=(world.kiosk, world.beside)[n % 2].id)

    miss(6)
    with pytest.raises(CodeLocked):
        present(world, booked.code)
    world.do(presence.unlock_codes, world.kiosk.id, world.reception, TEN)
    miss(4)
    with pytest.raises(CodeLocked):
        present(world, booked.code)
    with pytest.raises(CodesSpent):
        world.do(presence.unlock_codes, world.kiosk.id, world.reception, TEN)
    assert present(world, booked.qr_text)
    tomorrow = world.book("10:00", day=TEN.date() + timedelta(days=1))
    assert present(world, tomorrow.code, TEN + timedelta(days=1))


def test_a_right_code_spends_no_try(world: World, booked: Booked) -> None:
    present(world, booked.code)
    with world.hub.reading() as uow:
        assert arrivals.wrong_codes(uow, world.venue, TEN).count == 0


@pytest.mark.parametrize(
    ("reason", "connected", "opens_again"),
    [
        ("left_by_citizen", False, True),
        ("line_fault", True, True),
        ("kiosk_fault", True, True),
        ("hung_up_by_citizen", True, True),
        ("hung_up_by_agent", True, False),
        ("refused", False, False),
    ],
)
def test_a_second_chance(
    world: World, booked: Booked, reason: str, connected: bool, opens_again: bool
) -> None:
    ticket = present(world, booked.code)
    if connected:
        world.do(calls.admit, world.agent.id, ticket.call_id, TEN)
    end(world, ticket.call_id, reason, connected=connected)
    if opens_again:
        assert present(world, booked.code).call_id != ticket.call_id
    else:
        with pytest.raises(CodeUsed):
            present(world, booked.qr_text)


def test_a_lost_slot_that_was_given_away_does_not_open(world: World, booked: Booked) -> None:
    ticket = present(world, booked.code)
    end(world, ticket.call_id, "line_fault")
    world.book("10:00")
    with pytest.raises(CodeUsed):
        present(world, booked.qr_text)


def test_a_cancelled_one_does_not_open(world: World, booked: Booked) -> None:
    arguments = (booked.appointment_id, CancelledBy.CITIZEN, 1, world.reception, NOW)
    world.do(appointments.cancel, *arguments)
    with pytest.raises(CodeUsed):
        present(world, booked.qr_text)


def test_checked_in_by_reception_it_opens_still(world: World, booked: Booked) -> None:
    world.do(appointments.check_in, booked.appointment_id, 1, world.reception, NOW)
    present(world, booked.code)
    assert world.appointment(booked.appointment_id).arrived_at == NOW


def test_the_lobby_tells_what_can_be_called(world: World) -> None:
    def card(told: set[str], at: datetime = TEN) -> tuple[str, int | None, datetime | None]:
        (only,) = world.see(arrivals.lobby, world.kiosk.id, frozenset(told), at)
        return only.availability, only.wait_minutes, only.opens_at

    assert card({world.agent.id}) == ("closed", None, None)
    world.do(presence.receive_walk_ins, world.agent.id, True)
    assert card(set()) == ("closed", None, None)
    assert card({world.agent.id}) == ("free", 0, None)
    ticket = call(world)
    assert card({world.agent.id}) == ("wait", 15, None)
    world.do(calls.admit, world.agent.id, ticket.call_id, TEN)
    assert card({world.agent.id}, TEN + timedelta(minutes=5)) == ("wait", 10, None)
    noon = datetime(2026, 11, 23, 11, 10, tzinfo=UTC)
    assert card({world.agent.id}, noon) == ("closed", None, noon + timedelta(minutes=20))


def call(world: World, service_id: str | None = None) -> Ticket:
    ticket: Ticket = world.do(
        arrivals.call_service,
        world.kiosk.id,
        service_id or world.walk_in.id,
        "fr",
        frozenset({world.agent.id}),
        TEN,
    )
    return ticket


def test_a_call_without_appointment(world: World) -> None:
    with pytest.raises(ServiceClosed):
        call(world)
    for unknown in (world.service.id, "nothing"):
        with pytest.raises(ServiceUnknown):
            call(world, unknown)
    world.do(presence.receive_walk_ins, world.agent.id, True)
    ticket = call(world)
    assert (ticket.citizen, ticket.until) == ("", None)


def test_the_place_in_the_queue(world: World, booked: Booked) -> None:
    world.do(presence.receive_walk_ins, world.agent.id, True)
    first = call(world)
    planned = present(world, booked.code, kiosk_id=world.beside.id)
    told = frozenset({world.agent.id})

    def place(ticket: Ticket, told: frozenset[str] = told) -> tuple[bool, int, int | None]:
        card = world.see(arrivals.place, ticket.call_id, told, TEN)
        return card.agent_told, card.people_before, card.wait_minutes

    assert place(planned) == (True, 0, 0)
    assert place(first) == (True, 1, 30)
    assert place(first, frozenset({world.colleague.id})) == (False, 1, None)
    assert place(first, frozenset()) == (False, 1, None)
