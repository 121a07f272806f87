"""The coordinator's figures as a page and as a table."""

from __future__ import annotations

import csv
import io

import aiohttp
import pytest
from hub_site import Site

from visiohub.booking import territory
from visiohub.booking.forms import RoomForm
from visiohub.booking.usage import By


@pytest.fixture(scope="module")
def hostile_room(site: Site) -> str:
    with site.hub.reading() as uow:
        venue = uow.venues.list(active=True)[0]
    form = RoomForm(venue_id=venue.id, name='=HYPERLINK("x")', capacity=1)
    site.do(territory.create, form, None, site.hub.clock())
    return venue.id


async def table(client: aiohttp.ClientSession, query: str) -> list[dict[str, str]]:
    async with client.get(f"/usage.csv?{query}") as answer:
        assert answer.status == 200
        text = (await answer.text()).lstrip("\ufeff")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


@pytest.mark.parametrize("by", By)
async def test_page_and_table_agree(site: Site, by: By) -> None:
    async with site.client("coordination") as client:
        async with client.get(f"/usage?by={by}") as answer:
            text = await answer.text()
            assert answer.status == 200
        rows = await table(client, f"by={by}")
    assert "du temps ouvert est pris" in text
    assert "km de trajets évités" in text
    assert rows[-1].popitem()[1] != "0,00"
    calls = [int(row["Appels"]) for row in rows]
    assert calls[-1] == sum(calls[:-1]) > 100


async def test_no_cell_is_a_formula(site: Site, hostile_room: str) -> None:
    async with site.client("coordination") as client:
        rows = await table(client, f"by=room&venue={hostile_room}")
    assert '\'=HYPERLINK("x")' in {row["Salle"] for row in rows}


async def test_a_period_that_is_none(site: Site) -> None:
    async with site.client("coordination") as client:
        async with client.get("/usage?from=31/31/2026") as answer:
            assert answer.status == 200
            assert "La période n’est pas comprise" in await answer.text()
        async with client.get("/usage.csv?from=31/31/2026") as answer:
            assert answer.status == 422


async def test_a_partners_office_is_whole_or_not_told(admin: aiohttp.ClientSession) -> None:
    data = {"name": "Caisse", "short_name": "C", "phone": "04 65 71 30 00", "latitude": "44,5"}
    async with admin.post("/admin/partners/new", data=data) as answer:
        assert answer.status == 422
        text = await answer.text()
    assert "ou aucune des deux" in text
    assert 'href="#f-longitude"' in text
    async with admin.post("/admin/partners/new", data={**data, "latitude": ""}) as answer:
        assert answer.status == 200
