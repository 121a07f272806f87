"""Statements as PDF and CSV, read back by programs that did not write them."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from datetime import date
from decimal import Decimal

import pytest

from visiohub.domain.tariff.money import Amount
from visiohub.domain.tariff.months import Month
from visiohub.domain.tariff.statement import Charge, Payer, Statement, statement
from visiohub.web.cells import BYTE_ORDER_MARK
from visiohub.web.statement_csv import treasury_csv
from visiohub.web.statement_pdf import Issuer, statement_pdf

NOVEMBER, OCTOBER = Month(2026, 11), Month(2026, 10)
ISSUER = Issuer("Communauté de communes", ("05000 GAP",), "compta@exemple.fr", ("Note finale.",))
LONG = "Fédération départementale des associations pour l’emploi et l’insertion " * 2
NAMES = (
    "Élodie Œuvrard-Lefèvre de la Très-Longue-Rivière-Supérieure",
    "Łukasz Żak",
    "q" * 90,
    "Deux\nlignes {nb} <b>& fin",
    "Донна",
)


def made(count: int, *, payer: str = "Fédération", vat: tuple[str, ...] = ("20",)) -> Statement:
    charges = [
        Charge(
            f"c{n:04}",
            date(2026, 11, 1 + n % 30),
            f"Lieu {n % 3}",
            NAMES[n % len(NAMES)],
            f"Objet{n:04}",
            Amount.priced(Decimal("1249.50"), Decimal(vat[n % len(vat)]), includes_vat=True),
            corrects="old" if n == 1 else None,
        )
        for n in range(count)
    ]
    return statement(Payer("acc", payer, ("12, rue d’Été",)), NOVEMBER, charges, OCTOBER)


def read(pdf: bytes) -> str:
    """The text as poppler finds it, spaces made plain."""
    program = shutil.which("pdftotext")
    assert program, "pdftotext is not installed: make system-packages"
    done = subprocess.run(
        [program, "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return done.stdout.decode().replace("\u00a0", " ")


@pytest.mark.parametrize("count", [0, 1, 500])
def test_every_line_and_page_is_there(count: int) -> None:
    text = read(statement_pdf(made(count), ISSUER, "2026-11-7", date(2026, 12, 1)))
    assert sorted(re.findall(r"Objet(\d{4})", text)) == [f"{n:04}" for n in range(count)]
    pages = text.rstrip("\f").split("\f")
    for n, page in enumerate(pages, 1):
        assert f"Page {n} sur {len(pages)}" in page
    assert "Relevé de novembre 2026" in pages[0]
    assert "Numéro 2026-11-7, du 01/12/2026" in pages[0]
    assert "Note finale." in pages[-1]
    assert ("Rien à payer" in text) == (count == 0)


def test_letters_amounts_and_long_names() -> None:
    text = read(statement_pdf(made(6, payer=LONG), ISSUER, "7", date(2026, 12, 1)))
    words = " ".join(text.split())
    assert "1 041,25 € 208,25 € 1 249,50 €" in words
    assert "7 497,00 €" in words
    assert "Łukasz Żak" in text
    assert "Correction : Objet0001" in words
    assert text.count("q") == 2 * 90  # wrapped in two tables, none lost
    assert "Deux lignes {nb} <b>& fin" in words  # neither markup nor the number of pages
    assert "?????" in text  # letters that the font lacks leave a trace
    for word in LONG.split():
        assert word in words


def test_what_is_given_back_has_a_minus() -> None:
    amount = Amount.priced(Decimal("-24.50"), Decimal(0), includes_vat=True)
    line = Charge("c", date(2026, 11, 3), "Gap", "A", "Annulée", amount)
    text = read(
        statement_pdf(
            statement(Payer("a", "A"), NOVEMBER, [line], OCTOBER), ISSUER, "7", date(2026, 12, 1)
        )
    )
    assert "\u221224,50 €" in text


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))


def test_a_row_by_account_and_rate() -> None:
    data = treasury_csv([made(2, vat=("5.5", "20")), made(0)], "7083", "Salles de visio")
    assert data.startswith(BYTE_ORDER_MARK.encode())
    assert data.endswith(b"\r\n")
    heads, *told = rows(data)
    assert heads[:4] == ["Débiteur", "Compte", "Libellé", "Période"]
    who = ["Fédération", "7083", "Salles de visio", "2026-11"]
    assert told == [
        [*who, "1184,36", "5,50", "65,14", "1249,50"],
        [*who, "1041,25", "20,00", "208,25", "1249,50"],
    ]


def test_the_rows_come_to_the_statement() -> None:
    whole = made(40, vat=("0", "5.5", "20"))
    told = rows(treasury_csv([whole], "7083", "Salles"))[1:]
    for column, total in (
        (4, whole.totals.before_tax),
        (6, whole.totals.vat),
        (7, whole.totals.total),
    ):
        assert sum(Decimal(row[column].replace(",", ".")) for row in told) == total


@pytest.mark.parametrize("name", ['=HYPERLINK("x")', " +1", "\t@a", "-1+1", "＝1"])
def test_no_name_is_a_formula(name: str) -> None:
    (row,) = rows(treasury_csv([made(1, payer=name)], name, name))[1:]
    assert [cell[0] for cell in row[:3]] == ["'"] * 3


def test_separators_in_a_name_do_not_move_the_columns() -> None:
    (row,) = rows(treasury_csv([made(1, payer='SARL "A;B"\r\nC')], "7083", "Salles"))[1:]
    assert row[0] == 'SARL "A;B" C'
    assert len(row) == 8
