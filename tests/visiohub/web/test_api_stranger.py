"""What a stranger sends to the API: other types, other ways to write a day, amounts below zero."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from hub_site import Site

V1 = "/api/v1"


async def ask(client: aiohttp.ClientSession, path: str, body: Any) -> list[dict[str, Any]]:
    """What is wrong with the body."""
    async with client.post(f"{V1}/{path}", json=body) as answer:
        said = await answer.json()
        assert (answer.status, said["code"]) == (422, "invalid_form"), said
    errors: list[dict[str, Any]] = said["errors"]
    return errors


WISH = {
    "room_ids": ["r"],
    "membership_id": "m",
    "day": "2027-03-02",
    "starts": "10:00",
    "ends": "12:00",
    "shown_total": "1.00",
    "shown_rules": "",
}


@pytest.mark.parametrize(
    ("wrong", "code", "says"),
    [
        ({"shown_total": "-1"}, "greater_than_equal", "au moins 0."),
        ({"shown_total": 10**24}, "less_than_equal", "au plus 1000000000."),
        ({"shown_total": "12,50"}, "decimal_parsing", "comme 12.50."),
        ({"day": "02/03/2027"}, "date_from_datetime_parsing", "comme 2026-11-20."),
        ({"day": "2027-02-30"}, "date_from_datetime_parsing", "comme 2026-11-20."),
        ({"day": 1798761600}, "date_parsing", "comme 2026-11-20."),
        ({"day": "3000-01-01"}, "out_of_sight", "2000 à 2199."),
        ({"starts": "25:00"}, "time_parsing", "09:45."),
        ({"room_ids": "r"}, "tuple_type", "Donnez une liste."),
        ({"room_ids": []}, "too_short", "au moins 1."),
        ({"room_ids": ["r"] * 16}, "too_long", "15 au plus."),
        ({"visio": "peut-être"}, "bool_parsing", "true ou false."),
        ({"membership_id": 7}, "string_type", "Donnez un texte."),
    ],
)
async def test_a_program_is_told_how_json_writes_it(
    site: Site, wrong: dict[str, Any], code: str, says: str
) -> None:
    (name,) = wrong
    async with site.client("professionnel") as client:
        (one,) = await ask(client, "bookings", WISH | wrong)
    assert (one["pointer"], one["code"]) == (f"/{name}", code)
    assert says in one["detail"]
    assert "Input should" not in one["detail"]


async def test_a_version_is_a_whole_number(agent: aiohttp.ClientSession) -> None:
    for version in (True, "1", 1.0):
        (one,) = await ask(agent, "appointments/any/confirm", {"version": version})
        assert one["pointer"] == "/version"


async def test_an_instant_far_away_is_named(reception: aiohttp.ClientSession) -> None:
    offer = {"version": 1, "venue_id": "v"}
    for instant, code in (
        ("3000-01-01T00:00:00Z", "out_of_sight"),
        ("2027-03-02T10:00:00", "timezone_aware"),
        ("demain", "datetime_from_date_parsing"),
    ):
        (one,) = await ask(reception, "waiting/any/offer", offer | {"starts_at": instant})
        assert (one["pointer"], one["code"]) == ("/starts_at", code)


async def test_a_refused_key_says_what_is_wanted(anonymous: aiohttp.ClientSession) -> None:
    headers = {"Authorization": "Bearer vh_nonsense"}
    async with anonymous.get(f"{V1}/venues", headers=headers) as answer:
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_an_absence_and_a_counter_name_their_own_fields(
    site: Site, agent: aiohttp.ClientSession
) -> None:
    with site.hub.reading() as uow:
        person = uow.persons.list(login="caf2")[0]
        service = uow.services.list(partner_id=person.partner_id)[0]
    away = {"partner_id": person.partner_id, "holder_id": person.id}
    days = {"first_day": "2027-02-05", "last_day": "2027-02-01"}
    (one,) = await ask(agent, "absences", away | days)
    assert (one["pointer"], one["code"]) == ("/last_day", "ends_before_it_starts")
    counter = {
        "partner_id": person.partner_id,
        "service_ids": [service.id],
        "first_day": "2027-02-02",
        "opens": "09:00",
        "closes": "12:00",
        "rule": "FREQ=WEEKLY",
    }
    (one,) = await ask(agent, "permanences", counter)
    assert (one["pointer"], one["code"]) == ("/name", "counter_without_name")
    assert "Donnez un nom au guichet" in one["detail"]
    async with agent.post(f"{V1}/absences", json=away | days) as answer:
        detail = (await answer.json())["detail"]
    assert detail.startswith("Rien n’a été fait. Corrigez ce qui est indiqué. last_day: ")
