"""Long lists show fifty, find by a word, offer more; kiosks never installed say so plainly."""

from __future__ import annotations

import re
from collections.abc import Iterator

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request
from hub_site import Site

from visiohub.booking.forms import KioskForm, read_form
from visiohub.booking.territory import create, retire
from visiohub.web.narrow import narrow

TOWNS = [f"Commune {n:03}" for n in range(199)] + ["L’Argentière-la-Bessée"]


@pytest.mark.parametrize(
    ("query", "shown", "total", "more"),
    [
        ("", 50, 200, 100),
        ("?shown=200", 200, 200, 0),
        ("?shown=-1", 50, 200, 100),
        ("?shown=٣٠٠", 50, 200, 100),
        ("?word=argentiere", 1, 1, 0),
        ("?word=L%27ARGENT", 1, 1, 0),
        ("?word=commune+1", 50, 99, 100),
        ("?word=nowhere", 0, 0, 0),
    ],
)
def test_narrowed(query: str, shown: int, total: int, more: int) -> None:
    found = narrow(make_mocked_request("GET", f"/{query}"), TOWNS, str)
    assert (len(found.rows), found.total, found.more, found.searched) == (shown, total, more, True)


def test_short_lists_ask_for_no_word() -> None:
    assert not narrow(make_mocked_request("GET", "/"), TOWNS[:50], str).searched


@pytest.fixture
def crowd(site: Site) -> Iterator[None]:
    """Two hundred kiosks in one room; retired afterwards, the hub is shared."""
    with site.hub.uow() as uow:
        room = uow.rooms.list()[0]
        kiosks = [
            create(
                uow,
                read_form(KioskForm, {"room_id": room.id, "name": f"Borne de secours {n:03}"}),
                None,
                site.hub.clock(),
            )
            for n in range(200)
        ]
        uow.commit()
    yield
    with site.hub.uow() as uow:
        for kiosk in kiosks:
            retire(uow, type(kiosk), kiosk.id, kiosk.version, None, site.hub.clock())
        uow.commit()


@pytest.mark.usefixtures("crowd")
async def test_two_hundred_kiosks(admin: aiohttp.ClientSession) -> None:
    async with admin.get("/kiosks") as answer:
        text = await answer.text()
    assert text.count('data-key="k-') == 50
    assert re.search(r"2\d\d points visio\. En voici 50\.", text)
    assert "shown=100" in text
    async with admin.get("/kiosks/states", params={"word": "secours 17"}) as answer:
        text = await answer.text()
    assert text.count('data-key="k-') == 10
    async with admin.get("/kiosks", params={"word": "secours 17"}) as answer:
        assert 'data-live="/kiosks/states?word=secours+17"' in await answer.text()
    async with admin.get("/admin/kiosks", params={"word": "secours"}) as answer:
        text = await answer.text()
    assert "200 fiches. En voici 50." in text
    assert "word=secours&amp;shown=100" in text


async def test_kiosks_never_installed_are_said_plainly(admin: aiohttp.ClientSession) -> None:
    async with admin.get("/kiosks") as answer:
        text = await answer.text()
    assert "Pas encore installé" in text
    assert "points visio ne sont pas encore installés." in text
    async with admin.get("/appointments") as answer:
        assert "nrôl" not in await answer.text()


@pytest.mark.parametrize("path", ["/", "/venues"])
async def test_venues_are_found_by_town_and_postcode(
    path: str, admin: aiohttp.ClientSession
) -> None:
    for word in ("argentiere", "05120"):
        async with admin.get(path, params={"word": word}) as answer:
            text = await answer.text()
        found = text.partition("<datalist")[0] + text.partition("</datalist>")[2]
        assert "L’Argentière-la-Bessée" in found
        assert "Embrun" not in found
    async with admin.get(path, params={"word": "nowhere"}) as answer:
        assert "Aucun lieu ne correspond." in await answer.text()
