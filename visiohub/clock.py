"""The one place where the hub reads the wall clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present instant, aware, in UTC."""


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)
