"""Venues from a table, with a week of opening hours a line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time

from visiohub.booking import territory
from visiohub.booking.forms import VenueForm
from visiohub.booking.imports.importer import Importer
from visiohub.domain.calendar.opening import OpeningRules
from visiohub.domain.calendar.opening_checks import RangeBackwards, RangesOverlap, problems
from visiohub.domain.csv_table import Column, Row, fold
from visiohub.domain.model import OpeningRange, Person
from visiohub.domain.typed import read_time
from visiohub.errors import N_
from visiohub.storage.uow import UnitOfWork

WEEK = (
    Column("monday", ("lundi", "monday"), "8:30-12:00, 13:30-17:00", required=False),
    Column("tuesday", ("mardi", "tuesday"), "8:30-12:00, 13:30-17:00", required=False),
    Column("wednesday", ("mercredi", "wednesday"), "8:30-12:00", required=False),
    Column("thursday", ("jeudi", "thursday"), "", required=False),
    Column("friday", ("vendredi", "friday"), "8 h 30 à 12 h", required=False),
    Column("saturday", ("samedi", "saturday"), "", required=False),
    Column("sunday", ("dimanche", "sunday"), "", required=False),
)
_BETWEEN = re.compile(r"\s*(?:,|;|/|\+|\bet\b|\band\b)\s*")
_TO = re.compile(r"\s*(?:-|–|—|→|\bà\b|\bto\b)\s*")
_MIDNIGHT = re.compile(r"24\s*[:hH]?\s*(?:00)?")


class VenueImporter(Importer[VenueForm]):
    """A venue is known by its town and name: one that is there already is a problem."""

    columns = (
        Column("name", ("nom", "name"), "Mairie de Rosans"),
        Column("kind", ("genre", "kind"), "Mairie"),
        Column("street", ("rue", "adresse", "street"), "2 place de la Mairie"),
        Column("postcode", ("code postal", "postcode"), "05150"),
        Column("town", ("commune", "ville", "town"), "Rosans"),
        Column("latitude", ("latitude",), "44,39"),
        Column("longitude", ("longitude",), "5,47"),
        Column("time_zone", ("fuseau horaire", "fuseau", "time zone"), "", required=False),
        Column("phone", ("téléphone", "tel", "phone"), "04 65 71 20 40"),
        Column("access", ("accès", "access"), "Rampe à gauche", required=False),
        *WEEK,
    )

    def __init__(self, uow: UnitOfWork, now: datetime) -> None:
        super().__init__(uow, now)
        self._there = {(fold(v.town), fold(v.name)): 0 for v in uow.venues.list(active=True)}
        """Of each the line, 0 in the database."""

    def read(self, row: Row) -> VenueForm | None:
        """One venue."""
        cells = row.cells
        before = len(self.problems)
        week = self._week(row)
        data: dict[str, object] = {c.name: cells[c.name] for c in self.columns if c.name in cells}
        for column in WEEK:
            data.pop(column.name, None)
        data["postcode"] = with_zero(cells["postcode"], 5)
        data["phone"] = with_zero(cells["phone"], 10)
        data["time_zone"] = cells.get("time_zone") or self.uow.settings.time_zone
        for name in ("latitude", "longitude"):
            data[name] = cells[name].replace(",", ".")
        data["opening"] = week if len(self.problems) == before else []
        form = self.form(row, VenueForm, data, opening="")
        key = fold(cells["town"]), fold(cells["name"])
        line = self._there.setdefault(key, row.line)
        if line == 0:
            says = N_("Ce lieu existe déjà dans cette commune. Ôtez la ligne, ou changez le nom.")
            self.wrong(row, "name", "name_taken", says)
        elif line != row.line:
            says = N_("Ce lieu est déjà à la ligne {line}. Gardez l’une des deux.")
            self.wrong(row, "name", "twice", says, line=line)
        return form if len(self.problems) == before else None

    def write(self, planned: Sequence[VenueForm], by: Person | None) -> None:
        """All of them."""
        territory.create_all(self.uow, planned, by, self.now)

    def _week(self, row: Row) -> list[dict[str, object]]:
        """Each day's ranges, and what is wrong with them said in the day's own column."""
        ranges: list[OpeningRange] = []
        for weekday, column in enumerate(WEEK):
            for part in filter(None, _BETWEEN.split(row.cells.get(column.name, ""))):
                edges = [at for at in map(_time, _TO.split(part)) if at is not None]
                if len(edges) != 2 or len(_TO.split(part)) != 2:
                    says = N_(
                        "Ces heures ne se lisent pas. Écrivez par exemple 8:30-12:00, 13:30-17:00."
                    )
                    self.wrong(row, column.name, "time_parsing", says)
                    break
                ranges.append(OpeningRange(weekday, *edges))
        for found in problems(OpeningRules(weekly=tuple(ranges)), self.now.year):
            if isinstance(found, (RangesOverlap, RangeBackwards)) and isinstance(found.day, int):
                column = WEEK[found.day]
                shown = {
                    "opens": f"{found.opens:%H:%M}",
                    "closes": f"{found.closes:%H:%M}",
                    "day": column.heads[0],
                }
                self.wrong(row, column.name, found.code, found.says, **shown)
        return [
            {"weekday": r.weekday, "opens": f"{r.opens:%H:%M}", "closes": f"{r.closes:%H:%M}"}
            for r in ranges
        ]


def with_zero(text: str, digits: int) -> str:
    """A number that lost the zero before it in a spreadsheet has it again."""
    plain = text.replace(" ", "")
    return f"0{plain}" if plain.isdecimal() and len(plain) == digits - 1 else text


def _time(text: str) -> time | None:
    if _MIDNIGHT.fullmatch(text.strip()):
        return time()
    found = read_time(text)
    return time.fromisoformat(found) if found else None
