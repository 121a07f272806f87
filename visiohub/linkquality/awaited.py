"""Lines that were measured before the hub began, and are not heard of since. Pure.

Who measures is known to a hub by the sessions that it gave; a line that died while the hub was down
has none. So those that were measured last are awaited for a while, and out if they do not come.
"""

from __future__ import annotations

from collections.abc import Collection

AWAIT_S = 60.0
"""Within it kiosks find a hub that is back (signaling/PROTOCOL.md §9 has their pauses)."""
_LEAST_LINES = 4
"""Of fewer nobody can say whose fault it is."""


class Awaited:
    """`look` every few seconds; `now` is a monotonic clock's."""

    def __init__(self, lines: Collection[str], now: float) -> None:
        """Lines that were measured shortly before, by their id."""
        self._missing = set(lines)
        self._lines = len(self._missing)
        self._until = now + AWAIT_S

    @property
    def together(self) -> bool:
        """Most of them are not back: then it is the hub that is not to be reached."""
        return self._lines >= _LEAST_LINES and 2 * len(self._missing) > self._lines

    def look(self, back: Collection[str], now: float) -> frozenset[str]:
        """Those that are out, without the ones that are `back`: measured by some kiosk again."""
        self._missing -= set(back)
        late = now >= self._until and not self.together
        return frozenset(self._missing) if late else frozenset()
