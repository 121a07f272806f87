"""A social worker books on a citizen's behalf, for any service anywhere, and sees the own alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from coming_days import first_workday
from hub_site import Site

from visiohub.booking import appointments


@pytest.fixture
async def social(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with site.client("social") as client:
        yield client


def wish(site: Site, town: str, partner: str) -> dict[str, str]:
    """A service of this partner there, on a Wednesday in three weeks."""
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if town in v.town)
        kiosk = uow.kiosks.at_venue(venue.id)[0]
        whose = uow.partners.list(short_name=partner)[0]
        service = uow.services.list(partner_id=whose.id, walk_in=False, active=True)[0]
    today = site.hub.clock().date()
    day = first_workday(2, today + timedelta(days=21))
    return {"service_id": service.id, "kiosk_id": kiosk.id, "day": day.isoformat()}


async def got(client: aiohttp.ClientSession, path: str, status: int = 200) -> str:
    async with client.get(path) as answer:
        text = await answer.text()
        assert answer.status == status, text
        return text


async def test_books_prints_and_cancels_for_somebody(
    site: Site, social: aiohttp.ClientSession, reception: aiohttp.ClientSession
) -> None:
    booked = []
    for town, partner in (("Laragne", "CAF"), ("Embrun", "MSA")):
        data = {**wish(site, town, partner), "time": "11:00", "initials": "T. S.", "book": "1"}
        async with social.post("/appointments/new", data=data) as answer:
            assert answer.status == 200, await answer.text()
            booked.append(answer.url.path)
    listed = await got(social, "/appointments")
    assert {f'href="{path}"' in listed for path in booked} == {True}
    page = await got(social, booked[0])
    assert "T. S." in page
    assert "Confier à cet agent" not in page
    assert "T. S." in await got(reception, booked[0])  # of the venue
    async with social.post(f"{booked[0]}/convocation") as answer:
        assert 'class="digits"' in await answer.text()
    version = re.findall(r'name="version" value="(\d+)"', await got(social, booked[1]))[0]
    gone = {"cancelled_by": "citizen", "version": version}
    async with social.post(f"{booked[1]}/cancel", data=gone) as answer:
        assert "Annulé" in await answer.text()
    with site.hub.reading() as uow:
        me = uow.persons.list(login="social")[0]
        kept = appointments.show(uow, booked[0].rpartition("/")[2])
    assert kept.created_by == me.id


async def test_sees_nobody_elses(site: Site, social: aiohttp.ClientSession) -> None:
    theirs = site.demo.convocation.appointment_id
    assert theirs not in await got(social, "/appointments")
    await got(social, f"/appointments/{theirs}", 404)
    await got(social, f"/appointments/{theirs}/trail", 404)
    for path in ("/planning", "/reception", "/waiting", "/bookings"):
        await got(social, path, 403)


async def test_signs_in_to_the_own_list(social: aiohttp.ClientSession) -> None:
    async with social.get("/home") as answer:
        assert answer.url.path == "/appointments"
    page = await got(social, "/help")
    assert "Retrouver un rendez-vous" in page
