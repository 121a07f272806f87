"""Staff are bound by the room's own closures and shared windows, and by an agent's absence."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hub_world import DAY, NOW, World, free_day
from postgresql_server import on_both_databases

from visiohub.booking import permanences, slots
from visiohub.booking.permanences import AbsenceForm
from visiohub.booking.rooms.rules import PlaceTerms, save_place_rules
from visiohub.domain.calendar.opening import Closure, OpeningRules
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.calendar.sharing import Profile, SharedWindow, Sharing
from visiohub.domain.connections import Despite
from visiohub.domain.model import OpeningRange
from visiohub.errors import AgentAway, ClosedThen, KeptForNow, KeptForOthers, OutsideHours

pytestmark = on_both_databases
PARIS = ZoneInfo("Europe/Paris")


def at(hour: int, minute: int = 0) -> datetime:
    """Of Paris, today."""
    return datetime.combine(DAY, time(hour - 1, minute), UTC)


def free(world: World, **wish: object) -> set[datetime]:
    ids = world.service.id, world.kiosk.id
    found = world.see(free_day, *ids, DAY, NOW, slots.Wish(**wish))  # type: ignore[arg-type]  # the tests' own
    return set(found.times)


def terms(world: World, place: PlaceTerms) -> None:
    world.do(save_place_rules, world.kiosk.room_id, place, 0, world.admin, NOW)


def test_no_appointment_in_a_room_that_is_closed(world: World) -> None:
    works = Closure(at(10), at(11), "Travaux")
    terms(world, PlaceTerms(OpeningRules(closures=(works,))))
    assert not {at(9, 45), at(10), at(10, 45)} & free(world)
    assert {at(9, 30), at(11)} <= free(world)
    opened, why = world.see(slots.hours_of_day, world.kiosk.id, DAY)
    assert (opened[0], why) == ((at(8), at(10)), None)
    with pytest.raises(ClosedThen) as refused:
        world.book("10:15")
    assert refused.value.params["reason"] == "Travaux"
    world.book("10:15", kiosk_id=world.beside.id)


def test_a_room_may_close_before_its_venue(world: World) -> None:
    mornings = (OpeningRange(DAY.weekday(), time(8), time(12)),)
    terms(world, PlaceTerms(OpeningRules(weekly=mornings)))
    with pytest.raises(OutsideHours):
        world.book("14:00")
    opened, why = world.see(slots.hours_of_day, world.kiosk.id, DAY + timedelta(days=1))
    assert (opened, why and why.code) == ([], "outside_hours")


@pytest.mark.parametrize(
    ("release", "refusal"), [(timedelta(hours=1), KeptForNow), (None, KeptForOthers)]
)
def test_windows_of_professionals_are_theirs_first(
    world: World, release: timedelta | None, refusal: type[Exception]
) -> None:
    window = Recurrence(
        datetime.combine(DAY, time(14)), datetime.combine(DAY, time(16)), PARIS,
        parse_rule("FREQ=WEEKLY"),
    )  # fmt: skip
    shared = Sharing((SharedWindow(window, Profile.PROFESSIONAL, release),))
    terms(world, PlaceTerms(sharing=shared))
    assert {at(13, 30), at(16)} <= free(world)
    assert not {at(13, 45), at(14), at(15, 45)} & free(world)
    with pytest.raises(refusal) as refused:
        world.book("14:30")
    if refusal is KeptForNow:
        assert refused.value.params["opens_at"] == "23/11/2026 13:00"  # type: ignore[attr-defined]
        world.book("14:30", now=at(13))


def test_an_absent_agent_is_booked_for_a_reason_only(world: World) -> None:
    form = AbsenceForm(
        holder_id=world.agent.id, first_day=DAY, last_day=DAY, begins=time(10), ends=time(11)
    )
    world.do(permanences.add_absence, form, world.partner.id, world.admin, NOW)
    mine = {"agent_id": world.agent.id}
    assert not {at(9, 45), at(10, 45)} & free(world, **mine)
    with pytest.raises(AgentAway):
        world.book("10:00", **mine)
    booked = world.book("10:00", **mine, despite_calendar=Despite.URGENT)
    [entry] = world.see(lambda uow: uow.audit.list(subject=booked.appointment_id))
    assert entry.after["despite_calendar"] == "urgent"
    assert entry.after["overruled"] == [f"{at(10).isoformat()}/{at(10, 30).isoformat()}"]
    world.book("11:00", **mine)
