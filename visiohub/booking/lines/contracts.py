"""The contracts of a line, one after the other: what it did is held against the one of its day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from visiohub.booking.secrets import new_id
from visiohub.domain.line_contract import LineContract
from visiohub.domain.model import Line
from visiohub.storage.uow import UnitOfWork

CORRECTED_WITHIN = timedelta(days=1)
"""What is changed again so soon was typed wrong, or in two forms: it is the same change."""
_NOT_KEPT = ""


def contracts_of(uow: UnitOfWork, line: Line) -> Sequence[LineContract]:
    """All that are known, the oldest first; the last one is in force."""
    return [*uow.linkquality.contracts.former(line.id), contract_of(uow, line)]


def contract_of(uow: UnitOfWork, line: Line) -> LineContract:
    """The one in force."""
    terms = uow.linkquality.terms.of(line)
    former = uow.linkquality.contracts.former(line.id)
    state = uow.linkquality.states.find(line.id)
    return LineContract(
        _NOT_KEPT,
        line.id,
        line.kind,
        line.operator,
        line.up_kbit_s,
        line.down_kbit_s,
        terms.wrapping,
        terms.guaranteed_up_kbit_s,
        terms.guaranteed_down_kbit_s,
        terms.restoration_hours,
        since=former[-1].until if former else state.known_since if state else None,
    )


def keep_former(uow: UnitOfWork, contract: LineContract, now: datetime) -> None:
    """It was in force until now. Of a line that was never measured nothing is held against it."""
    if uow.linkquality.states.find(contract.line_id) is None:
        return
    if contract.since is not None and contract.since > now - CORRECTED_WITHIN:
        return
    contract.id, contract.until = new_id(), now
    uow.linkquality.contracts.add(contract)
    uow.flush()
