"""Rooms from a table; their venues are there already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from visiohub.booking import territory
from visiohub.booking.forms import RoomForm
from visiohub.booking.imports.importer import Importer, Names, venue_names
from visiohub.domain.csv_table import Column, Row, fold
from visiohub.domain.model import Person
from visiohub.errors import N_
from visiohub.storage.uow import UnitOfWork


class RoomImporter(Importer[RoomForm]):
    """A room is known by its venue and name."""

    columns = (
        Column("venue", ("lieu", "venue"), "Mairie de Rosans"),
        Column("name", ("nom", "salle", "name"), "Salle du conseil"),
        Column("capacity", ("places", "places assises", "capacity", "seats"), "20"),
        Column("door", ("où la trouver", "porte", "door"), "Premier étage", required=False),
        Column("equipment", ("équipement", "equipment"), "Écran, visio", required=False),
    )

    def __init__(self, uow: UnitOfWork, now: datetime) -> None:
        super().__init__(uow, now)
        self._venues = Names(uow.venues.list(active=True), venue_names)
        self._there = {(r.venue_id, fold(r.name)): 0 for r in uow.rooms.list(active=True)}
        """Of each the line, 0 in the database."""

    def read(self, row: Row) -> RoomForm | None:
        """One room."""
        before = len(self.problems)
        venue = self.one_of(row, "venue", self._venues)
        data: dict[str, object] = {k: v for k, v in row.cells.items() if k != "venue"}
        data["venue_id"] = venue.id if venue else "unknown"
        form = self.form(row, RoomForm, data)
        if venue:
            line = self._there.setdefault((venue.id, fold(row.cells["name"])), row.line)
            if line == 0:
                says = N_("Cette salle existe déjà dans ce lieu. Ôtez la ligne, ou changez le nom.")
                self.wrong(row, "name", "name_taken", says)
            elif line != row.line:
                says = N_("Cette salle est déjà à la ligne {line}. Gardez l’une des deux.")
                self.wrong(row, "name", "twice", says, line=line)
        return form if len(self.problems) == before else None

    def write(self, planned: Sequence[RoomForm], by: Person | None) -> None:
        """All of them."""
        territory.create_all(self.uow, planned, by, self.now)
