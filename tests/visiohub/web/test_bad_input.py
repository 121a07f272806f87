"""Impossible values on administrators' pages: a sentence beside the field, nothing half-done."""

from __future__ import annotations

import re

import aiohttp
import pytest
from hub_site import Site
from test_admin_pages import VENUE

ROOM = {"name": "Salle d’essai", "capacity": "4"}
LINE = {"kind": "adsl", "up_kbit_s": "900", "down_kbit_s": "9000"}
SERVICE = {"name": "Essai", "duration_minutes": "30"}
PERSON = {"login": "essai.mal", "label": "Essai", "roles": "agent", "language": "fr"}
WRONG = (
    ("venues", {**VENUE, "time_zone": "Mars/Olympus"}, "time_zone", "Fuseau inconnu"),
    ("venues", {**VENUE, "longitude": "inf"}, "longitude", "Donnez un nombre"),
    ("venues", {**VENUE, "opens-0-1": "11:00"}, "opening", "ferme à 12:00, l’autre ouvre à 11:00"),
    ("venues", {**VENUE, "opens-0-0": "00:00", "closes-0-0": "00:00"}, "opening", "chevauchent"),
    ("venues", {**VENUE, "name": "x" * 201}, "name", "200 caractères au plus"),
    ("rooms", {**ROOM, "capacity": "-1"}, "capacity", "au moins 1"),
    ("rooms", {**ROOM, "capacity": "1e9"}, "capacity", "nombre entier"),
    ("rooms", {**ROOM, "venue_id": "nowhere"}, "venue_id", "n’existe plus"),
    ("lines", {**LINE, "up_kbit_s": "-900"}, "up_kbit_s", "plus grand que 0"),
    ("services", {**SERVICE, "duration_minutes": "-30"}, "duration_minutes", "au moins 15"),
    ("services", {**SERVICE, "duration_minutes": "20"}, "duration_minutes", "multiple de 15"),
    ("people", PERSON, "partner_id", "organisme de cet agent"),
    ("people", {**PERSON, "roles": "emperor"}, "roles", "Choisissez dans la liste"),
)


def counts(site: Site) -> list[int]:
    with site.hub.reading() as uow:
        kept = (uow.venues, uow.rooms, uow.lines, uow.services, uow.persons, uow.audit)
        return [len(repository.list()) for repository in kept]


@pytest.mark.parametrize(("kind", "data", "field", "says"), WRONG)
async def test_it_is_said_and_nothing_is_kept(
    kind: str, data: dict[str, str], field: str, says: str, site: Site, admin: aiohttp.ClientSession
) -> None:
    with site.hub.reading() as uow:
        venue, partner = uow.venues.list(active=True)[0], uow.partners.list(active=True)[0]
    filled = dict(data)
    if kind in {"rooms", "lines"}:
        filled.setdefault("venue_id", venue.id)
    if kind == "services":
        filled.setdefault("partner_id", partner.id)
    before = counts(site)
    async with admin.post(f"/admin/{kind}/new", data=filled) as answer:
        text = await answer.text()
    assert answer.status == 422
    assert f'href="#f-{field}"' in text
    assert re.search(f'id="e-{field}">[^<]*{re.escape(says)}', text), says
    assert counts(site) == before
