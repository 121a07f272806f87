"""The API on who receives when: permanences by RFC 5545 rules, absences, each partner's own."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from hub_site import Site

V1 = "/api/v1"


async def ask(client: aiohttp.ClientSession, path: str, body: Any = None, status: int = 200) -> Any:
    method = "GET" if body is None else "POST"
    async with client.request(method, f"{V1}/{path}", json=body) as answer:
        said = await answer.json()
        assert answer.status == status, said
        return said


@pytest.fixture
def first_tuesday(site: Site) -> dict[str, Any]:
    with site.hub.reading() as uow:
        partner = uow.partners.list(short_name="CAF")[0]
        service = next(s for s in uow.services.list(partner_id=partner.id) if not s.walk_in)
    return {
        "partner_id": partner.id,
        "name": "Mairie du mardi",
        "seats": 2,
        "service_ids": [service.id],
        "first_day": "2027-02-02",
        "opens": "09:00",
        "closes": "12:00",
        "rule": "FREQ=MONTHLY;BYDAY=1TU",
    }


async def test_the_first_tuesday_of_the_month_is_made_changed_and_ended(
    agent: aiohttp.ClientSession, first_tuesday: dict[str, Any]
) -> None:
    made = await ask(agent, "permanences", first_tuesday, 201)
    assert {name: made[name] for name in first_tuesday} == first_tuesday
    assert made in await ask(agent, "permanences")
    assert made in await ask(agent, f"permanences?partner_id={made['partner_id']}")
    path = f"permanences/{made['id']}"
    assert await ask(agent, path) == made

    wrong = await ask(agent, "permanences", {**first_tuesday, "first_day": "2027-02-03"}, 422)
    assert "02/03/2027" in wrong["detail"]
    twice = await ask(agent, "permanences", first_tuesday, 422)
    assert "02/02/2027 de 09:00 à 12:00" in twice["detail"]

    longer = {**first_tuesday, "closes": "12:30", "last_day": "2027-06-30"}
    stale = await ask(agent, f"{path}/change", {**longer, "version": 7}, 409)
    assert (stale["read_version"], stale["kept_version"], stale["kept"]) == (7, 1, made)
    changed = await ask(agent, f"{path}/change", {**longer, "version": 1})
    assert (changed["last_day"], changed["rule"]) == ("2027-06-30", first_tuesday["rule"])
    over = {"version": 2, "last_day": "2027-03-31"}
    assert (await ask(agent, f"{path}/end", over))["last_day"] == "2027-03-31"
    for far in ("2200-06-01", "9999-12-31", "0001-01-01"):
        await ask(agent, f"{path}/end", {"version": 3, "last_day": far}, 422)
        await ask(agent, "permanences", {**first_tuesday, "first_day": far}, 422)
    then = await ask(agent, "permanences", {**first_tuesday, "first_day": "2027-04-06"}, 201)
    met = await ask(agent, f"{path}/end", {"version": 3, "last_day": "2027-04-30"}, 422)
    assert "06/04/2027 de 09:00" in met["detail"]
    await ask(agent, f"permanences/{then['id']}/end", {"version": 1, "last_day": "2199-12-31"})
    assert (await ask(agent, f"permanences/{then['id']}"))["last_day"] == "2199-12-31"
    never = {"version": 3, "last_day": "2027-01-01"}
    await ask(agent, f"{path}/end", never)
    assert made["id"] not in {one["id"] for one in await ask(agent, "permanences")}


async def test_an_absence_is_noted_and_ended(
    agent: aiohttp.ClientSession, site: Site, first_tuesday: dict[str, Any]
) -> None:
    with site.hub.reading() as uow:
        absent = uow.persons.list(login="caf2")[0]
    year = site.hub.clock().year + 1
    body = {
        "partner_id": first_tuesday["partner_id"],
        "holder_id": absent.id,
        "first_day": f"{year}-02-01",
        "last_day": f"{year}-02-05",
        "reason": "congé",
    }
    away = await ask(agent, "absences", body, 201)
    span = f"{year}-01-31T23:00:00Z", f"{year}-02-05T23:00:00Z"
    assert (away["starts_at"], away["ends_at"]) == span
    assert away in await ask(agent, "absences")
    backwards = await ask(agent, "absences", {**body, "last_day": f"{year}-01-31"}, 422)
    assert backwards["code"] == "invalid_form"
    await ask(agent, f"absences/{away['id']}/end", {})
    assert away not in await ask(agent, "absences")
    await ask(agent, f"absences/{away['id']}/end", {}, 404)


async def test_a_stranger_sees_and_changes_nothing_of_it(
    site: Site, agent: aiohttp.ClientSession, first_tuesday: dict[str, Any]
) -> None:
    partner_id = first_tuesday["partner_id"]
    kept = (await ask(agent, "permanences"))[0]
    async with site.client("msa1") as stranger:
        assert partner_id not in {p["partner_id"] for p in await ask(stranger, "permanences")}
        await ask(stranger, f"permanences?partner_id={partner_id}", status=404)
        await ask(stranger, f"absences?partner_id={partner_id}", status=404)
        gone = await ask(stranger, f"permanences/{kept['id']}", status=404)
        assert "Vérifiez l’adresse et l’identifiant" in gone["detail"]  # there is no list to go to
        await ask(stranger, "permanences", first_tuesday, 404)
        end = {"version": kept["version"], "last_day": "2027-01-01"}
        await ask(stranger, f"permanences/{kept['id']}/end", end, 404)
    async with site.client("coordination") as coordination:
        assert kept in await ask(coordination, "permanences")
