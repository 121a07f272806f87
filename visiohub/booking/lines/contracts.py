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
"""The `id` of the one in force."""


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
    """It was in force until now. What was typed wrong is not kept, nor what nothing was measured
    under."""
    begun = contract.since or _first_measured(uow, contract.line_id)
    if begun is not None and begun <= now - CORRECTED_WITHIN:
        _keep(uow, contract, now)


def hold_from(
    uow: UnitOfWork, before: LineContract, begin: datetime | None, *, changed: bool
) -> None:
    """The contract in force holds from `begin` on; None: since the line is measured. What began
    after that is replaced, what was in force then ends there. `before` is what it was until now;
    if nothing of it is `changed`, its begin alone was typed wrong."""
    former = uow.linkquality.contracts.former(before.line_id)
    state = uow.linkquality.states.find(before.line_id)
    first = _first_measured(uow, before.line_id)
    if state is None or begin is None or first is None or begin <= first:
        stay: list[LineContract] = []
        known_since = None
    else:
        held = [*former, before] if changed else former
        stay = [one for one in held if one.since is None or one.since < begin]
        if stay:
            _keep(uow, stay[-1], begin)
        later = state.known_since is not None and state.known_since > begin
        known_since = begin if later or not stay else state.known_since
    for one in former:
        if one not in stay:
            uow.linkquality.contracts.remove(one)
    if state is not None:
        state.known_since = known_since
    uow.flush()


def _keep(uow: UnitOfWork, contract: LineContract, until: datetime) -> None:
    contract.until = until
    if contract.id == _NOT_KEPT:
        contract.id = new_id()
        uow.linkquality.contracts.add(contract)
    uow.flush()


def _first_measured(uow: UnitOfWork, line_id: str) -> datetime | None:
    state = uow.linkquality.states.find(line_id)
    return uow.linkquality.series.begin(state.number) if state else None
