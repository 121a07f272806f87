"""Staff book where somebody receives and has nobody; other times for a reason only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hub_world import DAY, NOW, World, free_day
from postgresql_server import on_both_databases

from visiohub.booking import assignment, online, slots
from visiohub.booking.appointments import move
from visiohub.booking.forms import MoveForm
from visiohub.booking.online import OnlineForm
from visiohub.booking.secrets import new_token
from visiohub.booking.views import FreeDay
from visiohub.domain.connections import Despite
from visiohub.domain.permanence import Permanence
from visiohub.errors import AgentBusy, AgentOffDuty, NobodyFree, SlotTaken

pytestmark = on_both_databases
LATER = date(2026, 11, 30)


def hold(world: World, **fields: Any) -> Permanence:
    """The agent's Monday mornings."""
    return world.hold(**{"rule": "FREQ=WEEKLY", **fields})


def counter(world: World, **fields: Any) -> Permanence:
    return hold(world, agent_id=None, name="Guichet", **fields)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """Of Paris, in winter."""
    return datetime.combine(day, time(hour - 1, minute), UTC)


def seen(world: World, day: date = DAY, **wish: Any) -> FreeDay:
    ids = world.service.id, world.kiosk.id
    found: FreeDay = world.see(free_day, *ids, day, NOW, slots.Wish(**wish))
    return found


def take(world: World, starts_at: datetime) -> str:
    """A citizen does."""
    form = OnlineForm(
        service_id=world.service.id, venue_id=world.venue.id, starts_at=starts_at, initials="D. R."
    )
    booked = world.do(online.book_online, form, new_token(), "192.0.2.1", NOW)
    return str(booked.appointment_id)


def shift(world: World, appointment_id: str, to: str, **fields: Any) -> Any:
    version = world.appointment(appointment_id).version
    there = {"kiosk_id": world.kiosk.id, "day": DAY, "time": time.fromisoformat(to), **fields}
    return world.do(move, appointment_id, MoveForm(**there), version, world.reception, NOW)


def after(world: World, appointment_id: str, action: str) -> Mapping[str, object]:
    [entry] = world.see(lambda uow: uow.audit.list(subject=appointment_id, action=action))
    return dict(entry.after)


def test_a_service_without_permanences_is_bound_by_none(world: World) -> None:
    assert seen(world).nobody == ()
    world.book("14:00")


def test_where_nobody_receives_staff_say_why(world: World) -> None:
    hold(world)
    day = seen(world)
    assert set(day.times) == {at(h, m) for h in (10, 11) for m in (0, 15, 30, 45)} - {at(11, 45)}
    assert at(14) in day.nobody
    assert at(14) not in day.refused
    with pytest.raises(NobodyFree) as refused:
        world.book("14:00")
    assert refused.value.field == "despite_calendar"
    booked = world.book("14:00", despite_calendar=Despite.URGENT)
    said = after(world, booked.appointment_id, "appointment.book")
    assert said["despite_calendar"] == "urgent"
    assert said["overruled"] == [f"{at(14).isoformat()}/{at(14, 30).isoformat()}"]
    assert at(15) in seen(world, despite_calendar=True).times


def test_a_permanence_for_another_venue_is_none_here(world: World) -> None:
    hold(world, venue_ids=(world.elsewhere.id,))
    with pytest.raises(NobodyFree):
        world.book("10:00")
    with pytest.raises(AgentOffDuty):
        world.book("10:00", agent_id=world.agent.id)
    world.book("10:00", kiosk_id=world.far.id)


def test_no_more_than_receive_are_booked(world: World) -> None:
    hold(world)
    counter(world)
    mine = {"agent_id": world.agent.id}
    world.book("10:00")
    world.book("10:00", kiosk_id=world.beside.id)
    assert at(10) not in seen(world).times
    with pytest.raises(NobodyFree):
        world.book("10:00", kiosk_id=world.far.id)
    with pytest.raises(AgentOffDuty):
        world.book("10:00", kiosk_id=world.far.id, **mine)
    world.book("10:00", kiosk_id=world.far.id, **mine, despite_calendar=Despite.AGENT_AGREES)


def test_what_is_taken_is_said_before_a_reason_is_asked(world: World) -> None:
    hold(world)
    other = world.book("11:00").appointment_id
    world.book("10:00")
    with pytest.raises(SlotTaken):
        world.book("10:00")
    with pytest.raises(SlotTaken):
        shift(world, other, "10:15")


def test_appointments_that_others_receive_need_nobody_here(world: World) -> None:
    hold(world)
    hold(world, agent_id=world.colleague.id, service_ids=(world.walk_in.id,))
    world.book("10:00", kiosk_id=world.far.id, service_id=world.walk_in.id)
    world.book("10:00")


def test_an_agent_is_booked_in_their_own_windows(world: World) -> None:
    hold(world)
    counter(world, opens=time(14), closes=time(16))
    mine, theirs = {"agent_id": world.agent.id}, {"agent_id": world.colleague.id}
    assert at(14) in seen(world, **mine).nobody
    with pytest.raises(AgentOffDuty):
        world.book("14:00", **mine)
    with pytest.raises(AgentOffDuty):
        world.book("10:00", **theirs)
    world.book("14:00", **theirs)  # at the counter
    world.book("10:00", **mine)
    with pytest.raises(AgentBusy):
        world.book("10:00", kiosk_id=world.far.id, **mine, despite_calendar=Despite.URGENT)


def test_a_seat_goes_along_only_to_hours_of_its_counter(world: World) -> None:
    guichet = counter(world)
    booked = take(world, at(10))
    assert world.appointment(booked).seat_id == f"{guichet.id}/1"
    with pytest.raises(NobodyFree):
        shift(world, booked, "14:00")
    assert shift(world, booked, "10:15").seat_id == f"{guichet.id}/1"
    moved = shift(world, booked, "14:00", despite_calendar=Despite.URGENT)
    assert moved.seat_id is None
    take(world, at(10))  # what the first one left is free


def test_a_move_takes_another_seat_where_its_own_is_taken(world: World) -> None:
    guichet = counter(world, seats=2)
    one, two = take(world, at(10)), take(world, at(11))
    assert {world.appointment(i).seat_id for i in (one, two)} == {f"{guichet.id}/1"}
    assert shift(world, two, "10:00", kiosk_id=world.far.id).seat_id == f"{guichet.id}/2"
    assert shift(world, two, "10:00", day=LATER).seat_id == f"{guichet.id}/2"


@pytest.mark.parametrize("with_agent", [True, False])
def test_an_appointment_is_not_in_its_own_way(world: World, with_agent: bool) -> None:
    hold(world)
    agent_id = world.agent.id if with_agent else None
    one = world.book("10:00", agent_id=agent_id).appointment_id
    world.book("11:00")
    assert not {at(10), at(10, 15)} & set(seen(world, agent_id=agent_id).times)
    mine = seen(world, agent_id=agent_id, moved=one)
    assert {at(10), at(10, 15), at(10, 30)} <= set(mine.times)
    assert at(11) in mine.refused
    shift(world, one, "10:15")


def test_staff_take_a_seat_of_the_counter_with_an_agent_or_without(world: World) -> None:
    guichet = counter(world)
    with_agent = world.book("10:00", agent_id=world.agent.id).appointment_id
    anybody = world.book("11:00", kiosk_id=world.far.id).appointment_id
    for booked in (with_agent, anybody):
        assert world.appointment(booked).seat_id == f"{guichet.id}/1"
    for taken in (at(10), at(11)):
        with pytest.raises(SlotTaken):
            take(world, taken)
    assert shift(world, with_agent, "10:30").seat_id == f"{guichet.id}/1"
    take(world, at(10))


def test_an_agent_with_windows_of_their_own_leaves_the_counter_its_seat(world: World) -> None:
    hold(world)
    counter(world)
    mine = world.book("10:00", agent_id=world.agent.id).appointment_id
    assert world.appointment(mine).seat_id is None
    take(world, at(10))


def test_an_agent_is_given_what_lies_in_their_windows(world: World) -> None:
    hold(world)
    guichet = counter(world, opens=time(14), closes=time(16))
    booked = world.book("14:00").appointment_id

    def give(to: str, version: int, **fields: Any) -> Any:
        return world.do(assignment.assign, booked, to, version, world.reception, NOW, **fields)

    with pytest.raises(AgentOffDuty):
        give(world.agent.id, 1)
    assert give(world.agent.id, 1, despite_calendar=Despite.URGENT).seat_id is None
    assert after(world, booked, "appointment.assign")["despite_calendar"] == "urgent"
    at_counter = give(world.colleague.id, 2)
    assert (at_counter.agent_id, at_counter.seat_id) == (world.colleague.id, f"{guichet.id}/1")
    with pytest.raises(SlotTaken):
        take(world, at(14))
