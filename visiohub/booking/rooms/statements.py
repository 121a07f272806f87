"""Monthly statements of organisations, and of people who pay alone, from the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from visiohub.booking.rooms.scope import check_runs_territory
from visiohub.domain.booking import Charged, Organisation
from visiohub.domain.model import Person
from visiohub.domain.tariff.months import Month
from visiohub.domain.tariff.statement import Charge, Payer, Statement, statement
from visiohub.storage.uow import UnitOfWork

TERRITORY_LABEL = "Territoire"
"""Where a statement puts what is of no venue: passes."""


def statement_of(uow: UnitOfWork, payer_id: str, month: Month, by: Person) -> Statement:
    """Of an organisation, or of an account that pays alone, by its id. A month that is over never
    changes: what comes later is entered on its own day (`writing.entered_on`).

    Raises NotFound, NotAllowed (people read their own alone).
    """
    payer = uow.organisations.find(payer_id)
    if payer is not None or uow.memberships.get(payer_id).person_id != by.id:
        check_runs_territory(by)
    return made_for(uow, payer_id, month)


def made_for(uow: UnitOfWork, payer_id: str, month: Month) -> Statement:
    """As `statement_of`, for the hub itself. Raises NotFound."""
    lines = [c for c in _charged(uow, month) if _payer_id(c) == payer_id]
    return statement(_payer(uow, payer_id, lines), month, _charges(uow, lines), closed=None)


def organisations_charged(uow: UnitOfWork, month: Month) -> list[Organisation]:
    """Those with lines in this month."""
    ids = {line.organisation_id for line in _charged(uow, month)}
    return sorted(uow.organisations.by_ids(list(ids)).values(), key=lambda o: o.id)


def statements_of_month(uow: UnitOfWork, month: Month, by: Person) -> list[Statement]:
    """Of everybody who owes or gets back something, by name. Raises NotAllowed."""
    check_runs_territory(by)
    of_payer: dict[str, list[Charged]] = defaultdict(list)
    for line in _charged(uow, month):
        of_payer[_payer_id(line)].append(line)
    found = [
        statement(_payer(uow, payer_id, lines), month, _charges(uow, lines), closed=None)
        for payer_id, lines in of_payer.items()
    ]
    return sorted(found, key=lambda s: (s.payer.name.casefold(), s.payer.id))


def _charged(uow: UnitOfWork, month: Month) -> Iterable[Charged]:
    return uow.charges.between(month.first(), month.last())


def _payer_id(line: Charged) -> str:
    return line.organisation_id or line.membership_id


def _payer(uow: UnitOfWork, payer_id: str, lines: Iterable[Charged]) -> Payer:
    """Who was erased since is named by the lines."""
    organisation = uow.organisations.find(payer_id)
    if organisation is not None:
        return Payer(organisation.id, organisation.name, organisation.address)
    person = uow.persons.get(uow.memberships.get(payer_id).person_id)
    return Payer(payer_id, next((line.debtor for line in lines if line.debtor), person.label))


def _charges(uow: UnitOfWork, lines: Iterable[Charged]) -> list[Charge]:
    listed = list(lines)
    venues = uow.venues.by_ids([line.venue_id for line in listed])
    accounts = uow.memberships.by_ids([line.membership_id for line in listed])
    people = uow.persons.by_ids([account.person_id for account in accounts.values()])
    return [
        Charge(
            line.id,
            line.on,
            venues[line.venue_id].name if line.venue_id else TERRITORY_LABEL,
            line.debtor or people[accounts[line.membership_id].person_id].label,
            line.label,
            line.amount,
        )
        for line in listed
    ]
