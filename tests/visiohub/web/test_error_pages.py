"""A page of trouble says what happened, what it means and what to do next, in both languages."""

from __future__ import annotations

import re

import aiohttp
import pytest
from hub_site import Site

from visiohub.web.i18n import gettext, speak
from visiohub.web.troubles import TROUBLES

LANGUAGES = ("fr", "en")


@pytest.mark.parametrize("status", TROUBLES)
def test_each_has_its_three_sentences_in_both_languages(status: int) -> None:
    trouble = TROUBLES[status]
    parts = (trouble.title, trouble.means, trouble.advice)
    assert all(parts)
    speak("en")
    assert all(gettext(part) != part for part in parts)
    speak("fr")


async def trouble_page(
    client: aiohttp.ClientSession, method: str, path: str, **sent: object
) -> tuple[int, str]:
    async with client.request(method, path, **sent) as answer:  # type: ignore[arg-type]
        return answer.status, await answer.text()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "step"),
    [
        ("GET", "/admin", {}, 403, 'href="/home"'),
        ("GET", "/nowhere", {}, 404, 'href="/home"'),
        ("GET", "/appointments/0123456789abcdef", {}, 404, 'href="/home"'),
        ("DELETE", "/agent", {}, 405, 'href="/home"'),
        ("POST", "/agent/walk-ins", {"data": {"on": "1" * 70_000}}, 413, "data-back"),
        ("POST", "/agent/walk-ins", {"json": {"on": "1"}}, 415, "data-back"),
    ],
)
async def test_pages_of_trouble(
    language: str, method: str, path: str, sent: dict[str, object], status: int, step: str,
    site: Site,
) -> None:  # fmt: skip
    async with site.client("caf2", language) as client:
        # an account has a language of its own
        await (await client.post("/language", data={"language": language, "back": "/help"})).read()
        found, text = await trouble_page(client, method, path, **sent)
    assert found == status
    assert f'<html lang="{language}">' in text
    main = re.search(r"<main.*</main>", text, re.DOTALL)
    assert main
    speak(language)
    trouble = TROUBLES[status]
    said = [gettext(part) for part in (trouble.title, trouble.means, trouble.advice)]
    speak("fr")
    assert all(sentence in main[0] for sentence in said)
    assert re.search(rf'class="go"[^>]*{step}', main[0])


@pytest.mark.parametrize(
    ("path", "says", "status", "step"),
    [
        ("/my/none?key=x", "Ce lien n’ouvre aucun rendez-vous.", 404, 'class="go" href="/my"'),
        ("/my/none", "Ce lien n’ouvre aucun rendez-vous.", 404, 'class="go" href="/my"'),
        ("/wait/none?key=x", "aucune inscription sur la liste", 404, 'class="go" href="/near"'),
        ("/book", "Choisissez d’abord un service et un lieu.", 422, 'class="go" href="/near"'),
        ("/wait", "Choisissez d’abord un service et un lieu.", 422, 'class="go" href="/near"'),
    ],
)
async def test_a_citizen_with_a_dead_link_is_told_the_way_on(
    path: str, says: str, status: int, step: str, anonymous: aiohttp.ClientSession
) -> None:
    found, text = await trouble_page(anonymous, "GET", path)
    assert found == status
    assert says in text
    assert step in text
    assert "Vérifiez les chiffres" not in text


async def test_nothing_is_booked_without_a_service_and_a_venue(
    anonymous: aiohttp.ClientSession,
) -> None:
    for path in ("/book", "/wait"):
        status, text = await trouble_page(anonymous, "POST", path, data={})
        assert status == 422
        assert "Choisissez d’abord un service et un lieu." in text


async def test_an_empty_sign_in_names_what_is_empty(anonymous: aiohttp.ClientSession) -> None:
    status, text = await trouble_page(anonymous, "POST", "/sign-in", data={"login": "caf1"})
    assert status == 422
    assert 'id="e-password"' in text
    assert 'id="e-login"' not in text
    assert "inexact" not in text


async def test_an_absence_of_somebody_else_names_the_field(site: Site) -> None:
    async with site.client("caf1") as client:
        data = {"partner_id": "none", "holder_id": "none", "from": "01/12/2026"}
        status, text = await trouble_page(client, "POST", "/absences", data=data)
    assert status == 404
    assert "n’est pas dans votre liste" in text
    assert "Cette page n’existe pas" not in text
