"""The contract of a line: typed by an administrator, read by the report."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
import pytest
from hub_site import Site, inputs_of

from visiohub.booking.forms import LineForm
from visiohub.booking.lines.terms import LEAST_PROBES_MB
from visiohub.booking.territory import create, update
from visiohub.domain.line import Figures, LineTerms, Wrapping
from visiohub.domain.model import Line, LineKind
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork


@pytest.fixture
def line_id(site: Site, request: pytest.FixtureRequest) -> str:
    """A line of the test's own; who runs before it is nobody's choice."""
    venue = site.do(lambda uow: uow.venues.list(active=True)[-1])
    form = LineForm(
        venue_id=venue.id,
        kind=LineKind.ADSL,
        operator=request.node.name[-40:],
        up_kbit_s=800,
        down_kbit_s=4000,
    )
    line: Line = site.do(create, form, None, site.hub.clock())
    return line.id


def typed(**changed: str) -> dict[str, str]:
    known = {
        "version": "1",
        "wrapping": "pppoe_llc",
        "guaranteed_down_kbit_s": "1 500",
        "guaranteed_up_kbit_s": "",
        "restoration_hours": "4",
        "reserved_down_kbit_s": "",
        "reserved_up_kbit_s": "100",
        "probe_mb_a_day": "",
    }
    return known | changed


async def posted(site: Site, line_id: str, **changed: str) -> tuple[int, str]:
    async with (
        site.client("admin") as session,
        session.post(f"/lines/{line_id}/terms", data=typed(**changed)) as answer,
    ):
        return answer.status, await answer.text()


async def test_the_page_shows_what_is_usual_then_what_was_typed(site: Site, line_id: str) -> None:
    before = inputs_of(await shown(site, line_id))
    assert (before["version"], before["guaranteed_down_kbit_s"]) == ("1", "")
    status, page = await posted(site, line_id)
    assert status == 200
    after = inputs_of(page)
    assert (after["version"], after["guaranteed_down_kbit_s"]) == ("2", "1500")
    assert (after["reserved_down_kbit_s"], after["reserved_up_kbit_s"]) == ("0", "100")
    kept = site.do(lambda uow: uow.linkquality.terms.get(line_id))
    assert isinstance(kept, LineTerms)
    assert (kept.wrapping, kept.restoration_hours) == (Wrapping.PPPOE_LLC, 4)
    audited = site.do(lambda uow: uow.audit.list(subject=line_id, action="line.terms"))
    assert audited[-1].after["guaranteed_down_kbit_s"] == 1500


async def test_what_is_wrong_is_said_beside_its_field(site: Site, line_id: str) -> None:
    status, page = await posted(site, line_id, guaranteed_down_kbit_s="fast")
    assert status == 422
    assert 'id="e-guaranteed_down_kbit_s"' in page
    assert inputs_of(page)["guaranteed_down_kbit_s"] == "fast"
    assert (await posted(site, line_id, wrapping="none of these"))[0] == 422


async def test_no_more_is_promised_or_kept_than_the_contract_has(site: Site, line_id: str) -> None:
    for field, too_much in (
        ("guaranteed_down_kbit_s", "4001"),
        ("guaranteed_up_kbit_s", "801"),
        ("reserved_down_kbit_s", "4000"),
        ("reserved_up_kbit_s", "800"),
    ):
        status, page = await posted(site, line_id, **{field: too_much})
        assert status == 422, field
        assert f'id="e-{field}"' in page
    most = {"guaranteed_down_kbit_s": "4000", "guaranteed_up_kbit_s": "800"}
    assert (await posted(site, line_id, **most, reserved_up_kbit_s="799"))[0] == 200


async def test_the_octets_of_probes_are_typed_kept_shown_and_enough(
    site: Site, line_id: str
) -> None:
    status, page = await posted(site, line_id, probe_mb_a_day=str(LEAST_PROBES_MB - 1))
    assert status == 422
    assert 'id="e-probe_mb_a_day"' in page
    assert f"Donnez {LEAST_PROBES_MB} Mo au moins" in page.replace("\u00a0", " ")
    status, page = await posted(site, line_id, probe_mb_a_day="20")
    assert (status, inputs_of(page)["probe_mb_a_day"]) == (200, "20")
    kept = site.do(lambda uow: uow.linkquality.terms.get(line_id))
    assert kept.probe_octets_a_day == 20_000_000
    async with site.client("technique", "en") as session:
        assert "of 20.0 MB" in (await read(session, f"/lines/{line_id}")).replace("\u00a0", " ")
    status, page = await posted(site, line_id, version="2")
    assert (status, inputs_of(page)["probe_mb_a_day"]) == (200, "")
    assert site.do(lambda uow: uow.linkquality.terms.get(line_id)).probe_octets_a_day is None


async def test_somebody_elses_contract_is_not_overwritten(site: Site, line_id: str) -> None:
    assert (await posted(site, line_id))[0] == 200
    status, page = await posted(site, line_id, restoration_hours="8")
    assert status == 409
    assert "Les deux versions" in page
    assert inputs_of(page)["restoration_hours"] == "8"


def measured_before(site: Site, line_id: str) -> None:
    """For sixty days."""

    def add(uow: UnitOfWork) -> None:
        number = uow.linkquality.states.of(line_id).number
        old = Figures(site.hub.clock() - timedelta(days=60), minutes=60)
        uow.linkquality.series.put_figures([(number, old)], Resolution.DAYS)

    site.do(add)


async def test_rates_that_somebody_changed_meanwhile_end_no_contract_unseen(
    site: Site, line_id: str
) -> None:
    """The page was open, with an empty day: since the line is measured."""
    measured_before(site, line_id)

    def change(uow: UnitOfWork) -> None:
        kept = uow.lines.get(line_id)
        values = {name: getattr(kept, name) for name in LineForm.model_fields}
        faster = LineForm(**values | {"down_kbit_s": 8000})
        update(uow, line_id, faster, kept.version, None, site.hub.clock())

    site.do(change)
    status, page = await posted(site, line_id)
    assert status == 409
    row = page.split("Contrat en cours depuis le</th>")[1].split("</tr>")[0]
    assert f"{site.hub.clock():%Y}" in row
    assert "vide" in row
    assert "Contrats précédents" in page
    day = inputs_of(await shown(site, line_id))["in_force_from"]
    status, page = await posted(site, line_id, version="2", in_force_from=day)
    assert (status, inputs_of(page)["in_force_from"]) == (200, day)
    assert "Contrats précédents" in page


async def test_the_day_from_which_the_contract_holds_is_shown_and_typed(
    site: Site, line_id: str
) -> None:
    now = site.hub.clock()
    measured_before(site, line_id)
    day = f"{now - timedelta(days=20):%d/%m/%Y}"
    assert inputs_of((await posted(site, line_id))[1])["in_force_from"] == ""
    later = {"version": "2", "restoration_hours": "8"}
    status, page = await posted(site, line_id, **later, in_force_from=day)
    assert (status, inputs_of(page)["in_force_from"]) == (200, day)
    assert "Contrats précédents" in page
    assert "rétablissement promis en 4 heures" in page
    for wrong in (f"{now + timedelta(days=2):%d/%m/%Y}", "hier", "0001-01-01"):
        status, page = await posted(site, line_id, version="3", in_force_from=wrong)
        assert status == 422, wrong
        assert 'id="e-in_force_from"' in page
        assert inputs_of(page)["in_force_from"] == wrong
    status, page = await posted(site, line_id, version="3", restoration_hours="9")
    assert (status, inputs_of(page)["in_force_from"]) == (200, "")
    assert "Contrats précédents" not in page


async def test_the_report_is_by_the_contract(site: Site, line_id: str) -> None:
    assert (await posted(site, line_id))[0] == 200
    async with site.client("admin") as session:
        text = await (await session.get(f"/lines/{line_id}/report/2026-03.csv")).text()
    assert "débit garanti;1500;kbit/s" in text


async def test_a_line_that_is_not_there(site: Site) -> None:
    assert (await posted(site, "none"))[0] == 404


async def test_the_lines_own_page_leads_here(site: Site, line_id: str) -> None:
    async with site.client("admin", "en") as session:
        assert f'href="/lines/{line_id}/terms"' in await read(session, f"/admin/lines/{line_id}")
        assert "The line’s contract" in await read(session, f"/lines/{line_id}/terms")


async def read(session: aiohttp.ClientSession, path: str) -> str:
    async with session.get(path) as answer:
        return await answer.text()


async def shown(site: Site, line_id: str) -> str:
    async with site.client("admin") as session:
        return await read(session, f"/lines/{line_id}/terms")
