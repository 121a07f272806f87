"""From figures to grades and alerts, without flapping. Pure.

Each rule has two limits, and for each a milder one that must hold again before it is over (as
SmokePing's CheckLatency). A limit is passed when three of the last five windows pass it, and left
after five windows in a row behind the milder one. No data is a state of its own: it neither raises
nor clears. During maintenance nothing is raised, and what was raised stays as it was.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from visiohub.linkquality.emodel import OPUS_WIDE

_WINDOWS = 5
_TO_RAISE = 3
_TO_CLEAR = 5
_SILENT = 3
"""So many windows without a value are "no data"."""


class Level(IntEnum):
    """How bad one rule's figure is."""

    FINE = 0
    WARNING = 1
    ALARM = 2


class Grade(StrEnum):
    """The state of a line, or of one of its rules."""

    GOOD = "good"
    FAIR = "fair"
    BAD = "bad"
    NO_DATA = "no_data"
    UNKNOWN = "unknown"
    """Of a line that is heard and of which no rule knows anything yet."""
    MAINTENANCE = "maintenance"


@dataclass(frozen=True)
class Limit:
    """Passed beyond `at`, over once at `over` or better."""

    at: float
    over: float


@dataclass(frozen=True)
class Rule:
    """One figure's limits; `low_is_bad` turns them round."""

    name: str
    warning: Limit
    alarm: Limit
    low_is_bad: bool = False

    def level(self, value: float, above: float = 0.0) -> Level:
        """Which limit this value passes; `above` shifts all limits to what is usual."""
        if self._beyond(value, self.alarm.at + above):
            return Level.ALARM
        return Level.WARNING if self._beyond(value, self.warning.at + above) else Level.FINE

    def is_over(self, level: Level, value: float, above: float = 0.0) -> bool:
        """Whether this value is well behind the limit of the level."""
        limit = self.alarm if level is Level.ALARM else self.warning
        return not self._beyond(value, limit.over + above)

    def _beyond(self, value: float, limit: float) -> bool:
        return value < limit if self.low_is_bad else value > limit


LOSS = Rule("loss", Limit(0.01, 0.008), Limit(0.03, 0.024))
"""Of five minutes, as `surely_lost`, from 0 to 1."""
JITTER_MS = Rule("jitter", Limit(30, 24), Limit(60, 48))
"""p95 less p5 of one direction."""
DELAY_MS = Rule("delay", Limit(50, 40), Limit(150, 120))
"""p95 of the two-way delay, above what is usual at the hour."""
CAPACITY = Rule("capacity", Limit(0.90, 0.94), Limit(0.70, 0.76), low_is_bad=True)
"""Share of the usual capacity: a drop of 15 % is beyond the limit by more than a train is off."""
SNR_DB = Rule("snr", Limit(5, 6), Limit(3, 4), low_is_bad=True)
SNR_FALL_DB = Rule("snr_fall", Limit(3, 2), Limit(6, 5))
"""Below what is usual at the hour: a margin that sinks by half a dB a week and more is told before
it is too low."""
RETRAINS = Rule("retrains", Limit(2, 1), Limit(9, 7))
"""In 24 hours: three are a warning, ten an alarm."""
CALL_LOSS = Rule("call_loss", Limit(0.02, 0.015), Limit(0.05, 0.03))
"""Of a call, from 0 to 1, what its line answers for (linkquality.call_loss): beyond 2 % rate
control no longer dares more (draft-ietf-rmcat-gcc-02 §6). Calls take the place of windows."""
RATING_OF = OPUS_WIDE.best_r
"""The most that R can be on any line, 82: of the codec that looks are rated for."""
RATING = Rule(
    "rating",
    Limit(RATING_OF - 4, RATING_OF - 2),
    Limit(RATING_OF - 12, RATING_OF - 9),
    low_is_bad=True,
)
"""R on narrowband's scale, by what the line takes from the best: 4 is what 1.7 % of loss takes or
210 ms from mouth to ear; 12 what 6.2 % or 275 ms take."""


@dataclass(frozen=True)
class Change:
    """An alert raised, worsened, eased or cleared."""

    rule: str
    before: Level
    after: Level
    value: float


class Watch:
    """One rule on one figure of one line; `observe` once a window."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.level = Level.FINE
        self._recent: deque[Level] = deque(maxlen=_WINDOWS)
        self._mild = self._silent = 0
        self._seen = self._maintained = False

    @property
    def grade(self) -> Grade:
        """What to show."""
        if self._maintained:
            return Grade.MAINTENANCE
        if not self._seen or self._silent >= _SILENT:
            return Grade.NO_DATA
        return self.raised

    @property
    def raised(self) -> Grade:
        """What stands, with or without data since."""
        return (Grade.GOOD, Grade.FAIR, Grade.BAD)[self.level]

    def state(self) -> list[int]:
        """For JSON: level, windows behind the milder limit, then the recent windows' levels."""
        return [self.level, self._mild, *self._recent]

    def restore(self, state: Sequence[int]) -> None:
        """Go on from a `state`: what was raised is not raised again, what was known stays known."""
        level, self._mild, *recent = state
        self.level = Level(level)
        self._recent.extend(Level(one) for one in recent)
        self._seen = bool(recent)

    @property
    def is_suspicious(self) -> bool:
        """Whether the newest window passed a limit: worth another look before its time."""
        return bool(self._recent) and self._recent[-1] > self.level

    def observe(
        self, value: float | None, above: float = 0.0, *, maintenance: bool = False
    ) -> Change | None:
        """A window's figure, None without data; the change of the alert that it causes, if any."""
        self._maintained = maintenance
        if maintenance:
            self._recent.clear()
            self._mild = 0
            return None
        if value is None or math.isnan(value):
            self._silent += 1
            return None
        self._silent, self._seen = 0, True
        self._recent.append(self.rule.level(value, above))
        before, self.level = self.level, self._next(value, above)
        if self.level is before:
            return None
        self._mild = 0
        return Change(self.rule.name, before, self.level, value)

    def _next(self, value: float, above: float) -> Level:
        for level in (Level.ALARM, Level.WARNING):
            passed = sum(one >= level for one in self._recent)
            if level > self.level and passed >= _TO_RAISE:
                return level
        if self.level is Level.FINE:
            return self.level
        self._mild = self._mild + 1 if self.rule.is_over(self.level, value, above) else 0
        if self._mild < _TO_CLEAR:
            return self.level
        return max((one for one in self._recent if one < self.level), default=Level.FINE)


def line_grade(grades: Iterable[Grade]) -> Grade:
    """The worst of a line's rules."""
    given = set(grades)
    if Grade.MAINTENANCE in given:
        return Grade.MAINTENANCE
    for grade in (Grade.BAD, Grade.FAIR, Grade.GOOD):
        if grade in given:
            return grade
    return Grade.NO_DATA


def surely_lost(lost: int, sent: int) -> float | None:
    """The least loss that these probes show (Wilson's bound, 95 %); None without probes.

    One of a hundred may be chance; three of a hundred are a percent for sure.
    """
    if not sent:
        return None
    z = 1.96
    share = lost / sent
    middle = share + z * z / (2 * sent)
    half = z * math.sqrt(share * (1 - share) / sent + z * z / (4 * sent * sent))
    return max(0.0, (middle - half) / (1 + z * z / sent))
