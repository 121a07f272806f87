"""The communes of France from an open table of data.gouv.fr. Pure.

CSV in UTF-8 with semicolons, commas or tabs; its columns are known by what they are called in the
usual exports, in any order, others are passed over. One line a commune, or one for each postcode.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from visiohub.domain.csv_table import Problem, fold, problem
from visiohub.errors import N_

MOST_CHARACTERS = 100
"""Of a name: the longest in France has 45."""
_HEADS: Mapping[str, Sequence[str]] = {
    "code": ("code_insee", "code_commune_insee", "insee", "code"),
    "name": (
        "nom_standard", "nom_commune_complet", "nom_commune", "nom_de_la_commune", "nom", "commune",
    ),
    "postcodes": ("codes_postaux", "code_postal", "codespostaux", "codepostal", "cp"),
    "latitude": ("latitude_mairie", "latitude_centre", "latitude", "lat"),
    "longitude": ("longitude_mairie", "longitude_centre", "longitude", "lon", "lng"),
}  # fmt: skip
"""Of each line, the first that says something; spaces, accents and capitals apart."""
_CODE = re.compile(r"\d[\dAB]\d{3}")
_POSTCODE = re.compile(r"\d{5}")
_BETWEEN = re.compile(r"[^\d]+")


@dataclass(frozen=True)
class Commune:
    """A commune under one of its postcodes; degrees."""

    code: str
    """INSEE's."""
    name: str
    postcode: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class CommunesFile:
    """What was read. With `problems` nothing of it should be kept."""

    communes: tuple[Commune, ...]
    problems: tuple[Problem, ...]
    left_out: tuple[int, ...]
    """Lines without a postcode or without coordinates: nothing can be found near them."""


def read_communes(data: bytes) -> CommunesFile:
    """The file as it was downloaded; all its problems, not the first."""
    found: dict[tuple[str, str], Commune] = {}
    problems: list[Problem] = []
    left_out: list[int] = []
    try:
        for line, cells in _rows(data):
            match _read(line, cells):
                case Problem() as wrong:
                    problems.append(wrong)
                case []:
                    left_out.append(line)
                case list() as communes:
                    found |= {(one.code, one.postcode): one for one in communes}
    except KeyError as missing:
        says = N_("Cette colonne manque. Ajoutez-la, avec ce titre.")
        problems = [problem(1, _HEADS[missing.args[0]][0], "", "missing_column", says)]
    except (UnicodeDecodeError, csv.Error):
        says = N_(
            "Ce fichier n’est pas du texte. Dans le tableur, enregistrez-le en « CSV UTF-8 »."
        )
        problems = [problem(1, "", "", "not_text", says)]
    if not found and not problems:
        says = N_("Sous les titres, il n’y a aucune ligne. Ajoutez vos lignes.")
        problems.append(problem(1, "", "", "no_rows", says))
    return CommunesFile(tuple(found.values()), tuple(problems), tuple(left_out))


def _rows(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Lines and their cells. Raises UnicodeDecodeError, csv.Error; KeyError: that column lacks."""
    text = data.decode("utf-8-sig")
    head = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(";,\t", key=head.count), strict=True
    )
    heads = [re.sub(r"[\s-]+", "_", fold(cell)) for cell in next(reader, [])]
    at = {
        name: [heads.index(one) for one in known if one in heads] for name, known in _HEADS.items()
    }
    for name, there in at.items():
        if not there:
            raise KeyError(name)
    for cells in reader:
        said = {i: cell.strip() for i, cell in enumerate(cells) if cell.strip()}
        if said:
            row = {n: next((said[i] for i in there if i in said), "") for n, there in at.items()}
            yield reader.line_num, row


def _read(line: int, cells: Mapping[str, str]) -> list[Commune] | Problem:
    code, name = _whole(cells["code"].upper()), " ".join(cells["name"].split())
    if not _CODE.fullmatch(code):
        says = N_("Donnez le code INSEE de la commune, par exemple 05170.")
        return problem(line, "code_insee", cells["code"], "code", says)
    if not name or len(name) > MOST_CHARACTERS or not name.isprintable():
        says = N_("Donnez le nom de la commune.")
        return problem(line, "nom", name, "name", says)
    postcodes = [_whole(one) for one in _BETWEEN.split(cells["postcodes"]) if one]
    if wrong := [one for one in postcodes if not _POSTCODE.fullmatch(one)]:
        says = N_("Donnez un code postal de cinq chiffres, par exemple 05000.")
        return problem(line, "code_postal", wrong[0], "postcode", says)
    degrees = []
    for column, most in (("latitude", 90), ("longitude", 180)):
        if not cells[column]:
            return []
        value = _degrees(cells[column])
        if value is None or abs(value) > most:
            says = N_("Donnez un nombre, par exemple 44,28.")
            return problem(line, column, cells[column], "degrees", says)
        degrees.append(value)
    return [Commune(code, name, postcode, *degrees) for postcode in postcodes]


def _whole(code: str) -> str:
    """A spreadsheet drops the first zero."""
    return f"0{code}" if len(code) == len("1001") else code


def _degrees(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
