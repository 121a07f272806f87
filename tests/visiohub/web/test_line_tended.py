"""What a technician needs around a line: who takes it, what was promised, the month to send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hub_site import Site

from visiohub.domain import hours
from visiohub.domain.line import LineAlert
from visiohub.domain.tariff.months import Month
from visiohub.linkquality.grading import Grade, Level

TOWN = "Embrun"


@pytest.fixture(scope="module")
def line_id(site: Site) -> Iterator[str]:
    """A line with a contract and two alerts; well again afterwards."""
    now = site.hub.clock()

    def load(uow: Any) -> str:
        line = uow.lines.of_venue(uow.venues.list(town=TOWN)[0].id)
        state = uow.linkquality.states.of(line.id)
        state.grade, state.heard_at = Grade.FAIR, now
        terms = uow.linkquality.terms.of(line)
        terms.guaranteed_up_kbit_s, terms.restoration_hours = 1_500, 4
        uow.linkquality.terms.add(terms)
        for rule in ("loss", "jitter"):
            alert = LineAlert(f"tended-{rule}", line.id, rule, Level.WARNING, 0.02, now, now)
            uow.linkquality.alerts.add(alert)
        return str(line.id)

    yield site.do(load)

    def well(uow: Any) -> None:
        for rule in ("loss", "jitter"):
            uow.linkquality.alerts.get(f"tended-{rule}").cleared_at = now

    site.do(well)


async def read(site: Site, path: str) -> str:
    async with site.client("technique") as session, session.get(path) as answer:
        assert answer.status == 200, (path, answer.status)
        return await answer.text()


async def test_the_list_says_who_looks_after_a_line_once_all_its_alerts_are_taken(
    site: Site, line_id: str
) -> None:
    for rule, taken in (("loss", False), ("jitter", True)):
        async with (
            site.client("technique") as session,
            session.post(f"/lines/{line_id}/alerts/tended-{rule}") as answer,
        ):
            assert answer.status == 200
        row = re.search(
            rf'<li data-key="l-{line_id}">(.*?)</li>', await read(site, "/lines"), re.DOTALL
        )
        assert row is not None
        assert ("Technique, Hautes-Alpes s’en occupe" in row[1]) == taken


async def test_what_was_promised_and_last_month_s_report_are_a_technician_s_too(
    site: Site, line_id: str
) -> None:
    page = await read(site, f"/lines/{line_id}")
    assert "garanti 1,5" in page
    assert "rétablissement promis en 4 heures" in page
    with site.hub.reading() as uow:
        zone = hours.zone_of(uow.venues.get(uow.lines.get(line_id).venue_id).time_zone)
    this = Month.of(hours.local_day(site.hub.clock(), zone))
    for month in (this.preceding(), this):
        async with site.client("technique") as session:
            for ending in ("pdf", "csv"):
                path = f"/lines/{line_id}/report/{month}.{ending}"
                assert f'href="{path}"' in page
                async with session.get(path) as answer:
                    assert answer.status == 200
                    name = f"ligne-maison-de-services-d-embrun-{month}.{ending}"
                    assert name in answer.headers["Content-Disposition"]


def test_the_month_before_january_is_december() -> None:
    assert Month(2026, 1).preceding() == Month(2025, 12)
    assert Month(2026, 12).preceding() == Month(2026, 11)


async def test_what_is_to_be_compared_is_found_by_a_word_and_stays_ticked(
    site: Site, line_id: str
) -> None:
    page = await read(site, f"/lines/compare?line={line_id}&word=serres&find=1")
    choices = re.findall(r'name="line" value="([^"]+)" (checked)?>([^<]+)', page)
    assert choices[0][:2] == (line_id, "checked")
    assert len(choices) == 2
    assert "Serres" in choices[1][2]
    assert 'role="alert"' not in page
    assert "Aucune ligne ne correspond." in await read(site, "/lines/compare?word=paris&find=1")
    asked = await read(site, f"/lines/compare?line={line_id}&word=")
    assert "Il faut deux lignes pour comparer." in asked


async def test_lines_that_stand_alike_come_by_their_towns(site: Site, line_id: str) -> None:
    page = await read(site, "/lines?grade=never")
    towns = re.findall(r'data-focus="open">([^<]+)', page)
    assert len(towns) > 2
    assert towns == sorted(towns)


async def test_two_venues_of_one_name_are_told_apart(site: Site, line_id: str) -> None:
    def call(name: str) -> str:
        def do(uow: Any) -> str:
            venue = uow.venues.get(uow.lines.get(line_id).venue_id)
            before: str = venue.name
            venue.name = name
            return before

        return str(site.do(do))

    before = call("Mairie")
    try:
        pages = [f"/lines/{line_id}{path}" for path in ("", "/note", "/works", "/test", "/speed")]
        for path in [*pages, f"/lines/compare?line={line_id}"]:
            assert f"{TOWN}, Mairie" in await read(site, path), path
    finally:
        call(before)
