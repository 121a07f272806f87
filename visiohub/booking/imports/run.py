"""Check a table, or take it over: all of its lines, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from visiohub.booking.audit import note
from visiohub.booking.imports.agents import AgentImporter
from visiohub.booking.imports.appointments import AppointmentImporter
from visiohub.booking.imports.bookings import BookingImporter
from visiohub.booking.imports.importer import Importer
from visiohub.booking.imports.rooms import RoomImporter
from visiohub.booking.imports.venues import VenueImporter
from visiohub.domain.csv_table import Column, Problem, read_table
from visiohub.domain.model import Person
from visiohub.errors import N_, VisiohubError
from visiohub.storage.uow import UnitOfWork

Progress = Callable[[int, int], None]
"""Told how many lines of how many have been read."""

_IMPORTERS: Mapping[str, type[Importer[Any]]] = {
    "venues": VenueImporter,
    "rooms": RoomImporter,
    "agents": AgentImporter,
    "appointments": AppointmentImporter,
    "bookings": BookingImporter,
}
KINDS = tuple(_IMPORTERS)
_TELL_EVERY = 500


@dataclass(frozen=True)
class Report:
    """What a table holds, and everything that is wrong with it, by line."""

    kind: str
    lines: int
    problems: tuple[Problem, ...]

    @property
    def wrong_lines(self) -> int:
        """How many lines have something wrong."""
        return len({p.line for p in self.problems})


class ImportRefused(VisiohubError):  # noqa: N818 - named for what happened, as in visiohub.errors
    """Something is wrong with the table; nothing of it was kept."""

    code = "import_refused"
    status = 422
    says = N_("Rien n’est importé : des lignes sont à corriger. Le fichier est gardé.")

    def __init__(self, report: Report) -> None:
        super().__init__(f"{len(report.problems)} problems in {report.lines} lines")
        self.report = report


def columns_of(kind: str) -> tuple[Column, ...]:
    """The columns of a kind of KINDS."""
    return _IMPORTERS[kind].columns


def check(
    uow: UnitOfWork, kind: str, data: bytes, now: datetime, progress: Progress | None = None
) -> Report:
    """What an import would find. Only reads."""
    return _check(_IMPORTERS[kind](uow, now), kind, data, progress)[0]


def load(
    uow: UnitOfWork,
    kind: str,
    data: bytes,
    by: Person | None,
    now: datetime,
    progress: Progress | None = None,
) -> Report:
    """Check again, in the transaction that writes; `by` None: from the machine itself.

    Raises ImportRefused, then nothing was written.
    """
    importer = _IMPORTERS[kind](uow, now)
    report, planned = _check(importer, kind, data, progress)
    if report.problems:
        raise ImportRefused(report)
    importer.write(planned, by)
    note(uow, by, now, "import.load", kind, {}, {"lines": report.lines})
    return report


def _check(
    importer: Importer[Any], kind: str, data: bytes, progress: Progress | None
) -> tuple[Report, list[Any]]:
    table = read_table(data, importer.columns)
    importer.heads = table.heads
    planned = []
    for number, row in enumerate(table.rows, start=1):
        found = importer.read(row)
        if found is not None:
            planned.append(found)
        if progress and (number % _TELL_EVERY == 0 or number == len(table.rows)):
            progress(number, len(table.rows))
    importer.settle(planned)
    problems = sorted((*table.problems, *importer.problems), key=lambda p: p.line)
    return Report(kind, table.lines, tuple(problems)), planned
