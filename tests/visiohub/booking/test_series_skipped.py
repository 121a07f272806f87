"""A series one of whose dates falls into the hour that the clock skips says so."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hub_world import NOW, World
from room_world import Rooms, furnish

from visiohub.booking.rooms import book
from visiohub.domain.calendar.opening import ExceptionalDay, OpeningRules
from visiohub.web.api.price_models import SeriesQuoteOut
from visiohub.web.i18n import speak

SUNDAYS = [date(2027, 3, 21) + timedelta(days=7 * n) for n in range(4)]
"""On the second Paris has no half past two."""


@pytest.fixture
def rooms(world: World) -> Rooms:
    """Open all night on these days."""
    rooms = furnish(world)
    nights = tuple(ExceptionalDay(d, ((time(0), time(0)),), "Fête") for d in SUNDAYS)
    rooms.terms(world.venue.id, rules=OpeningRules(exceptions=nights))
    return rooms


def test_the_answer_names_the_date_before_and_after_booking(rooms: Rooms) -> None:
    night = {"day": SUNDAYS[0], "starts": time(2, 30), "ends": time(4, 30)}
    form = rooms.series("FREQ=WEEKLY;COUNT=3", **night)
    offer = rooms.world.see(book.quote_series, form, rooms.coworker, NOW)
    assert not offer.clashes
    days = [start.date() for start, _ in offer.dates]  # 02:30 in Paris is that day in UTC, too
    assert days == [SUNDAYS[0], *SUNDAYS[2:]]
    assert [one.at.date() for one in offer.skipped] == [SUNDAYS[1]]
    made = rooms.world.do(book.book_series, form, rooms.coworker, NOW)
    assert made.skipped == offer.skipped
    assert [one.booking.starts_at.date() for one in made.booked] == days


def test_a_night_that_would_be_shorter_is_not_booked_and_is_named(rooms: Rooms) -> None:
    night = {"day": SUNDAYS[0], "starts": time(1), "ends": time(2, 30)}
    form = rooms.series("FREQ=WEEKLY;COUNT=3", **night)
    made = rooms.world.do(book.book_series, form, rooms.coworker, NOW)
    spans = [(one.booking.starts_at, one.booking.ends_at) for one in made.booked]
    assert [end - start for start, end in spans] == [timedelta(minutes=90)] * 2
    assert [one.at.date() for one in made.skipped] == [SUNDAYS[1]]


FRENCH = (
    "Rien n’est réservé le dimanche 28 mars 2027 à 2 h 30 : "
    "l’horloge saute de 2 h à 3 h, cette heure n’existe pas."
)
ENGLISH = (
    "Nothing is booked on Sunday, 28 March 2027 at 2:30: "
    "the clock jumps from 2:00 to 3:00, there is no such time."
)


@pytest.mark.parametrize(("language", "says"), [("fr", FRENCH), ("en", ENGLISH)])
def test_programs_get_the_day_and_the_words(rooms: Rooms, language: str, says: str) -> None:
    night = {"day": SUNDAYS[0], "starts": time(2, 30), "ends": time(4, 30)}
    form = rooms.series("FREQ=WEEKLY;COUNT=3", **night)
    offer = rooms.world.see(book.quote_series, form, rooms.coworker, NOW)
    speak(language)
    (said,) = SeriesQuoteOut.of(offer, "Europe/Paris").skipped
    assert (said.day, said.starts, said.code) == (SUNDAYS[1], "02:30", "time_does_not_exist")
    assert " ".join(said.detail.split()) == says
