"""The API for staff: slots, confirm and check in, the waiting list, rooms that wait for a yes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import aiohttp
import pytest
from coming_days import first_workday
from hub_site import Site

from visiohub.booking.rooms import book
from visiohub.booking.rooms.forms import BookingForm
from visiohub.demo_rooms import ASSOCIATION
from visiohub.domain import hours
from visiohub.storage.uow import UnitOfWork

V1 = "/api/v1"
HERE = "Laragne-Montéglin"
"""Where the reception of these tests is."""


async def get(client: aiohttp.ClientSession, path: str, status: int = 200, **query: Any) -> Any:
    params = {name: str(value) for name, value in query.items()}
    async with client.get(f"{V1}/{path}", params=params) as answer:
        said = await answer.json()
        assert answer.status == status, said
        return said


async def post(client: aiohttp.ClientSession, path: str, body: Any, status: int = 200) -> Any:
    async with client.post(f"{V1}/{path}", json=body) as answer:
        said = await answer.json()
        assert answer.status == status, said
        return said


async def slots_of(client: aiohttp.ClientSession, town: str, **query: Any) -> Any:
    """The first service with free slots in a town, with them."""
    venue = next(v for v in await get(client, "venues") if v["town"] == town)
    for service in await get(client, "services"):
        wish = {"service_id": service["id"], "venue_id": venue["id"], "each": 20, **query}
        for found in await get(client, "slots", **wish):
            if len(found["slots"]) > 1:
                return service["id"], found
    raise AssertionError(f"nothing is free in {town}")


def local(slot: Any, zone: str) -> datetime:
    return datetime.fromisoformat(slot["starts_at"]).astimezone(hours.zone_of(zone))


async def test_a_slot_is_found_booked_confirmed_and_arrived_at(
    site: Site, reception: aiohttp.ClientSession, agent: aiohttp.ClientSession
) -> None:
    service_id, found = await slots_of(reception, HERE)
    slot = found["slots"][0]
    starts = local(slot, found["time_zone"])
    body = {"service_id": service_id, "kiosk_id": slot["kiosk_id"], "day": f"{starts:%Y-%m-%d}"}
    asked_for = {"needs": ["interpreter"], "email": "d.r@example.org", "language": "en"}
    body |= {"time": f"{starts:%H:%M}", **asked_for}
    made = await post(reception, "appointments", body, 201)
    one = made["appointment"]
    assert {name: one[name] for name in asked_for} == asked_for
    assert datetime.fromisoformat(one["starts_at"]) == starts
    after = await get(reception, "slots", service_id=service_id, venue_id=found["venue_id"])
    assert slot not in after[0]["slots"]

    path = f"appointments/{one['id']}"
    stale = {"version": one["version"] + 1}
    overtaken = await post(reception, f"{path}/confirm", stale, 409)
    assert (overtaken["code"], overtaken["kept"]) == ("edited_meanwhile", one)
    versions = overtaken["read_version"], overtaken["kept_version"]
    assert versions == (one["version"] + 1, one["version"])
    with site.hub.reading() as uow:
        partner_id = uow.services.get(service_id).partner_id
        ends = datetime.fromisoformat(one["ends_at"])
        free = next(  # of the demo's agents, some have appointments of their own just then
            who
            for who in uow.persons.list(partner_id=partner_id, active=True)
            if not uow.appointments.of_agent(who.id, starts, ends)
        )
    given = {
        "version": one["version"],
        "agent_id": free.id,
        "despite_calendar": "agent_agrees",
    }
    one = await post(reception, f"{path}/assign", given)
    assert one["agent_id"] == free.id
    overtaken = await post(reception, f"{path}/assign", given, 409)
    assert overtaken["kept"] == one
    confirmed = await post(reception, f"{path}/confirm", {"version": one["version"]})
    assert confirmed["state"] == "confirmed"
    here = {"version": confirmed["version"]}
    await post(agent, f"{path}/check-in", here, 403)

    def put(uow: UnitOfWork, days: int) -> None:
        """Before the venue opens, when nothing else is there."""
        zone = hours.zone_of(found["time_zone"])
        day = hours.local_day(site.hub.clock(), zone) + timedelta(days=days)
        moved = uow.appointments.get(one["id"])
        moved.starts_at = hours.to_instant(day, time(4), zone)
        moved.ends_at = moved.starts_at + timedelta(minutes=15)

    site.do(put, 1)
    early = await post(reception, f"{path}/check-in", here, 409)
    assert early["code"] == "not_the_day"
    site.do(put, 0)
    arrived = await post(reception, f"{path}/check-in", here)
    assert arrived["state"] == "arrived"
    assert arrived["arrived_at"] is not None


async def test_slots_near_a_place_are_sorted_by_the_road(reception: aiohttp.ClientSession) -> None:
    service_id, _ = await slots_of(reception, HERE)
    found = await get(reception, "slots", service_id=service_id, place=HERE, km=60, each=1)
    ways = [venue["km"] for venue in found]
    assert len(ways) > 1
    assert ways == sorted(ways)
    assert ways[-1] <= 60
    refusal = await get(reception, "slots", 422, service_id=service_id, place="Atlantis")
    assert (refusal["code"], refusal["field"]) == ("invalid_form", "place")
    assert (await get(reception, "slots", 422))["field"] == "service_id"
    await get(reception, "slots", 404, service_id="nothing")


async def test_the_waiting_list_is_served(site: Site, reception: aiohttp.ClientSession) -> None:
    service_id, found = await slots_of(reception, HERE, day=far_day(site), days=28)
    form = {
        "service_id": service_id,
        "venue_ids": [found["venue_id"]],
        "not_after": f"{site.hub.clock() + timedelta(weeks=8):%Y-%m-%dT%H:%M:%SZ}",
        "initials": "A. P.",
        "needs": ["sign_language"],
        "language": "en",
    }
    async with site.client("accueil-gap") as elsewhere:
        await post(elsewhere, "waiting", form, 404)
    joined = await post(reception, "waiting", form, 201)
    entry = joined["waiting"]
    assert (entry["needs"], entry["language"]) == (["sign_language"], "en")
    async with reception.get(
        joined["link"].replace(site.hub.settings.public_origins[0], "")
    ) as own:
        assert own.status == 200
    path = f"waiting/{entry['id']}"
    assert entry["id"] in {one["id"] for one in await get(reception, "waiting")}
    first, second = (slot["starts_at"] for slot in found["slots"][:2])
    place = {"venue_id": found["venue_id"], "version": entry["version"]}
    offered = await post(reception, f"{path}/offer", {**place, "starts_at": first})
    assert (offered["state"], offered["offer"]["starts_at"]) == ("offered", first)
    assert offered["to_be_called"]
    again = {**place, "starts_at": second}
    overtaken = await post(reception, f"{path}/offer", again, 409)
    assert (overtaken["code"], overtaken["kept"]) == ("edited_meanwhile", offered)
    waits = await post(reception, f"{path}/decline", {"version": offered["version"]})
    assert (waits["state"], waits["offer"]) == ("waiting", None)
    offered = await post(reception, f"{path}/offer", {**again, "version": waits["version"]})
    booked = await post(reception, f"{path}/accept", {"version": offered["version"]}, 201)
    assert booked["appointment"]["starts_at"] == second
    assert booked["code"]
    assert (await get(reception, path))["state"] == "taken"
    await post(reception, f"{path}/leave", {"version": offered["version"] + 1}, 409)


def far_day(site: Site) -> date:
    """Three weeks ahead."""
    today = hours.local_day(site.hub.clock(), hours.zone_of("Europe/Paris"))
    return today + timedelta(days=21)


@pytest.fixture
def asked(site: Site) -> tuple[str, str, date]:
    """Ids of a booked room that waits for its venue, and of the venue; its day."""
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list(active=True) if v.town == HERE)
        rooms = uow.rooms.list(venue_id=venue.id, active=True)
        room = min(rooms, key=lambda one: one.capacity)  # an office, whose pages have a price
        person = uow.persons.list(login="professionnel")[0]
        accounts = uow.memberships.list(person_id=person.id)
        account = next(m for m in accounts if m.profile == ASSOCIATION)
    day = far_day(site)
    # a Tuesday that no other test books
    day = first_workday(1, day + timedelta(days=36 - day.weekday()))
    form = BookingForm.model_validate(
        {
            "room_ids": [room.id], "membership_id": account.id, "day": day,
            "starts": "14:00", "ends": "15:00",
        }
    )  # fmt: skip

    def ask(uow: Any) -> str:
        booked = book.book(uow, form, person, site.hub.clock())
        (one,) = booked.rooms
        one.state = "requested"
        return str(one.id)

    return site.do(ask), venue.id, day


async def test_the_venue_alone_agrees_to_what_was_asked_for(
    site: Site,
    reception: aiohttp.ClientSession,
    agent: aiohttp.ClientSession,
    asked: tuple[str, str, date],
) -> None:
    room_id, venue_id, day = asked
    await get(agent, "booked-rooms", 403, venue_id=venue_id)
    async with site.client("accueil-gap") as elsewhere:
        await get(elsewhere, "booked-rooms", 403, venue_id=venue_id)
        for step in ("approve", "refuse", "check-in"):
            await post(elsewhere, f"booked-rooms/{room_id}/{step}", {"version": 1}, 403)
    query = {"venue_id": venue_id, "day": day, "days": 1}
    (waits,) = await get(reception, "booked-rooms", state="requested", **query)
    assert waits["room"]["id"] == room_id
    version = {"version": waits["room"]["version"]}
    agreed = await post(reception, f"booked-rooms/{room_id}/approve", version)
    assert agreed["room"]["state"] == "confirmed"
    late = await post(reception, f"booked-rooms/{room_id}/refuse", version, 409)
    assert (late["kept_version"], late["kept"]) == (agreed["version"], agreed)
    again = {"version": agreed["room"]["version"]}
    refusal = await post(reception, f"booked-rooms/{room_id}/refuse", again, 409)
    assert refusal["code"] == "booking_changed"
    early = await post(reception, f"booked-rooms/{room_id}/check-in", again, 409)
    assert early["code"] == "not_the_time"
    key = await post(reception, f"booked-rooms/{room_id}/keys", {"name": "Badge 7"}, 201)
    for name in ("Badge 7", "BADGE  7"):
        twice = await post(reception, f"booked-rooms/{room_id}/keys", {"name": name}, 409)
        assert (twice["code"], twice["field"]) == ("key_out", "name")
    assert (await get(reception, f"booked-rooms/{room_id}"))["keys"] == [key]
    back = f"booked-rooms/{room_id}/keys/{key['id']}/back"
    assert (await post(reception, back, {}))["back_at"] is not None
    assert (await post(reception, back, {}, 409))["code"] == "key_back"
    await post(reception, back.replace(room_id, "another"), {}, 404)
    assert (await get(reception, f"booked-rooms/{room_id}"))["keys"] == []
    printed = await post(reception, f"booked-rooms/{room_id}/pages", {"pages": 3})
    assert printed["text"].startswith("Pages")
    assert await get(reception, "booked-rooms", state="requested", **query) == []
    assert len(await get(reception, "booked-rooms", **query)) == 1
