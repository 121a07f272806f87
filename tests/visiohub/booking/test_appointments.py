from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hub_world import DAY, NOW, World, free_day
from postgresql_server import on_both_databases

from visiohub.booking import appointments, territory
from visiohub.booking.forms import MoveForm, RangeForm, VenueForm
from visiohub.booking.secrets import slow_match, token_hash
from visiohub.domain.codes import digits_of, read_qr
from visiohub.domain.model import AppointmentState, CancelledBy, OpeningRange
from visiohub.errors import (
    AgentBusy,
    ClosedThatDay,
    ClosedWeekday,
    EditedMeanwhile,
    InThePast,
    InvalidForm,
    NotFound,
    NotOffered,
    NotTheDay,
    OffGrid,
    OutsideHours,
    SlotTaken,
    TimeDoesNotExist,
    TimeHappensTwice,
    VisiohubError,
    WrongState,
)
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases


def test_a_booking_keeps_hashes_and_tells_the_pages(world: World) -> None:
    booked = world.book("10:00")
    kept = world.appointment(booked.appointment_id)
    assert kept.starts_at == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert kept.ends_at - kept.starts_at == timedelta(minutes=30)
    assert slow_match(kept.code_hash, digits_of(booked.code))
    assert read_qr(booked.qr_text) == (kept.id, booked.token)
    assert kept.token_hash == token_hash(booked.token)
    assert world.topics == {f"day:{world.partner.id}", f"reception:{world.venue.id}"}


def test_the_audit_knows_nothing_of_the_citizen(world: World) -> None:
    booked = world.book("10:00", initials="Q. Z.", phone="04 65 71 20 99")
    entries = world.see(lambda uow: uow.audit.list(subject=booked.appointment_id))
    assert [e.action for e in entries] == ["appointment.book"]
    text = repr([(e.before, e.after) for e in entries])
    assert "Q. Z." not in text
    assert "20 99" not in text


@pytest.mark.parametrize(
    ("at", "fields", "refusal", "field"),
    [
        ("08:45", {}, InThePast, "time"),
        ("07:00", {"day": DAY + timedelta(days=1)}, OutsideHours, "time"),
        ("11:45", {}, OutsideHours, "time"),
        ("10:00", {"day": date(2026, 11, 28)}, ClosedWeekday, "day"),
        ("02:30", {"day": date(2027, 3, 28)}, TimeDoesNotExist, "time"),
        ("02:30", {"day": date(2027, 10, 31)}, TimeHappensTwice, "time"),
        ("10:00", {"agent_id": "nobody"}, InvalidForm, "agent_id"),
        ("10:00", {"service_id": "nothing"}, NotFound, None),
        ("10:00", {"kiosk_id": "nowhere"}, NotFound, None),
    ],
)
def test_what_cannot_be_booked_is_named(
    world: World,
    at: str,
    fields: dict[str, object],
    refusal: type[VisiohubError],
    field: str | None,
) -> None:
    with pytest.raises(refusal) as refused:
        world.book(at, **fields)
    assert refused.value.field == field
    assert world.see(lambda uow: uow.appointments.list()) == []


def test_the_gap_is_said_in_local_time(world: World) -> None:
    with pytest.raises(TimeDoesNotExist) as refused:
        world.book("02:30", day=date(2027, 3, 28))
    assert refused.value.params == {"gap_starts": time(2), "gap_ends": time(3)}


def test_a_start_off_the_grid_names_the_nearest(world: World) -> None:
    with pytest.raises(OffGrid) as refused:
        world.book("10:07")
    assert refused.value.field == "time"
    assert refused.value.params == {"earlier": "10:00", "later": "10:15"}
    booked = world.book("10:00")
    form = MoveForm(kiosk_id=world.kiosk.id, day=DAY, time=time(10, 20))
    with pytest.raises(OffGrid):
        world.do(appointments.move, booked.appointment_id, form, 1, world.reception, NOW)


def test_a_taken_slot_and_a_busy_agent(world: World) -> None:
    world.book("10:00", agent_id=world.agent.id)
    with pytest.raises(SlotTaken):
        world.book("10:15")
    with pytest.raises(AgentBusy) as refused:
        world.book("10:15", kiosk_id=world.beside.id, agent_id=world.agent.id)
    assert refused.value.field == "agent_id"
    world.book("10:15", kiosk_id=world.beside.id, agent_id=world.colleague.id)


def test_an_agent_of_another_partner_is_refused(world: World) -> None:
    with pytest.raises(InvalidForm):
        world.book("10:00", agent_id=world.stranger.id)


def test_a_service_that_is_not_offered_here(world: World) -> None:
    def only_elsewhere(uow: object) -> None:
        uow.services.get(world.service.id).venue_ids = (world.elsewhere.id,)  # type: ignore[attr-defined]

    world.do(only_elsewhere)
    with pytest.raises(NotOffered):
        world.book("10:00")
    assert world.book("10:00", kiosk_id=world.far.id)


def test_free_times_are_those_that_can_be_booked(world: World) -> None:
    world.book("10:00")

    def free() -> list[str]:
        day = world.see(free_day, world.service.id, world.kiosk.id, DAY, NOW)
        return [f"{t.astimezone(UTC) + timedelta(hours=1):%H:%M}" for t in day.times]

    times = free()
    assert times[:4] == ["09:00", "09:15", "09:30", "10:30"]
    assert "11:45" not in times
    assert times[-1] == "16:00"
    world.book(times[0])
    assert free()[0] == "09:30"
    closed = world.see(free_day, world.service.id, world.kiosk.id, date(2026, 11, 28), NOW)
    assert (closed.open, closed.times) == (False, ())


def test_a_public_holiday_is_named_and_not_offered(world: World) -> None:
    """25 December 2026 is a Friday, on which the venue is open as a rule."""
    day = date(2026, 12, 25)
    with pytest.raises(ClosedThatDay) as refused:
        world.book("10:00", day=day)
    assert refused.value.field == "day"
    assert refused.value.params == {"reason": "Noël"}
    free = world.see(free_day, world.service.id, world.kiosk.id, day, NOW)
    assert (free.open, free.times) == (False, ())


def test_times_that_happen_twice_are_not_offered(world: World) -> None:
    """Open all day and night when the clock goes back from 3 h to 2 h."""
    day = date(2027, 10, 31)

    def open_always(uow: UnitOfWork) -> None:
        all_day = OpeningRange(day.weekday(), time(0), time(0))
        uow.venues.get(world.venue.id).opening = (all_day,)

    world.do(open_always)
    free = world.see(free_day, world.service.id, world.kiosk.id, day, NOW)
    local = [t.astimezone(ZoneInfo("Europe/Paris")).time() for t in free.times]
    assert local == sorted(set(local))
    assert time(1, 45) in local
    assert time(3) in local
    assert not [t for t in local if t.hour == 2]
    with pytest.raises(TimeHappensTwice):
        world.book("02:30", day=day)


def test_moving_keeps_the_paper_and_frees_the_slot(world: World) -> None:
    booked = world.book("10:00")
    before = world.appointment(booked.appointment_id)
    form = MoveForm(kiosk_id=world.beside.id, day=DAY, time=time(11))

    def move(version: int) -> None:
        world.do(appointments.move, booked.appointment_id, form, version, world.reception, NOW)

    move(1)
    after = world.appointment(booked.appointment_id)
    assert (after.kiosk_id, after.code_hash) == (world.beside.id, before.code_hash)
    with pytest.raises(EditedMeanwhile):
        move(1)
    world.book("10:00")
    form = MoveForm(kiosk_id=world.kiosk.id, day=DAY, time=time(10, 15))
    with pytest.raises(SlotTaken):
        move(2)


def test_a_cancelled_slot_is_free_and_stays_cancelled(world: World) -> None:
    booked = world.book("10:00")
    arguments = (booked.appointment_id, CancelledBy.CITIZEN)
    world.do(appointments.cancel, *arguments, 1, world.reception, NOW)
    world.book("10:00")
    with pytest.raises(WrongState):
        world.do(appointments.cancel, *arguments, 2, world.reception, NOW)
    with pytest.raises(WrongState):
        world.do(appointments.reissue_code, booked.appointment_id, world.reception, NOW)


def test_a_reprint_ends_the_paper_before(world: World) -> None:
    booked = world.book("10:00")
    again = world.do(appointments.reissue_code, booked.appointment_id, world.reception, NOW)
    kept = world.appointment(booked.appointment_id)
    assert not slow_match(kept.code_hash, digits_of(booked.code))
    assert slow_match(kept.code_hash, digits_of(again.code))
    assert kept.token_hash == token_hash(again.token)


def test_reception_checks_in(world: World) -> None:
    booked = world.book("10:00")
    world.do(appointments.check_in, booked.appointment_id, 1, world.reception, NOW)
    row = world.see(appointments.show, booked.appointment_id)
    assert (row.state, row.arrived_at, row.version) == (AppointmentState.ARRIVED, NOW, 2)


def test_who_comes_on_an_earlier_day_is_not_checked_in(world: World) -> None:
    booked = world.book("10:00", day=DAY + timedelta(days=1))
    arguments = (booked.appointment_id, 1, world.reception)
    midnight = datetime(2026, 11, 23, 23, tzinfo=UTC)  # in Paris
    for early in (NOW, midnight - timedelta(seconds=1)):
        with pytest.raises(NotTheDay):
            world.do(appointments.check_in, *arguments, early)
    assert world.appointment(booked.appointment_id).arrived_at is None
    world.do(appointments.check_in, *arguments, midnight)
    assert world.appointment(booked.appointment_id).arrived_at == midnight


def test_the_paper_says_where_when_and_whom_to_ring(world: World) -> None:
    booked = world.book("10:00")
    paper = world.see(appointments.convocation, booked.appointment_id)
    assert paper.phone == "04 65 71 20 05"
    assert paper.code_opens_at == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert paper.code_closes_at == paper.appointment.ends_at


def test_nine_stays_nine_over_the_change_of_the_clock(world: World) -> None:
    for day, utc_hour in ((date(2027, 3, 26), 8), (date(2027, 3, 30), 7)):
        booked = world.book("09:00", day=day)
        assert world.appointment(booked.appointment_id).starts_at.hour == utc_hour


def test_over_midnight_where_it_never_closes(world: World) -> None:
    venue = world.see(lambda uow: uow.venues.get(world.venue.id))
    fields = {name: getattr(venue, name) for name in VenueForm.model_fields}
    fields["opening"] = tuple(
        RangeForm(weekday=day, opens=time(0), closes=time(0)) for day in range(7)
    )
    world.do(territory.update, venue.id, VenueForm(**fields), 1, world.admin, NOW)
    assert world.book("23:45")
