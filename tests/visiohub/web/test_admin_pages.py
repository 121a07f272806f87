"""Administrators make, edit and retire; enrolment by one-time code."""

from __future__ import annotations

import base64
import html
import re

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hub_site import Site, inputs_of

from visiohub.domain.model import CallEnd

VENUE = {
    "name": "Mairie de Tallard",
    "kind": "Mairie",
    "street": "1 place du Château",
    "postcode": "05130",
    "town": "Tallard",
    "latitude": "44,46",
    "longitude": "6.05",
    "time_zone": "Europe/Paris",
    "phone": "04 65 71 20 99",
    "access": "",
    "opens-0-0": "08:00",
    "closes-0-0": "12:00",
    "opens-0-1": "12 h 30",
    "closes-0-1": "1630",
}


async def make(client: aiohttp.ClientSession, kind: str, data: dict[str, str]) -> str:
    async with client.post(f"/admin/{kind}/new", data=data, allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()
        return answer.headers["Location"].split("?")[0]


async def test_a_line_is_told_by_its_venue(site: Site, admin: aiohttp.ClientSession) -> None:
    with site.hub.reading() as uow:
        line = uow.lines.list()[0]
        venue = uow.venues.get(line.venue_id)
    async with admin.get(f"/admin/lines/{line.id}") as answer:
        assert f"<h1>{html.escape(venue.name)}</h1>" in await answer.text()


async def test_a_venue_from_nothing_to_retired(admin: aiohttp.ClientSession) -> None:
    address = await make(admin, "venues", VENUE)
    async with admin.get(address) as answer:
        text = await answer.text()
    assert 'name="opens-0-1" value="12:30"' in text
    version = inputs_of(text)["version"]

    edited = {**VENUE, "phone": "04 65 71 20 98", "version": version}
    async with admin.post(address, data=edited) as answer:
        assert answer.status == 200
    async with admin.post(address, data={**VENUE, "access": "Rampe", "version": version}) as answer:
        assert answer.status == 409
        both = await answer.text()
    assert "Les deux versions" in both
    assert "04 65 71 20 98" in both
    assert ">Rampe</textarea>" in both
    # on a telephone, where the columns have no head, each value says whose it is
    assert '<td data-label="Enregistré">04 65 71 20 98</td>' in both
    assert f'<td data-label="Votre choix">{VENUE["phone"]}</td>' in both

    fresh = inputs_of(both)["version"]
    async with admin.post(f"{address}/retire", data={"version": fresh}) as answer:
        assert answer.status == 200
    async with admin.get("/admin/venues") as answer:
        assert "Tallard" not in await answer.text()
    async with admin.get("/admin/venues?retired=1") as answer:
        assert "Tallard" in await answer.text()


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"name": ""}, "name", "Remplissez"),
        ({"postcode": "5"}, "postcode", "cinq chiffres"),
        ({"latitude": "north"}, "latitude", "Donnez un nombre"),
        ({"phone": "x"}, "phone", "téléphone"),
        ({"time_zone": "Europe/Gap"}, "time_zone", "Fuseau inconnu"),
        ({"closes-0-0": "07:00"}, "opening", "fermeture doit suivre"),
        ({"opens-0-1": "11:00"}, "opening", "se chevauchent"),
        ({"opens-0-0": ""}, "opening", "Donnez une heure"),
        ({"opens-0-0": "8:75"}, "opening", "Donnez une heure"),
    ],
)
async def test_each_wrong_field_of_a_venue_is_named(
    wrong: dict[str, str], field: str, says: str, admin: aiohttp.ClientSession
) -> None:
    async with admin.post("/admin/venues/new", data={**VENUE, **wrong}) as answer:
        assert answer.status == 422
        text = await answer.text()
    assert f'href="#f-{field}"' in text
    assert says in text
    assert 'value="Tallard"' in text


async def test_what_appointments_need_is_not_retired(
    site: Site, admin: aiohttp.ClientSession
) -> None:
    with site.hub.reading() as uow:
        kiosk = uow.kiosks.get(site.demo.kiosk_id)
    data = {"version": str(kiosk.version)}
    async with admin.post(f"/admin/kiosks/{kiosk.id}/retire", data=data) as answer:
        assert answer.status == 409
        assert "en dépendent" in await answer.text()


async def test_enrolment_code_once_then_revoked(site: Site, admin: aiohttp.ClientSession) -> None:
    with site.hub.reading() as uow:
        room = next(r for r in uow.rooms.list() if r.active)
    address = await make(admin, "kiosks", {"room_id": room.id, "name": "Borne d’essai"})
    kiosk_id = address.rsplit("/", 1)[1]
    async with admin.post(f"{address}/code") as answer:
        text = await answer.text()
    found = re.search(r'class="secret">([^<]+)<', text)
    assert found
    code = found[1].replace("\u00a0", " ")

    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    body = {"code": code, "public_key": base64.urlsafe_b64encode(key).decode(), "software": "t"}
    async with aiohttp.ClientSession(site.origin) as kiosk:
        async with kiosk.post("/api/v1/enrolments", json={**body, "code": "BBBBBBBB"}) as answer:
            assert answer.status == 403
            assert (await answer.json())["code"] == "enrolment_refused"
        async with kiosk.post("/api/v1/enrolments", json=body) as answer:
            assert answer.status == 201
            enrolled = await answer.json()
        assert enrolled == {"kiosk_id": kiosk_id, "hub_origin": site.origin}
        async with kiosk.post("/api/v1/enrolments", json=body) as answer:
            assert answer.status == 403

    async with admin.post(f"{address}/revoke") as answer:
        assert answer.status == 200
        assert "coupée" in await answer.text()


async def test_a_password_is_shown_once_and_works(site: Site, admin: aiohttp.ClientSession) -> None:
    data = {"login": "essai", "label": "Essai", "roles": "technician", "language": "fr"}
    address = await make(admin, "people", data)
    async with admin.post(address, data={"set_password": "1"}) as answer:
        found = re.search(r'class="secret">([^<]+)<', await answer.text())
    assert found
    async with site.client() as fresh:
        form = {"login": "essai", "password": found[1]}
        async with fresh.post("/sign-in", data=form, allow_redirects=False) as answer:
            assert answer.status == 303


async def test_many_are_narrowed(site: Site, admin: aiohttp.ClientSession) -> None:
    with site.hub.reading() as uow:
        room = next(r for r in uow.rooms.list() if r.active)
    for number in range(60):
        data = {"venue_id": room.venue_id, "name": f"Salle {number:03}", "capacity": "4"}
        await make(admin, "rooms", data)
    async with admin.get("/admin/rooms") as answer:
        text = await answer.text()
    assert "En voici 50" in text
    async with admin.get("/admin/rooms?word=salle+007") as answer:
        text = await answer.text()
    assert "Salle 007" in text
    assert "Salle 008" not in text


async def test_the_record_as_csv(site: Site) -> None:
    async with site.client("coordination") as client, client.get("/calls.csv") as answer:
        raw = await answer.read()
        assert "attachment" in answer.headers["Content-Disposition"]
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = raw.decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("Arrivée;Fin;Lieu;")
    assert len(lines) > 10
    assert len({line.count(";") for line in lines if line}) == 1


async def test_the_record_shows_both_ends_and_what_failed(site: Site) -> None:
    with site.hub.uow() as uow:
        call = max(uow.calls.list(), key=lambda call: call.arrived_at)
        call.arrived_at = site.hub.clock()
        call.kiosk_end = CallEnd(video_codec="VP8", audio_codec="opus", rtt_ms=41.0, samples=9)
        call.agent_end = CallEnd(video_codec="AV1", audio_codec="G722", rtt_ms=43.0, samples=9)
        call.device_faults = ("agent.camera", "kiosk.speaker")
        uow.commit()
    async with site.client("coordination") as client:
        async with client.get("/calls") as answer:
            page = await answer.text()
        async with client.get("/calls.csv") as answer:
            table = (await answer.text()).splitlines()
    newest = page.split('<li class="record">')[1]
    _headings, kiosk_end, agent_end = newest.split("</tr>")[:3]
    for row, side, words in ((kiosk_end, "Borne", ("VP8, opus", "41")),
                             (agent_end, "Agent", ("AV1, G722", "43"))):  # fmt: skip
        assert all(word in row for word in (side, *words))
    assert "En panne\u00a0: Caméra de l’agent, Haut-parleur de la borne" in newest
    assert sum("Caméra de l’agent, Haut-parleur de la borne" in line for line in table) == 1


async def test_technicians_see_the_agent_s_devices_while_the_call_lasts(site: Site) -> None:
    with site.hub.uow() as uow:
        kiosk = uow.kiosks.get(site.demo.kiosk_id)
        kiosk.public_key, kiosk.here = bytes(32), True
        kiosk.enrolled_at = site.hub.clock()
        call = max(uow.calls.list(), key=lambda call: call.arrived_at)
        call.kiosk_id, call.state = kiosk.id, "connected"
        call.agent_devices = (
            {"kind": "camera", "status": "unplugged", "name": "C920", "detail": "unplugged"},
        )
        uow.commit()

    async def pages() -> list[str]:
        async with site.client("technique") as client:
            found = []
            for path in ("/kiosks", f"/kiosks/{site.demo.kiosk_id}"):
                async with client.get(path) as answer:
                    found.append(await answer.text())
        return found

    for page in await pages():
        assert "Caméra de l’agent" in page
        assert "débranché" in page
    with site.hub.uow() as uow:
        uow.calls.get(call.id).state = "ended"
        uow.commit()
    assert not any("Caméra de l’agent" in page for page in await pages())


async def test_the_list_of_kiosks_counts_those_in_trouble(
    site: Site, admin: aiohttp.ClientSession
) -> None:
    with site.hub.uow() as uow:
        kiosk = uow.kiosks.get(site.demo.kiosk_id)
        kiosk.public_key, kiosk.enrolled_at = bytes(32), site.hub.clock()
        kiosk.here = False
        uow.commit()
    async with admin.get("/kiosks") as answer:
        assert answer.status == 200
        assert re.search(r"<h1>1 point visio sur \d+ a besoin de vous", await answer.text())
