"""The waiting list's pages for staff, over HTTP: see, offer by hand, note the answer, remove."""

from __future__ import annotations

import re
from datetime import timedelta

import aiohttp
import pytest
from hub_site import Site

from visiohub.booking import waiting
from visiohub.booking.online import PUBLIC_BOOKING
from visiohub.booking.secrets import new_token
from visiohub.booking.waiting import WaitingForm
from visiohub.domain.waiting_list import WaitingEntry
from visiohub.storage.uow import UnitOfWork

OFFER = re.compile(r'name="offer" value="([^"]+)"')
VERSION = re.compile(r'name="version" value="(\d+)"')


@pytest.fixture
def entry(site: Site) -> WaitingEntry:
    """Somebody waits at Laragne for a service of CAF, and left a landline's number."""
    with site.hub.reading() as uow:
        laragne = next(v for v in uow.venues.list() if "Laragne" in v.town)
        agent = uow.persons.list(login="caf1")[0]
        service = uow.services.list(partner_id=agent.partner_id, active=True)[0]
    now = site.hub.clock()
    form = WaitingForm(
        service_id=service.id,
        venue_ids=(laragne.id,),
        not_after=now + timedelta(weeks=4),
        initials="Z. Q.",
        phone="04 92 45 00 00",
    )

    def forget_tries(uow: UnitOfWork) -> None:
        for tried in uow.attempts.list(kind=PUBLIC_BOOKING):
            uow.attempts.remove(tried)

    site.do(forget_tries)
    joined: WaitingEntry = site.do(waiting.join, form, new_token(), "192.0.2.1", "fr", now)
    return joined


async def page_of(client: aiohttp.ClientSession, path: str, status: int = 200) -> str:
    async with client.get(path) as answer:
        assert answer.status == status, await answer.text()
        return await answer.text()


async def post(
    client: aiohttp.ClientSession, path: str, status: int = 200, **data: str
) -> tuple[str, str]:
    async with client.post(path, data=data) as answer:
        assert answer.status == status, await answer.text()
        return await answer.text(), answer.url.path


async def test_reception_offers_calls_and_books(
    reception: aiohttp.ClientSession, entry: WaitingEntry
) -> None:
    assert "Liste d’attente" in await page_of(reception, "/appointments")
    assert "Z. Q." in await page_of(reception, "/waiting")
    path = f"/waiting/{entry.id}"
    page = await page_of(reception, path)
    assert "04\u00a092\u00a045\u00a000\u00a000" in page
    slot = OFFER.findall(page)[-1]
    version = VERSION.findall(page)[0]
    page, _ = await post(reception, path, offer=slot, version=version)
    assert "Place gardée, sans réponse" in page
    assert "Appelez la personne" in page
    day, _ = await post(reception, path, 409, offer=slot, version=version)  # pressed twice
    assert "Relisez-la" in day
    assert "À prévenir pour une place" in await page_of(reception, "/reception")
    version = VERSION.findall(page)[0]
    page, at = await post(reception, path, do="accept", version=version)
    assert at.startswith("/appointments/")
    assert "Z. Q." in page
    assert "Z. Q." not in await page_of(reception, "/waiting")
    assert "Place prise" in await page_of(reception, path)


async def test_declined_then_taken_off_by_the_agent(
    agent: aiohttp.ClientSession, reception: aiohttp.ClientSession, entry: WaitingEntry
) -> None:
    path = f"/waiting/{entry.id}"
    page = await page_of(agent, path)
    slot = OFFER.findall(page)[-1]
    page, _ = await post(agent, path, offer=slot, version=VERSION.findall(page)[0])
    page, _ = await post(agent, path, do="decline", version=VERSION.findall(page)[0])
    assert "attend une autre place" in page
    page, at = await post(reception, path, do="remove", version=VERSION.findall(page)[0])
    assert at == "/waiting"
    assert "n’est plus sur la liste" in page
    page, _ = await post(reception, path, 400, version="9")


async def test_others_do_not_see_it(site: Site, entry: WaitingEntry) -> None:
    async with site.client("accueil-gap") as gap:
        assert "Z. Q." not in await page_of(gap, "/waiting")
        await page_of(gap, f"/waiting/{entry.id}", 404)
