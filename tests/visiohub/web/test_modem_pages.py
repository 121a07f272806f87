"""A modem's access, typed on its page: the secret goes in and never comes out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hub_site import Site, inputs_of
from pydantic import SecretStr

from signaling.protocol.line_cards import ModemCard, ModemTroubleCard, ModemWay
from visiohub.booking.lines.modems import access_of
from visiohub.booking.lines.results import keep_results

SECRET = "community-that-nobody-sees"
V3 = {"snmp": "3", "user": "visio", "authentication_key": "key-one-of-it", "privacy_key": ""}


@pytest.fixture(scope="module")
def line_id(site: Site) -> str:
    """The line of the demo's kiosk."""

    def find(uow: object) -> str:
        line_id: str = uow.lines.of_kiosk(site.demo.kiosk_id).id  # type: ignore[attr-defined]
        return line_id

    return site.do(find)


@pytest.fixture
def without_key(site: Site) -> Iterator[None]:
    before = site.hub.settings
    site.hub.settings = before.model_copy(update={"encryption_keys": SecretStr("")})
    yield
    site.hub.settings = before


async def posted(site: Site, line_id: str, language: str = "fr", **typed: str) -> tuple[int, str]:
    fields = {
        "version": "0", "host": "192.168.1.1", "port": "161", "snmp": "2c", "community": "",
        "user": "", "authentication": "sha", "authentication_key": "", "privacy": "aes",
        "privacy_key": "",
    }  # fmt: skip
    async with (
        site.client("technique", language) as client,
        client.post(f"/lines/{line_id}/modem", data=fields | typed) as answer,
    ):
        return answer.status, await answer.text()


async def shown(site: Site, line_id: str, language: str = "fr") -> str:
    async with (
        site.client("technique", language) as client,
        client.get(f"/lines/{line_id}/modem") as answer,
    ):
        assert answer.status == 200
        return await answer.text()


@pytest.mark.usefixtures("without_key")
async def test_without_a_key_nothing_is_kept_and_it_says_which_setting(
    site: Site, line_id: str
) -> None:
    assert "encryption_keys" in await shown(site, line_id)
    status, page = await posted(site, line_id, "en", community=SECRET)
    assert status == 409
    assert "Nothing was saved: the hub has no key" in page
    assert "encryption_keys" in page
    assert SECRET not in page


async def test_a_secret_goes_in_and_does_not_come_out(site: Site, line_id: str) -> None:
    assert inputs_of(await shown(site, line_id))["version"] == "0"
    status, page = await posted(site, line_id, community=SECRET)
    assert status == 200
    assert "Le point visio le lit maintenant." in page
    fields = inputs_of(page)
    assert (fields["version"], fields["host"], fields["community"]) == ("1", "192.168.1.1", "")
    assert "Laissez vide pour garder" in page
    status, page = await posted(site, line_id, version="1", port="0", community="typed-anew")
    assert status == 422
    assert 'id="e-port"' in page
    assert inputs_of(page)["port"] == "0"
    assert "typed-anew" not in page
    assert (await posted(site, line_id, version="1"))[0] == 200
    kept = site.do(access_of, line_id)
    assert kept is not None
    assert kept.how.community == SECRET  # type: ignore[union-attr]


async def test_what_is_wrong_is_beside_its_field(site: Site, line_id: str) -> None:
    status, page = await posted(site, line_id, "en", version="2", **V3)
    assert status == 422
    assert 'id="e-privacy_key"' in page
    assert V3["authentication_key"] not in page
    assert 'value="visio"' in page


async def test_somebody_elses_access_is_not_overwritten(site: Site, line_id: str) -> None:
    status, page = await posted(site, line_id, version="0", host="10.0.0.1", community="x" * 9)
    assert status == 409
    assert inputs_of(page)["version"] == "2"


async def test_what_the_modem_says_stands_beside_it(site: Site, line_id: str) -> None:
    now = site.hub.clock()
    way = ModemWay(sync_kbit_s=8128, snr_db=6.2)
    card = ModemCard(at=now - timedelta(minutes=4), standard="adsl", down=way)
    site.do(keep_results, [(site.demo.kiosk_id, [card])], now)
    page = await shown(site, line_id)
    assert "8,1\u00a0Mbit/s" in page
    assert "6,2\u00a0dB" in page
    assert "pas dit" in page  # upwards nothing is known, which is not zero
    trouble = ModemTroubleCard(at=now, trouble="no_answer")
    site.do(keep_results, [(site.demo.kiosk_id, [trouble])], now)
    assert "Le modem ne répond pas" in await shown(site, line_id)


async def test_a_lost_key_is_told(site: Site, line_id: str) -> None:
    before = site.hub.settings
    site.hub.settings = before.model_copy(update={"encryption_keys": SecretStr("B" * 42 + "A=")})
    try:
        assert "ne s’ouvre plus" in await shown(site, line_id)
    finally:
        site.hub.settings = before


async def test_an_access_can_be_erased(site: Site, line_id: str) -> None:
    async with (
        site.client("technique", "en") as client,
        client.post(f"/lines/{line_id}/modem/forget") as answer,
    ):
        page = await answer.text()
    assert "The modem’s access is erased." in page
    assert inputs_of(page)["version"] == "0"
    assert site.do(access_of, line_id) is None


async def test_a_line_that_is_not_there(site: Site) -> None:
    assert (await posted(site, "none", community=SECRET))[0] == 404


async def test_the_trail_shows_the_change_without_the_secret(site: Site, line_id: str) -> None:
    async with site.client("admin") as client, client.get("/trail") as answer:
        page = await answer.text()
    assert "Accès au modem changé" in page
    assert SECRET not in page
