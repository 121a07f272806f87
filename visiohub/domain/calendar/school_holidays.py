"""School holidays from the ministry's file "Le calendrier scolaire" (data.education.gouv.fr).

One row a holiday, académie and population; instants are midnights. As the data set's page says,
holidays begin after the last class of `Date de début` and lessons resume in the morning of
`Date de fin`. A start on Saturday or Sunday has no class before it, nor has a "Pont".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from visiohub.domain.calendar.causes import Cause
from visiohub.domain.hours import YEARS_IN_SIGHT
from visiohub.domain.typed import in_sight
from visiohub.errors import N_

MOST_DAYS = 150
"""Of holidays: summers have about two months, what is longer has a wrong date."""
MOST_CHARACTERS = 64
"""Of a zone's name."""
_DAY = timedelta(days=1)
_EVERYONE = ("", "-", "élèves")
_STAFF = "enseignants"
_NAMES = {
    "name": ("description",),
    "population": ("population",),
    "start": ("date de début", "start_date"),
    "end": ("date de fin", "end_date"),
    "zone": ("zones",),
}
"""Columns used, by what they are called in the two exports (with labels, with field names)."""


@dataclass(frozen=True, order=True)
class SchoolBreak:
    """Holidays from `first` to `last`, both without school."""

    first: date
    last: date
    name: str


@dataclass(frozen=True)
class SchoolZone:
    """All that the file says of one zone ("Zone A", "Corse", "Réunion", ...)."""

    zone: str
    breaks: tuple[SchoolBreak, ...]

    @cached_property
    def days(self) -> Mapping[date, str]:
        """Every day without school, with the name of its holidays."""
        return {
            b.first + n * _DAY: b.name
            for b in reversed(self.breaks)
            for n in range((b.last - b.first).days + 1)
        }


@dataclass(frozen=True)
class Problem(Cause):
    """Base: something in the file, at a line (the first is 1)."""

    line: int


@dataclass(frozen=True)
class NotText(Problem):
    """Neither UTF-8 nor CSV: a spreadsheet, say."""

    code = "not_text"
    says = N_(
        "Ce fichier n’est pas un CSV lisible. Reprenez sur data.education.gouv.fr "
        "l’export CSV du « calendrier scolaire »."
    )


@dataclass(frozen=True)
class ColumnMissing(Problem):
    """The header lacks a column."""

    column: str
    code = "column_missing"
    says = N_(
        "Ligne {line}, la colonne « {column} » manque. Reprenez le fichier officiel "
        "sans changer sa première ligne."
    )


@dataclass(frozen=True)
class ZoneMissing(Problem):
    """A row of no zone."""

    code = "zone_missing"
    says = N_("Ligne {line}, la zone est vide. Écrivez par exemple Zone A, ou ôtez la ligne.")


@dataclass(frozen=True)
class ZoneTooLong(Problem):
    """A name of a zone that is none."""

    most: int = MOST_CHARACTERS
    code = "zone_too_long"
    says = N_(
        "Ligne {line}, le nom de la zone a plus de {most} caractères. "
        "Écrivez par exemple Zone A, ou ôtez la ligne."
    )


@dataclass(frozen=True)
class NoHolidays(Problem):
    """Not one row with both its days."""

    code = "no_holidays"
    says = N_(
        "Ce fichier ne contient aucunes vacances. Reprenez sur data.education.gouv.fr "
        "l’export CSV du « calendrier scolaire »."
    )


@dataclass(frozen=True)
class DateUnreadable(Problem):
    """A date that is none."""

    column: str
    value: str
    code = "date_unreadable"
    says = N_(
        "Ligne {line}, colonne « {column} », la date « {value} » n’est pas lisible. "
        "Écrivez-la comme 2026-10-17."
    )


@dataclass(frozen=True)
class EndsBeforeStart(Problem):
    """Lessons resume before the holidays begin."""

    start: date
    end: date
    code = "ends_before_start"
    says = N_(
        "Ligne {line}, la reprise ({end}) est avant le début ({start}). Corrigez l’une des deux."
    )


@dataclass(frozen=True)
class HolidaysTooLong(Problem):
    """Of months: one of the two years is wrong."""

    start: date
    end: date
    most: int = MOST_DAYS
    code = "holidays_too_long"
    says = N_(
        "Ligne {line}, du début ({start}) à la reprise ({end}) il y a plus de {most} jours. "
        "Corrigez l’une des deux dates."
    )


@dataclass(frozen=True)
class SchoolFile:
    """What was read. With `problems` nothing of it should be kept."""

    zones: Mapping[str, SchoolZone]
    problems: tuple[Problem, ...]
    open_ended: tuple[int, ...]
    """Lines without a day of return ("Début des Vacances d'Été"): left out until it is known."""


def read_school_file(data: bytes) -> SchoolFile:
    """The file as it was downloaded, in any order of columns; all its problems, not the first."""
    problems: list[Problem] = []
    open_ended: list[int] = []
    breaks: dict[str, set[SchoolBreak]] = {}
    try:
        for row in _rows(data):
            if isinstance(row, Problem):
                problems.append(row)
            elif row.population != _STAFF:
                found = row.school_break()
                if isinstance(found, Problem):
                    problems.append(found)
                elif found is None:
                    open_ended.append(row.line)
                else:
                    breaks.setdefault(row.full_zone, set()).add(found)
    except (UnicodeDecodeError, csv.Error):
        problems.append(NotText(1))
    if not breaks and not problems:
        problems.append(NoHolidays(1))
    zones = {zone: SchoolZone(zone, tuple(sorted(breaks[zone]))) for zone in sorted(breaks)}
    return SchoolFile(zones, tuple(problems), tuple(open_ended))


@dataclass(frozen=True)
class _Row:
    line: int
    labels: Mapping[str, str]
    cells: Mapping[str, str]

    @property
    def population(self) -> str:
        return self.cells["population"].casefold()

    @property
    def full_zone(self) -> str:
        """A population other than everyone's has days of its own (Saint-Martin in Guadeloupe)."""
        zone, population = self.cells["zone"], self.cells["population"]
        return zone if self.population in _EVERYONE else f"{zone} ({population})"

    def school_break(self) -> SchoolBreak | Problem | None:
        """None: the day of return is not known."""
        if not self.cells["zone"]:
            return ZoneMissing(self.line)
        if len(self.full_zone) > MOST_CHARACTERS:
            return ZoneTooLong(self.line)
        days: dict[str, date] = {}
        for column in ("start", "end") if self.cells["end"] else ("start",):
            day = _day(self.cells[column])
            if day is None:
                return DateUnreadable(self.line, self.labels[column], self.cells[column])
            days[column] = day
        start, end = days["start"], days.get("end", days["start"])
        if end < start:
            return EndsBeforeStart(self.line, start, end)
        if end - start > MOST_DAYS * _DAY:
            return HolidaysTooLong(self.line, start, end)
        name = self.cells["name"]
        class_before = start.weekday() < 5 and not name.casefold().startswith("pont")
        first, last = start + class_before * _DAY, end - _DAY
        return SchoolBreak(first, last, name) if first <= last else None


def _rows(data: bytes) -> Iterator[_Row | Problem]:
    text = data.decode("utf-8-sig")
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in header else ",", strict=True)
    titles = [title.strip() for title in next(reader, [])]
    known = {title.casefold(): i for i, title in enumerate(titles)}
    places = {}
    for key, names in _NAMES.items():
        place = next((known[name] for name in names if name in known), None)
        if place is None:
            yield ColumnMissing(1, names[0].capitalize())
        else:
            places[key] = place
    if len(places) < len(_NAMES):
        return
    labels = {key: titles[i] for key, i in places.items()}
    for cells in reader:
        if any(cells):
            padded = cells + [""] * (len(titles) - len(cells))
            values = {key: in_sight(padded[i]).strip() for key, i in places.items()}
            yield _Row(reader.line_num, labels, values)


def _day(text: str) -> date | None:
    """The day of a midnight, whichever French zone's, whichever way it is written.

    Offsets of midnight lie between UTC-10 (Tahiti) and UTC+12 (Wallis), so its day is that of
    the nearest midnight UTC: 2026-10-16T22:00:00+00:00 is the 17th in Paris.
    """
    try:
        if "/" in text:
            instant = datetime.strptime(text, "%d/%m/%Y")  # noqa: DTZ007 - a day
        else:
            instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    if instant.year not in YEARS_IN_SIGHT:
        return None
    if instant.tzinfo is None:
        return instant.date()
    return (instant.astimezone(UTC) + timedelta(hours=12)).date()
