"""Who is refused for a line is told which one, when, and what would fit."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from hub_world import DAY, NOW, World
from room_world import at as room_at
from room_world import furnish
from test_line_budgets import measure
from test_search import at, take

from visiohub.booking import online
from visiohub.booking.appointments import move
from visiohub.booking.forms import KioskForm, LineForm, MoveForm, RoomForm
from visiohub.booking.territory import create
from visiohub.domain.model import LineKind
from visiohub.errors import LineFull
from visiohub.linkquality.budget import Picture
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.refusal_details import details

FULL = "Le 23/11/2026 à 10 h 15, la ligne de ce lieu n’a plus assez de place pour cette visio : "


@pytest.fixture
def thin(world: World) -> World:
    """One visio from 10:00 to 11:00 is on a line that carries one; somebody receives all day."""
    measure(world, 640.0)
    for hour in ("10:00", "10:30"):
        world.book(hour)
    for agent in (world.agent, world.colleague):
        world.hold(agent_id=agent.id, opens=time(9), closes=time(17))
    world.counter(opens=time(9), closes=time(17))
    return world


def refusal(use_case: Any, *args: Any, **fields: Any) -> LineFull:
    with pytest.raises(LineFull) as refused:
        use_case(*args, **fields)
    return refused.value


def plain(said: str) -> str:
    return said.replace("\u00a0", " ").replace("\u202f", " ")


def test_staff_are_told_a_smaller_picture_another_time_another_venue(thin: World) -> None:
    error = refusal(thin.book, "10:15", kiosk_id=thin.beside.id)
    small = "Il reste de quoi avoir une petite image : choisissez « Petite image »."
    later = "Ce jour-là, elle a de nouveau assez de place à 11 h."
    there = "À la même heure, il y a de la place ici : Serres."
    assert plain(sentence(error)) == f"{FULL}Guillestre. {small} {later} {there}"
    assert list(field_sentences(error)) == ["picture"]
    # what was named can be had
    thin.book("11:00", kiosk_id=thin.beside.id)
    thin.book("10:15", kiosk_id=thin.far.id)
    thin.book("10:15", kiosk_id=thin.beside.id, picture=Picture.SMALL)


def test_programs_are_told_the_same(thin: World) -> None:
    error = refusal(thin.book, "10:15", kiosk_id=thin.beside.id)
    line = thin.see(lambda uow: uow.lines.of_venue(thin.venue.id))
    assert details(error, "Europe/Paris") == {
        "line_id": line.id,
        "venue_id": thin.venue.id,
        "starts_at": "2026-11-23T09:15:00Z",
        "ends_at": "2026-11-23T09:45:00Z",
        "wanted": "standard",
        "fits": ["small", "none"],
        "free_at": "2026-11-23T10:00:00Z",
        "elsewhere": [{"venue_id": thin.elsewhere.id, "venue": "Serres"}],
    }


def test_who_cannot_choose_a_picture_is_not_told_to(thin: World) -> None:
    other = thin.book("11:30", kiosk_id=thin.beside.id)
    form = MoveForm(kiosk_id=thin.beside.id, day=DAY, time=time(10, 15))
    error = refusal(thin.do, move, other.appointment_id, form, 1, thin.reception, NOW)
    assert "choisissez" not in sentence(error)
    assert list(field_sentences(error)) == ["time"]
    assert error.fits


def test_a_citizen_is_told_of_the_line_not_that_the_hour_is_taken(thin: World) -> None:
    error = refusal(take, thin, at(10, 15))
    said = plain(sentence(error))
    assert said.startswith(f"{FULL}Guillestre. Ce jour-là, elle a de nouveau assez de place à 11 h")
    assert said.endswith("À la même heure, il y a de la place ici : Serres.")
    own = take(thin, at(14)).appointment_id
    moved = refusal(thin.do, online.move_online, own, thin.venue.id, at(10, 15), 1, None, NOW)
    assert plain(sentence(moved)) == said
    assert thin.appointment(own).starts_at == at(14)


def test_what_cannot_be_had_is_not_named(thin: World) -> None:
    thin.book("10:15", kiosk_id=thin.far.id)
    for hour in ("11:00", "11:30", "12:30", "13:00", "13:30", "14:00", "14:30", "15:00", "15:30"):
        thin.book(hour)
    thin.book("16:00")
    error = refusal(thin.book, "10:15", kiosk_id=thin.beside.id, picture=Picture.LARGE)
    assert not error.elsewhere
    assert error.free_at is None  # the line is free from 12:00 on, the venue is closed then
    assert plain(sentence(error)).endswith("Choisissez une autre heure ou un autre lieu.")


@pytest.mark.parametrize(
    ("picture", "named"), [(Picture.STANDARD, ["Serres"]), (Picture.LARGE, [])]
)
def test_a_venue_is_named_only_where_the_picture_wanted_goes(
    thin: World, picture: Picture, named: list[str]
) -> None:
    venue_id = thin.elsewhere.id
    line = LineForm(venue_id=venue_id, kind=LineKind.ADSL, up_kbit_s=900, down_kbit_s=9000)
    thin.do(create, line, None, NOW)
    measure(thin, 640.0, venue_id=venue_id)
    room = thin.do(create, RoomForm(venue_id=venue_id, name="Annexe", capacity=3), None, NOW)
    there = thin.do(create, KioskForm(room_id=room.id, name="Borne 4"), None, NOW)
    thin.book("10:15", kiosk_id=there.id, picture=Picture.SMALL)
    error = refusal(thin.book, "10:15", kiosk_id=thin.beside.id, picture=picture)
    assert [venue for _, venue in error.elsewhere] == named
    if not named:
        with pytest.raises(LineFull):
            thin.book("10:15", kiosk_id=thin.far.id, picture=picture)


def test_an_hour_at_which_the_venue_is_closed_is_not_named(thin: World) -> None:
    for hour in ("11:00", "11:30"):
        thin.book(hour)
    error = refusal(thin.book, "10:15", kiosk_id=thin.beside.id)
    assert error.free_at == at(12, 30)
    thin.book("12:30", kiosk_id=thin.beside.id)


def test_a_room_is_not_told_an_hour_after_which_the_venue_closes(thin: World) -> None:
    rooms = furnish(thin)
    rooms.book("09:00", "11:00", visio=True)
    told = refusal(rooms.book, "10:00", "11:00", rooms=(rooms.beside,), visio=True)
    assert told.free_at == room_at(11)
    long = refusal(rooms.book, "10:00", "11:30", rooms=(rooms.beside,), visio=True)
    assert long.free_at == room_at(12, 30)


def test_a_room_is_told_of_its_own_date(thin: World) -> None:
    rooms = furnish(thin)
    rooms.book("09:00", "11:00", visio=True)
    error = refusal(rooms.book, rooms=(rooms.beside,), visio=True)
    assert error.starts_at.date() == (NOW + timedelta(days=1)).date()
    assert plain(sentence(error)).startswith("Le 24/11/2026 à ")
    assert error.field == "time"  # which pages and the API name as they call it
    assert "choisissez" not in sentence(error)
