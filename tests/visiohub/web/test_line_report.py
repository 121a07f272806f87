"""A line's month as PDF and table, from measurements that the hub keeps."""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hub_site import Site

from visiohub.domain.line import (
    Figures,
    LineAlert,
    LineMaintenance,
    LineTerms,
    TrainResult,
    Way,
    Wrapping,
)
from visiohub.domain.line_contract import LineContract
from visiohub.domain.model import LineKind
from visiohub.linkquality.grading import Level
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork

BEGIN = datetime(2026, 2, 28, 23, tzinfo=UTC)
"""March in Paris, which has a change of the clock."""
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def line_id(site: Site) -> Iterator[str]:
    """A line with an hourly train each way in March, one poor day, and an outage of five hours."""

    def fill(uow: UnitOfWork) -> str:
        line = max(uow.lines.list(active=True), key=lambda one: one.id)
        line.down_kbit_s, line.up_kbit_s, line.operator = 2000, 2000, "Opérateur"
        terms = LineTerms(line.id, Wrapping.NONE, 1500, 1500, restoration_hours=4)
        uow.linkquality.terms.add(terms)
        number = uow.linkquality.states.of(line.id).number
        series = uow.linkquality.series
        for n in range(31 * 24 - 1):
            at = BEGIN + n * HOUR
            for way in Way:
                poor = way is Way.DOWN and 48 <= n < 72
                rate = 1000.0 if poor else 1900.0
                train = TrainResult(at, way, rate, None, 0.01, 0, 40, 1228, 40, 0, in_call=False)
                series.add_trains([(number, train)])
            series.put_figures([(number, Figures(at, minutes=60))], Resolution.QUARTERS)
        begin = BEGIN + 100 * HOUR
        alert = LineAlert(
            "report-outage", line.id, "outage", Level.ALARM, 0.0, begin, begin, begin + 5 * HOUR
        )
        uow.linkquality.alerts.add(alert)
        return line.id

    found = site.do(fill)
    yield found
    site.do(lambda uow: uow.linkquality.alerts.forget(BEGIN + 200 * HOUR))


def text_of(pdf: bytes) -> str:
    command = ["pdftotext", "-layout", "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()


async def asked(site: Site, path: str, login: str = "technique") -> tuple[int, bytes]:
    async with site.client(login) as session, session.get(path, allow_redirects=False) as answer:
        return answer.status, await answer.read()


async def test_the_pdf_says_what_was_agreed_and_what_there_was(site: Site, line_id: str) -> None:
    status, body = await asked(site, f"/lines/{line_id}/report/2026-03.pdf")
    assert status == 200
    words = " ".join(text_of(body).split())
    assert "Qualité de la ligne, mars 2026" in words
    assert "Délai de rétablissement au contrat : 4 h 00" in words
    assert "Débit garanti 1,5 Mbit/s 1,5 Mbit/s" in words
    assert "Débit médian 1,9 Mbit/s 1,9 Mbit/s" in words
    assert "Mesures au débit garanti, ou au-dessus 96,77 % 100 %" in words
    assert "Jours en dessous du débit garanti, vers le lieu : 03/03/2026." in words
    assert "05/03/2026 à 04 h 00 05/03/2026 à 09 h 00 5 h 00 dépassé" in words
    assert "Part du mois avec des mesures 100 %" in words
    assert "Disponibilité sur le temps mesuré 99,33 %" in words


async def test_the_table_says_the_same(site: Site, line_id: str) -> None:
    status, body = await asked(site, f"/lines/{line_id}/report/2026-03.csv")
    assert status == 200
    heads, *rows = csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";")
    assert heads[2:] == ["Mois", "Sens", "Mesure", "Valeur", "Unité"]
    told = [tuple(row[3:6]) for row in rows]
    assert ("vers le lieu", "mesures au débit garanti ou au-dessus", "96,77") in told
    assert ("vers le lieu", "jour en dessous du débit garanti", "2026-03-03") in told
    assert ("", "coupure, début", "2026-03-05T04:00+01:00") in told
    assert ("", "coupure, durée", "300") in told
    assert ("", "délai de rétablissement du contrat", "4") in told
    assert ("", "coupure, délai de rétablissement", "dépassé") in told


async def test_outages_that_are_not_the_operator_s_and_works_stand_apart(
    site: Site, line_id: str
) -> None:
    async with site.client("technique") as session:
        form = {"do": "not_operators", "reason": "Courant coupé"}
        path = f"/lines/{line_id}/alerts/report-outage"
        async with session.post(path, data=form) as answer:
            assert answer.status == 200
        async with session.post(path, data={"do": "not_operators", "reason": " "}) as answer:
            assert answer.status == 422
    works = BEGIN + 300 * HOUR
    one = LineMaintenance("report-works", line_id, works, works + HOUR, "Câble", None)
    site.do(lambda uow: uow.linkquality.maintenances.add(one))
    words = " ".join(
        text_of((await asked(site, f"/lines/{line_id}/report/2026-03.pdf"))[1]).split()
    )
    assert "Durée totale des coupures 0 h 00" in words
    assert "Aucune coupure à compter n’a été vue ce mois-ci." in words
    assert "05/03/2026 à 04 h 00 05/03/2026 à 09 h 00 Coupure Courant coupé" in words
    assert "Travaux Câble" in words
    table = (await asked(site, f"/lines/{line_id}/report/2026-03.csv"))[1].decode("utf-8-sig")
    rows = [tuple(row[4:6]) for row in csv.reader(io.StringIO(table), delimiter=";")]
    assert ("coupure non comptée, raison", "Courant coupé") in rows
    assert ("travaux, raison", "Câble") in rows
    assert not any(what == "coupure, début" for what, _ in rows)
    async with (
        site.client("technique") as session,
        session.post(path, data={"do": "operators"}) as answer,
    ):
        assert "compte de nouveau cette coupure" in await answer.text()
    table = (await asked(site, f"/lines/{line_id}/report/2026-03.csv"))[1].decode("utf-8-sig")
    assert ("coupure, durée", "300") in [
        tuple(row[4:6]) for row in csv.reader(io.StringIO(table), delimiter=";")
    ]


async def test_both_say_from_when_on_a_line_of_another_contract_counts(
    site: Site, line_id: str
) -> None:
    def change(since: datetime | None) -> None:
        def known(uow: UnitOfWork) -> None:
            uow.linkquality.states.of(line_id).known_since = since

        site.do(known)

    change(BEGIN + 240 * HOUR)
    try:
        pdf = (await asked(site, f"/lines/{line_id}/report/2026-03.pdf"))[1]
        table = (await asked(site, f"/lines/{line_id}/report/2026-03.csv"))[1].decode("utf-8-sig")
    finally:
        change(None)
    words = " ".join(text_of(pdf).split())
    assert "Le contrat de cette ligne a changé le 11/03/2026 à 00 h 00." in words
    assert "03/03/2026" not in words
    rows = [tuple(row[3:6]) for row in csv.reader(io.StringIO(table), delimiter=";")]
    told = ("", "compté depuis le changement de contrat", "2026-03-11T00:00+01:00")
    assert told in rows
    assert ("vers le lieu", "mesures au débit garanti ou au-dessus", "100") in rows
    assert not any(what == "coupure, début" for _, what, _ in rows)


async def test_both_have_a_part_for_each_contract_of_the_month(site: Site, line_id: str) -> None:
    def former(uow: UnitOfWork) -> None:
        until = BEGIN + 240 * HOUR
        was = ("former", line_id, LineKind.ADSL, "Ancien opérateur", 800, 8000, Wrapping.NONE)
        uow.linkquality.contracts.add(LineContract(*was, None, 900, None, None, until))

    def forget(uow: UnitOfWork) -> None:
        uow.linkquality.contracts.remove(uow.linkquality.contracts.get("former"))

    site.do(former)
    try:
        pdf = (await asked(site, f"/lines/{line_id}/report/2026-03.pdf"))[1]
        table = (await asked(site, f"/lines/{line_id}/report/2026-03.csv"))[1].decode("utf-8-sig")
        page = (await asked(site, f"/lines/{line_id}/terms", "admin"))[1].decode()
    finally:
        site.do(forget)
    words = " ".join(text_of(pdf).split())
    first, second = words.split("Du 11/03/2026 à 00 h 00 au 01/04/2026 à 00 h 00")
    assert "Du 01/03/2026 à 00 h 00 au 11/03/2026 à 00 h 00" in first
    assert "Ligne ADSL, opérateur Ancien opérateur" in first
    assert "Mesures au débit garanti, ou au-dessus 100 % non connu" in first
    assert "opérateur Opérateur" in second
    assert "03/03/2026" not in second
    rows = [tuple(row) for row in csv.reader(io.StringIO(table), delimiter=";")]
    told = [(row[1], *row[4:6]) for row in rows]
    assert ("Ancien opérateur", "contrat, fin", "2026-03-11T00:00+01:00") in told
    assert ("Opérateur", "contrat, début", "2026-03-11T00:00+01:00") in told
    assert ("Ancien opérateur", "débit garanti", "900") in told
    assert "Contrats précédents" in page
    assert "Jusqu’au mardi 10 mars 2026" in page


async def test_an_outage_over_the_month_s_end_is_told_with_its_own_end(
    site: Site, line_id: str
) -> None:
    begin = BEGIN + 741 * HOUR
    outage = LineAlert(
        "over-the-end", line_id, "outage", Level.ALARM, 0.0, begin, begin, begin + 3 * HOUR
    )
    site.do(lambda uow: uow.linkquality.alerts.add(outage))
    try:
        pdf = (await asked(site, f"/lines/{line_id}/report/2026-03.pdf"))[1]
        table = (await asked(site, f"/lines/{line_id}/report/2026-03.csv"))[1].decode("utf-8-sig")
    finally:
        site.do(lambda uow: uow.linkquality.alerts.remove(uow.linkquality.alerts.get(outage.id)))
    words = " ".join(text_of(pdf).split())
    assert "31/03/2026 à 22 h 00 01/04/2026 à 01 h 00 3 h 00 tenu" in words
    rows = [tuple(row[4:6]) for row in csv.reader(io.StringIO(table), delimiter=";")]
    assert ("coupure, fin", "2026-04-01T01:00+02:00") in rows


async def test_a_month_without_measurements_says_so(site: Site, line_id: str) -> None:
    status, body = await asked(site, f"/lines/{line_id}/report/2025-01.csv")
    assert status == 200
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
    assert ["", "disponibilité", "", "%"] in [row[3:] for row in rows]
    assert (await asked(site, f"/lines/{line_id}/report/2025-01.pdf"))[0] == 200


@pytest.mark.parametrize(
    "path", ["none/report/2026-03.pdf", "{line}/report/2026-13.csv", "{line}/report/2099-01.pdf"]
)
async def test_what_there_is_not(site: Site, line_id: str, path: str) -> None:
    status, _ = await asked(site, f"/lines/{path.replace('{line}', line_id)}")
    assert status == 404


async def test_only_technicians_and_administrators_read_it(site: Site, line_id: str) -> None:
    assert (await asked(site, f"/lines/{line_id}/report/2026-03.csv", "coordination"))[0] == 403
    assert (await asked(site, f"/lines/{line_id}/report/2026-03.csv", "admin"))[0] == 200
