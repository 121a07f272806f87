"""The open tables of communes, as they are published, and what is wrong with others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain.communes import Commune, CommunesFile, read_communes

HEADS = "code_insee,nom_standard,codes_postaux,latitude_mairie,longitude_mairie"


def read(*lines: str) -> CommunesFile:
    return read_communes("\n".join(lines).encode())


def test_the_table_of_data_gouv() -> None:
    heads = ",code_insee,nom_standard,reg_nom,codes_postaux,latitude_mairie,longitude_mairie"
    heads += ",latitude_centre,longitude_centre"
    found = read(
        heads,
        '1,05170,Tallard,"Provence, Alpes",05130,44.462,6.054,44.45,6.05',
        '2,2A004,Ajaccio,Corse,"20000, 20090, 20167",41.93,8.74,41.9,8.7',
        "3,55139,Cumières-le-Mort-Homme,Grand Est,55100,,,49.22,5.27",
    )
    assert (found.problems, found.left_out) == ((), ())
    assert found.communes[0] == Commune("05170", "Tallard", "05130", 44.462, 6.054)
    assert [c.postcode for c in found.communes if c.code == "2A004"] == ["20000", "20090", "20167"]
    assert found.communes[-1].latitude == 49.22


def test_other_heads_other_signs_and_zeros_that_a_spreadsheet_dropped() -> None:
    found = read(
        "Code commune INSEE;Nom de la commune;Code postal;Latitude;Longitude",
        "1004;Ambérieu-en-Bugey;1500;45,96;5,37",
        "1004;Ambérieu-en-Bugey;1500;45,96;5,37",
        ";;;;",
    )
    assert found == CommunesFile(
        (Commune("01004", "Ambérieu-en-Bugey", "01500", 45.96, 5.37),), (), ()
    )


def test_lines_without_postcode_or_coordinates_are_left_out_and_told() -> None:
    found = read(HEADS, "05170,Tallard,05130,44.4,6.0", "05171,A,,44,6", "05172,B,05130,44,")
    assert (len(found.communes), found.left_out) == (1, (3, 4))


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("5,Tallard,05130,44.4,6.0", "code_insee"),
        ("05170,,05130,44.4,6.0", "nom"),
        ("05170,Tallard,513,44.4,6.0", "code_postal"),
        ("05170,Tallard,05130,444,6.0", "latitude"),
        ("05170,Tallard,05130,44.4,nan", "longitude"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(line: str, column: str) -> None:
    found = read(HEADS, "05061,Gap,05000,44.55,6.07", line, line)
    assert [(p.line, p.column) for p in found.problems] == [(3, column), (4, column)]


def test_a_file_of_something_else_is_none() -> None:
    for data, code in (
        (b"", "missing_column"),
        (b"nom;age\na;1\n", "missing_column"),
        (HEADS.encode(), "no_rows"),
        (b"\xff\xfe\x00", "not_text"),
    ):
        assert [p.code for p in read_communes(data).problems] == [code]


@given(st.binary(max_size=200))
def test_no_octets_make_it_fail(data: bytes) -> None:
    for head in (b"", HEADS.encode() + b"\n"):
        found = read_communes(head + data)
        assert found.problems or found.communes
