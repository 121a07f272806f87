"""Tables out of spreadsheet programs: encodings, separators, and what cannot be read."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain.csv_table import MOST_ROWS, Column, Table, read_table

COLUMNS = (
    Column("name", ("nom", "name")),
    Column("town", ("commune", "ville")),
    Column("note", ("remarque",), required=False),
)
TEXT = "Nom;Commune\r\nMairie « Été »;L’Argentière\r\n"
CELLS = {"name": "Mairie « Été »", "town": "L’Argentière"}


def codes(table: Table) -> list[tuple[int, str]]:
    return [(p.line, p.code) for p in table.problems]


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("cp1252"),
        TEXT.replace(";", "\t").encode("utf-16"),
        TEXT.replace(";", ",").encode(),
        TEXT.replace(";", "\t").replace("\r\n", "\n").encode(),
        TEXT.replace("\r\n", "\r").encode(),
        ("sep=;\r\n" + TEXT).encode("cp1252"),
        ("sep=|\n" + TEXT.replace(";", "|")).encode(),
        "NOM ;  commune;;\n Mairie « Été » ;L’Argentière;;\n;;;\n\n".encode(),
        TEXT.replace("Mairie « Été »", '"Mairie « Été »"').encode().rstrip(),
        'nom;ville\n"\'Mairie\n« Été »";L’Argentière'.replace("'", "").encode(),
    ],
)
def test_what_spreadsheets_save_is_read(data: bytes) -> None:
    table = read_table(data, COLUMNS)
    assert codes(table) == []
    assert [row.cells for row in table.rows] == [CELLS]
    assert table.lines == 1


def test_lines_are_counted_as_the_spreadsheet_shows_them() -> None:
    data = 'sep=;\nnom;commune\n"a\nb";x\n\n;;\nc;\x00\n'
    table = read_table(data.encode(), COLUMNS)
    assert [row.line for row in table.rows] == [2]
    assert codes(table) == [(5, "invisible")]
    assert table.problems[0].value == "□"


def test_no_line_of_the_file_ends_it() -> None:
    """Whatever controls stand in it: the lines after it are read, and it is named."""
    table = read_table(b"nom;commune\na;b\n\x00end\nc;d\n\x1aend;d\ne;f\n", COLUMNS)
    assert [row.line for row in table.rows] == [2, 4, 6]
    assert codes(table) == [(3, "invisible"), (5, "invisible")]


@pytest.mark.parametrize(
    ("data", "code", "column"),
    [
        (b"", "empty", ""),
        (b"\n ; \n", "empty", ""),
        (b"nom;commune\n", "no_rows", ""),
        (b"nom;pays\na;b", "missing_column", "commune"),
        (b"nom;commune;nom\na;b;c", "column_twice", "nom"),
        (b"nom;comune\na;b", "unknown_column", "comune"),
        (b"nom;commune\n\x81\x8d;b", "not_text", ""),
        (b'nom;commune\n"a;b\n' + b"c;d\n" * 40, "open_quote", ""),
        (b'nom;commune\n"' + b"x" * 200_000, "open_quote", ""),
        (b'nom;commune\na;"b\nc;d\ne;f\n', "open_quote", ""),
        (b'nom;commune\nc;d\na;"b', "open_quote", ""),
        (b"nom|commune\na|b\n", "no_heads", ""),
        (b"<html><body>nom</body></html>", "no_heads", ""),
        ("nom;commune\na;b\n".encode("utf-16-le"), "not_text", ""),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not_text", ""),
        (b"nom;commune\n" + b"a;b\n" * (MOST_ROWS + 1), "too_many_rows", ""),
        (b"x" * (4 * 1024 * 1024 + 1), "too_large", ""),
    ],
)
def test_what_makes_the_whole_file_unreadable(data: bytes, code: str, column: str) -> None:
    table = read_table(data, COLUMNS)
    assert table.rows == ()
    assert (code, column) in {(p.code, p.column) for p in table.problems}


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("#REF!", "spreadsheet_error"),
        ("#NOM?", "spreadsheet_error"),
        ("####", "spreadsheet_error"),
        ("4,65712E+08", "rounded"),
        ("a\u200bb", "invisible"),
        ("a\u202eb", "invisible"),
        ("a\x07b", "invisible"),
        ("a\ufffdb", "lost_character"),
    ],
)
def test_cells_that_nobody_meant(cell: str, code: str) -> None:
    table = read_table(f"nom;commune\n{cell};b\nc;d".encode(), COLUMNS)
    assert codes(table) == [(2, code)]
    assert [row.line for row in table.rows] == [3]


def test_a_text_cut_by_its_own_separator_is_told() -> None:
    table = read_table(b"nom,commune\nPlace du Four, 3,Gap", COLUMNS)
    assert codes(table) == [(2, "no_head")]


def test_our_own_exports_come_back_as_they_were() -> None:
    """visiohub.web.cells puts an apostrophe before what could be a formula."""
    table = read_table(b"nom;commune\n'+1;'=A1\n", COLUMNS)
    assert table.rows[0].cells == {"name": "+1", "town": "=A1"}


@given(st.binary(max_size=300))
def test_no_file_is_too_odd(data: bytes) -> None:
    table = read_table(data, COLUMNS)
    assert table.problems or table.rows
    assert all(len(p.value) <= 80 and p.value.isprintable() for p in table.problems)


@given(st.text(max_size=200))
def test_no_row_is_too_odd(text: str) -> None:
    table = read_table(f"nom;commune\n{text}\n".encode("utf-8", "surrogatepass"), COLUMNS)
    assert all(len(cell.splitlines()) <= 1 for row in table.rows for cell in row.cells.values())
