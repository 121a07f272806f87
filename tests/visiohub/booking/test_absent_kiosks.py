"""A kiosk that is switched off before a visio raises the alarm while something can be done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases
from room_world import at, furnish

from visiohub.booking.lines.absent_kiosks import BEFORE, note_absent_kiosks
from visiohub.booking.lines.away import AWAY_FOR
from visiohub.booking.lines.grades import note, outages
from visiohub.booking.presence import kiosk_presence
from visiohub.domain.line import LineMaintenance
from visiohub.domain.model import AppointmentState
from visiohub.linkquality.grading import Level

pytestmark = on_both_databases
MINUTE = timedelta(minutes=1)
TEN = NOW + timedelta(hours=1)
"""In Paris."""


def stands(world: World, now: datetime) -> dict[str, Level]:
    world.do(note_absent_kiosks, now)
    found = world.see(lambda uow: uow.linkquality.alerts.standing())
    return {alert.rule: alert.level for alert in found}


def presence(world: World, now: datetime, *, here: bool, kiosk: Any = None) -> None:
    world.do(kiosk_presence, (kiosk or world.kiosk).id, here, "", now)


@pytest.fixture
def off(world: World) -> World:
    """Its kiosk was switched off an hour before the visio at ten; the one beside it is on."""
    presence(world, NOW, here=True, kiosk=world.beside)
    presence(world, NOW, here=False)
    world.book("10:00")
    return world


def test_a_kiosk_that_is_off_is_told_a_quarter_of_an_hour_before_its_visio(off: World) -> None:
    assert stands(off, TEN - BEFORE - MINUTE) == {}
    assert stands(off, TEN - BEFORE + MINUTE) == {"kiosk_away": Level.ALARM}
    assert stands(off, TEN + MINUTE) == {"kiosk_away": Level.ALARM}  # somebody may stand there
    presence(off, TEN + 2 * MINUTE, here=True)
    assert stands(off, TEN + 2 * MINUTE) == {}


def test_a_kiosk_that_a_clock_ahead_saw_last_is_away(off: World) -> None:
    presence(off, TEN + timedelta(days=1), here=False)
    assert stands(off, TEN - MINUTE) == {"kiosk_away": Level.ALARM}


def test_a_visio_that_is_over_or_cancelled_awaits_no_kiosk(off: World) -> None:
    assert stands(off, TEN - MINUTE) == {"kiosk_away": Level.ALARM}
    assert stands(off, TEN + timedelta(hours=2)) == {}
    assert stands(off, TEN - MINUTE) == {"kiosk_away": Level.ALARM}

    def cancel(uow: Any) -> None:
        (one,) = uow.appointments.list()
        one.state = AppointmentState.CANCELLED

    off.do(cancel)
    assert stands(off, TEN - MINUTE) == {}


def test_a_pc_that_starts_anew_and_a_kiosk_that_never_came_are_no_alarm(world: World) -> None:
    world.book("10:00")
    assert stands(world, TEN - MINUTE) == {}  # it was never enrolled
    presence(world, TEN - 5 * MINUTE, here=True)
    presence(world, TEN - 4 * MINUTE, here=False)
    assert stands(world, TEN - 4 * MINUTE + AWAY_FOR / 2) == {}
    assert stands(world, TEN - 4 * MINUTE + AWAY_FOR) == {"kiosk_away": Level.ALARM}


def test_an_outage_and_announced_works_have_their_own_words(off: World) -> None:
    line = off.see(lambda uow: uow.lines.of_venue(off.venue.id)).id
    off.do(outages, {line: True}, TEN - MINUTE)
    assert stands(off, TEN - MINUTE) == {"outage": Level.ALARM}
    off.do(outages, {line: False}, TEN - MINUTE)
    works = LineMaintenance("works", line, NOW, TEN, "câble", off.admin.id)
    off.do(lambda uow: uow.linkquality.maintenances.add(works))
    assert stands(off, TEN - MINUTE) == {}


def visio_in_a_room_of_kiosks_that_are_off(world: World) -> None:
    """From 9 to 11 o'clock."""
    rooms = furnish(world)
    for kiosk in (world.kiosk, world.beside):
        presence(world, NOW, here=False, kiosk=kiosk)
    with world.hub.reading() as uow:
        room = uow.rooms.get(world.kiosk.room_id)
    rooms.book(visio=True, rooms=(room,), by=rooms.coordinator)


def test_a_visio_in_a_room_awaits_one_of_its_venue_s_kiosks(world: World) -> None:
    visio_in_a_room_of_kiosks_that_are_off(world)
    assert stands(world, at(9) - MINUTE) == {"kiosk_away": Level.ALARM}
    presence(world, at(9) - MINUTE, here=True, kiosk=world.beside)
    assert stands(world, at(9) - MINUTE) == {}


def test_in_a_room_the_alarm_lasts_until_a_kiosk_is_back_or_the_booking_is_over(
    world: World,
) -> None:
    visio_in_a_room_of_kiosks_that_are_off(world)
    for now in (at(9) - MINUTE, at(9) + MINUTE, at(11) - MINUTE):
        assert stands(world, now) == {"kiosk_away": Level.ALARM}, now
    assert stands(world, at(11) + MINUTE) == {}
    assert stands(world, at(11) - MINUTE) == {"kiosk_away": Level.ALARM}
    presence(world, at(11) - MINUTE, here=True)
    assert stands(world, at(11) - MINUTE) == {}


def test_each_kiosk_has_an_alarm_of_its_own(off: World) -> None:
    """The second one fails while the first one's alarm stands, and is back before it."""

    def names(now: datetime) -> list[str]:
        off.do(note_absent_kiosks, now)
        return sorted(a.kiosk_name for a in off.see(lambda uow: uow.linkquality.alerts.standing()))

    off.book("10:00", kiosk_id=off.beside.id)
    assert names(TEN - 10 * MINUTE) == ["Borne 1"]
    presence(off, TEN - 9 * MINUTE, here=False, kiosk=off.beside)
    assert names(TEN - 5 * MINUTE) == ["Borne 1", "Borne 2"]
    line = off.see(lambda uow: uow.lines.of_venue(off.venue.id)).id
    first, second = off.see(lambda uow: uow.linkquality.alerts.standing(line))
    assert first.raised_at != second.raised_at
    presence(off, TEN - 4 * MINUTE, here=True, kiosk=off.beside)
    assert names(TEN - 3 * MINUTE) == ["Borne 1"]
    presence(off, TEN - 2 * MINUTE, here=True)
    assert names(TEN - MINUTE) == []


def test_an_alarm_from_before_kiosks_were_named_ends(off: World) -> None:
    line = off.see(lambda uow: uow.lines.of_venue(off.venue.id)).id
    off.do(note, line, "kiosk_away", Level.ALARM, 0.0, TEN - 10 * MINUTE)
    off.do(note_absent_kiosks, TEN - 9 * MINUTE)
    (alert,) = off.see(lambda uow: uow.linkquality.alerts.standing())
    assert alert.kiosk_name == "Borne 1"
