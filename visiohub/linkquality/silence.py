"""What silences say: lines that are out, probes that do not arrive, a hub that is cut off. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

OUT_AFTER_S = 20.0
"""The longest distance of two probes is 15 s, in a call; then two more seconds for the way. Whoever
is connected to signaling is dropped there sooner, when a line is cut."""
_AT_ONCE_S = 30.0
"""Silences that begin so close to each other may have one cause."""
_SILENT_S = 8.0
"""Longer than nearly all distances of two probes without a call."""
_LEAST_LINES = 4
"""Of fewer nobody can say whose fault it is."""
_BACK_WITHIN_S = 60.0
"""So long after the hub is heard again kiosks may take until they are."""


class CommonCause:
    """Whose silence is the hub's own; `look` at it every few seconds."""

    def __init__(self) -> None:
        self._excused: dict[str, float] = {}

    def look(self, silent_s: Mapping[str, float], now: float) -> frozenset[str]:
        """Lines by the seconds since each was heard, `now` of a monotonic clock: those that fell
        silent together with more than half of all that were heard until then."""
        for line, silence in silent_s.items():
            if silence <= _SILENT_S:
                continue
            # who fell silent long before says nothing of this moment
            others = [one for one in silent_s.values() if one <= silence + _AT_ONCE_S]
            fell = [one for one in others if one > _SILENT_S and one >= silence - _AT_ONCE_S]
            if len(others) >= _LEAST_LINES and 2 * len(fell) > len(others):
                self._excused[line] = now + _BACK_WITHIN_S
        self._excused = {line: until for line, until in self._excused.items() if now < until}
        return frozenset(self._excused)


@dataclass(frozen=True)
class Seen:
    """Lines by their id, at one look."""

    out: Mapping[str, bool] = field(default_factory=dict)
    """Whether they are out; lines that are silent `together` are in none of both."""
    unheard: frozenset[str] = frozenset()
    """The kiosk is connected, and its probes do not arrive."""
    together: frozenset[str] = frozenset()
    """Would be out, but fell silent with most others: the hub's own access is cut."""


class Silences:
    """Of all lines; `look` every few seconds."""

    def __init__(self) -> None:
        self._absent: set[str] = set()
        self._common_cause = CommonCause()

    def look(
        self,
        probers: Mapping[str, str],
        present: Collection[str],
        silent_s: Mapping[str, float],
        waited_s: Mapping[str, float],
        now: float,
    ) -> Seen:
        """`probers` are the kiosks that measure, by line, `present` those that are connected.

        By kiosk: `silent_s` since its last probe, if any came; `waited_s` since that or since its
        session began. A line on which the kiosk's connection lives is not out, whatever becomes of
        its probes: a firewall, or a port of the hub that is closed, is no outage.
        """
        known = {line: kiosk for line, kiosk in probers.items() if kiosk in silent_s}
        quiet = {line: 0.0 if k in present else silent_s[k] for line, k in known.items()}
        excused = self._common_cause.look(quiet, now)
        # Gone at two looks: a cut of the hub's own access shows at all of them by then.
        absent = set(probers.values()).difference(present)
        gone, self._absent = self._absent & absent, absent
        out = {
            line: kiosk in gone and silent_s.get(kiosk, 0.0) > OUT_AFTER_S
            for line, kiosk in probers.items()
        }
        together = frozenset(line for line, is_out in out.items() if is_out and line in excused)
        return Seen(
            {line: is_out for line, is_out in out.items() if line not in together},
            frozenset(
                line
                for line, kiosk in probers.items()
                if kiosk in present and waited_s.get(kiosk, 0.0) > OUT_AFTER_S
            ),
            together,
        )
