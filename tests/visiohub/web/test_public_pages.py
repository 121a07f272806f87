"""A citizen without an account searches, books, moves, cancels, waits; over HTTP, no scripts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from hub_site import Site, inputs_of

from signaling.session.rate_limit import AddressLimits
from visiohub.booking import limits, online
from visiohub.domain.model import Service, Venue
from visiohub.storage.uow import UnitOfWork
from visiohub.web.public_form import SEARCH_LIMITS, SEARCHES

SLOT = re.compile(r'/book\?service_id=[^"]+')
OTHER_HOUR = re.compile(r'<input type="radio" name="at" value="([^"]+)"')


@pytest.fixture
def serres(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Venue, Service]]:
    """A small town hall, and a service of half an hour; nobody has searched or booked yet."""
    site.do(forget_tries)
    monkeypatch.setattr(site.app[SEARCH_LIMITS], "take", AddressLimits(SEARCHES).take)
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if v.town == "Serres")
        partner = uow.partners.list(short_name="MSA")[0]
        service = next(
            s for s in uow.services.list(partner_id=partner.id) if s.duration_minutes == 30
        )
    yield venue, service
    site.do(forget_tries)


@pytest.fixture
def nothing_free(site: Site, serres: tuple[Venue, Service]) -> Iterator[None]:
    """Of that service: it is to be booked long ahead."""

    def notice(uow: UnitOfWork, days: int) -> None:
        uow.services.get(serres[1].id).notice_minutes = days * 24 * 60

    site.do(notice, 90)
    yield
    site.do(notice, 0)


def forget_tries(uow: UnitOfWork) -> None:
    for tried in uow.attempts.list(kind=online.PUBLIC_BOOKING):
        uow.attempts.remove(tried)


async def text(client: aiohttp.ClientSession, path: str, status: int = 200) -> str:
    async with client.get(path) as answer:
        assert answer.status == status, await answer.text()
        return await answer.text()


async def post(
    client: aiohttp.ClientSession, path: str, data: Any, status: int = 200
) -> tuple[str, str]:
    async with client.post(path, data=data) as answer:
        assert answer.status == status, await answer.text()
        return await answer.text(), str(answer.url)


async def booked(
    client: aiohttp.ClientSession, serres: tuple[Venue, Service], slot: int = 0, **fields: str
) -> tuple[str, str, dict[str, str]]:
    """The paper, the way to the appointment, and what was sent."""
    venue, service = serres
    page = await text(client, f"/near/{venue.id}?service_id={service.id}")
    step = html.unescape(SLOT.findall(page)[slot])
    data = {**inputs_of(await text(client, step)), **fields}
    data = {k: v for k, v in data.items() if k in {"service_id", "venue_id", "at", "key", *fields}}
    paper, _ = await post(client, "/book", data)
    return paper, html.unescape(re.findall(r'href="(/my/[^"]+)"', paper)[0]), data


async def test_search_by_town_postcode_and_nothing(
    anonymous: aiohttp.ClientSession, serres: tuple[Venue, Service]
) -> None:
    _venue, service = serres
    for place in ("Serres", "05700", "serr", "44.43, 5.71"):
        page = await text(anonymous, f"/near?place={place}&km=30&service_id={service.id}")
        assert "Serres" in page
        assert SLOT.search(page), place
    assert "Commune inconnue ici" in await text(anonymous, "/near?place=Brest")
    assert "Choisissez un service" in await text(anonymous, "/near?place=Serres")
    rooms = await text(anonymous, "/near?what=room&place=Serres")
    assert "Salle du rez-de-chaussée" in rooms
    for odd in ("km=x", "what=%00", "service_id=none", "place=" + "x" * 500):
        await text(anonymous, f"/near?{odd}")


async def test_where_nothing_is_free_the_page_says_why(
    site: Site, anonymous: aiohttp.ClientSession, serres: tuple[Venue, Service]
) -> None:
    venue, service = serres
    with site.hub.reading() as uow:
        room = uow.rooms.list(venue_id=venue.id, active=True)[0]
        usual = uow.place_rules.get(room.id).limits

    def change(uow: UnitOfWork, days: int) -> None:
        uow.services.get(service.id).notice_minutes = days * 24 * 60
        limits = replace(usual, notice=timedelta(days=days)) if days else usual
        uow.place_rules.get(room.id).limits = limits

    site.do(change, 90)
    try:
        says = "À réserver longtemps à l’avance"
        asked = f"service_id={service.id}"
        assert says in await text(anonymous, f"/near?place=Serres&{asked}")
        assert says in await text(anonymous, f"/near/{venue.id}?{asked}")
        at = "2020-01-01T09:00Z"
        assert says in await text(anonymous, f"/book?{asked}&venue_id={venue.id}&at={at}")
        assert says in await text(anonymous, "/near?what=room&place=Serres")
    finally:
        site.do(change, 0)


async def test_four_steps_to_a_paper_without_the_reason(
    anonymous: aiohttp.ClientSession, serres: tuple[Venue, Service]
) -> None:
    _venue, service = serres
    paper, link, data = await booked(anonymous, serres, needs="large_print", initials="d. r.")
    assert re.search(r"\d{4}.\d{4}", paper)
    assert 'class="large"' in paper
    assert service.name not in paper
    assert "D. R." not in paper
    # the same form sent again makes no second appointment, and what is gone is not offered again
    again, _ = await post(anonymous, "/book", data)
    assert link in html.unescape(again)
    other = await text(anonymous, f"/book?{urlencode({**data, 'at': '2020-01-01T09:00Z'})}")
    assert "Cette heure n’est pas libre" in other
    assert OTHER_HOUR.search(other)


async def test_a_slot_taken_meanwhile_keeps_what_was_typed(
    anonymous: aiohttp.ClientSession, serres: tuple[Venue, Service]
) -> None:
    venue, service = serres
    page = await text(anonymous, f"/near/{venue.id}?service_id={service.id}")
    form = inputs_of(await text(anonymous, html.unescape(SLOT.findall(page)[1])))
    await booked(anonymous, serres, slot=1)
    typed = {name: form[name] for name in ("service_id", "venue_id", "at", "key")}
    typed |= {"initials": "F. B.", "phone": "06 12 34 56 78", "email": "fb@example.fr"}
    typed |= {"needs": "wheelchair"}
    page, _ = await post(anonymous, "/book", typed, status=409)
    assert "Cette heure vient d’être prise." in page
    assert "Vos réponses sont gardées." in page
    kept = inputs_of(page)
    assert {name: kept[name] for name in ("key", "initials", "phone", "email")} == {
        name: typed[name] for name in ("key", "initials", "phone", "email")
    }
    assert 'value="wheelchair" checked' in page
    # no hour is no answer either; another one takes all that was typed along
    page, _ = await post(anonymous, "/book", {**typed, "at": ""}, status=422)
    assert "Choisissez une heure libre." in page
    assert inputs_of(page)["initials"] == "F. B."
    paper, _ = await post(anonymous, "/book", {**typed, "at": OTHER_HOUR.findall(page)[0]})
    link = html.unescape(re.findall(r'href="(/my/[^"]+)"', paper)[0])
    assert "Mon rendez-vous" in await text(anonymous, link)


async def test_where_no_other_slot_is_free_waiting_keeps_what_was_typed(
    site: Site, anonymous: aiohttp.ClientSession, serres: tuple[Venue, Service]
) -> None:
    venue, service = serres
    typed = {"service_id": service.id, "venue_id": venue.id, "at": "2020-01-01T09:00Z"}
    typed |= {"key": "of-a-form-shown-long-ago", "initials": "K. L.", "needs": "interpreter"}

    def notice(uow: UnitOfWork, days: int) -> None:
        uow.services.get(service.id).notice_minutes = days * 24 * 60

    site.do(notice, 90)
    try:
        page, _ = await post(anonymous, "/book", typed, status=422)
        hidden = inputs_of(page)
        page, _ = await post(anonymous, "/wait", {**hidden, "show": "1"})
    finally:
        site.do(notice, 0)
    assert inputs_of(page)["initials"] == "K. L."
    assert 'value="interpreter" checked' in page
    assert f'value="{venue.id}" checked' in page


async def test_confirm_move_and_cancel_by_link(
    anonymous: aiohttp.ClientSession, serres: tuple[Venue, Service]
) -> None:
    _paper, link, _ = await booked(anonymous, serres, slot=2)
    path = link.partition("?")[0]
    page = await text(anonymous, link)
    proof = {k: v for k, v in inputs_of(page).items() if k in {"key", "code", "version"}}
    page, _ = await post(anonymous, f"{path}/confirm", proof)
    assert "vous venez" in page
    proof["version"] = inputs_of(page)["version"]
    page, _ = await post(anonymous, f"{path}/move", proof)
    to = re.findall(r'name="to" value="([^"]+)"', page)[5]
    page, _ = await post(anonymous, f"{path}/move", {**proof, "to": to})
    assert "est déplacé" in page
    await post(anonymous, f"{path}/cancel", proof, status=409)  # of before the move
    proof["version"] = inputs_of(page)["version"]
    page, _ = await post(anonymous, f"{path}/cancel", proof)
    assert "est annulé" in page
    assert "Il n’y a plus rien à changer" in await text(anonymous, link)
    await text(anonymous, f"{path}?key=wrong", status=404)
    await post(anonymous, f"{path}/cancel", {"key": "", "code": ""}, status=404)


async def test_by_code_with_what_the_paper_says(
    anonymous: aiohttp.ClientSession, serres: tuple[Venue, Service]
) -> None:
    venue, _ = serres
    paper, link, data = await booked(anonymous, serres, slot=4)
    code = re.sub(r"\D", "", re.findall(r'class="digits">([^<]+)<', paper)[0])
    local = datetime.fromisoformat(data["at"]).astimezone(ZoneInfo(venue.time_zone))
    typed = {
        "venue_id": venue.id, "day": f"{local:%d/%m/%Y}", "time": f"{local:%Hh%M}", "code": code,
    }  # fmt: skip
    page, _ = await post(anonymous, "/my", typed)
    assert link.partition("?")[0] in page
    path = link.partition("?")[0]
    proof = {"code": code, "version": inputs_of(page)["version"]}
    page, _ = await post(anonymous, f"{path}/cancel", proof)
    assert "est annulé" in page
    page, _ = await post(anonymous, "/my", typed, status=409)
    assert "Aucun rendez-vous ce jour-là" in page
    for day in ("31/31/2026", "0001-01-01", "31/12/9999"):
        wrong = {"day": day, "time": "0 h"}
        page, _ = await post(anonymous, "/my", typed | wrong, status=422)
        assert "Écrivez un jour" in page


async def test_where_slots_are_free_waiting_leads_to_them(
    anonymous: aiohttp.ClientSession, serres: tuple[Venue, Service]
) -> None:
    venue, service = serres
    page = await text(anonymous, f"/wait?service_id={service.id}&venue_id={venue.id}")
    hidden = inputs_of(page)
    data = {k: hidden[k] for k in ("service_id", "venue_id", "key", "until")}
    data |= {"venue_ids": venue.id, "initials": "K. L.", "needs": "interpreter"}
    page, _ = await post(anonymous, "/wait", data, status=409)
    assert "Choisissez-en une, ou donnez un jour plus proche." in page
    assert page.count('value="K. L."') == 2  # of both forms
    papers = set()
    hours = re.findall(r'name="at" value="([^"]+)"', page)
    for at in (hours[0], hours[-1]):  # one, back, and another
        step, _ = await post(anonymous, "/book", {**data, "at": at, "show": "1"})
        kept = inputs_of(step)
        assert (kept["at"], kept["initials"]) == (at, "K. L.")
        assert 'value="interpreter" checked' in step
        form = {k: kept[k] for k in ("service_id", "venue_id", "at", "key", "initials")}
        paper, _ = await post(anonymous, "/book", form)
        papers.update(re.findall(r'href="(/my/[^"?]+)\?', paper))
    assert len(papers) == 2


@pytest.mark.parametrize("mail_host", ["", "mail.example.fr"])
async def test_an_address_is_asked_for_only_where_mail_is_sent(
    site: Site,
    anonymous: aiohttp.ClientSession,
    serres: tuple[Venue, Service],
    monkeypatch: pytest.MonkeyPatch,
    mail_host: str,
) -> None:
    venue, service = serres
    settings = site.hub.settings.model_copy(update={"mail_host": mail_host})
    monkeypatch.setattr(site.hub, "settings", settings)
    page = await text(anonymous, f"/wait?service_id={service.id}&venue_id={venue.id}")
    says = "Sans numéro ni adresse, une place" if mail_host else "Sans numéro, une place"
    assert says in page
    assert ('name="email"' in page) is bool(mail_host)


async def test_waiting_list_join_and_leave(
    anonymous: aiohttp.ClientSession, serres: tuple[Venue, Service], nothing_free: None
) -> None:
    venue, service = serres
    page = await text(anonymous, f"/wait?service_id={service.id}&venue_id={venue.id}")
    hidden = inputs_of(page)
    data = {k: hidden[k] for k in ("service_id", "venue_id", "key", "until")}
    page, _ = await post(anonymous, "/wait", data, status=422)  # no venue is chosen
    assert "pas encore sur la liste" in page
    page, url = await post(anonymous, "/wait", {**data, "venue_ids": venue.id})
    assert "En attente d’une place" in page
    path = url.partition("?")[0].partition("/wait/")[2]
    page, _ = await post(anonymous, f"/wait/{path}", {"key": data["key"], "do": "leave"})
    assert "quitté la liste" in page
    await text(anonymous, f"/wait/{path}?key=wrong", status=404)


async def test_bookings_and_searches_from_one_address_are_limited(
    anonymous: aiohttp.ClientSession,
    serres: tuple[Venue, Service],
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    venue, service = serres
    data = {"service_id": service.id, "venue_id": venue.id, "at": "2020-01-01T09:00Z"}
    now = site.hub.clock()
    for _ in range(online.MOST_AN_HOUR):
        site.do(limits.count_try, online.PUBLIC_BOOKING, "127.0.0.1", now)
    async with anonymous.post("/book", data=data) as answer:
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) > 0
    monkeypatch.setattr(site.app[SEARCH_LIMITS], "take", lambda _address, _now: 7.0)
    assert "Trop d’essais" in await text(anonymous, "/near", status=429)
    for path in ("/book", "/wait"):  # what is shown or led to is searched for, too
        page, _ = await post(anonymous, path, {**data, "show": "1"}, status=429)
        assert "Trop d’essais" in page
    page, _ = await post(anonymous, "/wait", {**data, "venue_ids": venue.id}, status=429)
    assert "Trop d’essais" in page


def test_a_minute_of_searches_at_once_then_one_a_second() -> None:
    searches = AddressLimits(SEARCHES)
    assert sum(searches.take("192.0.2.1", 0.0) == 0 for _ in range(100)) == SEARCHES.burst
    assert [searches.take("192.0.2.1", 1.0) == 0 for _ in range(2)] == [True, False]
