"""The API against its own description."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
import schemathesis
from hub_site import Site
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from visiohub.web.api.describe import Operation
from visiohub.web.api.refused import MOST_WRONG
from visiohub.web.api.resources import OPERATIONS
from visiohub.web.i18n import gettext, speak
from visiohub.web.troubles import FOR_PROGRAMS


@pytest.fixture(scope="module")
def description(site: Site) -> Any:
    return schemathesis.openapi.from_url(f"{site.origin}/api/openapi.json")


LOGINS = (
    {"calls": "coordination"}
    | dict.fromkeys(
        (
            "rooms",
            "accounts",
            "free-times",
            "quotes",
            "series-quotes",
            "bookings",
            "booking-series",
        ),
        "professionnel",
    )
    | {"booked-rooms": "accueil-laragne"}
)
"""Who asks, by the first part of the address: somebody who may."""
CASES = [
    pytest.param(one, mode, id=f"{one.method} {one.path} {mode.name}")
    for one in OPERATIONS
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode is GenerationMode.POSITIVE or one.body or one.query
]


@pytest.mark.parametrize(("one", "mode"), CASES)
def test_answers_are_as_described_and_never_a_fault(
    one: Operation, mode: GenerationMode, description: Any, site: Site
) -> None:
    login = LOGINS.get(one.path.split("/")[3], "caf1")

    @settings(
        max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=description[one.path][one.method].as_strategy(mode))
    def check(case: Any) -> None:
        case.call_and_validate(
            headers={"Origin": site.origin},
            cookies={"visiohub": site.token(login)},
            checks=[
                not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ],
        )

    check()


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        (b"{", 400, "malformed_json", "body"),
        (b"[]", 422, "invalid_form", "body"),
        (b"{}", 422, "invalid_form", "service_id"),
        (b'{"service_id": "x", "more": 1}', 422, "invalid_form", "kiosk_id"),
        (b'"' + b"x" * 70_000 + b'"', 413, "too_large", "body"),
    ],
)
async def test_bad_bodies_are_named(
    body: bytes, status: int, code: str, field: str | None, agent: aiohttp.ClientSession
) -> None:
    headers = {"Content-Type": "application/json"}
    async with agent.post("/api/v1/appointments", data=body, headers=headers) as answer:
        assert answer.status == status
        said = await answer.json()
    assert (said["code"], said["field"]) == (code, field)


async def test_an_unknown_field_is_named(agent: aiohttp.ClientSession) -> None:
    async with agent.get("/api/v1/appointments?colour=red") as answer:
        assert answer.status == 422
        assert (await answer.json())["field"] == "colour"


async def test_each_wrong_field_is_named(agent: aiohttp.ClientSession) -> None:
    body = {"service_id": "x", "day": "soon", "needs": ["sun"], "a/b~c": 1}
    async with agent.post("/api/v1/appointments", json=body) as answer:
        said = await answer.json()
        assert (answer.status, said["code"]) == (422, "invalid_form")
    assert {one["pointer"]: one["code"] for one in said["errors"]} == {
        "/kiosk_id": "missing",
        "/day": "date_from_datetime_parsing",
        "/time": "missing",
        "/needs/0": "enum",
        "/a~1b~0c": "extra_forbidden",
    }
    assert said["field"] == said["errors"][0]["field"] == "kiosk_id"
    for one in said["errors"]:
        assert f"{one['field']}: {one['detail']}" in said["detail"]
    async with agent.get("/api/v1/appointments?colour=red&days=x") as answer:
        errors = (await answer.json())["errors"]
    assert {one["field"]: one["pointer"] for one in errors} == {"colour": None, "days": None}


async def test_a_body_of_unknown_fields_gets_a_short_answer(agent: aiohttp.ClientSession) -> None:
    body = dict.fromkeys(map(str, range(1000)))
    async with agent.post("/api/v1/appointments", json=body) as answer:
        assert len((await answer.json())["errors"]) == MOST_WRONG


WISH = '{"service_id": "x", "kiosk_id": "x", '


@pytest.mark.parametrize(
    ("path", "body", "status", "field", "said"),
    [
        ("/api/v1/appointments", "{", 400, "body", "n’est pas du JSON"),
        ("/api/v1/appointments", '{"day": "soon"}', 422, "service_id", "/api/openapi.json"),
        ("/api/v1/appointments", WISH + '"day": "9999-12-31"}', 422, "day", "années 2000 à 2199"),
        ("/api/v1/appointments", WISH + '"day": "2026-12-01", "time": "09:00", "phone": "x"}', 422,
         "phone", "04 65 71 20 05"),
        ("/api/v1/enrolments", '{"code": "BBBBBBBB", "public_key": "x"}', 422, "public_key",
         "Relancez"),
        ("/api/v1/appointments", "[" * 70_000, 413, "body", "trop long"),
    ],
)  # fmt: skip
async def test_a_refusal_names_the_field_and_says_what_to_do(
    agent: aiohttp.ClientSession, path: str, body: str, status: int, field: str, said: str
) -> None:
    headers = {"Content-Type": "application/json"}
    async with agent.post(path, data=body, headers=headers) as answer:
        refusal = await answer.json()
        assert (answer.status, refusal["field"]) == (status, field), refusal
    assert said in refusal["detail"]


@pytest.mark.parametrize("wrong", ["service_id", "kiosk_id"])
async def test_what_cannot_be_booked_is_named(agent: aiohttp.ClientSession, wrong: str) -> None:
    async with agent.get("/api/v1/appointments?days=30") as answer:
        service = (await answer.json())[0]["service_id"]
    async with agent.get("/api/v1/kiosks") as answer:
        kiosk = (await answer.json())[0]["id"]
    body = {"service_id": service, "kiosk_id": kiosk, "day": "2026-12-01", "time": "10:00",
            "initials": "D. R."} | {wrong: "nobody-knows"}  # fmt: skip
    async with agent.post("/api/v1/appointments", json=body) as answer:
        refusal = await answer.json()
        assert (answer.status, refusal["field"]) == (403, wrong), refusal
    assert refusal["detail"].startswith("Votre compte ne permet pas cette action.")


async def test_wrong_content_type(agent: aiohttp.ClientSession) -> None:
    async with agent.post("/api/v1/appointments", data={"a": "b"}) as answer:
        assert answer.status == 415
        refusal = await answer.json()
    assert (refusal["code"], refusal["field"]) == ("wrong_content_type", "Content-Type")
    assert "application/json" in refusal["detail"]


@pytest.mark.parametrize("status", FOR_PROGRAMS)
def test_programs_are_not_sent_to_a_form(status: int) -> None:
    trouble = FOR_PROGRAMS[status]
    said = f"{trouble.title} {trouble.means} {trouble.advice}"
    assert not [w for w in ("formulaire", "onglet", "page", "en arrière") if w in said]
    speak("en")
    assert gettext(trouble.advice) != trouble.advice
    speak("fr")


async def test_nobody_gets_nothing(anonymous: aiohttp.ClientSession) -> None:
    async with anonymous.get("/api/v1/venues") as answer:
        assert answer.status == 401
        said = await answer.json()
    assert said["code"] == "not_signed_in"
    assert said["detail"].startswith("Aucune session ouverte, aucune clé valable.")


async def test_guessing_enrolment_codes_is_slowed(site: Site) -> None:
    async with aiohttp.ClientSession(site.origin) as client:
        for _ in range(12):
            body = {"code": "BBBBBBBB", "public_key": "A" * 43}
            async with client.post("/api/v1/enrolments", json=body) as answer:
                status, headers = answer.status, answer.headers
        assert status == 429
        assert int(headers["Retry-After"]) > 0


async def test_health_and_figures(anonymous: aiohttp.ClientSession) -> None:
    for path, text in (("/healthz", "ok"), ("/readyz", "ready"), ("/metrics", "visiohub_calls")):
        async with anonymous.get(path) as answer:
            assert answer.status == 200
            assert text in await answer.text()


@pytest.mark.parametrize(
    ("login", "path", "field", "value"),
    [
        ("coordination", "/api/v1/calls", "start", "0001-01-01T00:00:00+14:00"),
        ("coordination", "/api/v1/calls", "end", "9999-12-31T23:59:59-14:00"),
        ("caf1", "/api/v1/appointments", "day", "0001-01-01"),
        ("caf1", "/api/v1/appointments", "day", "9999-12-31"),
    ],
)
async def test_the_ends_of_the_calendar_are_named(
    login: str, path: str, field: str, value: str, site: Site
) -> None:
    async with site.client(login) as client, client.get(path, params={field: value}) as answer:
        assert (answer.status, (await answer.json())["field"]) == (422, field)


@pytest.mark.parametrize(("day", "time"), [("9999-12-31", "23:50"), ("0001-01-01", "00:00")])
async def test_no_appointment_at_the_ends_of_the_calendar(day: str, time: str, site: Site) -> None:
    async with site.client("caf1") as client:
        async with client.get("/api/v1/services") as answer:
            services = await answer.json()
        async with client.get("/api/v1/kiosks") as answer:
            kiosk = (await answer.json())[0]
        fields = []
        for service in services:
            body = {"service_id": service["id"], "kiosk_id": kiosk["id"], "day": day, "time": time}
            async with client.post("/api/v1/appointments", json=body) as answer:
                assert 400 <= answer.status < 500
                fields.append((await answer.json())["field"])
        assert "day" in fields
