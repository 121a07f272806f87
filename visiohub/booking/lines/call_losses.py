"""What calls lost, by the line that they were on: their own figures speak where probes rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from visiohub.storage.uow import UnitOfWork

CALL_MINUTES = 3
"""Shorter calls say little."""


def losses_of_calls(
    uow: UnitOfWork, start: datetime, end: datetime
) -> Mapping[str, Sequence[tuple[datetime, float]]]:
    """Of calls that ended in that time, by line: when, and the share that the worse end lost."""
    found: dict[str, list[tuple[datetime, float]]] = {}
    losses = uow.linkquality.series.losses_of_calls(start, end, CALL_MINUTES)
    for kiosk_id, ended_at, lost in losses:
        line = uow.lines.of_kiosk(kiosk_id)
        if line is not None:
            found.setdefault(line.id, []).append((ended_at, lost))
    return found
