"""Tables as spreadsheet programs save them: bytes to rows, and what is wrong, by line. Pure.

UTF-8 with or without a byte order mark, UTF-16 with one ("Unicode text"), else Windows-1252, which
French Excel writes; semicolons, tabs or commas; Excel's line `sep=;`. Lines are counted as the
spreadsheet shows them, the heads are line 1.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, takewhile

from visiohub.errors import N_

MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 20_000
MOST_SHOWN = 80
"""Characters of a cell that a problem repeats."""
_OPEN_QUOTE_LINES = 20
"""A cell of more lines is a quotation mark that nobody closed."""
_END = "\udc00"
"""Stands on a line of its own after the last one, unless a quotation mark is open there: half of a
surrogate pair, which no decoded file holds."""
_DELIMITERS = ";\t,"
_SEP = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_FORMULA_APOSTROPHE = re.compile(r"'(?=[=+\-@＝＋－＠])")
"""What our own exports, and Excel, write before a text that is no formula."""
_SPREADSHEET_ERROR = re.compile(
    r"#(REF|N/A|NOM|NAME|VALEUR|VALUE|DIV/0|NUL|NULL|NOMBRE|NUM)[!?]?|#+"
)
_ROUNDED = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]+", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """One column of a kind of table."""

    name: str
    heads: tuple[str, ...]
    """What may stand above it, accents and capitals apart; the first is said to people."""
    example: str = ""
    required: bool = True
    """Must there be such a column; a cell may be empty all the same."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in one place, and what to do: `says` is a French sentence and a msgid."""

    line: int
    column: str
    """Its head; empty: the whole line, or file."""
    value: str
    code: str
    says: str
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One line of cells, by name of the column; each on one line, trimmed."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """What could be read; rows with problems of their own are left out."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    heads: dict[str, str]
    """By name of the column, as it is written in the file."""
    lines: int
    """Lines that hold something, below the heads."""


def fold(text: str) -> str:
    """Names that people hold for one: accents, capitals, apostrophes and spaces apart."""
    apart = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).casefold().split())


def read_table(data: bytes, columns: Sequence[Column]) -> Table:
    """The rows below the heads. Nothing is raised: what is wrong is in `problems`."""
    if len(data) > MOST_BYTES:
        mega = MOST_BYTES // 1024 // 1024
        says = N_("Ce fichier dépasse {most} Mo. Partagez-le en plusieurs fichiers.")
        return _nothing(problem(1, "", "", "too_large", says, most=mega))
    text = _decoded(data)
    if text is None or "\x00" in text.lstrip("\r\n").partition("\n")[0]:
        says = N_(
            "Ce fichier n’est pas du texte. Dans le tableur, enregistrez-le en « CSV UTF-8 »."
        )
        return _nothing(problem(1, "", "", "not_text", says))
    lines: list[tuple[int, list[str]]] = []
    for line, cells in enumerate(_records(text), start=1):
        if cells is None:
            says = N_("Un guillemet ouvert ici n’est pas refermé. Refermez-le ou ôtez-le.")
            return _nothing(problem(line, "", "", "open_quote", says))
        if any(cell.strip() for cell in cells):
            lines.append((line, cells))
    if not lines:
        says = N_("Ce fichier est vide. Choisissez celui qui contient vos lignes.")
        return _nothing(problem(1, "", "", "empty", says))
    heads, wrong = _heads(lines[0], columns)
    if not wrong and len(lines) - 1 > MOST_ROWS:
        says = N_("Ce fichier a plus de {most} lignes. Partagez-le en plusieurs fichiers.")
        wrong.append(problem(1, "", "", "too_many_rows", says, most=MOST_ROWS))
    if not wrong and len(lines) == 1:
        says = N_("Sous les titres, il n’y a aucune ligne. Ajoutez vos lignes.")
        wrong.append(problem(1, "", "", "no_rows", says))
    if wrong:
        return _nothing(*wrong)
    written = {column.name: lines[0][1][at].strip() for at, column in heads.items()}
    rows, wrong = [], []
    for line, cells in lines[1:]:
        row, found = _row(line, cells, heads, written)
        wrong += found
        if not found:
            rows.append(row)
    return Table(tuple(rows), tuple(wrong), written, len(lines) - 1)


def _decoded(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _records(text: str) -> Iterator[list[str] | None]:
    """Lines of cells; None in place of the one in which a quotation mark is left open."""
    first, _, rest = text.partition("\n")
    if told := _SEP.fullmatch(first):
        text, delimiter = rest, told[1]
    else:
        head = first if first.strip() else text.lstrip()[:1000]
        delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(chain(io.StringIO(text, newline=""), [_END]), delimiter=delimiter)
    try:
        for cells in takewhile(lambda cells: cells != [_END], reader):
            left_open = cells and cells[-1].endswith(_END)
            if left_open or any(cell.count("\n") > _OPEN_QUOTE_LINES for cell in cells):
                yield None
                return
            yield cells
    except csv.Error:  # a cell longer than the module reads, for the same reason
        yield None


def _heads(
    first: tuple[int, list[str]], columns: Sequence[Column]
) -> tuple[dict[int, Column], list[Problem]]:
    """The columns by their place, or what is wrong with the heads."""
    line, cells = first
    known = {fold(head): column for column in columns for head in column.heads}
    found: dict[int, Column] = {}
    wrong = []
    for at, cell in enumerate(cells):
        if not cell.strip():
            continue
        column = known.get(fold(cell))
        if column is None:
            close = difflib.get_close_matches(fold(cell), known, n=1)
            says = (
                N_("Cette colonne n’est pas connue. Écrivez « {close} », ou ôtez la colonne.")
                if close
                else N_("Cette colonne n’est pas connue. Ôtez-la.")
            )
            params = {"close": known[close[0]].heads[0]} if close else {}
            wrong.append(problem(line, cell, "", "unknown_column", says, **params))
        elif column in found.values():
            says = N_("Cette colonne est là deux fois. Gardez-en une.")
            wrong.append(problem(line, cell, "", "column_twice", says))
        else:
            found[at] = column
    if not found:
        says = N_(
            "Aucun titre n’est connu. Sur la première ligne, écrivez les titres des colonnes, "
            "avec des points-virgules entre eux."
        )
        return found, [problem(line, "", ";".join(cells), "no_heads", says)]
    for column in columns:
        if column.required and column not in found.values():
            says = N_("Cette colonne manque. Ajoutez-la, avec ce titre.")
            wrong.append(problem(line, column.heads[0], "", "missing_column", says))
    return found, wrong


def _row(
    line: int, cells: Sequence[str], heads: dict[int, Column], written: dict[str, str]
) -> tuple[Row, list[Problem]]:
    wrong = []
    texts = dict.fromkeys((column.name for column in heads.values()), "")
    for at, raw in enumerate(cells):
        text = _FORMULA_APOSTROPHE.sub("", " ".join(raw.replace("\ufeff", "").split()), count=1)
        if at not in heads:
            if text:
                says = N_(
                    "Cette case n’a pas de titre au-dessus d’elle. Effacez-la, "
                    "ou mettez entre guillemets le texte qui contient le séparateur."
                )
                wrong.append(problem(line, "", text, "no_head", says))
            continue
        name = heads[at].name
        if trouble := _trouble(text):
            wrong.append(problem(line, written[name], text, *trouble))
        texts[name] = text
    return Row(line, texts), wrong


def _trouble(text: str) -> tuple[str, str] | None:
    """What no column can hold, with its code: octets and signs that people did not write."""
    if any(unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs"} for c in text):
        return "invisible", N_("Cette case contient un signe invisible. Effacez-la et retapez-la.")
    if "\ufffd" in text:
        says = N_("Un caractère de cette case est perdu. Retapez-la.")
        return "lost_character", says
    if _SPREADSHEET_ERROR.fullmatch(text):
        says = N_("Le tableur n’a pas su remplir cette case. Corrigez sa formule, ou retapez-la.")
        return "spreadsheet_error", says
    if _ROUNDED.fullmatch(text):
        says = N_(
            "Le tableur a arrondi ce nombre. Mettez la colonne au format « Texte », "
            "puis retapez-le."
        )
        return "rounded", says
    return None


def problem(
    line: int, column: str, value: str, code: str, says: str, /, **params: object
) -> Problem:
    """One; of `value` the beginning is repeated, and what cannot be shown is replaced."""
    shown = "".join(c if c.isprintable() else "□" for c in value)
    cut = shown if len(shown) <= MOST_SHOWN else shown[: MOST_SHOWN - 1] + "…"
    return Problem(line, column.strip()[:MOST_SHOWN], cut, code, says, params)


def _nothing(*wrong: Problem) -> Table:
    return Table((), wrong, {}, 0)
