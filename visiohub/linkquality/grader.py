"""One line's rules together: what each window and each train does to its grade and alerts. Pure.

Loss, jitter and delay are graded above what is usual at the hour; until three days are known they
are not graded at all. A window with a call says nothing of the line: the call's own figures do.
What others at the venue take is graded beside the habit of the hour, and named by a signature of
its own where the modem counts it (visiohub/linkquality/signatures.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from visiohub.linkquality import grading
from visiohub.linkquality.baseline import Baseline
from visiohub.linkquality.delays import DelaySummary
from visiohub.linkquality.grading import Change, Grade, Level, Rule, Watch

TRAIN_EVERY_S = 3_600.0
"""Between trains on an idle line."""
TRAIN_AGAIN_S = 1_200.0
"""After one that a limit was passed in, or that was inconclusive."""
TRAIN_RETRIES = 2
"""So many inconclusive ones in a row are repeated early; then the line has its hour."""

_HABIT = 1.25
"""Busy hours are not equally busy: this much of what is usual is usual, too."""


@dataclass(frozen=True)
class Window:
    """Figures of five minutes; None for what was not measured."""

    loss: float | None = None
    jitter_ms: float | None = None
    delay_ms: float | None = None

    @classmethod
    def of(cls, summary: DelaySummary) -> Window:
        """From the probes of five minutes; jitter is that of the worse direction."""
        ways = (summary.forward_variation_ms, summary.backward_variation_ms)
        spreads = [way.p95 - way.p5 for way in ways if way]
        return cls(
            loss=grading.surely_lost(summary.lost, summary.sent),
            jitter_ms=max(spreads, default=None),
            delay_ms=summary.two_way_ms.p95 if summary.two_way_ms else None,
        )


class LineGrader:
    """The state of one line; local times are the venue's."""

    def __init__(self) -> None:
        self._habits = {rule.name: Baseline() for rule in (*_BY_HABIT, grading.SNR_FALL_DB)}
        self._watches = {rule.name: Watch(rule) for rule in (*_BY_HABIT, *_BY_LIMIT)}
        self._capacity: dict[str, Baseline] = {}
        for way in ("down", "up"):
            self._capacity[way] = Baseline()
            self._watches[f"capacity_{way}"] = Watch(grading.CAPACITY)

    def window(
        self, local: datetime, window: Window, *, in_use: bool = False, maintenance: bool = False
    ) -> list[Change]:
        """Five minutes of probes; `in_use`: a call was on the line meanwhile."""
        figures = {"loss": window.loss, "jitter": window.jitter_ms, "delay": window.delay_ms}
        changes = []
        for rule in _BY_HABIT:
            watch, habit, value = self._watches[rule.name], self._habits[rule.name], None
            usual = habit.usual_high(local)
            if not in_use and usual is not None:
                value = figures[rule.name]
            change = watch.observe(value, _HABIT * (usual or 0.0), maintenance=maintenance)
            changes += [change] if change else []
            figure = figures[rule.name]
            if figure is not None and not (in_use or maintenance) and watch.level is Level.FINE:
                habit.observe(local, figure)
        return changes

    def train(
        self, local: datetime, way: str, kbit_s: float, *, maintenance: bool = False
    ) -> Change | None:
        """A conclusive train of an idle line, `way` "down" or "up"; KeyError for another."""
        habit, watch = self._capacity[way], self._watches[f"capacity_{way}"]
        usual = habit.usual(local)
        share = kbit_s / usual if usual else 1.0
        change = watch.observe(share, maintenance=maintenance)
        # What is below the limit is no new habit, or a slow decline would never be seen.
        if not maintenance and watch.level is Level.FINE and not watch.is_suspicious:
            habit.observe(local, kbit_s)
        return change

    def modem(
        self,
        local: datetime,
        snr_db: float | None,
        retrains_24h: float | None,
        *,
        maintenance: bool = False,
    ) -> list[Change]:
        """A reading: the margin of the worse direction."""
        habit, watch = (
            self._habits[grading.SNR_FALL_DB.name],
            self._watches[grading.SNR_FALL_DB.name],
        )
        usual = habit.usual_low(local)
        given = {
            grading.SNR_DB: snr_db,
            grading.SNR_FALL_DB: None if snr_db is None or usual is None else usual - snr_db,
            grading.RETRAINS: retrains_24h,
        }
        seen = [
            self._watches[rule.name].observe(value, maintenance=maintenance)
            for rule, value in given.items()
        ]
        settled = watch.level is Level.FINE and not watch.is_suspicious
        if snr_db is not None and not maintenance and settled:
            habit.observe(local, snr_db)
        return [change for change in seen if change]

    def call(self, loss: float, *, maintenance: bool = False) -> Change | None:
        """A call that is over, by the share of its packets for which the line answers
        (linkquality.call_loss)."""
        return self._watches[grading.CALL_LOSS.name].observe(loss, maintenance=maintenance)

    def state(self) -> dict[str, Any]:
        """All that a restarted hub needs to go on, for JSON."""
        return {
            "habits": {name: habit.state() for name, habit in self._all_habits().items()},
            "watches": {name: watch.state() for name, watch in self._watches.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state`; KeyError for one of other rules."""
        habits = self._all_habits()
        for name, past in state["habits"].items():
            habits[name].restore(past)
        for name, levels in state["watches"].items():
            self._watches[name].restore(levels)

    def grades(self) -> Mapping[str, Grade]:
        """Each rule's grade by its name."""
        return {name: watch.grade for name, watch in self._watches.items()}

    @property
    def grade(self) -> Grade:
        """The line's; a rule that was raised and has no data now counts as it stands."""
        grades = set(self.grades().values())
        if grades - {Grade.NO_DATA}:
            watches = self._watches.values()
            grades |= {watch.raised for watch in watches if watch.level is not Level.FINE}
        return grading.line_grade(grades)

    def _all_habits(self) -> dict[str, Baseline]:
        return self._habits | {f"capacity_{way}": one for way, one in self._capacity.items()}


_BY_HABIT: tuple[Rule, ...] = (grading.LOSS, grading.JITTER_MS, grading.DELAY_MS)
_BY_LIMIT: tuple[Rule, ...] = (
    grading.SNR_DB,
    grading.SNR_FALL_DB,
    grading.RETRAINS,
    grading.CALL_LOSS,
)
