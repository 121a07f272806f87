"""The audit trail's pages: nothing yet, more than a page of one instant, texts of any shape."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import aiohttp
import pytest
from hub_site import Site

from visiohub.domain.model import AuditEntry
from visiohub.storage.uow import UnitOfWork

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ALIKE = 120


def _many(uow: UnitOfWork) -> None:
    """What an import does: many entries of one instant."""
    for n in range(ALIKE):
        uow.audit.add(
            AuditEntry(f"e{n:015d}", AT, None, "room.new", "alike", {}, {"name": f"n{n}"})
        )


async def test_nothing_was_changed_yet(site: Site, admin: aiohttp.ClientSession) -> None:
    async with admin.get("/trail?subject=nothing-of-this-name") as answer:
        assert answer.status == 200
        assert "Rien n’a encore été changé." in await answer.text()


async def test_more_leads_through_entries_of_one_instant(
    site: Site, admin: aiohttp.ClientSession
) -> None:
    site.do(_many)
    found, address = [], "/trail?subject=alike"
    while address:
        async with admin.get(address) as answer:
            text = await answer.text()
        found += re.findall(r"\bn\d+\b", text)
        more = re.search(r'class="button" href="([^"]+before=[^"]+)"', text)
        address = more[1].replace("&amp;", "&") if more else ""
    assert sorted(found) == sorted(f"n{n}" for n in range(ALIKE))


async def test_a_place_before_all_days_means_the_newest(admin: aiohttp.ClientSession) -> None:
    first = {"before": "0001-01-01T00:00:00+14:00,x"}
    async with admin.get("/trail", params=first) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "2026-99-99", "08:00-24:00", "25:00-26:00", "FREQ=XX",
     "2026-11-22T25:00:00+00:00", "2026-11-22T25:00:00+00:00/2026-11-22T26:00:00+00:00"],
)  # fmt: skip
async def test_a_text_that_looks_like_something_else_is_shown(
    site: Site, admin: aiohttp.ClientSession, text: str
) -> None:
    def note(uow: UnitOfWork) -> None:
        entry = AuditEntry(
            f"t{len(text)}{text.encode().hex()[:24]}",
            AT,
            None,
            "venue.edit",
            text[:60],
            {},
            {"access": text},
        )
        uow.audit.add(entry)

    site.do(note)
    async with admin.get("/trail", params={"subject": text[:60]}) as answer:
        assert answer.status == 200
        assert text in await answer.text()


async def test_a_seat_is_told_by_the_name_of_its_counter(
    site: Site, admin: aiohttp.ClientSession
) -> None:
    with site.hub.reading() as uow:
        counter = next(p for p in uow.permanences.list() if p.agent_id is None)

    def note(uow: UnitOfWork) -> None:
        after = {"seat_id": f"{counter.id}/1"}
        uow.audit.add(AuditEntry("a-seat", AT, None, "waiting.offer", "seated", {}, after))

    site.do(note)
    async with admin.get("/trail?subject=seated") as answer:
        text = await answer.text()
    assert counter.name in text
    assert counter.id not in text


async def test_a_first_day_at_the_end_of_time_is_refused_kindly(
    site: Site, admin: aiohttp.ClientSession
) -> None:
    with site.hub.reading() as uow:
        permanence = uow.permanences.list()[0]
    fields = {
        "partner_id": permanence.partner_id, "weekdays": "0", "every": "1",
        "first_day": "31/12/9999", "opens": "09:00", "closes": "12:00",
        "agent_id": permanence.agent_id or "", "name": permanence.name,
    }  # fmt: skip
    async with admin.post(f"/permanences/{permanence.id}", data=fields) as answer:
        assert answer.status in {422, 409}
        assert "31/12/9999" in await answer.text()


async def test_a_new_venue_has_no_doors_yet(site: Site, admin: aiohttp.ClientSession) -> None:
    fields = {
        "name": "Mairie d’Orpierre", "kind": "Mairie", "street": "1 place", "postcode": "05700",
        "town": "Orpierre", "latitude": "44,31", "longitude": "5,69", "time_zone": "Europe/Paris",
        "phone": "04 92 66 00 00",
    }  # fmt: skip
    async with admin.post("/admin/venues/new", data=fields) as answer:
        assert answer.status == 200, await answer.text()
    with site.hub.reading() as uow:
        venue = next(v for v in uow.venues.list() if v.town == "Orpierre")
    async with admin.get(f"/planning/doors/{venue.id}") as answer:
        assert answer.status == 200
        assert "Aucune salle n’est décrite ici." in await answer.text()


async def test_a_planning_of_no_venue_is_not_found(
    site: Site, admin: aiohttp.ClientSession
) -> None:
    async with admin.get("/planning?venue=nothing") as answer:
        assert answer.status == 404
