"""What rules knew of a line and is void now: their alerts end, their habits begin anew."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from visiohub.booking.lines.grades import TOPIC, note
from visiohub.domain.model import Line
from visiohub.linkquality.grading import RETRAINS, SNR_DB, SNR_FALL_DB, Level
from visiohub.storage.uow import UnitOfWork

MODEM_RULES = frozenset({SNR_DB.name, SNR_FALL_DB.name, RETRAINS.name})
CAPACITY_RULES = frozenset({"capacity_down", "capacity_up"})
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
    """A line of another rate, kind or operator is measured by what it carries from now on."""
    if any(name in before and before[name] != getattr(line, name) for name in _CONTRACT):
        void(uow, line.id, CAPACITY_RULES, now)
