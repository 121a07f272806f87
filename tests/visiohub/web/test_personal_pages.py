"""An administrator shows, saves and erases what is kept of one person; the commands do the same."""

from __future__ import annotations

import json
from datetime import timedelta

import aiohttp
import pytest
from hub_site import Site
from typer.testing import CliRunner

from visiohub.booking import appointments
from visiohub.booking.personal.export import export_citizen, export_staff
from visiohub.cli import app
from visiohub.domain import hours
from visiohub.domain.waiting_list import WaitingEntry
from visiohub.web.pages.personal import LABELS

runner = CliRunner()


@pytest.fixture(scope="module")
def leaver(site: Site) -> str:
    site.new_person("zoe.zolverini", roles=["technician"])
    with site.hub.reading() as uow:
        return uow.persons.list(login="zoe.zolverini")[0].id


async def test_an_account(site: Site, leaver: str, admin: aiohttp.ClientSession) -> None:
    async with site.client("zoe.zolverini") as theirs, theirs.get("/kiosks") as answer:
        assert answer.status == 200
    page = f"/admin/data/staff/{leaver}"
    async with admin.get(page) as answer:
        text = await answer.text()
    assert "Ce qui est gardé de zoe.zolverini" in text
    assert "Connexions" in text
    assert '<td data-label="Rôles"><bdi>technique</bdi></td>' in text
    async with admin.get(f"{page}/export.json") as answer:
        assert "attachment" in answer.headers["Content-Disposition"]
        assert (await answer.json())["data"]["account"][0]["login"] == "zoe.zolverini"
    async with admin.post(f"{page}/erase") as answer:
        assert "La personne est effacée" in await answer.text()
    async with (
        site.client("zoe.zolverini") as theirs,
        theirs.get("/kiosks", allow_redirects=False) as answer,
    ):
        assert answer.status == 303
    async with admin.get(page) as answer:
        text = await answer.text()
    assert "zolverini" not in text
    assert "Rien de ce qui reste ne dit qui c’était" in text
    async with admin.get(f"/admin/people/{leaver}") as answer:
        assert answer.status == 200
    async with admin.get("/admin/people?retired=1") as answer:
        assert answer.status == 200


async def test_the_last_administrator_stays(site: Site, admin: aiohttp.ClientSession) -> None:
    with site.hub.reading() as uow:
        person = uow.persons.list(login="admin")[0]
    async with admin.post(f"/admin/data/staff/{person.id}/erase") as answer:
        assert answer.status == 409
        assert "seul compte d’administration" in await answer.text()


async def test_a_citizen_by_the_convocation(site: Site, admin: aiohttp.ClientSession) -> None:
    code = site.demo.convocation.code
    with site.hub.reading() as uow:
        row = appointments.show(uow, site.demo.convocation.appointment_id)
    day = hours.local_day(row.starts_at, hours.zone_of(row.place.time_zone)).isoformat()
    good = {"code": code, "day": day, "venue_id": row.place.venue_id}
    async with admin.post("/admin/data", data=good, allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == f"/admin/data/citizen/{row.id}"
    for wrong, says in (
        ({"code": ""}, "Remplissez"),
        ({"code": "0000 0000"}, "n’a ce code"),
        ({"day": "demain"}, "21/11/2026"),
        ({"day": "31/12/9999"}, "21/11/2026"),
        ({"venue_id": ""}, "Choisissez un lieu"),
    ):
        async with admin.post("/admin/data", data={**good, **wrong}) as answer:
            assert answer.status == 422
            assert says in await answer.text()
    async with admin.get(f"/admin/data/citizen/{row.id}") as answer:
        text = await answer.text()
    assert row.initials in text
    assert '<td data-label="État"><bdi>Prévu</bdi></td>' in text
    assert '<td data-label="Action"><bdi>Rendez-vous pris</bdi></td>' in text
    for missing in ("/admin/data/citizen/none", "/admin/data/horse/1"):
        async with admin.get(missing) as answer:
            assert answer.status == 404


def waits(site: Site, entry_id: str, email: str) -> None:
    with site.hub.uow() as uow:
        service, venue = uow.services.list(active=True)[0], uow.venues.list()[0]
        now = site.hub.clock()
        until = now + timedelta(days=7)
        made = WaitingEntry(
            entry_id, service.id, (venue.id,), now, until, now, "", "fr", email=email
        )
        uow.waiting_list.add(made)
        uow.commit()


async def test_who_only_waits(site: Site, admin: aiohttp.ClientSession) -> None:
    waits(site, "w1", "w@e.fr")
    async with admin.post("/admin/data", data={"contact": "x@e.fr"}) as answer:
        assert (answer.status, "Personne n’attend" in await answer.text()) == (422, True)
    async with admin.post("/admin/data", data={"contact": "w@e.fr"}) as answer:
        assert (answer.url.path, answer.status) == ("/admin/data/waiting/w1", 200)
        text = await answer.text()
    assert "w@e.fr" in text
    assert '<td data-label="État"><bdi>En attente d’une place</bdi></td>' in text
    async with admin.get("/admin/data/waiting/w1/export.json") as answer:
        assert (await answer.json())["data"]["waiting_list"][0]["email"] == "w@e.fr"
    async with admin.post("/admin/data/waiting/w1/erase") as answer:
        assert "La personne est effacée" in await answer.text()
    async with admin.get("/admin/data/waiting/w1") as answer:
        assert answer.status == 404


async def test_how_long_each_kind_is_kept(admin: aiohttp.ClientSession) -> None:
    async with admin.get("/admin/data") as answer:
        text = await answer.text()
    assert "keep_appointment_contacts_days" in text
    assert "3\u202f660 jours" in text


def test_every_column_has_its_words(site: Site) -> None:
    with site.hub.reading() as uow:
        exports = [export_staff(uow, p.id, site.hub.clock()) for p in uow.persons.list()]
        some = uow.appointments.list()[:50]
        exports += [export_citizen(uow, a.id, site.hub.clock()) for a in some]
    columns = {key for made in exports for part in made.parts for row in part.rows for key in row}
    assert columns <= set(LABELS)


def test_the_commands(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIOHUB_DATA_DIR", str(site.hub.settings.data_dir))
    site.new_person("yann.zolverini", roles=["technician"])
    shown = runner.invoke(app, ["person", "export", "--login", "yann.zolverini"])
    assert shown.exit_code == 0
    assert json.loads(shown.stdout)["data"]["account"][0]["label"] == "yann.zolverini"
    kept = runner.invoke(app, ["person", "erase", "--login", "yann.zolverini"], input="n\n")
    assert (kept.exit_code, "nothing was erased" in kept.stderr) == (1, True)
    gone = runner.invoke(app, ["person", "erase", "--login", "yann.zolverini", "--yes"])
    assert (gone.exit_code, gone.stdout) == (0, "account yann.zolverini is erased.\n")
    assert runner.invoke(app, ["person", "export", "--login", "yann.zolverini"]).exit_code == 1

    qr = site.demo.convocation.qr_text
    shown = runner.invoke(app, ["person", "export", "--code", qr])
    assert json.loads(shown.stdout)["data"]["appointment"]
    waits(site, "w2", "w2@e.fr")
    shown = runner.invoke(app, ["person", "export", "--contact", "w2@e.fr"])
    assert json.loads(shown.stdout)["data"]["waiting_list"][0]["email"] == "w2@e.fr"
    gone = runner.invoke(app, ["person", "erase", "--contact", "w2@e.fr", "--yes"])
    assert (gone.exit_code, gone.stdout) == (0, "the entry w2 of the waiting list is erased.\n")
    assert runner.invoke(app, ["person", "export", "--contact", "w2@e.fr"]).exit_code == 1

    for entry_id in ("w3", "w4"):
        waits(site, entry_id, "w3@e.fr")
    both = runner.invoke(app, ["person", "erase", "--contact", "w3@e.fr", "--yes"])
    assert (both.exit_code, "with 1 more of the same contact" in both.stdout) == (0, True)
    assert runner.invoke(app, ["person", "export", "--contact", "w3@e.fr"]).exit_code == 1

    for arguments in (
        ["--login", "a", "--code", "b"],
        ["--login", "a", "--contact", "b"],
        [],
        ["--code", "12345678"],
        ["--code", "12345678", "--venue", "nowhere", "--day", "2026-11-21"],
        ["--code", qr, "--day", "31/31/2026"],
        ["--code", "12345678", "--venue", "Mairie de Serres", "--day", "9999-12-31"],
    ):
        assert runner.invoke(app, ["person", "export", *arguments]).exit_code == 2
