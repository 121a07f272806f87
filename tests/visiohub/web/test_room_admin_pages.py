"""Prices, accounts and rules of rooms are edited on pages: whole, or not at all, with words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from hub_site import Site, inputs_of

from visiohub.domain.calendar.opening import Closure
from visiohub.web.pages.rooms import lines

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
async def coordinator(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with site.client("coordination") as client:
        yield client


async def fields(client: aiohttp.ClientSession, path: str) -> dict[str, str]:
    async with client.get(path) as answer:
        assert answer.status == 200
        found = inputs_of(await answer.text())
    ticks = {"needs_approval", "prices_include_vat", "active"}
    return {
        k: v for k, v in found.items() if k not in ticks and not k.endswith((".days", ".removed"))
    }


async def post(client: aiohttp.ClientSession, path: str, data: dict[str, str], status: int) -> str:
    async with client.post(path, data=data, allow_redirects=False) as answer:
        text = await answer.text()
        assert answer.status == status, text
        return text


async def test_a_price_list_is_saved_and_a_slip_is_named_at_its_field(
    coordinator: aiohttp.ClientSession, site: Site
) -> None:
    typed = await fields(coordinator, "/prices") | {"prices_include_vat": "1"}
    page = await post(coordinator, "/prices", typed | {"tariffs.0.two_hours": "-3"}, 422)
    assert 'href="#f-tariffs.0.two_hours"' in page
    assert "Un prix ne peut pas être négatif." in page
    page = await post(coordinator, "/prices", typed | {"tariffs.0.two_hours": "douze"}, 422)
    assert "12,50" in page
    page = await post(coordinator, "/prices", typed | {"peak": "{Lundi} 9"}, 422)
    assert "{Lundi} 9" in page
    for wrong in (
        {"tariffs.0.quota_hours": "--5"},
        {"tariffs.0.free": "samedi, marsdi"},
        {"vat_percent": "1E-999999"},
        {"late_percent": "33,333"},
        {"no_show_percent": "-1"},
        {"tariffs.0.week": "", "tariffs.0.week.peak": "12"},  # dearer than no price
        {"passes.0.price": ""},  # nobody is given a pass by a slip
        {"tariffs.0.profile": ""},
        {"passes.0.id": ""},
    ):
        page = await post(coordinator, "/prices", typed | wrong, 422)
        assert f'href="#f-{next(iter(wrong))}"' in page
    changed = {"tariffs.0.two_hours": "51,50", "tariffs.0.free": "dimanche,SAMEDI, dimanche"}
    await post(coordinator, "/prices", typed | changed, 303)
    again = await fields(coordinator, "/prices")
    assert again["tariffs.0.two_hours"] == "51,50"
    assert again["tariffs.0.free"] == "Samedi, Dimanche"
    assert again["passes.0.count"] == typed["passes.0.count"]
    page = await post(coordinator, "/prices", typed | {"prices_include_vat": "1"}, 409)
    assert "51,50" in page  # what somebody else saved stands beside what was typed
    await post(coordinator, "/prices", typed | {"version": again["version"]}, 303)


async def test_a_row_whose_name_is_emptied_is_kept_and_one_is_removed_by_its_tick(
    coordinator: aiohttp.ClientSession, site: Site
) -> None:
    typed = await fields(coordinator, "/prices") | {"prices_include_vat": "1"}
    emptied = typed | {"passes.0.id": "", "passes.1.removed": "1", "tariffs.1.hour": "un"}
    page = await post(coordinator, "/prices", emptied, 422)
    assert 'href="#f-passes.0.id"' in page
    assert "cochez «\u00a0Ôter\u00a0»" in page
    shown = inputs_of(page)
    assert {name: shown.get(name) for name in emptied} == emptied
    emptied = {name: "" for name in typed if name.startswith("tariffs.0.")}
    for left in ("tariffs.0.hour", "tariffs.0.first_count"):  # a 0 is something typed
        page = await post(coordinator, "/prices", typed | emptied | {left: "0"}, 422)
        assert 'href="#f-tariffs.0.profile"' in page
    faulty = typed | {"passes.0.removed": "1", "passes.1.count": "-4"}  # its place in the form
    assert 'href="#f-passes.1.count"' in await post(coordinator, "/prices", faulty, 422)
    await post(coordinator, "/prices", typed | {"passes.0.removed": "1"}, 303)
    again = await fields(coordinator, "/prices")
    assert again["passes.0.id"] == typed["passes.1.id"]
    await post(coordinator, "/prices", typed | {"version": again["version"]}, 303)


async def test_rules_are_saved_as_they_are_typed(
    coordinator: aiohttp.ClientSession, site: Site
) -> None:
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if v.town == "Rosans")
    path = f"/places/{venue.id}"
    typed = await fields(coordinator, path) | {
        "territory": "6AE",
        "notice": "120",
        "exceptions": "24/12/2030 | 9:00-12:00, 14 h-16 h | Veille de Noël",
        "closures": "01/08/2030 | 15/08/2030 | Congés",
        "window.0.days": "2",
        "window.0.from": "9 h",
        "window.0.to": "12:00",
        "window.0.first": "public_service",
        "window.0.ahead": "24",
    }
    page = await post(coordinator, path, typed | {"closures": "demain"}, 422)
    assert "«\u00a0demain\u00a0» ne se lit pas." in page
    page = await post(coordinator, path, typed | {"shortest": "300", "longest": "10"}, 422)
    assert "dépasse la plus longue" in page
    for name, value, says in (
        ("notice", "--5", "nombre entier"),
        ("horizon_days", "9999999", "de 0 à 730"),
        ("step", "0", "de 1 à 1440"),
        ("closures", "01/08/2030 | 31/12/9999 | Pour toujours", "ne se lit pas"),
        ("exceptions", "0001-01-01 | 9:00-12:00 | Jadis", "ne se lit pas"),
    ):
        page = await post(coordinator, path, typed | {name: value}, 422)
        assert f'href="#f-{name}"' in page
        assert says in page
    for since in ("9999-12-31", "0001-01-01", "hier"):
        await post(coordinator, path, typed | {"window.0.since": since, "step": "0"}, 422)
    await post(coordinator, path, typed | {"window.0.days": "12", "step": "0"}, 422)
    await post(coordinator, path, typed, 303)
    with site.hub.reading() as uow:
        kept = uow.place_rules.get(venue.id)
    assert kept.rules.closures[0].reason == "Congés"
    assert kept.rules.exceptions[0].ranges[1] == (time(14), time(16))
    (shared,) = kept.sharing.windows
    assert (shared.window.starts.weekday(), shared.window.starts.time()) == (2, time(9))
    again = await fields(coordinator, path)
    assert again["window.0.ahead"] == "24"
    await post(coordinator, path, typed, 409)


async def test_an_organisation_an_account_and_a_pass(
    coordinator: aiohttp.ClientSession, site: Site
) -> None:
    organisation = {"name": "Union locale", "address": "1 rue\n05000 Gap", "contact": "Mme R.",
                    "email": "not an address"}  # fmt: skip
    await post(coordinator, "/organisations/new", organisation, 422)
    await post(coordinator, "/organisations/new", organisation | {"email": "a@b.example"}, 303)
    with site.hub.reading() as uow:
        person = uow.persons.list(login="msa2")[0]
        payer = uow.organisations.list(name="Union locale")[0]
    assert payer.address == ("1 rue", "05000 Gap")
    account = {"person_id": person.id, "profile": "adhérent", "books_as": "public_service",
               "organisation_id": payer.id, "active": "1"}  # fmt: skip
    await post(coordinator, "/accounts/new", account | {"person_id": "nobody"}, 422)
    await post(coordinator, "/accounts/new", account, 303)
    with site.hub.reading() as uow:
        kept = uow.memberships.list(person_id=person.id)[0]
    await post(coordinator, f"/accounts/{kept.id}/passes", {"offer_id": "none"}, 422)
    await post(
        coordinator, f"/accounts/{kept.id}/passes", {"offer_id": "territory/10-demi-journees"}, 303
    )
    async with coordinator.get(f"/statements.csv?month={site.hub.clock():%Y-%m}") as answer:
        table = await answer.text("utf-8-sig")
    assert "Union locale;" in table
    async with coordinator.get("/statements.csv?month=13") as answer:
        assert answer.status == 404


def test_closures_are_read_as_they_are_written() -> None:
    whole = Closure.of_days(date(2027, 3, 27), date(2027, 3, 28), PARIS, "Travaux")
    part = Closure(
        datetime(2027, 5, 3, 12, tzinfo=PARIS), datetime(2027, 5, 4, 9, tzinfo=PARIS), "Fête"
    )
    text = lines.write_closures((whole, part), PARIS)
    assert text == "27/03/2027 | 28/03/2027 | Travaux\n03/05/2027 12:00 | 04/05/2027 09:00 | Fête"
    assert lines.read_closures(text, PARIS) == (whole, part)
    week = "Lundi 08:00-12:00, 13:30-17:00\nSamedi 09:00-12:00"
    assert lines.write_week(lines.read_week(week)) == week
    with pytest.raises(lines.LineUnreadableError):
        lines.read_week("Lundi 8 à 12")
    days = "Mercredi, Samedi"
    assert lines.write_days(lines.read_days("saturday, mercredi,")) == days
    assert lines.read_days("") == frozenset()
