"""When kiosks have to be told the hub's time: they reckon it on clocks of their own. Pure."""

from __future__ import annotations

_SET_S = 2.0
"""The hub's clock was set if it went by so much more or less than a monotonic one."""
_EVERY_S = 3_600.0
"""A clock that nobody sets strays by a tenth of a second in that time, rarely by more."""


class TimeTeller:
    """Look at it every few seconds. Whoever comes later is told by the welcome."""

    def __init__(self, unix_s: float, monotonic: float) -> None:
        self._ahead_s = unix_s - monotonic
        self._told_at = monotonic

    def is_due(self, unix_s: float, monotonic: float) -> bool:
        """Whether all are to be told now."""
        ahead_s = unix_s - monotonic
        if abs(ahead_s - self._ahead_s) <= _SET_S and monotonic < self._told_at + _EVERY_S:
            return False
        self._ahead_s, self._told_at = ahead_s, monotonic
        return True
