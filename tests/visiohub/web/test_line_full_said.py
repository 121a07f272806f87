"""A line that is full, on the staff's page, in the API and on a citizen's page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import aiohttp
import pytest
from coming_days import first_workday
from hub_site import Site

from visiohub.booking import online
from visiohub.booking.forms import KioskForm, RoomForm, read_form
from visiohub.booking.search import first_free
from visiohub.booking.search_places import Near
from visiohub.booking.secrets import new_token
from visiohub.booking.territory import create
from visiohub.domain import hours
from visiohub.domain.line import TrainResult, Way
from visiohub.domain.model import Service, Venue
from visiohub.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Thin:
    """A venue with two kiosks on a line for one, and the hour of the visio that is on it."""

    venue: Venue
    service: Service
    beside: str
    starts_at: datetime

    @property
    def local(self) -> datetime:
        return self.starts_at.astimezone(hours.zone_of(self.venue.time_zone))


@pytest.fixture(scope="module")
def thin(site: Site) -> Thin:
    now = site.hub.clock()
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if v.town == "Serres")
        partner = uow.partners.list(short_name="MSA")[0]
        service = next(
            s for s in uow.services.list(partner_id=partner.id) if s.duration_minutes == 30
        )
        monday = first_workday(0, (now + timedelta(days=7)).date())
        # from its morning on: after the last time before noon the next one is hours away
        week = datetime.combine(monday, time(), UTC)
        found = first_free(uow, service, [Near(venue)], week, week + timedelta(days=7), now, 1)
    [free] = found[0].slots
    room = site.do(create, RoomForm(venue_id=venue.id, name="Annexe", capacity=3), None, now)
    site.do(create, KioskForm(room_id=room.id, name="Borne d’annexe"), None, now)
    facts = {"service_id": service.id, "venue_id": venue.id, "starts_at": free.starts_at}
    form = read_form(online.OnlineForm, facts)
    booked = site.do(online.book_online, form, new_token(), "192.0.2.77", now)

    def measured(uow: UnitOfWork) -> None:
        line = uow.lines.of_venue(venue.id)
        assert line is not None
        number = uow.linkquality.states.of(line.id).number
        for hour in range(3):
            at = now - timedelta(hours=hour + 1)
            for way, rate in ((Way.UP, 640.0), (Way.DOWN, 8000.0)):
                train = TrainResult(at, way, rate, None, 0.01, 0, 61, 1228, 61, 0, in_call=False)
                uow.linkquality.series.add_trains([(number, train)])

    site.do(measured)
    with site.hub.reading() as uow:
        taken = uow.appointments.get(booked.appointment_id).kiosk_id
        beside = next(k for k in uow.kiosks.at_venue(venue.id) if k.id != taken)
    return Thin(venue, service, beside.id, free.starts_at)


@pytest.fixture
async def there(thin: Thin, site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    """The reception of that venue."""
    async with site.client("accueil-serres") as client:
        yield client


def on_the_page(said: str) -> str:
    return said.replace("\u00a0", " ").replace("\u202f", " ")


async def test_programs_are_told_what_would_fit(thin: Thin, there: aiohttp.ClientSession) -> None:
    body = {
        "service_id": thin.service.id,
        "kiosk_id": thin.beside,
        "day": f"{thin.local:%Y-%m-%d}",
        "time": f"{thin.local:%H:%M}",
    }
    async with there.post("/api/v1/appointments", json=body) as answer:
        told = await answer.json()
    assert (answer.status, told["code"], told["field"]) == (409, "line_full", "picture"), told
    assert (told["venue_id"], told["wanted"]) == (thin.venue.id, "standard")
    assert told["fits"] == ["small", "none"]
    assert datetime.fromisoformat(told["starts_at"]) == thin.starts_at
    assert datetime.fromisoformat(told["free_at"]) == thin.starts_at + timedelta(minutes=30)
    assert thin.venue.full_name in told["detail"]
    assert all(one["venue"] in told["detail"] for one in told["elsewhere"])


async def test_staff_are_told_on_their_page(thin: Thin, there: aiohttp.ClientSession) -> None:
    data = {
        "service_id": thin.service.id,
        "kiosk_id": thin.beside,
        "day": f"{thin.local:%d/%m/%Y}",
        "time": f"{thin.local:%H:%M}",
        "book": "1",
    }
    async with there.post("/appointments/new", data=data) as answer:
        page = on_the_page(await answer.text())
    assert answer.status == 409, page
    assert f"Le {thin.local:%d/%m/%Y} à " in page
    assert "la ligne de ce lieu n’a plus assez de place pour cette visio" in page
    assert "choisissez « Petite image »" in page


async def test_a_citizen_is_told_on_the_public_page(
    thin: Thin, anonymous: aiohttp.ClientSession
) -> None:
    data = {
        "service_id": thin.service.id,
        "venue_id": thin.venue.id,
        "at": thin.starts_at.isoformat(),
        "key": new_token(),
    }
    async with anonymous.post("/book", data=data) as answer:
        page = on_the_page(await answer.text())
    assert answer.status == 409, page
    assert f"n’a plus assez de place pour cette visio : {thin.venue.full_name}." in page
    assert "Petite image" not in page
