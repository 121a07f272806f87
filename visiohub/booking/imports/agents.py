"""Agents from a table: accounts of the role agent, of partners that are there already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from visiohub.booking import territory
from visiohub.booking.forms import PersonForm
from visiohub.booking.imports.importer import Importer, Names
from visiohub.domain.csv_table import Column, Row
from visiohub.domain.model import Person, Role
from visiohub.errors import N_
from visiohub.storage.uow import UnitOfWork


class AgentImporter(Importer[PersonForm]):
    """Nobody signs in before a password is given, one by one: a file holds none."""

    columns = (
        Column("login", ("identifiant", "login"), "caf.durand"),
        Column("label", ("nom affiché", "nom", "label"), "Conseil CAF 3"),
        Column("initials", ("initiales", "initials"), "", required=False),
        Column("partner", ("organisme", "partner"), "CAF"),
        Column("language", ("langue", "language"), "fr", required=False),
    )

    def __init__(self, uow: UnitOfWork, now: datetime) -> None:
        super().__init__(uow, now)
        self._partners = Names(
            uow.partners.list(active=True), lambda partner: (partner.short_name, partner.name)
        )
        self._there = {person.login: 0 for person in uow.persons.list()}
        """Of each login the line, 0 in the database."""

    def read(self, row: Row) -> PersonForm | None:
        """One account."""
        before = len(self.problems)
        partner = self.one_of(row, "partner", self._partners)
        data: dict[str, object] = {k: v for k, v in row.cells.items() if k != "partner"}
        login = row.cells["login"].lower()
        data |= {
            "login": login,
            "language": row.cells.get("language", "").lower(),
            "roles": [Role.AGENT],
            "partner_id": partner.id if partner else "unknown",
        }
        form = self.form(row, PersonForm, data)
        line = self._there.setdefault(login, row.line)
        if line == 0:
            says = N_("Ce compte existe déjà. Ôtez la ligne, ou changez l’identifiant.")
            self.wrong(row, "login", "name_taken", says)
        elif line != row.line:
            says = N_("Cet identifiant est déjà à la ligne {line}. Changez l’un des deux.")
            self.wrong(row, "login", "twice", says, line=line)
        return form if len(self.problems) == before else None

    def write(self, planned: Sequence[PersonForm], by: Person | None) -> None:
        """All of them."""
        territory.create_all(self.uow, planned, by, self.now)
