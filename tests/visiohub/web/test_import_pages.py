"""An administrator sends a table, corrects it, takes it over; what was sent is not lost between."""

from __future__ import annotations

import io
import re

import aiohttp
import pytest
from hub_site import Site

from visiohub.booking.imports import run
from visiohub.domain.csv_table import MOST_BYTES
from visiohub.web.pages.imports import KINDS, LISTS, sample_table
from visiohub.web.security import LARGER_BODIES

HEADS = "Nom;Genre;Rue;Code postal;Commune;Latitude;Longitude;Téléphone;Lundi\r\n"
LINE = "Mairie;Mairie;1 rue;05150;{town};44,3;5,8;0465712040;{hours}\r\n"


def table(*rows: tuple[str, str]) -> bytes:
    lines = "".join(LINE.format(town=town, hours=hours) for town, hours in rows)
    return (HEADS + lines).encode("cp1252")


def form(data: bytes, kind: str = "venues", name: str = "lieux.csv") -> aiohttp.FormData:
    made = aiohttp.FormData()
    made.add_field("kind", kind)
    made.add_field("file", io.BytesIO(data), filename=name, content_type="text/csv")
    return made


async def send(admin: aiohttp.ClientSession, data: bytes, path: str = "/admin/imports") -> str:
    async with admin.post(path, data=form(data), allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()
        return answer.headers["Location"]


def towns(site: Site) -> set[str]:
    with site.hub.reading() as uow:
        return {venue.town for venue in uow.venues.list()}


async def test_sent_corrected_and_taken_over(site: Site, admin: aiohttp.ClientSession) -> None:
    rows = [(f"Commune {n:02}", "8:30-12:00") for n in range(70)]
    wrong = [(town, "12:00-8:30") for town, _hours in rows]
    address = await send(admin, table(*wrong, ("Zed", "<script>")))
    async with admin.get(address) as answer:
        text = await answer.text()
    assert "71 choses à corriger" in text
    assert text.count("avant d’ouvrir à 12:00") == 50
    assert "lieux.csv" in text
    assert "/load" not in text
    async with admin.get(f"{address}?shown=100") as answer:
        assert "&lt;script&gt;" in await answer.text()
    async with admin.post(f"{address}/load", allow_redirects=False) as answer:
        assert answer.headers["Location"] == address
    assert not towns(site) & {town for town, _hours in rows}

    corrected = await send(admin, table(*rows), address)
    async with admin.get(address) as answer:
        assert answer.status == 404
    async with admin.get(corrected) as answer:
        assert "Importer 70 lignes" in await answer.text()
    async with admin.get("/admin/imports") as answer:
        assert "Pas encore importé" in await answer.text()
    for _again in range(2):
        async with admin.post(f"{corrected}/load") as answer:
            assert "70 lignes importées" in await answer.text()
    assert {town for town, _hours in rows} <= towns(site)
    with site.hub.reading() as uow:
        assert [u.data for u in uow.uploads.list() if u.loaded_at] == [b""]


async def test_large_numbers_are_in_threes(admin: aiohttp.ClientSession) -> None:
    for lines, said in ((999, r"\d\u202f\d{3} choses"), (20_001, "20\u202f000 lignes")):
        address = await send(admin, HEADS.encode("cp1252") + b"x;;;;;;;;\r\n" * lines)
        async with admin.get(address) as answer:
            assert re.search(said, await answer.text())
        async with admin.post(f"{address}/drop") as answer:
            assert answer.status == 200


async def test_a_file_can_be_forgotten(site: Site, admin: aiohttp.ClientSession) -> None:
    address = await send(admin, table(("Nulle part", "")))
    async with admin.post(f"{address}/drop") as answer:
        assert "n’est plus gardé" in await answer.text()
    async with admin.get(address) as answer:
        assert answer.status == 404
    assert "Nulle part" not in towns(site)


@pytest.mark.parametrize(
    ("data", "kind", "says"),
    [
        (b"", "venues", "qui n’est pas vide"),
        (b"a", "horses", "ce que le fichier contient"),
        (b"x" * (MOST_BYTES + 10), "venues", "dépasse 4 Mo"),
    ],
)
async def test_what_cannot_be_sent(
    data: bytes, kind: str, says: str, admin: aiohttp.ClientSession
) -> None:
    async with admin.post("/admin/imports", data=form(data, kind)) as answer:
        assert answer.status == 422
        assert says in await answer.text()


async def test_only_files_may_be_so_large(admin: aiohttp.ClientSession) -> None:
    huge = form(b"x" * (LARGER_BODIES["/admin/imports"] + 1))
    async with admin.post("/admin/imports", data=huge) as answer:
        assert answer.status == 413
    async with admin.post("/admin/venues/new", data={"name": "x" * 70_000}) as answer:
        assert answer.status == 413
    async with admin.post("/admin/imports", data={"kind": "venues"}) as answer:
        assert answer.status == 415


async def test_the_samples_are_tables_that_can_be_read(admin: aiohttp.ClientSession) -> None:
    assert set(KINDS) == set(LISTS) == set(run.KINDS)
    for kind in KINDS:
        async with admin.get(f"/admin/imports/sample/{kind}") as answer:
            assert answer.status == 200
            data = await answer.read()
        assert data == sample_table(kind)
        assert re.match(rb"\xef\xbb\xbf[^;\r\n]+(;[^;\r\n]+)+\r\n", data)
    async with admin.get("/admin/imports/sample/horses") as answer:
        assert answer.status == 404
