"""The page of a series names the date at which the clock skips its hour."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from coming_days import jump_after
from hub_site import Site

from visiohub.domain import hours

PARIS = hours.zone_of("Europe/Paris")


async def test_the_date_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    night = jump_after(site.hub.clock().date())
    before = datetime.combine(night - timedelta(days=14), time(9), PARIS).astimezone(UTC)
    monkeypatch.setattr(site.hub, "clock", lambda: before)
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if v.town == "Guillestre")
        room = next(r for r in uow.rooms.list(venue_id=venue.id) if r.name == "Bureau partagé")
    async with site.client("professionnel") as client:
        async with client.get("/api/v1/accounts") as answer:
            account = (await answer.json())[0]["id"]
        form = {
            "length": "120", "room_ids": room.id, "account": account,
            "day": f"{night - timedelta(days=7)}", "slot": "02:30-04:30",
            "repeat": "FREQ=WEEKLY", "times": "3", "price": "1",
        }  # fmt: skip
        async with client.post("/bookings/new", data=form) as answer:
            page = await answer.text()
        assert answer.status == 200
    assert f"dimanche {night.day} mars {night.year} à 2\u00a0h\u00a030" in page
    assert "l’horloge saute de 2\u00a0h à 3\u00a0h, cette heure n’existe pas." in page
