"""What importers of all kinds share: problems by line, forms read from cells, names looked up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

from visiohub.booking.forms import Form, read_form
from visiohub.domain import hours
from visiohub.domain.csv_table import Column, Problem, Row, fold, problem
from visiohub.domain.model import Person
from visiohub.domain.typed import read_day, read_time
from visiohub.errors import N_, InvalidForm, TimeHappensTwice
from visiohub.storage.uow import UnitOfWork

P = TypeVar("P")
T = TypeVar("T")
F = TypeVar("F", bound=Form)

TRUE, FALSE = (
    frozenset({"oui", "o", "vrai", "yes", "y", "true", "1", "x"}),
    frozenset({"", "non", "n", "faux", "no", "false", "0"}),
)


class Importer(ABC, Generic[P]):
    """Reads the rows of one kind, then writes what was read. Lives for one table."""

    columns: ClassVar[tuple[Column, ...]]

    def __init__(self, uow: UnitOfWork, now: datetime) -> None:
        self.uow = uow
        self.now = now
        self.problems: list[Problem] = []
        self.heads: Mapping[str, str] = {}
        """As the file writes them, by name of the column."""

    @abstractmethod
    def read(self, row: Row) -> P | None:
        """What a row asks for; None: it cannot be, `problems` say why."""

    def settle(self, planned: Sequence[P]) -> None:
        """Find what is wrong with the rows together; `problems` say it."""

    @abstractmethod
    def write(self, planned: Sequence[P], by: Person | None) -> None:
        """Write all of it; the caller commits."""

    def wrong(self, row: Row, column: str, code: str, says: str, **params: object) -> None:
        """Note a problem; `column` "" is the whole line."""
        head = self.heads.get(column) or next(
            (c.heads[0] for c in self.columns if c.name == column), ""
        )
        value = row.cells.get(column, "")
        self.problems.append(problem(row.line, head, value, code, says, **params))

    def form(self, row: Row, form: type[F], data: Mapping[str, object], **columns: str) -> F | None:
        """The form with this data. `columns` name those that are not called like their field;
        "" leaves out a field that the row is not to blame for."""
        try:
            return read_form(form, data)
        except InvalidForm as error:
            for one in error.errors:
                name = one.field.partition(".")[0]
                if column := columns.get(name, name):
                    self.wrong(row, column, one.code, one.says, **one.params)
            return None

    def one_of(self, row: Row, column: str, known: Names[T], text: str | None = None) -> T | None:
        """The one thing of this name; None, with a problem, for none or several."""
        text = row.cells.get(column, "") if text is None else text
        found = known.of(text)
        if not text:
            self.wrong(row, column, "missing", N_("Remplissez cette case."))
        elif not found:
            close = known.closest(text)
            says = (
                N_("Rien ne s’appelle ainsi. Écrivez « {close} », ou créez-le d’abord.")
                if close
                else N_("Rien ne s’appelle ainsi. Créez-le d’abord, ou corrigez le nom.")
            )
            params = {"close": close} if close else {}
            self.wrong(row, column, "unknown_reference", says, **params)
        elif len(found) > 1:
            says = N_("Plusieurs s’appellent ainsi. Écrivez « Commune, Nom », ou renommez-les.")
            self.wrong(row, column, "ambiguous", says)
        else:
            return found[0]
        return None

    def day_of(self, row: Row, column: str) -> date | None:
        """A day, as people or spreadsheets write it."""
        text = row.cells.get(column, "").removesuffix(" 00:00:00")
        found = read_day(text)
        if found and found.year in hours.YEARS_IN_SIGHT:
            return found
        if found:
            says = N_("Choisissez un jour des années {first} à {last}.")
            first, last = hours.YEARS_IN_SIGHT[0], hours.YEARS_IN_SIGHT[-1]
            self.wrong(row, column, "out_of_sight", says, first=first, last=last)
        elif text.isdecimal() and len(text) == 5:  # days since 1900, as a spreadsheet counts
            says = N_(
                "Le tableur a écrit un nombre au lieu du jour. "
                "Mettez la colonne au format « Date », puis enregistrez de nouveau."
            )
            self.wrong(row, column, "serial_day", says)
        else:
            self.wrong(row, column, "date_parsing", N_("Écrivez un jour comme 21/11/2026."))
        return None

    def time_of(self, row: Row, column: str) -> time | None:
        """A time on the wall clock."""
        text = row.cells.get(column, "")
        whole = text[:-3] if len(text) > 6 and text.endswith(":00") else text
        if found := read_time(whole):
            return time.fromisoformat(found)
        says = N_("Écrivez une heure comme 9:45 ou 9 h 45.")
        self.wrong(row, column, "time_parsing", says)
        return None

    def flag_of(self, row: Row, column: str) -> bool:
        """Yes or no; an empty cell is no."""
        text = fold(row.cells.get(column, ""))
        if text not in TRUE | FALSE:
            self.wrong(row, column, "flag", N_("Écrivez oui ou non."))
        return text in TRUE

    def instant_of(
        self, row: Row, column: str, day: date, at: time, zone: ZoneInfo
    ) -> datetime | None:
        """The UTC instant of a local time; None, with a problem, where the clock skips it or
        shows it twice."""
        if hours.happens_twice(day, at, zone):
            self.wrong(row, column, TimeHappensTwice.code, TimeHappensTwice.says)
            return None
        try:
            return hours.to_instant(day, at, zone)
        except hours.LocalTimeMissingError as gap:
            says = N_(
                "Ce jour-là, l’horloge saute de {gap_starts} à {gap_ends}. "
                "Choisissez une autre heure."
            )
            starts, ends = f"{gap.starts:%H:%M}", f"{gap.ends:%H:%M}"
            self.wrong(row, column, "time_does_not_exist", says, gap_starts=starts, gap_ends=ends)
            return None


class Names(Generic[T]):
    """Things by the names that people know them by."""

    def __init__(self, things: Iterable[T], names: Callable[[T], Iterable[str]]) -> None:
        self._by_name: dict[str, list[T]] = {}
        self._written: dict[str, str] = {}
        for thing in things:
            for name in names(thing):
                self._written.setdefault(fold(name), name)
                same = self._by_name.setdefault(fold(name), [])
                if not any(thing is one for one in same):
                    same.append(thing)

    def of(self, name: str) -> list[T]:
        """All that are called so."""
        return self._by_name.get(fold(name), [])

    def closest(self, name: str) -> str:
        """The name that begins or ends as this one does; empty when none does."""
        folded = fold(name)
        alike = [
            w for f, w in self._written.items() if len(folded) > 3 and (folded in f or f in folded)
        ]
        return alike[0] if len(alike) == 1 else ""


def venue_names(venue: Any) -> tuple[str, str]:
    """Its name, and as the pages' lists write it."""
    return venue.name, f"{venue.town}, {venue.name}"
