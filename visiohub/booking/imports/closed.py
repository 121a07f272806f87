"""Why a line's place is closed at its time, and what to do about it."""

from __future__ import annotations

from typing import Any

from visiohub.booking.imports.importer import Importer
from visiohub.domain.calendar.closed import (
    Closed,
    ForClosure,
    InSchoolHolidays,
    OnExceptionalDay,
    OnPublicHoliday,
)
from visiohub.domain.csv_table import Row
from visiohub.errors import N_


def tell_closed(importer: Importer[Any], row: Row, at: str, closed: Closed | None) -> None:
    """Note it at the column of the day, or at that of the hour, which is called `at`; None: the
    place closes before the end."""
    match closed:
        case ForClosure(reason=reason):
            says = N_("Fermé à ce moment ({reason}). Changez le jour, ou la fermeture.")
            importer.wrong(row, "day", closed.code, says, reason=reason)
        case OnPublicHoliday(name=name):
            says = N_("Fermé ce jour férié ({name}). Changez le jour, ou les règles du lieu.")
            importer.wrong(row, "day", closed.code, says, name=name)
        case OnExceptionalDay(label=label):
            says = N_(
                "Ce jour a d’autres horaires ({label}), et c’est fermé à cette heure. "
                "Changez l’heure, ou les horaires de ce jour."
            )
            importer.wrong(row, "day", closed.code, says, label=label)
        case InSchoolHolidays(name=name):
            says = N_(
                "Fermé à cette heure pendant les vacances scolaires ({name}). "
                "Changez l’heure, ou les horaires des vacances."
            )
            importer.wrong(row, at, closed.code, says, name=name)
        case _:
            says = N_(
                "Le lieu ou la salle n’est pas ouvert pendant tout ce temps. "
                "Changez l’heure, ou les horaires."
            )
            importer.wrong(row, at, "outside_hours", says)
