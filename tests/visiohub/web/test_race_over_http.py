"""Twenty who ask the running hub for the same thing at one moment: one has it, the others are told
that it is taken, and nobody sees a fault."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import aiohttp
from hub_site import Site

from visiohub.domain import hours

V1 = "/api/v1"
RACERS, ROUNDS, MOVERS = 20, 3, 6
PARIS = hours.zone_of("Europe/Paris")


async def said(client: aiohttp.ClientSession, path: str, body: Any) -> tuple[int, str]:
    """The status, and the code of a refusal."""
    async with client.post(f"{V1}/{path}", json=body) as answer:
        return answer.status, (await answer.json()).get("code", "")


async def race(
    client: aiohttp.ClientSession, asked: Sequence[tuple[str, Any]], won: int, lost: frozenset[str]
) -> None:
    """All at once, each over a connection of its own."""
    answers = await asyncio.gather(*(said(client, path, body) for path, body in asked))
    statuses = sorted(status for status, _ in answers)
    assert statuses == sorted([won] + [409] * (len(asked) - 1)), set(answers)
    assert {code for status, code in answers if status == 409} <= lost


async def get(client: aiohttp.ClientSession, path: str, query: Mapping[str, str]) -> Any:
    async with client.get(f"{V1}/{path}", params=query) as answer:
        assert answer.status == 200
        return await answer.json()


async def slots(client: aiohttp.ClientSession) -> tuple[str, list[dict[str, str]]]:
    """A service, and free slots of it at one kiosk, weeks from now."""
    venue = next(v for v in await get(client, "venues", {}) if v["town"] == "Laragne-Montéglin")
    day = datetime.now(PARIS).date() + timedelta(days=28)
    for service in await get(client, "services", {}):
        query = {"service_id": service["id"], "venue_id": venue["id"], "day": f"{day}"}
        for found in await get(client, "slots", {**query, "each": "20"}):
            first = found["slots"][:1]
            same = [s for s in found["slots"] if s["kiosk_id"] == first[0]["kiosk_id"]]
            if len(same) > 12:
                return service["id"], same
    raise AssertionError("nothing is free")


def at(service_id: str, slot: Mapping[str, str]) -> dict[str, str]:
    """An appointment's form."""
    starts = datetime.fromisoformat(slot["starts_at"]).astimezone(PARIS)
    when = {"day": f"{starts:%Y-%m-%d}", "time": f"{starts:%H:%M}"}
    return {"service_id": service_id, "kiosk_id": slot["kiosk_id"], **when}


async def test_one_of_twenty_has_the_appointment(reception: aiohttp.ClientSession) -> None:
    taken = frozenset({"slot_taken", "room_taken", "agent_busy", "counter_full"})
    for _ in range(ROUNDS):
        service_id, free = await slots(reception)
        form = at(service_id, free[0])
        await race(reception, [("appointments", form)] * RACERS, 201, taken)
        query = {"day": form["day"], "days": "1"}
        made = next(
            a
            for a in await get(reception, "appointments", query)
            if datetime.fromisoformat(a["starts_at"])
            == datetime.fromisoformat(free[0]["starts_at"])
            and a["kiosk_id"] == form["kiosk_id"]
        )
        path, version = f"appointments/{made['id']}", {"version": made["version"]}
        asked = [(f"{path}/confirm", version)] * RACERS
        await race(reception, asked, 200, frozenset({"edited_meanwhile", "wrong_state"}))


async def test_one_of_several_moves_to_the_slot(reception: aiohttp.ClientSession) -> None:
    taken = frozenset({"slot_taken", "room_taken", "agent_busy", "counter_full"})
    own = []
    while len(own) < MOVERS:
        service_id, free = await slots(reception)
        async with reception.post(f"{V1}/appointments", json=at(service_id, free[0])) as answer:
            assert answer.status == 201
            own.append((await answer.json())["appointment"])
    service_id, free = await slots(reception)
    form = at(service_id, free[-1])
    form.pop("service_id")
    asked = [(f"appointments/{a['id']}/move", {**form, "version": a["version"]}) for a in own]
    await race(reception, asked, 200, taken)


async def rooms_and_times(
    client: aiohttp.ClientSession, account: str, first: date
) -> tuple[list[str], list[dict[str, str]]]:
    """Rooms of as many venues as are free together on one day from the first on, up to seventeen,
    and hours of it at which they are."""
    by_venue = {room["venue_id"]: room["id"] for room in await get(client, "rooms", {})}
    for day in (first + timedelta(days=n) for n in range(7)):
        ids: list[str] = []
        starts: list[datetime] = []
        for one in by_venue.values():
            wish = {"room_ids": [*ids, one][:15], "account_id": account, "day": f"{day}", "days": 1}
            async with client.post(f"{V1}/free-times", json=wish) as answer:
                spans = await answer.json()
            found = [datetime.fromisoformat(s["starts_at"]).astimezone(PARIS) for s in spans]
            apart: list[datetime] = []
            for at_hour in found:  # what comes before and after each stays free
                if not apart or at_hour - apart[-1] >= timedelta(hours=2):
                    apart.append(at_hour)
            if len(ids) < 17 and len(apart) >= ROUNDS:
                ids, starts = [*ids, one], apart
        if len(ids) > 3:
            ends = [at + timedelta(hours=1) for at in starts]
            times = [
                {"day": f"{day}", "starts": f"{at:%H:%M}", "ends": f"{end:%H:%M}"}
                for at, end in zip(starts, ends, strict=True)
            ]
            return ids, times[:ROUNDS]
    raise AssertionError("no rooms are free together")


async def priced(
    client: aiohttp.ClientSession, quotes: str, form: dict[str, Any]
) -> dict[str, Any]:
    """The form with what its quote shows."""
    async with client.post(f"{V1}/{quotes}", json=form) as answer:
        said = await answer.json()
        assert answer.status == 200, said
    return {**form, "shown_total": said["price"]["total"], "shown_rules": said["rules"]}


async def test_one_of_twenty_has_the_rooms(site: Site) -> None:
    async with site.client("professionnel") as client:
        account = (await get(client, "accounts", {}))[0]["id"]
        first = hours.local_day(site.hub.clock(), PARIS) + timedelta(days=32)
        (alone, weekly, *several), times = await rooms_and_times(client, account, first)
        order = random.Random(4)
        for when in times:
            form = {"membership_id": account, **when}
            taken = frozenset({"room_taken", "dates_clash"})
            one = await priced(client, "quotes", {**form, "room_ids": [alone]})
            await race(client, [("bookings", one)] * RACERS, 201, taken)
            rule = {"rule": "FREQ=WEEKLY;COUNT=2", "only_free": True}  # it may be closed then
            series = {**form, **rule, "room_ids": [weekly]}
            series = await priced(client, "series-quotes", series)
            await race(client, [("booking-series", series)] * RACERS, 201, taken)
            mixed = [
                await priced(
                    client, "quotes", {**form, "room_ids": order.sample(several, len(several))}
                )
                for _ in range(RACERS)
            ]
            await race(client, [("bookings", together) for together in mixed], 201, taken)
