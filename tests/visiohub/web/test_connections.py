"""Keys of the API, webhooks, private feeds and outside calendars, on their pages and in use."""

from __future__ import annotations

import html
import re
from typing import Any

import aiohttp
import pytest
from hub_site import Site

from visiohub.notify.message import Channel
from visiohub.storage.outbox import outbox
from visiohub.web.api.resources import OPERATIONS
from visiohub.web.pages.connections import scopes
from visiohub.web.scope_words import SCOPE


async def shown_once(client: aiohttp.ClientSession, path: str, data: Any) -> str:
    """The secret on the page that answers."""
    async with client.post(path, data=data) as answer:
        text = await answer.text()
        assert answer.status == 200, text
    found = re.search(r'<code class="command">([^<]+)</code>', text)
    assert found
    return html.unescape(found[1])


def person_id(site: Site, login: str) -> str:
    with site.hub.reading() as uow:
        return uow.persons.list(login=login)[0].id


@pytest.fixture
async def key(site: Site) -> str:
    """May read appointments and venues, as an agent."""
    async with site.client("admin") as admin:
        return await shown_once(
            admin,
            "/connections/keys",
            [("name", "Logiciel de la CAF"), ("person_id", person_id(site, "caf1")),
             ("scopes", "appointments:read"), ("scopes", "venues:read")],
        )  # fmt: skip


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def test_a_key_opens_what_its_scopes_say_with_its_person_s_rights(
    site: Site, key: str
) -> None:
    async with aiohttp.ClientSession(site.origin, headers=bearer(key)) as program:
        async with program.get("/api/v1/venues") as answer:
            assert answer.status == 200
        async with program.get("/api/v1/appointments") as answer:
            assert answer.status == 200
        async with program.get("/api/v1/services") as answer:
            assert answer.status == 403
            assert (await answer.json())["code"] == "not_allowed"
        async with program.post("/api/v1/appointments", json={}) as answer:
            assert answer.status == 403
        async with program.get("/appointments", allow_redirects=False) as answer:
            assert answer.status == 303  # pages take no keys
    with site.hub.reading() as uow:
        (kept,) = (k for k in uow.api_keys.list(revoked_at=None) if k.last_used_at)
        assert key not in str(vars(kept))
        assert key.startswith("vh_")


@pytest.mark.parametrize("header", ["Bearer vh_wrong", "Bearer", "Basic YTpi", "Bearer é", ""])
async def test_what_is_no_key_opens_nothing_even_beside_a_session(site: Site, header: str) -> None:
    async with (
        site.client("caf1") as client,
        client.get("/api/v1/venues", headers={"Authorization": header}) as answer,
    ):
        assert answer.status == 401


async def test_a_revoked_key_or_a_retired_person_opens_nothing(site: Site, key: str) -> None:
    with site.hub.reading() as uow:
        ids = [one.id for one in uow.api_keys.list(revoked_at=None)]
    async with site.client("admin") as admin:
        for key_id in ids:
            async with admin.post(f"/connections/keys/{key_id}/revoke") as answer:
                assert "La clé est révoquée" in await answer.text()
    async with (
        aiohttp.ClientSession(site.origin, headers=bearer(key)) as program,
        program.get("/api/v1/venues") as answer,
    ):
        assert answer.status == 401


async def test_the_description_names_each_scope(
    site: Site, anonymous: aiohttp.ClientSession
) -> None:
    async with anonymous.get("/api/openapi.json") as answer:
        described = await answer.json()
    named = {
        scope
        for methods in described["paths"].values()
        for operation in methods.values()
        for one in operation.get("security", [])
        for scope in one.get("key", [])
    }
    assert named == set(scopes())
    assert {"appointments:read", "appointments:write", "venues:read"} <= named


async def test_each_scope_is_said_in_words_and_each_address_is_listed(site: Site) -> None:
    assert set(SCOPE) == set(scopes())
    async with site.client("admin") as admin:
        async with admin.get("/connections") as answer:
            assert "Lire les absences des agents et des guichets (absences:read)" in (
                await answer.text()
            )
        async with admin.get("/connections/api") as answer:
            text = await answer.text()
    assert [
        f"{o.method} {o.path}" for o in OPERATIONS if f">{o.method} {o.path}<" not in text
    ] == []
    assert 'href="/api/openapi.json"' in text


async def test_a_form_that_is_wrong_comes_back_as_it_was_typed(site: Site) -> None:
    async with site.client("admin") as admin:
        async with admin.post("/connections/keys", data={"name": "Essai"}) as answer:
            text = await answer.text()
            assert answer.status == 422
            assert 'value="Essai"' in text
            assert "Cochez au moins une case." in text
        async with admin.post("/connections/webhooks", data={"url": "http://x.fr/"}) as answer:
            assert answer.status == 422


async def test_a_webhook_is_made_and_removed(site: Site) -> None:
    data = {"url": "https://logiciel.example.fr/visio", "events": "appointment"}
    async with site.client("admin") as admin:
        secret = await shown_once(admin, "/connections/webhooks", data)
        assert secret.startswith("whsec_")
        async with admin.get("/connections") as answer:
            text = await answer.text()
        assert secret not in text
        found = re.search(r"/connections/webhooks/(\w+)/remove", text)
        assert found
        async with admin.post(f"/connections/webhooks/{found[1]}/remove") as answer:
            assert "logiciel.example.fr" not in await answer.text()


async def test_a_message_that_was_given_up_is_shown_and_sent_again(site: Site) -> None:
    now = site.hub.clock()
    with site.hub.uow() as uow:
        put = uow.outbox.put(Channel.MAIL, "gone@example.fr", {"notice": "x"}, now)
        message = uow.outbox.claim(now)
        assert message is not None
        uow.outbox.failed(message, "550 no such user", now, for_good=True)
        uow.commit()
    async with site.client("admin") as admin:
        async with admin.get("/connections") as answer:
            assert "550 no such user" in await answer.text()
        async with admin.post(f"/connections/messages/{put}/retry") as answer:
            assert "550 no such user" not in await answer.text()
        async with admin.post(f"/connections/messages/{put}/retry") as answer:
            assert answer.status == 404
    with site.hub.uow() as uow:
        uow.personal.delete(outbox, {"recipient": "gone@example.fr"})
        uow.commit()


async def test_a_feed_is_made_read_and_closed(site: Site) -> None:
    async with site.client("caf1") as agent:
        of = f"person:{person_id(site, 'caf1')}"
        address = await shown_once(agent, "/calendars/feeds", {"of": of})
        path = address.removeprefix(site.origin)
        async with aiohttp.ClientSession(site.origin) as reader:
            async with reader.get(path) as answer:
                assert answer.status == 200
                assert answer.content_type == "text/calendar"
                assert (await answer.read()).startswith(b"BEGIN:VCALENDAR\r\n")
                tag = answer.headers["ETag"]
            async with reader.get(path, headers={"If-None-Match": tag}) as answer:
                assert (answer.status, await answer.read()) == (304, b"")
                assert answer.headers["ETag"] == tag
            async with reader.get(path, headers={"If-None-Match": '"other"'}) as answer:
                assert answer.status == 200
            async with agent.get("/calendars") as page:
                found = re.findall(r"/calendars/feeds/(\w+)/revoke", await page.text())
            for feed_id in found:
                async with agent.post(f"/calendars/feeds/{feed_id}/revoke") as answer:
                    assert answer.status == 200
            async with reader.get(path) as answer:
                assert answer.status == 404


async def test_nobody_makes_a_feed_of_others(site: Site) -> None:
    async with site.client("caf1") as agent:
        for of, status in ((f"person:{person_id(site, 'admin')}", 403), ("x:y", 400), ("", 400)):
            async with agent.post("/calendars/feeds", data={"of": of}) as answer:
                assert answer.status == status


async def test_an_outside_calendar_is_set_refused_and_removed(site: Site) -> None:
    async with site.client("caf1") as agent:
        path = "/calendars/outside"
        async with agent.post(path, data={"url": "nothing"}) as answer:
            assert answer.status == 422
            assert 'value="nothing"' in await answer.text()
        async with agent.post(path, data={"url": "webcal://agenda.example.fr/a.ics"}) as answer:
            assert "https://agenda.example.fr/a.ics" in await answer.text()
        async with agent.post(path, data={"url": ""}) as answer:
            assert "agenda.example.fr" not in await answer.text()
