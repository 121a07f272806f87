"""Booking and moving rooms over HTTP: prices are agreed to as they were shown."""

from __future__ import annotations

import re
from datetime import date

import aiohttp
from hub_site import Site, inputs_of

from visiohub.web.permanence_turns import MONTHLY, monthly


def room_of(site: Site, town: str, name: str) -> str:
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if v.town == town)
        return next(r.id for r in uow.rooms.list(venue_id=venue.id) if r.name == name)


async def posted(client: aiohttp.ClientSession, path: str, data: object) -> tuple[int, str]:
    async with client.post(path, data=data, allow_redirects=False) as answer:
        return answer.status, await answer.text() or answer.headers["Location"]


def account_of(page: str) -> str:
    found = re.search(r'<option value="([^"]+)" selected', page)
    assert found
    return found[1]


def slots_of(page: str) -> list[str]:
    return re.findall(r'type="radio" name="slot" value="([^"]+)"', page)


async def test_another_price_than_was_shown_is_neither_booked_nor_moved(site: Site) -> None:
    form = {"length": "120", "room_ids": room_of(site, "Guillestre", "Bureau partagé")}
    async with site.client("coordination") as client:
        _, page = await posted(client, "/bookings/new", {**form, "show": "1"})
        form |= {"day": inputs_of(page)["day"], "slot": slots_of(page)[-1], "people": "3"}
        form["account"] = account_of(page)
        status, page = await posted(client, "/bookings/new", {**form, "book": "1"})
        shown = inputs_of(page)["shown_total"]  # without a price that was seen nothing is booked
        assert status == 200
        wrong = {**form, "shown_total": "0.07", "book": "1"}
        status, page = await posted(client, "/bookings/new", wrong)
        assert (status, inputs_of(page)["shown_total"]) == (409, shown)
        assert "au lieu de 0,07\u00a0€" in page
        assert (inputs_of(page)["people"], f'value="{form["slot"]}" checked' in page) == ("3", True)
        status, there = await posted(
            client, "/bookings/new", {**form, "shown_total": shown, "book": "1"}
        )
        assert status == 303
        booking = there.partition("?")[0]

        async with client.get(f"{booking}/move") as answer:
            page = await answer.text()
        assert inputs_of(page)["shown_total"] == shown
        move = {name: inputs_of(page)[name] for name in ("version", "day")}
        status, page_of_wrong = await posted(
            client, f"{booking}/move", {**move, "other_day": "32/13/2026", "show": "1"}
        )
        assert (status, "32/13/2026" in page_of_wrong) == (422, True)
        assert "Écrivez un jour" in page_of_wrong
        move |= {"slot": slots_of(page)[0], "book": "1", "shown_total": "0.07"}
        status, page = await posted(client, f"{booking}/move", move)
        assert (status, inputs_of(page)["shown_total"]) == (409, shown)
        assert "Le nouveau prix" in page
        status, _ = await posted(client, f"{booking}/move", {**move, "shown_total": shown})
        assert status == 303


async def test_a_series_shows_the_price_of_each_date(site: Site) -> None:
    form = {"length": "120", "room_ids": room_of(site, "Guillestre", "Bureau partagé")}
    async with site.client("professionnel") as client:
        _, page = await posted(client, "/bookings/new", {**form, "show": "1"})
        form |= {"day": inputs_of(page)["day"], "slot": slots_of(page)[-1]}
        form["account"] = account_of(page)
        form |= {"repeat": "FREQ=WEEKLY", "times": "3", "keep_pass": "1", "price": "1"}
        status, wrong = await posted(client, "/bookings/new", form | {"times": "0"})
        assert (status, 'href="#f-times"' in wrong, "#f-rule" in wrong) == (422, True, False)
        assert "Nombre de fois" in wrong.partition('href="#f-times"')[2].partition("</a>")[0]
        status, page = await posted(client, "/bookings/new", form)
    assert status == 200
    each = re.findall(r'<span class="num">([\d,]+)\s€</span></li>', page)
    total = re.search(r"Total des dates libres\s:\s([\d,]+)", page)
    assert each
    assert total
    euros = [float(one.replace(",", ".")) for one in (*each, total[1])]
    assert sum(euros[:-1]) == euros[-1] > 0
    assert "Annulation gratuite" in page


async def test_a_series_comes_each_month_on_the_weekday_of_its_first_day(site: Site) -> None:
    form = {"length": "120", "room_ids": room_of(site, "Guillestre", "Bureau partagé")}
    async with site.client("professionnel") as client:
        _, page = await posted(client, "/bookings/new", {**form, "show": "1"})
        day = date.fromisoformat(inputs_of(page)["day"])
        month = next(rule for rule in MONTHLY if monthly(rule, day))
        assert f'<option value="{month}"' in page
        form |= {"day": f"{day}", "slot": slots_of(page)[-1], "account": account_of(page)}
        form |= {"repeat": month, "times": "2", "keep_pass": "1", "price": "1"}
        status, page = await posted(client, "/bookings/new", form)
        far = await posted(client, "/bookings/new", form | {"other_day": "31/12/9999"})
    assert status == 200
    assert "2 dates" in page
    assert (far[0], "des années 2000 à 2199" in far[1]) == (422, True)


async def test_a_week_is_bought_like_an_hour(site: Site) -> None:
    form = {"length": "week", "room_ids": room_of(site, "Guillestre", "Bureau partagé")}
    async with site.client("coordination") as client:
        _, page = await posted(client, "/bookings/new", {**form, "show": "1"})
        form |= {"day": inputs_of(page)["day"], "slot": slots_of(page)[0]}
        form["account"] = account_of(page)
        _, page = await posted(client, "/bookings/new", {**form, "price": "1"})
        agreed = {**form, "shown_total": inputs_of(page)["shown_total"], "book": "1"}
        status, there = await posted(client, "/bookings/new", agreed)
        assert status == 303, there
        async with client.get(f"{there.partition('?')[0]}/move") as answer:
            assert slots_of(await answer.text())
    with site.hub.reading() as uow:
        booking = uow.bookings.get(there.partition("?")[0].rpartition("/")[2])
    assert 4 <= (booking.ends_at.date() - booking.starts_at.date()).days <= 6


async def test_the_journey_is_counted_for_every_room_and_from_where_one_writes(site: Site) -> None:
    rooms = [room_of(site, "Guillestre", "Bureau visio"), room_of(site, "Embrun", "Bureau partagé")]
    form = [("length", "120"), *(("room_ids", room) for room in rooms)]
    async with site.client("coordination") as client:
        _, page = await posted(client, "/bookings/new", [*form, ("show", "1")])
        form += [("day", inputs_of(page)["day"]), ("slot", slots_of(page)[-1])]
        form += [("account", account_of(page)), ("price", "1")]
        for far, people, status, says in (
            ("nîmes", "2", 200, "km de route"),
            ("45.26, 5.59", "1000", 200, "km de route"),
            ("Nîmes", "1001", 422, "de 1 à 1000"),
            ("Nulle-Part-sur-Rien", "2", 422, "Ce lieu n’est pas connu"),
        ):
            typed = [*form, ("far", far), ("people", people)]
            got, page = await posted(client, "/bookings/new", typed)
            assert (got, says in page) == (status, True), far
            assert (inputs_of(page)["far"], inputs_of(page)["people"]) == (far, people)
