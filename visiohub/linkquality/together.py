"""Whether several uses go on one line at one time, each for its own while. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from visiohub.linkquality.budget import Both


@dataclass(frozen=True)
class Use:
    """A call or a booking: what it takes of the line, on the wire, from when up to when."""

    starts_at: datetime
    ends_at: datetime
    cost: Both


def fullest(uses: Sequence[Use], starts_at: datetime, ends_at: datetime) -> tuple[Both, int]:
    """The most that these take together in each direction at some moment of that time, and how
    many of them are on at once at most."""
    within = [use for use in uses if use.starts_at < ends_at and use.ends_at > starts_at]
    most, count = Both(0, 0), 0
    for moment in {max(starts_at, use.starts_at) for use in within}:
        on = [use.cost for use in within if use.starts_at <= moment < use.ends_at]
        taken = sum(on, Both(0, 0))
        most = Both(max(most.down, taken.down), max(most.up, taken.up))
        count = max(count, len(on))
    return most, count
