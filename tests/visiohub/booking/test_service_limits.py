"""A service's own notice, horizon, buffers and lengths: what is offered is what is taken."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hub_world import DAY, NOW, World, free_day
from postgresql_server import on_both_databases

from visiohub.booking import online, slots, territory
from visiohub.booking.appointments import move
from visiohub.booking.forms import MoveForm, ServiceForm
from visiohub.booking.online import OnlineForm
from visiohub.booking.search import AHEAD, first_free
from visiohub.booking.search_places import Near
from visiohub.booking.secrets import new_token
from visiohub.booking.views import WhyNot
from visiohub.domain.occupancy import Owner, OwnerKind
from visiohub.errors import (
    FieldError,
    InvalidForm,
    NotYetOpen,
    RoomTaken,
    ShortNotice,
    SlotTaken,
)

pytestmark = on_both_databases
TOMORROW = DAY + timedelta(days=1)


def limited(world: World, **limits: Any) -> None:
    form = ServiceForm(partner_id=world.partner.id, name="Logement", duration_minutes=30, **limits)
    world.do(territory.update, world.service.id, form, world.service.version, world.admin, NOW)
    world.service = world.see(lambda uow: uow.services.get(world.service.id))


def receives(world: World) -> None:
    world.hold(opens=time(8), closes=time(17))


def offered(world: World, each: int = 400) -> list[datetime]:
    found = world.see(first_free, world.service, [Near(world.venue)], NOW, NOW + AHEAD, NOW, each)
    return [slot.starts_at for slot in found[0].slots]


def free(world: World, day: date = DAY, **wish: Any) -> list[str]:
    found = world.see(free_day, world.service.id, world.kiosk.id, day, NOW, slots.Wish(**wish))
    return [f"{start + timedelta(hours=1):%H:%M}" for start in found.times]


def take(world: World, starts_at: datetime) -> Any:
    form = OnlineForm(service_id=world.service.id, venue_id=world.venue.id, starts_at=starts_at)
    return world.do(online.book_online, form, new_token(), "192.0.2.1", NOW)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """A time of Paris in winter."""
    return datetime.combine(day, time(hour - 1, minute), UTC)


def test_notice_is_kept_by_search_and_by_everybody_who_books(world: World) -> None:
    receives(world)
    limited(world, notice_minutes=26 * 60)
    assert offered(world, 1) == [at(11, day=TOMORROW)]
    assert free(world) == []
    assert free(world, TOMORROW)[0] == "11:00"
    with pytest.raises(ShortNotice) as refused:
        world.book("10:45", day=TOMORROW)
    assert refused.value.params["earliest"] == "24/11/2026 11:00"
    with pytest.raises(SlotTaken):
        take(world, at(10, 45, TOMORROW))
    world.book("11:00", day=TOMORROW)
    take(world, at(11, 30, TOMORROW))


def test_horizon_is_kept_by_search_and_by_everybody_who_books(world: World) -> None:
    receives(world)
    limited(world, horizon_days=2)
    assert max(offered(world)) == at(16, day=DAY + timedelta(days=2))
    assert free(world, DAY + timedelta(days=3)) == []
    with pytest.raises(NotYetOpen) as refused:
        world.book("10:00", day=DAY + timedelta(days=3))
    assert refused.value.params == {"last_day": "25/11/2026", "opens_on": "24/11/2026"}
    assert refused.value.field == "day"


def test_buffers_keep_kiosk_room_and_agent_free(world: World) -> None:
    receives(world)
    limited(world, buffer_before_minutes=15, buffer_after_minutes=30)
    booked = world.book("11:00", agent_id=world.agent.id)
    owner = Owner(OwnerKind.APPOINTMENT, booked.appointment_id)
    held = world.see(lambda uow: uow.occupancies.of(owner))
    assert {(o.starts_at, o.ends_at) for o in held} == {(at(10, 45), at(12))}
    # 10:00 to 10:30 and half an hour after it meet what is kept from 10:45 on
    assert [t for t in offered(world) if t < at(12)] == [at(9), at(9, 15), at(9, 30), at(9, 45)]
    assert [t for t in free(world) if t < "12:00"] == ["09:00", "09:15", "09:30", "09:45"]
    for close in ("10:00", "11:30"):
        with pytest.raises((RoomTaken, SlotTaken)):
            world.book(close)
    take(world, at(9, 45))
    # the lunch break is no matter: buffers may lie outside opening hours
    assert "12:30" in free(world)
    world.book("12:30")


def test_one_without_agent_leaves_the_buffers_of_its_own_service(world: World) -> None:
    receives(world)
    limited(world, buffer_after_minutes=60)
    world.book("09:00", kiosk_id=world.far.id)
    assert offered(world, 1) == [at(10, 30)]


def sentence(error: FieldError) -> str:
    return error.says.format(**error.params)


def test_the_one_length_of_a_service_is_said(world: World) -> None:
    limited(world)
    with pytest.raises(InvalidForm) as refused:
        world.book("10:00", duration_minutes=60)
    assert "dure toujours 30 minutes" in sentence(refused.value.errors[0])


def test_staff_choose_a_length_that_the_service_has(world: World) -> None:
    limited(world, shortest_minutes=15, longest_minutes=60)
    with pytest.raises(InvalidForm) as refused:
        world.book("10:00", duration_minutes=75)
    assert refused.value.errors[0].field == "duration_minutes"
    assert "de 15 à 60 minutes" in sentence(refused.value.errors[0])
    booked = world.book("10:00", duration_minutes=60)
    kept = world.appointment(booked.appointment_id)
    assert kept.ends_at - kept.starts_at == timedelta(hours=1)
    assert "09:30" not in free(world, length=timedelta(minutes=60))
    assert "09:30" in free(world)
    form = MoveForm(kiosk_id=world.kiosk.id, day=DAY, time=time(14))
    world.do(move, booked.appointment_id, form, kept.version, world.reception, NOW)
    kept = world.appointment(booked.appointment_id)
    assert kept.ends_at - kept.starts_at == timedelta(hours=1)


def test_a_service_that_says_nothing_has_one_length(world: World) -> None:
    with pytest.raises(InvalidForm):
        world.book("10:00", duration_minutes=15)


def test_staff_are_told_that_a_time_is_too_soon_or_not_open_yet(world: World) -> None:
    limited(world, notice_minutes=120, horizon_days=1)
    ids = world.service.id, world.kiosk.id
    today, later = (
        world.see(free_day, *ids, day, NOW, slots.Wish()).refused
        for day in (DAY, DAY + timedelta(days=2))
    )
    assert today[NOW + timedelta(minutes=30)] is WhyNot.NOTICE
    assert NOW + timedelta(minutes=120) not in today
    assert set(later.values()) == {WhyNot.NOT_YET}
