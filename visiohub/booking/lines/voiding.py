"""What rules knew of a line and is void now: their alerts end, their habits begin anew."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from visiohub.booking.lines.grades import TOPIC, note
from visiohub.domain.model import Line
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


def contract_edited(uow: UnitOfWork, line: Line, before: dict[str, object], now: datetime) -> None:
    """A line of another rate, kind or operator is known by what it does from now on: its delays
    and losses were the other one's, too, and so were its trains and its shaper's tokens."""
    if not any(name in before and before[name] != getattr(line, name) for name in _CONTRACT):
        return
    void(uow, line.id, GRADED_RULES, now)
    state = uow.linkquality.states.find(line.id)
    if state is not None:
        state.known_since = now
        state.burst_up_octets = state.burst_down_octets = None
