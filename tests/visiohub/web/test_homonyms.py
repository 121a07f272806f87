"""Communes of one name are chosen between, on the page and through the API."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from hub_site import Site

from visiohub.booking import territory
from visiohub.booking.forms import VenueForm
from visiohub.domain.model import Service, Venue


@pytest.fixture
def far(site: Site) -> Iterator[Venue]:
    """Another Serres, 300 km away."""
    with site.hub.reading() as uow:
        admin = uow.persons.list(login="admin")[0]
    fields: dict[str, Any] = {"name": "Mairie d’une autre Serres", "kind": "mairie"}
    fields |= {"street": "Place", "phone": "04 65 71 20 05", "town": "Serres", "postcode": "11190"}
    form = VenueForm(**fields, latitude=42.88, longitude=2.33)
    venue: Venue = site.do(territory.create, form, admin, site.hub.clock())
    yield venue
    site.do(territory.retire, Venue, venue.id, 1, admin, site.hub.clock())


def a_service(site: Site) -> Service:
    with site.hub.reading() as uow:
        return uow.services.list(active=True)[0]


async def text(client: aiohttp.ClientSession, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


async def test_the_page_asks_which_and_each_choice_finds_its_own(
    anonymous: aiohttp.ClientSession, site: Site, far: Venue
) -> None:
    asked = f"/near?service_id={a_service(site).id}&km=10&what=room"
    page = await text(anonymous, f"{asked}&place=Serres")
    assert "Quelle commune" in page
    assert 'href="#' + f"v-{far.id}" not in page
    links = [
        html.unescape(at) for at in re.findall(r'href="(/near\?[^"]*place=Serres[^"]*)"', page)
    ]
    assert len(links) == 2
    assert "km=10" in links[0]
    here, there = [await text(anonymous, link) for link in links]
    assert "Serres et alentours" in here
    assert "Mairie d’une autre Serres" not in here
    assert "Commune inconnue" not in there


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("05", "Donnez les cinq chiffres du code postal."),
        ("A", "Écrivez au moins 3 lettres."),
        ("Brest", "Cette commune n’est pas connue ici."),
    ],
)
async def test_what_names_no_commune_is_said_at_its_field(
    anonymous: aiohttp.ClientSession, place: str, says: str
) -> None:
    page = await text(anonymous, f"/near?what=room&place={place}")
    assert f'id="e-place">{says}<' in page
    assert 'aria-describedby="e-place' in page
    assert "Commune inconnue ici" in page
    assert "alentours" not in page


async def test_the_api_lists_the_choices(site: Site, far: Venue) -> None:
    asked = f"/api/v1/slots?service_id={a_service(site).id}"
    async with site.client("caf1") as client:
        async with client.get(f"{asked}&place={far.town}") as answer:
            assert answer.status == 422
            (error,) = (await answer.json())["errors"]
        async with client.get(asked, params={"place": "Serres (05700)"}) as answer:
            assert answer.status == 200
    assert error["code"] == "several_places"
    assert "Serres (05700), Serres (11190)" in error["detail"]
