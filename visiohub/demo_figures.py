"""What kiosks of the demo would measure on its lines: made up, by a story for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from visiohub.domain.line import Figures, ModemFigures, TrainResult, Way
from visiohub.domain.line_figures import counted
from visiohub.domain.model import Line
from visiohub.linkquality import histogram
from visiohub.linkquality.cells import Framing
from visiohub.linkquality.grading import Grade, Level
from visiohub.linkquality.train import PACKET_OCTETS

MINUTE, QUARTER, HOUR, DAY = (timedelta(minutes=n) for n in (1, 15, 60, 1440))
PROBES = 20
"""A minute."""
_BEFORE = timedelta(seconds=400)
"""A reading the modem found its step again."""


@dataclass(frozen=True)
class Story:
    """`capacity` is the upstream's share of the contract's rate; times are before now."""

    town: str
    grade: Grade
    rtt_ms: float
    capacity: float = 0.97
    cut_since: timedelta | None = None
    silent_since: timedelta | None = None
    noisy_since: timedelta | None = None
    alerts: tuple[tuple[str, Level, float, timedelta], ...] = ()

    @property
    def goes_on(self) -> bool:
        """Its line is heard."""
        return self.cut_since is None and self.silent_since is None


class DemoFigures:
    """One line's, up to `now`."""

    def __init__(
        self,
        story: Story,
        line: Line,
        framing: Framing,
        zone: ZoneInfo,
        now: datetime,
        random: Random,
    ) -> None:
        self._story = story
        self._line = line
        self._framing = framing
        self._zone = zone
        self._now = now
        self._random = random
        self.heard = now - (story.cut_since or story.silent_since or timedelta())
        """Up to when it is."""

    def probes(self, step: timedelta, start: datetime) -> Iterator[Figures]:
        """Of each step from `start` on; none while the kiosk is silent."""
        at = floor(start, step)
        while at < self._now:
            if at < self.heard:
                yield self.one(at, step)
            elif self._story.cut_since is not None:
                count = int(step / MINUTE)
                yield Figures(at, count, out=count, sent=PROBES * count, lost=PROBES * count)
            at += step

    def one(self, at: datetime, step: timedelta) -> Figures:
        """Of a stretch of time."""
        count, chance = int(step / MINUTE), self._random
        hour = at.astimezone(self._zone).hour
        busy = 1.25 if 9 <= hour < 12 or 14 <= hour < 17 else 1.0
        noisy = self._noisy(at)
        rtt = self._story.rtt_ms * busy * (2.6 if noisy else 1.0) * chance.uniform(0.95, 1.1)
        spread = rtt * chance.uniform(0.1, 0.5 if noisy else 0.3)
        sent = PROBES * count
        share = (0.04 if noisy else 0.0003) * chance.uniform(0.5, 1.5)
        lost = int(sent * share + chance.random())  # as many in minutes as in quarters
        delays = [rtt + spread / 3 * (-log(1 - (n + 0.5) / PROBES) - 1) for n in range(PROBES)]
        two_way = {bucket: count * n for bucket, n in histogram.count(delays).items()}
        variation = {"p5": 0.0, "p50": spread / 4, "p95": spread, "p99": 2 * spread}
        ways: dict[str, Any] = {
            f"{way}_{p}": round(value, 1)
            for way in ("up", "down")
            for p, value in variation.items()
        }
        octets = 2800 * count
        return Figures(
            at, count, sent=sent, lost=lost, lost_up=lost, loss_runs=lost, octets_up=octets,
            octets_down=octets, **counted(two_way), **ways,
        )  # fmt: skip

    def trains(self, start: datetime) -> Iterator[TrainResult]:
        """One each hour and way."""
        at = floor(start, HOUR)
        while at < self.heard:
            for way, contract in (
                (Way.UP, self._line.up_kbit_s * self._story.capacity),
                (Way.DOWN, self._line.down_kbit_s * 0.96),
            ):
                wire = contract * (0.5 if self._noisy(at) else 1.0) * self._random.uniform(0.97, 1)
                ip = self._framing.ip_kbit_s(wire, PACKET_OCTETS)
                yield TrainResult(
                    at, way, round(ip, 1), None, 0.01, 0, 60, PACKET_OCTETS, 60, 0, in_call=False
                )
            at += HOUR

    def modem(self, start: datetime, held_since: datetime) -> Iterator[ModemFigures]:
        """A reading each quarter; the modem was in step since `held_since`."""
        at = floor(start, QUARTER)
        while at < self.heard:
            noisy = self._noisy(at)
            snr = (2.4 if noisy else 9.5) + self._random.uniform(-0.3, 0.3)
            up, down = self._line.up_kbit_s * 1.05, self._line.down_kbit_s * 1.04
            retrained = noisy and self._random.random() < 0.3
            held_since = at - _BEFORE if retrained else held_since
            errored = self._random.randrange(20, 60) if noisy else int(self._random.random() < 0.1)
            yield ModemFigures(
                at, self._line.kind, up_sync_kbit_s=up, up_attainable_kbit_s=1.1 * up,
                up_snr_db=snr, up_attenuation_db=31.0, up_errored_s=errored,
                up_severely_errored_s=errored // 8, down_sync_kbit_s=down * (0.8 if noisy else 1.0),
                down_attainable_kbit_s=down * (0.85 if noisy else 1.15), down_snr_db=snr + 1.2,
                down_attenuation_db=42.0, down_errored_s=errored // 2,
                down_severely_errored_s=errored // 16, retrains=int(retrained),
                uptime_s=(at - held_since).total_seconds(),
            )  # fmt: skip
            at += QUARTER

    def _noisy(self, at: datetime) -> bool:
        """Since the fault, and in the same hours of yesterday."""
        since = self._story.noisy_since
        if since is None:
            return False
        begin = self._now - since
        return at >= begin or begin - DAY <= at < begin - DAY + 90 * MINUTE


def floor(at: datetime, step: timedelta) -> datetime:
    """The begin of the step, counted from 1970 in UTC."""
    seconds = int(at.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(step.total_seconds()), UTC)
