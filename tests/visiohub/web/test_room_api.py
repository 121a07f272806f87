"""Rooms through the API: what is free, what it costs, clashes with a stable code."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import aiohttp
import pytest
from coming_days import first_workday
from hub_site import Site

from visiohub.domain import hours


@pytest.fixture
def day(site: Site) -> date:
    """A Tuesday, three weeks from now, that no other test books."""
    today = hours.local_day(site.hub.clock(), hours.zone_of("Europe/Paris"))
    return first_workday(1, today + timedelta(days=29 - today.weekday()))


async def post(client: aiohttp.ClientSession, path: str, body: Any, status: int) -> Any:
    async with client.post(f"/api/v1/{path}", json=body) as answer:
        said = await answer.json()
        assert answer.status == status, said
        return said


async def test_from_the_free_time_to_the_cancellation(site: Site, day: date) -> None:
    async with site.client("professionnel") as client:
        async with client.get("/api/v1/accounts") as answer:
            account = next(a for a in await answer.json() if a["passes"])
        async with client.get("/api/v1/rooms") as answer:
            room = next(r for r in await answer.json() if r["town"] == "Guillestre")
        wish = {"room_ids": [room["id"]], "account_id": account["id"], "minutes": 240}
        free = await post(client, "free-times", {**wish, "day": f"{day}", "days": 1}, 200)
        assert free
        body = {
            "room_ids": [room["id"]],
            "membership_id": account["id"],
            "day": f"{day}",
            "starts": "08:00",
            "ends": "12:00",
        }
        paris = {"far_latitude": 48.86, "far_longitude": 2.35, "participants": 2}
        quote = await post(client, "quotes", {**body, **paris}, 200)
        assert quote["bookable"]
        assert quote["price"]["total"] == "0.00"
        assert "carnet" in quote["rooms"][0]["lines"][0]["text"]
        assert float(quote["travel"]["km"]) > 2000

        unseen = await post(client, "bookings", body, 422)
        assert (unseen["code"], unseen["field"]) == ("invalid_form", "shown_total")
        lacks = [one["pointer"] for one in unseen["errors"]]
        assert lacks == ["/shown_total", "/shown_rules"]
        twice = await post(client, "quotes", {**body, "room_ids": [room["id"]] * 2}, 422)
        (wrong,) = twice["errors"]
        assert (wrong["pointer"], wrong["code"]) == ("/room_ids", "twice")
        body |= {"shown_total": quote["price"]["total"], "shown_rules": quote["rules"]}
        other = await post(client, "bookings", {**body, "shown_total": "0.07"}, 409)
        assert (other["code"], other["total"]) == ("price_changed", "0.00")
        stricter = await post(client, "bookings", {**body, "shown_rules": "1:1:1"}, 409)
        assert stricter["code"] == "rules_changed"
        booked = await post(client, "bookings", body, 201)
        assert [room["state"] for room in booked["rooms"]] == ["confirmed"]
        clash = await post(client, "bookings", {**body, "starts": "09:00"}, 409)
        assert (clash["code"], clash["field"]) == ("room_taken", "starts")
        assert [one["pointer"] for one in clash["errors"]] == ["/starts"]
        series = {**body, "rule": "FREQ=WEEKLY;COUNT=2"}
        asked = {name: series[name] for name in series.keys() - {"shown_total", "shown_rules"}}
        dates = await post(client, "series-quotes", asked, 200)
        (taken, free) = dates["dates"]
        assert (taken["price"], taken["causes"][room["id"]][0]["code"]) == (None, "room_taken")
        assert free["price"] == dates["price"]
        assert dates["rules"] == quote["rules"]
        for rule, why in (
            ("FREQ=SECONDLY;COUNT=3", "« FREQ=SECONDLY » n’est pas prise en charge"),
            ("FREQ=DAILY;COUNT=0", "COUNT ne peut pas valoir « 0 »"),
            ("FREQ=DAILY;COUNT=400", "Cette série a plus de 120 dates."),
            ("FREQ=DAILY", "Cette série n’a pas de fin."),
        ):
            wrong = await post(client, "series-quotes", {**asked, "rule": rule}, 422)
            assert (wrong["code"], wrong["field"]) == ("series_wrong", "rule"), rule
            assert why in wrong["detail"].replace("\u00a0", " "), wrong
            assert not set("['") & set(wrong["detail"]), wrong
            assert room["id"] not in str(wrong), wrong
            assert [one["code"] for one in wrong["causes"]] == [wrong["errors"][0]["code"]]
        clashes = await post(client, "booking-series", series, 409)
        assert clashes["code"] == "dates_clash"
        (one,) = clashes["clashes"]
        assert one["causes"][room["id"]][0]["code"] == "room_taken"
        closed = {**body, "starts": "05:00", "ends": "06:00"}
        refused = await post(client, "bookings", closed, 422)
        assert refused["causes"][room["id"]][0]["code"] == "outside_hours"
        assert refused["causes"][room["id"]][0]["detail"] in refused["detail"]
        assert "[" not in refused["detail"]
        assert ("/starts", "outside_hours") in [
            (e["pointer"], e["code"]) for e in refused["errors"]
        ]

        path = f"bookings/{booked['id']}"
        stale = await post(client, f"{path}/cancel", {"version": 7}, 409)
        assert (stale["code"], stale["kept_version"]) == ("edited_meanwhile", 1)
        assert (stale["read_version"], stale["kept"]) == (7, booked)
        assert stale["field"] == "version"
        moved = {k: body[k] for k in ("room_ids", "day")} | {"starts": "13:00", "ends": "16:30"}
        await post(client, f"{path}/move", {**moved, "version": 1}, 422)
        moved["shown_total"] = booked["price"]["total"]
        at = await post(client, f"{path}/move", {**moved, "version": 1}, 200)
        assert at["version"] == 2
        for_venue = {"version": 2, "by_venue": True}  # it is their own
        assert (await post(client, f"{path}/cancel", for_venue, 403))["code"] == "not_allowed"
        cancelled = await post(client, f"{path}/cancel", {"version": 2}, 200)
        assert cancelled["stays"]["total"] == "0.00"
    async with site.client("caf1") as other, other.get(f"/api/v1/{path}") as answer:
        assert answer.status == 404
