from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from visiohub.domain.calendar.limits import Limits
from visiohub.domain.model import Appointment, AppointmentState, Service
from visiohub.domain.occupancy import (
    Occupancy,
    Owner,
    OwnerKind,
    Resource,
    ResourceKind,
    of_appointment,
    seats,
)

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
END = START + timedelta(minutes=30)


@pytest.mark.parametrize("end", [START, START - timedelta(minutes=1)])
def test_it_ends_after_it_starts(end: datetime) -> None:
    with pytest.raises(ValueError, match="an occupancy from"):
        Occupancy(Resource(ResourceKind.ROOM, "r"), START, end, Owner(OwnerKind.BOOKING, "b"))


@pytest.mark.parametrize(
    ("state", "agent", "takes"),
    [
        (AppointmentState.BOOKED, None, ["kiosk", "room"]),
        (AppointmentState.IN_CALL, "a", ["kiosk", "room", "agent"]),
        (AppointmentState.DONE, "a", []),
        (AppointmentState.CANCELLED, "a", []),
    ],
)
def test_what_an_appointment_takes(
    state: AppointmentState, agent: str | None, takes: list[str]
) -> None:
    appointment = Appointment("x", "s", "k", START, END, state, START, "p", agent_id=agent)
    service = Service("s", "p", "Logement", 30, buffer_before_minutes=5, buffer_after_minutes=10)
    taken = list(of_appointment(appointment, "r", Limits(), service))
    assert sorted(o.resource.kind for o in taken) == sorted(takes)
    kept = START - timedelta(minutes=5), END + timedelta(minutes=10)
    assert {(o.starts_at, o.ends_at, o.owner.id) for o in taken} <= {(*kept, "x")}


def test_a_counter_of_three_is_three_seats() -> None:
    assert [s.id for s in seats("c", 3)] == ["c/1", "c/2", "c/3"]
