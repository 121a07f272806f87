"""What rules knew of a line and is void now: their alerts end, their habits begin anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from visiohub.booking.lines.contracts import contract_of, keep_former
from visiohub.booking.lines.grades import TOPIC, note
from visiohub.domain.line import LineTerms
from visiohub.domain.line_contract import LineContract
from visiohub.domain.model import Line, LineKind
from visiohub.linkquality.grader import LineGrader
from visiohub.linkquality.grading import RETRAINS, SNR_DB, SNR_FALL_DB, Level
from visiohub.storage.uow import UnitOfWork

MODEM_RULES = frozenset({SNR_DB.name, SNR_FALL_DB.name, RETRAINS.name})
GRADED_RULES = frozenset(LineGrader().state()["watches"])
HABIT_RULES = frozenset(LineGrader().state()["habits"])
"""What is worse than usual passes their limits; others' limits are the same for all lines."""
_CONTRACT = ("kind", "operator", "up_kbit_s", "down_kbit_s")


def void(uow: UnitOfWork, line_id: str, rules: Collection[str], now: datetime) -> None:
    """These rules of the line have seen nothing yet."""
    kept = uow.linkquality.habits.find(line_id)
    if kept is not None:
        kept.habits = {name: one for name, one in kept.habits.items() if name not in rules}
        kept.watches = {name: one for name, one in kept.watches.items() if name not in rules}
    for alert in uow.linkquality.alerts.standing(line_id):
        if alert.rule in rules:
            note(uow, line_id, alert.rule, Level.FINE, alert.value, now)
            uow.changed(TOPIC)


def contract_edited(uow: UnitOfWork, line: Line, before: Mapping[str, Any], now: datetime) -> None:
    """A line of another rate, kind or operator is known by what it does from now on: its delays
    and losses were the other one's, too, and so were its trains and its shaper's tokens. What it
    did is held against the contract that it had, if it had one before."""
    if not any(name in before and before[name] != getattr(line, name) for name in _CONTRACT):
        return
    uow.changed(TOPIC)
    keep_former(uow, _former(uow, line, before), now)
    void(uow, line.id, GRADED_RULES, now)
    state = uow.linkquality.states.find(line.id)
    if state is not None and uow.linkquality.contracts.former(line.id):
        state.known_since = now
        state.burst_up_octets = state.burst_down_octets = None


def _former(uow: UnitOfWork, line: Line, before: Mapping[str, Any]) -> LineContract:
    contract = contract_of(uow, line)
    former = replace(contract, **{name: before[name] for name in _CONTRACT if name in before})
    former.kind = LineKind(former.kind)
    if uow.linkquality.terms.find(line.id) is None:
        former.wrapping = LineTerms.usual(line.id, former.kind).wrapping
    return former
