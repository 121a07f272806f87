"""The table of routes by role, whole, against real requests."""

from __future__ import annotations

import asyncio

import pytest
from hub_site import ROLES, Site

from visiohub.domain.model import Role
from visiohub.web.permissions import TABLE, allowed, check_table

DENIED = {401, 403}


def address(path: str, site: Site) -> str:
    """The route with something in its places; what is not found shows an open door too."""
    with site.hub.reading() as uow:
        laragne = next(v for v in uow.venues.list() if "Laragne" in v.town)
    return (
        path.replace("{fingerprint}", "x")
        .replace("{name}", "icon.svg")
        .replace("{venue_id}", laragne.id)
        .replace("{kind}", "rooms")
        .replace("{session_id}", "none")
        .replace("{subject_id}", "none")
        .replace("{call_id}", "none")
        .replace("{kiosk_id}", "none")
        .replace("{line_id}", "none")
        .replace("{appointment_id}", "none")
        .replace("{upload_id}", "none")
        .replace("{who}", "staff")
        .replace("{booked_room_id}", "none")
        .replace("{step}", "check-in")
        .replace("{token}", "none")
        .replace("{feed_id}", "none")
        .replace("{key_id}", "none")
        .replace("{webhook_id}", "none")
        .replace("{message_id}", "none")
        .replace("{booking_id}", "none")
        .replace("{entry_id}", "none")
        .replace("{permanence_id}", "none")
        .replace("{absence_id}", "none")
        .replace("{loan_id}", "none")
        .replace("{payer_id}", "none")
        .replace("{membership_id}", "none")
        .replace("{organisation_id}", "none")
        .replace("{place_id}", "none")
        .replace("{month}", "2026-11")
        .replace("{form}", "note")
        .replace("{series}", "delays")
        .replace("{alert_id}", "none")
        .replace("{works_id}", "none")
        .replace("{test_id}", "none")
    )


def mounted(site: Site) -> list[tuple[str, str]]:
    return [
        (route.method, route.resource.canonical)
        for route in site.app.router.routes()
        if route.method != "HEAD" and route.resource is not None
    ]


def test_every_mounted_route_is_in_the_table_and_nothing_else_is(site: Site) -> None:
    assert set(mounted(site)) == set(TABLE)


def test_a_route_without_a_line_cannot_be_mounted(site: Site) -> None:
    class Fake:
        router = site.app.router

    removed = TABLE.pop(("GET", "/usage"))
    try:
        with pytest.raises(LookupError, match="/usage"):
            check_table(Fake())  # type: ignore[arg-type]
    finally:
        TABLE["GET", "/usage"] = removed


@pytest.mark.parametrize("role", [None, *Role])
async def test_every_route_as(role: Role | None, site: Site) -> None:
    wrong = []
    login = ROLES[role] if role else None
    for method, path in mounted(site):
        if path == "/sign-out" or path.startswith("/signaling/"):
            continue  # would end the session; the wire has its own test
        if (method, path) == ("POST", "/sign-in"):
            continue  # open to everybody, and answers 401 to a wrong password
        async with site.client(login) as client:
            request = client.request(method, address(path, site), allow_redirects=False)
            async with request as answer:
                if role is None and answer.status == 303:
                    denied = answer.headers["Location"].startswith("/sign-in?next=")
                else:
                    denied = answer.status in DENIED
                expected = not allowed(TABLE[method, path], frozenset({role}) if role else None)
                if denied != expected:
                    wrong.append((method, path, answer.status))
                assert answer.status < 500, (method, path)
    assert wrong == []


async def test_signing_out_ends_page_and_wire_at_once(site: Site) -> None:
    site.new_person("leaver", roles=["technician"])
    async with site.client("leaver") as client:
        wire = await client.ws_connect("/signaling/v1/staff")
        await wire.send_json({"type": "hello", "version": 1, "tab_id": "t1"})
        assert (await wire.receive_json(timeout=30))["type"] == "welcome_browser"
        async with client.post("/sign-out", allow_redirects=False) as answer:
            assert answer.status == 303
        async with asyncio.timeout(1):
            bye = await wire.receive_json()
        assert (bye["type"], bye["code"]) == ("bye", "signed_out")
        async with client.get("/kiosks", allow_redirects=False) as answer:
            assert answer.status == 303


async def test_the_wire_asks_for_a_session_and_our_origin(site: Site) -> None:
    async with site.client() as client, client.get("/signaling/v1/staff") as answer:
        assert answer.status in DENIED
    # what a page asks that was refused so, and was signed in before (static/js/wire.js)
    for login, status in ((None, 401), ("caf1", 303)):
        async with (
            site.client(login) as client,
            client.get("/home", headers={"X-Fragment": "1"}, allow_redirects=False) as answer,
        ):
            assert answer.status == status
    async with (
        site.client("caf1") as client,
        client.get("/signaling/v1/staff", headers={"Origin": "https://evil.example"}) as answer,
    ):
        assert answer.status == 403
