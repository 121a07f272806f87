"""Hours and rules of venues, rooms and receptions; school holidays; what cannot be seen."""

from __future__ import annotations

import io
import re
from datetime import date, time, timedelta

import aiohttp
import pytest
from coming_days import first_workday
from hub_site import Site

from visiohub.booking import appointments
from visiohub.booking.forms import AppointmentForm
from visiohub.booking.opening import desk_calendar
from visiohub.domain import hours
from visiohub.domain.booking import desk_of
from visiohub.domain.model import Venue
from visiohub.web.typed import in_sight

SCHOOL = (
    "Description;Population;Date de début;Date de fin;Zones\n"
    "Vacances de Noël;-;2030-12-20;2031-01-06;{zone}\n"
)


def venue_of(site: Site, town: str) -> Venue:
    with site.hub.reading() as uow:
        return next(v for v in uow.venues.list() if v.town == town)


async def post(client: aiohttp.ClientSession, path: str, data: object, status: int) -> str:
    async with client.post(path, data=data, allow_redirects=False) as answer:
        text = await answer.text()
        assert answer.status == status, text
        return answer.headers.get("Location", text)


async def got(client: aiohttp.ClientSession, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200, path
        return await answer.text()


def version_in(page: str) -> str:
    return re.findall(r'name="version" value="(\d+)"', page)[0]


async def test_reception_comes_to_its_own_rules_by_a_link(
    reception: aiohttp.ClientSession, site: Site
) -> None:
    assert 'href="/places"' in await got(reception, "/reception")
    listed = await got(reception, "/places")
    here, other = venue_of(site, "Laragne-Montéglin"), venue_of(site, "Rosans")
    for place in (here.id, desk_of(here.id)):
        assert f"/places/{place}" in listed
        rules = await got(reception, f"/places/{place}")
        said = "les rendez-vous suivent ceux de leur service" in rules
        assert said == (place == here.id)  # no buffer, notice or length is a desk's
    assert other.id not in listed
    assert "/school-holidays" not in listed
    for place in (other.id, desk_of(other.id)):
        async with reception.get(f"/places/{place}") as answer:
            assert answer.status == 403
        await post(reception, f"/places/{place}", {"version": "0", "territory": "none"}, 403)


async def test_a_reception_has_hours_within_its_venues_and_the_public_page_shows_them(
    site: Site, anonymous: aiohttp.ClientSession
) -> None:
    venue = venue_of(site, "Rosans")
    path = f"/places/{desk_of(venue.id)}"
    async with site.client("coordination") as client:
        page = await got(client, path)
        assert "Accueil de" in page
        assert 'name="shortest"' not in page
        typed = {"version": version_in(page), "territory": "none"}
        night = typed | {"weekly": "Dimanche 2:00-3:00"}
        assert "ce ne serait jamais ouvert" in await post(client, path, night, 422)
        twice = typed | {"weekly": "Lundi 9:00-12:00, 11:00-13:00"}
        page = await post(client, path, twice, 422)
        assert re.search(r"avant que la précédente ferme à .{,8} \(lundi\)", page)
        assert 'href="#f-weekly"' in page
        await post(client, path, typed | {"weekly": "Lundi 9:00-10:00"}, 303)
    assert "L’accueil, ces jours-là" in await got(anonymous, f"/near/{venue.id}")
    with site.hub.reading() as uow:
        calendar = desk_calendar(uow, venue)
    assert calendar is not None
    day = date(2027, 3, 1)  # a Monday
    spans = calendar.spans(*hours.day_span(day, calendar.zone))
    assert [end - start for start, end in spans] == [timedelta(hours=1)]


async def test_rules_that_hide_or_contradict_each_other_are_named_at_their_fields(
    site: Site,
) -> None:
    venue = venue_of(site, "Rosans")
    path = f"/places/{venue.id}"
    async with site.client("coordination") as client:
        version = version_in(await got(client, path))
        typed = {
            "version": version,
            "territory": "6AE",
            "exceptions": "24/12/2030 | 9:00-12:00 | Veille de Noël",
            "closures": "20/12/2030 | 31/12/2030 | Congés",
        }
        page = await post(client, path, typed, 422)
        assert 'href="#f-exceptions"' in page
        assert "la fermeture «\u00a0Congés\u00a0» les couvre" in page
        windows = {
            "version": version, "territory": "6AE",
            "window.0.days": "0", "window.0.from": "9:00", "window.0.to": "12:00",
            "window.0.first": "public_service",
            "window.1.days": "0", "window.1.from": "11:00", "window.1.to": "13:00",
            "window.1.first": "professional",
        }  # fmt: skip
        page = await post(client, path, windows, 422)
        assert "Deux plages partagées se rencontrent" in page
        same = windows | {"window.1.first": "public_service"}
        await post(client, path, same, 303)


def book_at(site: Site, venue: Venue, day: date) -> None:
    """An appointment; the demo's own are of the next days, of which the venue may open on none."""
    with site.hub.reading() as uow:
        agent = uow.persons.list(login="caf1")[0]
        services = uow.services.list(partner_id=agent.partner_id, walk_in=False, active=True)
        service = next(s for s in services if s.duration_minutes == 30)
        kiosk = uow.kiosks.at_venue(venue.id)[0]
    form = AppointmentForm(
        service_id=service.id, kiosk_id=kiosk.id, day=day, time=time(10), initials="D. R."
    )
    site.do(appointments.book, form, agent, site.hub.clock())


async def test_what_lies_in_a_closure_is_listed_with_links(site: Site) -> None:
    venue = venue_of(site, "Guillestre")
    path = f"/places/{venue.id}"
    today = hours.local_day(site.hub.clock(), hours.zone_of(venue.time_zone))
    first, last = today + timedelta(days=1), today + timedelta(days=40)
    book_at(site, venue, first_workday(1, today + timedelta(days=7)))
    async with site.client("coordination") as client:
        version = version_in(await got(client, path))
        closures = f"{first:%d/%m/%Y} | {last:%d/%m/%Y} | Travaux"
        typed = {"version": version, "territory": "6AE", "closures": closures}
        there = await post(client, path, typed, 303)
        assert there.startswith(path)
        page = await got(client, there)
        assert "Déjà réservé pendant une fermeture" in page
        links = set(re.findall(r'<li><a href="(/(?:planning/bookings|appointments)/[^"]+)"', page))
        for kind in ("/planning/bookings/", "/appointments/"):
            await got(client, next(link for link in sorted(links) if link.startswith(kind)))


def upload(text: str) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(text.encode()), filename="a.csv", content_type="text/csv")
    return form


async def test_the_ministrys_file_is_loaded_on_a_page_whole_or_not_at_all(site: Site) -> None:
    path = "/school-holidays"
    async with site.client("coordination") as client:
        await post(client, path, upload(SCHOOL.format(zone="Zone B")), 303)
        page = await got(client, path)
        assert "Zone B" in page
        assert "Vacances de Noël" in page
        wrong = SCHOOL.format(zone="Zone C") + "Hiver;-;hier;2031-02-20;Zone C\n"
        page = await post(client, path, upload(wrong), 422)
        assert "Ligne 3" in page
        assert "Zone C" not in page
        for text in ("", "Description\n", "nothing;at;all\n1;2;3\n"):
            assert 'href="#f-file"' in await post(client, path, upload(text), 422)
        assert "Zone B" in await got(client, f"/places/{venue_of(site, 'Rosans').id}")
    async with site.client("accueil-laragne") as client:
        await post(client, path, upload(SCHOOL.format(zone="Zone A")), 403)


async def test_a_line_like_another_is_refused_and_invisible_signs_are_dropped(
    admin: aiohttp.ClientSession, site: Site
) -> None:
    with site.hub.reading() as uow:
        kept = uow.lines.list(active=True)[0]
    data = {
        "venue_id": kept.venue_id, "kind": str(kept.kind), "operator": f"\u200b{kept.operator}",
        "up_kbit_s": str(kept.up_kbit_s), "down_kbit_s": str(kept.down_kbit_s),
    }  # fmt: skip
    page = await post(admin, "/admin/lines/new", data, 409)
    assert "Ce lieu a déjà une ligne de cet opérateur" in page
    assert 'href="#f-operator"' in page
    await post(admin, "/admin/lines/new", data | {"operator": "Autre\u202e 2\u200d"}, 303)
    with site.hub.reading() as uow:
        assert uow.lines.list(operator="Autre 2")


async def test_a_services_own_limits_are_edited_on_its_page(
    admin: aiohttp.ClientSession, site: Site
) -> None:
    with site.hub.reading() as uow:
        partner = uow.partners.list(active=True)[0]
    data = {
        "partner_id": partner.id, "name": "Limité", "duration_minutes": "30",
        "notice_minutes": "", "horizon_days": "", "buffer_before_minutes": "",
        "buffer_after_minutes": "15", "shortest_minutes": "", "longest_minutes": "20",
    }  # fmt: skip
    page = await post(admin, "/admin/services/new", data, 422)
    assert 'href="#f-longest_minutes"' in page
    place = await post(admin, "/admin/services/new", data | {"longest_minutes": "60"}, 303)
    with site.hub.reading() as uow:
        kept = uow.services.get(place.partition("?")[0].rpartition("/")[2])
    assert (kept.notice_minutes, kept.horizon_days) == (0, None)
    assert (kept.buffer_after_minutes, kept.longest_minutes) == (15, 60)
    page = await got(admin, place)
    assert re.search(r'name="buffer_after_minutes"[^>]*value="15"', page)


async def test_an_absence_of_hours(agent: aiohttp.ClientSession, site: Site) -> None:
    with site.hub.reading() as uow:
        me = uow.persons.list(login="caf1")[0]
    assert f'<option value="{me.id}" selected>' in await got(agent, "/permanences")
    data = {"partner_id": me.partner_id, "holder_id": me.id, "from": "01/03/2027",
            "begins": "14 h", "ends": "25", "reason": "formation"}  # fmt: skip
    assert "Donnez une heure" in await post(agent, "/absences", data, 422)
    await post(agent, "/absences", data | {"ends": "16h30"}, 303)
    with site.hub.reading() as uow:
        [kept] = [a for a in uow.absences.list() if a.reason == "formation"]
    assert kept.ends_at - kept.starts_at == timedelta(hours=2, minutes=30)
    await post(agent, f"/absences/{kept.id}/end", {}, 303)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Mairie", "Mairie"),
        ("Mai\u200brie\ufeff\u00ad", "Mairie"),
        ("\u202eeiriaM", "eiriaM"),
        ("a\u200db", "ab"),
        ("\u200dMairie\u200c", "Mairie"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian, written with a non-joiner
        ("क्\u200dष", "क्\u200dष"),  # Devanagari, a half form
        ("👩\u200d💻", "👩\u200d💻"),
    ],
)
def test_what_cannot_be_seen_is_dropped_but_where_letters_need_it(typed: str, kept: str) -> None:
    assert in_sight(typed) == kept
