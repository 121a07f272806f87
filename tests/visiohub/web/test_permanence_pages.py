"""Agents and coordination keep permanences and absences; the public sees what comes of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date, time, timedelta

import aiohttp
import pytest
from hub_browser import speaking
from hub_site import Site

from visiohub.domain import hours
from visiohub.domain.model import Partner, Service
from visiohub.storage.uow import UnitOfWork

NAME = "Guichet du soir"


@pytest.fixture
def caf(site: Site) -> tuple[Partner, Service]:
    with site.hub.reading() as uow:
        partner = uow.partners.list(short_name="CAF")[0]
        return partner, next(s for s in uow.services.list(partner_id=partner.id) if not s.walk_in)


@pytest.fixture
async def coordination(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with site.client("coordination") as client:
        yield client


async def posted(
    client: aiohttp.ClientSession, path: str, data: dict[str, object], status: int
) -> str:
    async with client.post(path, data=data, allow_redirects=False) as answer:
        text = await answer.text()
        assert answer.status == status, text
        return answer.headers.get("Location", text)


async def got(client: aiohttp.ClientSession, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200, path
        return await answer.text()


async def test_days_are_in_the_readers_language(site: Site, caf: tuple[Partner, Service]) -> None:
    for language, monday in (("fr", "Lundi"), ("en", "Monday"), ("fr", "Lundi")):
        with speaking(site, "caf1", language):
            async with site.client("caf1", language) as client:
                assert f'value="0" >{monday}<' in await got(client, "/permanences/new")


async def test_a_counter_is_made_changed_and_ended(
    agent: aiohttp.ClientSession, site: Site, caf: tuple[Partner, Service]
) -> None:
    partner, service = caf
    today = hours.local_day(site.hub.clock(), hours.zone_of("Europe/Paris"))
    data: dict[str, object] = {
        "partner_id": partner.id, "name": NAME, "seats": "2", "service_ids": service.id,
        "weekdays": "6", "every": "1", "opens": "18 h", "closes": "20h", "last_day": "",
        "first_day": f"{today:%d/%m/%Y}",
    }  # fmt: skip
    wrong = await posted(agent, "/permanences/new", {**data, "closes": "17 h"}, 422)
    assert "La fin est avant le début" in wrong
    assert NAME in wrong
    unnamed = await posted(agent, "/permanences/new", {**data, "name": ""}, 422)
    assert "Donnez un nom au guichet" in unnamed
    nothing = await posted(agent, "/permanences/new", {"partner_id": partner.id}, 422)
    told = re.findall(r'href="#f-(\w+)"', nothing)
    fields = re.findall(r'id="f-(\w+)"', nothing)
    assert told == [name for name in fields if name in told]  # in the order of the page
    assert "permanence_added" in await posted(agent, "/permanences/new", data, 303)
    page = await got(agent, "/permanences")
    assert "dimanche, 18\u00a0h à 20\u00a0h" in page
    path = re.findall(rf'href="(/permanences/\w+)">{NAME}', page)[0]
    last = today + timedelta(days=60)
    data |= {"version": "1", "last_day": f"{last:%d/%m/%Y}", "every": "1"}
    await posted(agent, path, data, 303)
    assert f"jusqu’au {last:%d/%m/%Y}" in await got(agent, "/permanences")
    assert f"{last:%d/%m/%Y}" in await got(agent, path)
    # somebody else read it before that: both versions are shown, and what was typed can be saved
    both = await posted(agent, path, data | {"opens": "19 h"}, 409)
    assert "Enregistré entre-temps" in both
    assert f"dimanche, 18\u00a0h à 20\u00a0h, jusqu’au {last:%d/%m/%Y}" in both
    assert 'name="opens" type="text" value="19 h"' in both
    assert 'name="version" value="2"' in both
    await posted(agent, path, data | {"opens": "19 h", "version": "2"}, 303)
    assert "permanence_ended" in await posted(agent, path, {"version": "3", "end": "1"}, 303)
    assert NAME not in await got(agent, "/permanences")


async def test_the_first_tuesday_of_each_month(
    agent: aiohttp.ClientSession, site: Site, caf: tuple[Partner, Service]
) -> None:
    partner, service = caf
    data: dict[str, object] = {
        "partner_id": partner.id, "name": "Mairie", "seats": "1", "service_ids": service.id,
        "weekdays": "1", "every": "month 1", "opens": "9 h", "closes": "12 h", "last_day": "",
        "first_day": "02/01/2027",
    }  # fmt: skip
    await posted(agent, "/permanences/new", data, 303)
    page = await got(agent, "/permanences")
    assert "premier mardi du mois, 9\u00a0h à 12\u00a0h" in page
    path = re.findall(r'href="(/permanences/\w+)">Mairie', page)[0]
    assert '<option value="month 1" selected>' in await got(agent, path)
    with site.hub.reading() as uow:
        kept = uow.permanences.get(path.rpartition("/")[2])
        assert (kept.rule, kept.first_day) == ("FREQ=MONTHLY;BYDAY=1TU", date(2027, 1, 5))

    def other(uow: UnitOfWork) -> None:  # as a program may write it
        uow.permanences.get(kept.id).rule = "FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU"

    site.do(other)
    page = await got(agent, path)
    assert '<option value="kept" selected>' in page
    await posted(agent, path, data | {"every": "kept", "closes": "11 h", "version": "1",
                                      "first_day": "05/01/2027"}, 303)  # fmt: skip
    with site.hub.reading() as uow:
        kept = uow.permanences.get(kept.id)
    assert (kept.rule, kept.closes) == ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU", time(11))
    await posted(agent, path, {"version": "2", "end": "1"}, 303)


async def test_an_absence_is_noted_and_taken_out(
    coordination: aiohttp.ClientSession, site: Site, caf: tuple[Partner, Service]
) -> None:
    partner, _service = caf
    with site.hub.reading() as uow:
        absent = uow.persons.list(login="caf2")[0]
    data: dict[str, object] = {"partner_id": partner.id, "holder_id": absent.id, "reason": "congé"}
    wrong = await posted(coordination, "/absences", {**data, "from": "31/31/2026"}, 422)
    assert "Donnez une date" in wrong
    year = site.hub.clock().year + 1
    days = {"from": f"01/02/{year}", "to": f"05/02/{year}"}
    await posted(coordination, "/absences", data | days, 303)
    page = await got(coordination, "/permanences")
    assert "congé" in page
    path = re.findall(r'action="(/absences/\w+/end)"', page)[0]
    await posted(coordination, path, {}, 303)
    assert "congé" not in await got(coordination, "/permanences")


async def test_an_agent_keeps_to_the_own_partner(site: Site, caf: tuple[Partner, Service]) -> None:
    partner, _service = caf
    async with site.client("msa1") as stranger:
        assert partner.name not in await got(stranger, "/permanences")
        await posted(stranger, "/permanences/new", {"partner_id": partner.id}, 404)
        await posted(stranger, "/absences", {"partner_id": partner.id}, 404)


async def test_an_appointment_is_given_to_an_agent(
    agent: aiohttp.ClientSession, site: Site
) -> None:
    appointment_id = site.demo.convocation.appointment_id
    page = await got(agent, f"/appointments/{appointment_id}")
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    with site.hub.reading() as uow:
        colleague = uow.persons.list(login="caf2")[0]
    path = f"/appointments/{appointment_id}/assign"
    data: dict[str, object] = {"agent_id": colleague.id, "version": version}
    data["despite_calendar"] = "agent_agrees"  # the demo's is today, whatever the day and hour
    assert "assigned" in await posted(agent, path, data, 303)
    await posted(agent, path, data, 409)
    data = {"agent_id": "", "version": str(int(version) + 1)}
    await posted(agent, path, data, 303)
