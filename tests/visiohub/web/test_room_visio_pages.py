"""The visio of a booking over HTTP: the rooms that call, and the call's page for who booked."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from hub_site import Site, inputs_of

from visiohub.booking import arrivals
from visiohub.storage.uow import UnitOfWork


async def test_the_rooms_of_a_booking_and_the_call(site: Site) -> None:
    with site.hub.reading() as uow:
        booking = uow.bookings.list(visio=True)[0]
        room = uow.booked_rooms.list(booking_id=booking.id)[0]
        kiosk = uow.kiosks.list(room_id=room.room_id)
    path = f"/bookings/{booking.id}/visio"
    async with site.client("professionnel") as client:
        async with client.get(path) as answer:
            page = await answer.text()
            assert answer.status == 200, page
        told = "Les bornes proposeront l’appel" if kiosk else "Aucune de ces salles n’a de borne"
        assert told in page
        assert ("La borne ne répond pas" if kiosk else "Sans borne") in page
        async with client.get(f"{path}/part") as answer:
            assert answer.status == 200
        async with client.get(f"/bookings/{booking.id}") as answer:
            assert "Ouvrir la visio" in await answer.text()
        if kiosk:
            now = booking.starts_at + timedelta(minutes=1)

            def call(uow: UnitOfWork) -> Any:
                return arrivals.call_service(uow, kiosk[0].id, room.id, "fr", frozenset(), now)

            ticket = site.do(call)
            async with client.get(path) as answer:
                assert "La salle vous attend" in await answer.text()
            async with client.get(f"/bookings/call/{ticket.call_id}") as answer:
                page = await answer.text()
                assert answer.status == 200, page
            assert f'href="{path}"' in page
            assert "/agent/check" not in page
            async with client.get(f"/bookings/call/{ticket.call_id}/card") as answer:
                assert (await answer.json())["partner"] == "Salle réservée"
            site.do(lambda uow: uow.calls.remove(uow.calls.get(ticket.call_id)))
    async with site.client("caf1") as client, client.get(path) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(("room", "said"), [("Salle de réunion", True), ("Bureau visio", False)])
async def test_the_price_says_which_rooms_have_no_kiosk(site: Site, room: str, said: bool) -> None:
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if v.town == "Veynes")
        found = next(r for r in uow.rooms.list(venue_id=venue.id) if r.name.startswith(room))
        assert bool(uow.kiosks.list(room_id=found.id)) is not said
    form = {"length": "120", "room_ids": found.id, "people": "1", "visio": "1"}
    async with site.client("coordination") as client:
        async with client.post("/bookings/new", data={**form, "show": "1"}) as answer:
            page = await answer.text()
        slot = re.findall(r'type="radio" name="slot" value="([^"]+)"', page)[-1]
        account = re.findall(r'<option value="([^"]+)" selected', page)[0]
        form |= {"day": inputs_of(page)["day"], "slot": slot, "account": account, "price": "1"}
        async with client.post("/bookings/new", data=form) as answer:
            page = await answer.text()
    assert ("Sans borne\u00a0: Veynes, " + found.name in page) is said
    assert "Prix, taxes comprises" in page
