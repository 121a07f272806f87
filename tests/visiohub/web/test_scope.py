"""Whose data: reception its venues', agents their partner's, and the two do not multiply."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import pytest
from hub_site import Site

from visiohub.booking import appointments
from visiohub.domain.hours import day_span, local_day, zone_of
from visiohub.domain.model import Appointment, AppointmentState, Person
from visiohub.storage.uow import UnitOfWork


@dataclass
class Ids:
    """CAF and Laragne are the person's; MSA and the other venue are not."""

    caf: str
    msa: str
    laragne: str
    elsewhere: str


@pytest.fixture(scope="module")
def ids(site: Site) -> Ids:
    with site.hub.reading() as uow:
        laragne = next(v for v in uow.venues.list(active=True) if "Laragne" in v.town)
        kiosks = {v.id: uow.kiosks.at_venue(v.id) for v in uow.venues.list(active=True)}
        elsewhere = next(k[0] for v, k in kiosks.items() if v != laragne.id and k)
        partners = {p.short_name: p for p in uow.partners.list(active=True)}
        services = {
            name: next(
                s for s in uow.services.list(partner_id=p.id, active=True) if not s.venue_ids
            )
            for name, p in partners.items()
            if name in {"CAF", "MSA"}
        }
        facts = {"partner_id": partners["CAF"].id, "venue_ids": [laragne.id]}
        found = Ids(services["CAF"].id, services["MSA"].id, kiosks[laragne.id][0].id, elsewhere.id)
    site.new_person("both", roles=["agent", "reception"], **facts)
    return found


@pytest.fixture
async def both(site: Site, ids: Ids) -> AsyncIterator[aiohttp.ClientSession]:
    _ = ids
    async with site.client("both") as client:
        yield client


@pytest.mark.parametrize(
    ("service", "kiosk", "allowed"),
    [
        ("caf", "laragne", True),
        ("caf", "elsewhere", True),
        ("msa", "laragne", True),
        ("msa", "elsewhere", False),
    ],
)
async def test_who_is_agent_and_reception_books_as_the_one_or_the_other(
    service: str, kiosk: str, allowed: bool, ids: Ids, both: aiohttp.ClientSession, site: Site
) -> None:
    day = (site.hub.clock() - timedelta(days=2)).date()  # what may be booked is refused as past
    body = {
        "service_id": getattr(ids, service),
        "kiosk_id": getattr(ids, kiosk),
        "day": str(day),
        "time": "09:00",
    }
    async with both.post("/api/v1/appointments", json=body) as answer:
        said = (await answer.json())["code"]
    assert said == ("in_the_past" if allowed else "not_allowed")


async def test_only_the_venues_own_reception_says_that_somebody_came(
    ids: Ids, both: aiohttp.ClientSession, site: Site
) -> None:
    def book(uow: UnitOfWork, kiosk_id: str) -> str:
        by: Person = uow.persons.list(login="both")[0]
        paris = zone_of("Europe/Paris")
        starts = day_span(local_day(site.hub.clock(), paris), paris)[0] + timedelta(hours=3)
        appointment = Appointment(
            id=f"scope{kiosk_id}"[:16],
            service_id=ids.caf,
            kiosk_id=kiosk_id,
            starts_at=starts,
            ends_at=starts + timedelta(minutes=15),
            state=AppointmentState.BOOKED,
            created_at=site.hub.clock(),
            created_by=by.id,
            initials="",
            phone="",
        )
        paper = appointments.new_paper(uow)
        return appointments.enter(uow, appointment, paper, by, site.hub.clock()).appointment_id

    for kiosk_id, status in ((ids.laragne, 303), (ids.elsewhere, 403)):
        address = f"/appointments/{site.do(book, kiosk_id)}"
        async with both.get(address) as answer:
            assert ("/check-in" in await answer.text()) == (status == 303)
        async with both.post(f"{address}/check-in", allow_redirects=False) as answer:
            assert answer.status == status
