"""The language of the pages: what was chosen wins, before the sign-in and after it."""

from __future__ import annotations

import aiohttp
import pytest
from hub_site import Site
from pydantic import SecretStr

from visiohub.booking import accounts
from visiohub.storage.uow import UnitOfWork

LANGUAGES = ("fr", "en")


@pytest.fixture(scope="module")
def person(site: Site) -> str:
    site.new_person("langue", roles=["technician"])
    return "langue"


async def language_of(client: aiohttp.ClientSession, path: str) -> str:
    async with client.get(path) as answer:
        text = await answer.text()
    return next(language for language in LANGUAGES if f'<html lang="{language}"' in text)


@pytest.mark.parametrize("asked", LANGUAGES)
async def test_an_account_that_never_chose_follows_the_browser(
    asked: str, person: str, site: Site
) -> None:
    async with site.client(person, asked) as client:
        assert await language_of(client, "/account") == asked


def newcomer(login: str, site: Site) -> None:
    """Somebody who has chosen no language, with the password of everybody in the demo."""
    site.new_person(login, roles=["technician"])

    def set_password(uow: UnitOfWork) -> None:
        person = next(iter(uow.persons.list(login=login)))
        password = SecretStr(site.password)
        accounts.set_password(uow, person.id, None, site.hub.clock(), chosen=password)

    site.do(set_password)


async def sign_in_in_english(login: str, site: Site) -> str:
    """The language of the first page after a choice of English before the sign-in."""
    async with site.client(language="fr") as client:
        await client.post("/language", data={"language": "en", "back": "/sign-in"})
        assert await language_of(client, "/sign-in") == "en"
        form = {"login": login, "password": site.password}
        async with client.post("/sign-in", data=form) as answer:
            assert answer.status == 200
        found = await language_of(client, "/account")
        await client.post("/sign-out")
        assert await language_of(client, "/sign-in") == "fr"  # the next person's own
    return found


async def test_a_choice_before_the_sign_in_goes_into_an_account_without_one(site: Site) -> None:
    newcomer("muette", site)
    assert await sign_in_in_english("muette", site) == "en"
    async with site.client("muette", "fr") as client:
        assert await language_of(client, "/account") == "en"


async def test_a_choice_before_the_sign_in_leaves_the_account_s_own_alone(site: Site) -> None:
    newcomer("francophone", site)
    async with site.client("francophone", "en") as client:
        await client.post("/language", data={"language": "fr", "back": "/help"})
    assert await sign_in_in_english("francophone", site) == "fr"
    async with site.client("francophone", "en") as client:
        assert await language_of(client, "/account") == "fr"
        await client.post("/language", data={"language": "en", "back": "/help"})
        assert await language_of(client, "/account") == "en"
