"""Appointments as reception and agents make, print, move and cancel them."""

from __future__ import annotations

import re
from datetime import date, timedelta

import aiohttp
import pytest
from coming_days import first_workday, jump_after
from hub_site import Site, inputs_of

from visiohub.domain import hours
from visiohub.domain.model import Service


def today(site: Site) -> date:
    return hours.local_day(site.hub.clock(), hours.zone_of("Europe/Paris"))


def monday(site: Site, weeks: int = 0) -> date:
    """The first from tomorrow on, or from so many weeks later, on which the venues are open."""
    return first_workday(0, today(site) + timedelta(days=1, weeks=weeks))


@pytest.fixture
def choices(site: Site) -> dict[str, str]:
    """A service of CAF, and Laragne's kiosk."""
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if "Laragne" in v.town)
        kiosk = uow.kiosks.at_venue(venue.id)[0]
        partner = next(p for p in uow.partners.list() if p.short_name == "CAF")
        service = next(s for s in uow.services.list(partner_id=partner.id) if not s.venue_ids)
    return {"service_id": service.id, "kiosk_id": kiosk.id}


def service_of(site: Site, choices: dict[str, str]) -> Service:
    with site.hub.reading() as uow:
        return uow.services.get(choices["service_id"])


def times_in(text: str) -> list[str]:
    return re.findall(r'type="radio" name="time" value="([^"]+)"', text)


async def free_time(client: aiohttp.ClientSession, form: dict[str, str]) -> str:
    async with client.post("/appointments/new", data={**form, "show": "1"}) as answer:
        assert answer.status == 200
        received, _, _ = (await answer.text()).partition('<details class="others"')
    return times_in(received)[-1]


async def booked(client: aiohttp.ClientSession, form: dict[str, str]) -> str:
    """Books at the last free time; the address of the new appointment."""
    data = {**form, "time": await free_time(client, form), "book": "1"}
    async with client.post("/appointments/new", data=data, allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()
        return answer.headers["Location"].split("?")[0]


async def test_book_print_move_cancel(
    site: Site, reception: aiohttp.ClientSession, choices: dict[str, str]
) -> None:
    form = {**choices, "day": f"{monday(site)}", "initials": "d. r."}
    address = await booked(reception, form)
    async with reception.get(address) as answer:
        text = await answer.text()
    assert "D. R." in text
    version = inputs_of(text)["version"]

    async with reception.post(f"{address}/convocation") as answer:
        paper = await answer.text()
    code = re.search(r"\b(\d{4})\u00a0(\d{4})\b", paper)
    assert code
    assert "<svg" in paper
    assert "Laragne" in paper
    assert "Europe centrale" in paper
    service = service_of(site, choices)
    assert service.name not in paper
    assert not any(item in paper for item in service.to_bring if "identité" not in item)

    async with reception.get(f"{address}/move") as answer:
        kept = inputs_of(await answer.text())
    move = {"kiosk_id": choices["kiosk_id"], "day": form["day"], "version": kept["version"]}
    async with reception.post(f"{address}/move", data={**move, "show": "1"}) as answer:
        times = re.findall(r'name="time" value="([^"]+)"', await answer.text())
    data = {**move, "day": "9999-12-31", "time": "23:59", "book": "1"}
    async with reception.post(f"{address}/move", data=data) as answer:
        assert answer.status == 422
    data = {**move, "time": times[0], "book": "1"}
    async with reception.post(f"{address}/move", data=data, allow_redirects=False) as answer:
        assert answer.status == 303

    stale = {"cancelled_by": "citizen", "version": version}
    async with reception.post(f"{address}/cancel", data=stale) as answer:
        assert answer.status == 409
    async with reception.get(address) as answer:
        fresh = inputs_of(await answer.text())["version"]
    data = {"cancelled_by": "citizen", "version": fresh}
    async with reception.post(f"{address}/cancel", data=data) as answer:
        assert answer.status == 200
        assert "Annulé" in await answer.text()


async def test_where_nobody_receives_the_page_asks_why(
    site: Site, reception: aiohttp.ClientSession, choices: dict[str, str]
) -> None:
    form = {**choices, "day": f"{monday(site)}"}
    async with reception.post("/appointments/new", data={**form, "show": "1"}) as answer:
        _, closed, nobody = (await answer.text()).partition("où personne n’est libre")
    assert closed
    taken = {**form, "time": times_in(nobody)[0], "book": "1"}
    async with reception.post("/appointments/new", data=taken) as answer:
        text = await answer.text()
    assert answer.status == 409
    assert "il n’y a pas de permanence" in text
    assert 'name="despite_calendar"' in text
    said = {**taken, "despite_calendar": "urgent"}
    async with reception.post("/appointments/new", data=said, allow_redirects=False) as answer:
        assert answer.status == 303


@pytest.mark.parametrize(
    ("staff", "citizen", "said"),
    [
        ("en", "fr", ("À apporter", "Imprimé le", "Print")),
        ("fr", "en", ("To bring", "Printed on", "Imprimer")),
    ],
)
async def test_the_convocation_is_in_the_citizen_s_language(
    staff: str, citizen: str, said: tuple[str, ...], site: Site, choices: dict[str, str]
) -> None:
    day = f"{monday(site, weeks=2)}"
    form = {**choices, "day": day, "language": citizen}
    async with site.client("accueil-laragne", staff) as reception:
        address = await booked(reception, form)
        async with reception.post(f"{address}/convocation") as answer:
            paper = await answer.text()
    assert f'<html lang="{staff}">' in paper
    assert f'<main class="sheet" lang="{citizen}">' in paper
    assert all(words in paper for words in said)


async def test_a_taken_time_keeps_what_was_typed(
    site: Site, reception: aiohttp.ClientSession, choices: dict[str, str]
) -> None:
    form = {**choices, "day": f"{monday(site)}", "initials": "K. L.", "phone": "04 65 71 20 05"}
    time = await free_time(reception, form)
    await booked(reception, form)
    data = {**form, "time": time, "book": "1"}
    async with reception.post("/appointments/new", data=data) as answer:
        assert answer.status == 409
        text = await answer.text()
    assert "vient d’être prise" in text
    assert 'href="#f-time"' in text
    assert 'value="K. L."' in text
    assert 'value="04 65 71 20 05"' in text


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"time": "03:00"}, "time", "pas ouvert"),
        ({"day": "2020-01-06", "time": "09:00"}, "day", "passée"),
        ({"day": "2000-01-01", "time": "00:10"}, "day", "passée"),
        ({"day": "2199-12-31", "time": "23:50"}, "day", "trop loin"),
        ({"day": "0001-01-01", "time": "00:10"}, "day", "des années 2000 à 2199"),
        ({"day": "9999-12-31", "time": "23:50"}, "day", "des années 2000 à 2199"),
        ({"day": "never"}, "day", "Donnez une date"),
        ({"time": "10:00+05:00"}, "time", "Donnez une heure"),
        ({"time": "11:00:37.5"}, "time", "Donnez une heure"),
        ({"initials": "D\x07R"}, "initials", "caractères"),
        ({"time": ""}, "time", "Choisissez une heure"),
        ({"phone": "call me"}, "phone", "numéro de téléphone"),
        ({"kiosk_id": "none"}, None, "ne permet pas"),
    ],
)
async def test_each_wrong_field_is_named(
    wrong: dict[str, str],
    field: str | None,
    says: str,
    site: Site,
    reception: aiohttp.ClientSession,
    choices: dict[str, str],
) -> None:
    data = {**choices, "day": f"{monday(site)}", "time": "09:00", "book": "1", **wrong}
    async with reception.post("/appointments/new", data=data) as answer:
        assert 400 <= answer.status < 500
        text = await answer.text()
    assert says in text
    if field:
        assert f'href="#f-{field}"' in text


@pytest.mark.parametrize(
    ("other_day", "field", "says"),
    [
        ("01/06/2020", "other_day", "Ce jour est passé"),
        ("31/12/9999", "other_day", "trop loin"),
        ("11/31/2026", "other_day", "Écrivez un jour comme"),
        ("", None, ""),
    ],
)
async def test_a_day_is_typed_as_people_write_it(
    other_day: str,
    field: str | None,
    says: str,
    site: Site,
    reception: aiohttp.ClientSession,
    choices: dict[str, str],
) -> None:
    wanted = monday(site, weeks=4)
    typed = other_day or f"{wanted:%d/%m/%Y}"
    form = {**choices, "day": f"{monday(site)}", "other_day": typed, "show": "1"}
    async with reception.post("/appointments/new", data=form) as answer:
        assert answer.status == (422 if field else 200)
        text = await answer.text()
    if field:
        assert says in text
        assert f'href="#f-{field}"' in text
        assert f'value="{typed}"' in text  # kept
        assert f'name="day" value="{monday(site)}"' in text
    else:
        assert f'name="day" value="{wanted}"' in text


async def test_nothing_is_booked_on_a_day_whose_hours_were_not_seen(
    site: Site, reception: aiohttp.ClientSession, choices: dict[str, str]
) -> None:
    form = {**choices, "day": f"{monday(site)}"}
    time = await free_time(reception, form)
    wanted = monday(site, weeks=4)
    data = {**form, "other_day": f"{wanted:%d%m%Y}", "time": time, "book": "1"}
    async with reception.post("/appointments/new", data=data) as answer:
        assert answer.status == 422
        text = await answer.text()
    assert "Choisissez une heure libre" in text
    assert f'name="day" value="{wanted}"' in text


@pytest.mark.parametrize("written", ["%d/%m/%Y", "%Y-%m-%d"])
async def test_the_hour_that_the_clock_skips_is_named(
    site: Site, reception: aiohttp.ClientSession, choices: dict[str, str], written: str
) -> None:
    day = jump_after(today(site)).strftime(written)
    data = {**choices, "day": day, "time": "02:30", "initials": "D. R.", "book": "1"}
    async with reception.post("/appointments/new", data=data) as answer:
        assert answer.status == 422
        text = await answer.text()
    assert "l’horloge saute de 2\u00a0h à 3\u00a0h" in text
    assert 'href="#f-time"' in text
    assert 'value="D. R."' in text


async def test_reception_does_not_see_other_venues(
    site: Site, reception: aiohttp.ClientSession
) -> None:
    with site.hub.reading() as uow:
        embrun = next(v for v in uow.venues.list() if v.town == "Embrun")
        kiosk = uow.kiosks.at_venue(embrun.id)[0]
        theirs = uow.appointments.list(kiosk_id=kiosk.id)[0]
    async with reception.get(f"/appointments/{theirs.id}") as answer:
        assert answer.status == 404
    async with reception.get(f"/reception/{embrun.id}") as answer:
        assert answer.status == 403
    async with reception.post(f"/reception/{embrun.id}/kiosks/{kiosk.id}/coming") as answer:
        assert answer.status == 403


async def test_the_walk_in_switch(agent: aiohttp.ClientSession) -> None:
    for on, pressed in (("0", "false"), ("1", "true")):
        async with agent.post("/agent/walk-ins", data={"on": on}) as answer:
            assert answer.status == 200
            text = await answer.text()
        assert f'id="walk-ins" aria-pressed="{pressed}"' in text


@pytest.mark.parametrize("body", [{}, {"on": ""}, {"on": "yes"}, {"off": "1"}])
async def test_the_walk_in_switch_stays_when_the_choice_is_unknown(
    body: dict[str, str], agent: aiohttp.ClientSession
) -> None:
    async with agent.post("/agent/walk-ins", data=body) as answer:
        assert answer.status == 422
        assert "« on » vaut 1" in await answer.text()
    async with agent.get("/agent") as answer:
        assert 'id="walk-ins" aria-pressed="true"' in await answer.text()


async def test_staff_note_that_the_person_comes(
    site: Site, reception: aiohttp.ClientSession, choices: dict[str, str]
) -> None:
    day = f"{monday(site, weeks=3)}"
    address = await booked(reception, {**choices, "day": day})
    async with reception.get(address) as answer:
        text = await answer.text()
    assert f'action="{address}/confirm"' in text
    wish = {"version": inputs_of(text)["version"]}
    async with reception.post(f"{address}/confirm", data=wish, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, f"{address}?done=confirmed")
    with site.hub.reading() as uow:
        assert uow.appointments.get(address.rpartition("/")[2]).state == "confirmed"
    async with reception.post(f"{address}/confirm", data=wish) as answer:
        assert answer.status == 409
        assert f'action="{address}/confirm"' not in await answer.text()


async def test_who_books_is_told_which_journey_it_saves(
    site: Site, reception: aiohttp.ClientSession, choices: dict[str, str]
) -> None:
    day = f"{monday(site, weeks=3)}"
    address = await booked(reception, {**choices, "day": day})
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if "Laragne" in v.town)
    query = {"service_id": choices["service_id"], "venue_id": venue.id}
    async with reception.get(address) as answer, site.client() as citizen:
        text = await answer.text()
        assert "km de route aller et retour" in text
        assert "Le rendez-vous ne coûte rien" in text
        async with citizen.get("/book", params=query) as offer:
            assert "km de route aller et retour" in await offer.text()
