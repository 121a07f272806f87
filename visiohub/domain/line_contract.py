"""What was agreed on a line, and when. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from visiohub.domain.line import Wrapping
from visiohub.domain.model import LineKind


@dataclass(eq=False)
class LineContract:
    """Rates are in kbit/s on the wire; None of what is guaranteed: nothing was. It is kept, with an
    `id`, once another one follows."""

    id: str
    line_id: str
    kind: LineKind
    operator: str
    up_kbit_s: int
    down_kbit_s: int
    wrapping: Wrapping
    guaranteed_up_kbit_s: int | None
    guaranteed_down_kbit_s: int | None
    restoration_hours: int | None
    since: datetime | None
    """None: from before anything was known of the line."""
    until: datetime | None = None
    """None: it is in force."""


def in_force(contracts: Sequence[LineContract], at: datetime) -> LineContract:
    """The one of that moment, of all in order of time; of before all that are known, the first."""
    return next(one for one in contracts if one.until is None or at < one.until)
