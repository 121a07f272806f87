"""The record as a table: what people, kiosks and browsers call things stays text."""

from __future__ import annotations

import csv
import io

import pytest
from hub_site import Site
from hypothesis import given
from hypothesis import strategies as st

from visiohub.booking import territory
from visiohub.booking.forms import KioskForm, PartnerForm, RoomForm, ServiceForm
from visiohub.domain.model import Call, CallEnd
from visiohub.storage.uow import UnitOfWork
from visiohub.web.cells import safe

HOSTILE = '=HYPERLINK("https://evil.example","x")'


@given(st.text(alphabet=st.sampled_from("=+-@＝＋－＠ \t\r\n\u00a0\u2003a1;\"'")))
def test_no_cell_is_a_formula_or_more_than_a_line(text: str) -> None:
    cell = safe(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert len(cell.splitlines()) <= 1
    assert safe("Borne 1; salle « A »") == "Borne 1; salle « A »"


@pytest.fixture(scope="module")
def hostile_call(site: Site) -> None:
    def make(uow: UnitOfWork) -> None:
        now = site.hub.clock()
        venue = uow.venues.list(active=True)[0]
        room = territory.create(uow, RoomForm(venue_id=venue.id, name="@A1", capacity=1), None, now)
        kiosk = territory.create(uow, KioskForm(room_id=room.id, name=HOSTILE), None, now)
        partner = territory.create(
            uow, PartnerForm(name="+1", short_name="+1;2", phone="04 65 71 30 00"), None, now
        )
        service = territory.create(
            uow, ServiceForm(partner_id=partner.id, name="-1", duration_minutes=15), None, now
        )
        call = Call(
            id="csv",
            kiosk_id=kiosk.id,
            service_id=service.id,
            appointment_id=None,
            language="fr",
            state="ended",
            arrived_at=now,
            ended_at=now,
            end_reason="refused",
            agent_end=CallEnd(video_codec="\n=1+1"),
        )
        uow.calls.add(call)

    site.do(make)


@pytest.mark.usefixtures("hostile_call")
async def test_the_table_holds_no_formula(site: Site) -> None:
    async with site.client("coordination") as client, client.get("/calls.csv") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.reader(io.StringIO((await answer.text()).lstrip("\ufeff")), delimiter=";"))
    assert len({len(row) for row in rows}) == 1
    (row,) = [row for row in rows if f"'{HOSTILE}" in row]
    assert {"'@A1", "'+1;2", "'=1+1"} <= set(row)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
