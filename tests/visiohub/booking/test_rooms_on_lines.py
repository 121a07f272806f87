"""A line that carries one visio: who books a room with another one is told so beforehand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hub_world import NOW, World
from room_world import TOMORROW, Rooms, at, furnish

from visiohub.booking.imports import run
from visiohub.booking.rooms import book, choices, free
from visiohub.booking.rooms.refusals import DatesClash
from visiohub.domain.line import TrainResult, Way
from visiohub.errors import LineFull
from visiohub.storage.uow import UnitOfWork


@pytest.fixture
def rooms(world: World) -> Rooms:
    """With 520 kbit/s up from the first venue."""

    def measured(uow: UnitOfWork) -> None:
        line = uow.lines.of_venue(world.venue.id)
        assert line is not None
        state = uow.linkquality.states.of(line.id)
        for hour in range(3):
            seen = NOW - timedelta(hours=hour + 1)
            rows = [
                TrainResult(seen, way, kbit_s, None, 0.01, 0, 61, 1228, 61, 0, in_call=False)
                for way, kbit_s in ((Way.UP, 520.0), (Way.DOWN, 8000.0))
            ]
            uow.linkquality.series.add_trains([(state.number, row) for row in rows])

    world.do(measured)
    return furnish(world)


def test_price_times_and_series_say_that_the_line_is_taken(rooms: Rooms) -> None:
    world, beside = rooms.world, (rooms.beside,)
    taken = rooms.book("09:00", "11:00", visio=True)
    offer = world.see(book.quote, rooms.form(rooms=beside, visio=True), rooms.coworker, NOW)
    assert [cause.code for cause in offer.rooms[0].causes] == ["line_taken"]
    assert world.see(book.quote, rooms.form(rooms=beside), rooms.coworker, NOW).is_bookable
    with pytest.raises(LineFull):
        rooms.book(rooms=beside, visio=True)

    ids, hour = (rooms.beside.id,), timedelta(hours=1)
    args = (ids, rooms.account.id, hour, TOMORROW, rooms.coworker, NOW)
    for moved, refused in (("", True), (taken.booking.id, False)):
        slots = world.see(
            lambda uow, m=moved: choices.slots_of_day(uow, *args, visio=True, moved=m)
        )
        (at_ten,) = [slot for slot in slots if slot.span[0] == at(10)]
        assert bool(at_ten.causes) == refused
    span = (at(8), at(12))
    found = world.see(
        lambda uow: free.common_free(
            uow, ids, rooms.account.id, hour, *span, rooms.coworker, NOW, visio=True
        )
    )
    assert {starts for starts, _ in found} == {at(8), at(11)}

    series = rooms.series("FREQ=WEEKLY;COUNT=2", rooms=beside, visio=True)
    assert len(world.see(book.quote_series, series, rooms.coworker, NOW).clashes) == 1
    with pytest.raises(DatesClash):
        world.do(book.book_series, series, rooms.coworker, NOW)
    some = series.model_copy(update={"only_free": True})
    assert len(world.do(book.book_series, some, rooms.coworker, NOW).booked) == 1


def test_tables_are_held_to_the_lines(rooms: Rooms) -> None:
    world = rooms.world
    rooms.book("09:00", "10:00", visio=True)
    login, venue = rooms.coworker.login, world.venue.name
    lines = (
        "Lieu;Salle;Identifiant;Jour;Début;Fin;Visio",
        f"{venue};Atelier;{login};24/11/2026;9:00;10:00;oui",
        f"{venue};Atelier;{login};24/11/2026;10:00;11:00;oui",
        f"{venue};Réunion;{login};24/11/2026;10:30;11:00;oui",
        f"{venue};Réunion;{login};24/11/2026;11:00;12:00;non",
    )
    report = world.see(run.check, "bookings", "\r\n".join(lines).encode(), NOW)
    assert {(p.line, p.code) for p in report.problems} == {(2, "line_full"), (4, "line_full")}
    lines = (
        "Lieu;Borne;Organisme;Service;Jour;Heure",
        f"{venue};Borne 1;CAF;Logement;24/11/2026;9h30",
        f"{venue};Borne 1;CAF;Logement;24/11/2026;10h30",
        f"{venue};Borne 2;CAF;Logement;24/11/2026;10h30",
    )
    report = world.see(run.check, "appointments", "\r\n".join(lines).encode(), NOW)
    assert {(p.line, p.code) for p in report.problems} == {(2, "line_full"), (4, "line_full")}
