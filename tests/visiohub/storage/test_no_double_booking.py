"""The database itself refuses two appointments at one kiosk, in one room or of one agent."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from hub_world import NOW, World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgresql_server import on_both_databases

from visiohub.booking.secrets import new_id
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.model import Appointment, AppointmentState
from visiohub.domain.occupancy import Owner, OwnerKind
from visiohub.errors import AgentBusy, RoomTaken, SlotTaken
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases


OWNER = partial(Owner, OwnerKind.APPOINTMENT)


def appointment(world: World, start: int, length: int, **fields: object) -> Appointment:
    starts_at = NOW + timedelta(minutes=start)
    values: dict[str, object] = {
        "id": new_id(),
        "service_id": world.service.id,
        "kiosk_id": world.kiosk.id,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=length),
        "state": AppointmentState.BOOKED,
        "created_at": NOW,
        "created_by": world.admin.id,
        **fields,
    }
    return Appointment(**values)  # type: ignore[arg-type]


def add(world: World, *rows: Appointment) -> None:
    def use_case(uow: UnitOfWork) -> None:
        for row in rows:
            uow.appointments.add(row)
            uow.flush()

    world.do(use_case)


def test_an_agent_is_in_one_place(world: World) -> None:
    add(world, appointment(world, 0, 30, agent_id=world.agent.id))
    with pytest.raises(AgentBusy):
        add(world, appointment(world, 15, 30, agent_id=world.agent.id, kiosk_id=world.far.id))
    add(world, appointment(world, 15, 30, agent_id=None, kiosk_id=world.far.id))


def test_two_kiosks_in_one_room_take_turns(world: World) -> None:
    def together(uow: UnitOfWork) -> None:
        uow.kiosks.get(world.beside.id).room_id = world.kiosk.room_id

    world.do(together)
    add(world, appointment(world, 0, 30))
    with pytest.raises(RoomTaken) as refused:
        add(world, appointment(world, 15, 30, kiosk_id=world.beside.id))
    assert refused.value.params["resource_id"] == world.kiosk.room_id
    add(world, appointment(world, 30, 30, kiosk_id=world.beside.id))


def test_what_ended_or_went_holds_nothing(world: World) -> None:
    row = appointment(world, 0, 30, agent_id=world.agent.id)
    add(world, row)
    held = world.see(lambda uow: uow.occupancies.of(OWNER(row.id)))
    assert {o.resource.id for o in held} == {
        world.kiosk.id,
        world.kiosk.room_id,
        world.agent.id,
    }

    def ends(uow: UnitOfWork) -> None:
        uow.appointments.get(row.id).state = AppointmentState.DONE

    world.do(ends)
    assert world.see(lambda uow: uow.occupancies.of(OWNER(row.id))) == []
    other = appointment(world, 0, 30)
    add(world, other)
    world.do(lambda uow: uow.appointments.remove(uow.appointments.get(other.id)))
    assert world.see(lambda uow: uow.occupancies.of(OWNER(other.id))) == []


def test_back_to_back_is_no_overlap(world: World) -> None:
    add(world, appointment(world, 0, 30), appointment(world, 30, 30), appointment(world, -15, 15))


def test_moving_onto_another_is_refused(world: World) -> None:
    rows = [appointment(world, 0, 30), appointment(world, 60, 30)]
    add(world, *rows)

    def onto(uow: UnitOfWork) -> None:
        moved = uow.appointments.get(rows[1].id)
        moved.starts_at, moved.ends_at = NOW, NOW + timedelta(minutes=15)
        uow.flush()

    with pytest.raises(SlotTaken):
        world.do(onto)


def test_coming_back_to_a_slot_given_away_is_refused(world: World) -> None:
    lost = appointment(world, 0, 30, state=AppointmentState.LOST)
    add(world, lost, appointment(world, 0, 30))

    def back(uow: UnitOfWork) -> None:
        uow.appointments.get(lost.id).state = AppointmentState.ARRIVED
        uow.flush()

    with pytest.raises(SlotTaken):
        world.do(back)


slots = st.tuples(
    st.integers(0, 20), st.integers(1, 6), st.sampled_from(AppointmentState), st.booleans()
)


@given(st.lists(slots, min_size=2, max_size=12))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example rolls back
)
def test_whatever_is_tried_nothing_overlaps(
    world: World, tried: list[tuple[int, int, AppointmentState, bool]]
) -> None:
    kept: list[Appointment] = []
    with world.hub.uow() as uow:
        for start, length, state, here in tried:
            kiosk = world.kiosk if here else world.far
            row = appointment(world, 15 * start, 15 * length, state=state, kiosk_id=kiosk.id)
            meets = any(
                row.kiosk_id == other.kiosk_id
                and row.starts_at < other.ends_at
                and other.starts_at < row.ends_at
                for other in kept
                if other.state in HOLDS_ITS_SLOT
            )
            with uow._session.begin_nested() as savepoint:
                uow.appointments.add(row)
                if meets and state in HOLDS_ITS_SLOT:
                    with pytest.raises(SlotTaken):
                        uow.flush()
                    savepoint.rollback()
                else:
                    uow.flush()
                    kept.append(row)
