"""The demo's measured lines: three days of figures of some venues, each with a story of its own.

The other lines stay as a new territory has them: not measured yet. Everything follows from `now`
and a seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log
from random import Random
from typing import Any

from visiohub.booking.secrets import new_id
from visiohub.domain import hours
from visiohub.domain.line import (
    Figures,
    LineAlert,
    LineMaintenance,
    LineNote,
    ModemFigures,
    TrainResult,
    Way,
)
from visiohub.domain.line_figures import counted, together
from visiohub.domain.model import Line, Person, Venue
from visiohub.linkquality import histogram
from visiohub.linkquality.grading import Grade, Level
from visiohub.linkquality.train import PACKET_OCTETS
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork

MINUTE, QUARTER, HOUR, DAY = (timedelta(minutes=n) for n in (1, 15, 60, 1440))
MINUTES_OF, QUARTERS_OF, DAYS_OF = 12 * HOUR, 4 * DAY, 60
PROBES = 20
"""A minute."""
_SEED = 20_261_121


@dataclass(frozen=True)
class _Story:
    """`capacity` is the upstream's share of the contract's rate; hours are before now."""

    town: str
    grade: Grade
    rtt_ms: float
    capacity: float = 0.97
    cut_since: timedelta | None = None
    silent_since: timedelta | None = None
    noisy_since: timedelta | None = None
    alerts: tuple[tuple[str, Level, float, timedelta], ...] = ()


_OUTAGE = timedelta(hours=1, minutes=53)
STORIES = (
    _Story("Aiguilles", Grade.BAD, 46, cut_since=_OUTAGE, noisy_since=3 * HOUR,
           alerts=(("outage", Level.ALARM, 0.0, _OUTAGE),)),
    _Story("Rosans", Grade.BAD, 52, 0.8, noisy_since=5 * HOUR,
           alerts=(("snr", Level.ALARM, 2.4, 4 * HOUR), ("loss", Level.WARNING, 0.021, 4 * HOUR))),
    _Story("Chorges", Grade.FAIR, 24, 0.62,
           alerts=(("capacity_up", Level.WARNING, 0.86, 5 * HOUR),)),
    _Story("L’Argentière-la-Bessée", Grade.NO_DATA, 44, silent_since=2 * HOUR),
    _Story("Guillestre", Grade.GOOD, 21),
)  # fmt: skip


def load(uow: UnitOfWork, now: datetime) -> None:
    """Into a demo that was just made."""
    random = Random(_SEED)  # noqa: S311 - no secret
    by = uow.persons.list(login="technique")[0]
    for story in STORIES:
        venue = uow.venues.list(town=story.town)[0]
        line = uow.lines.of_venue(venue.id)
        if line is not None:
            _DemoLine(uow, story, line, venue, now, random).write(by)
    uow.flush()


class _DemoLine:
    """One line's past."""

    def __init__(
        self,
        uow: UnitOfWork,
        story: _Story,
        line: Line,
        venue: Venue,
        now: datetime,
        random: Random,
    ) -> None:
        self._uow = uow
        self._story = story
        self._line = line
        self._zone = hours.zone_of(venue.time_zone)
        self._now = now.replace(second=0, microsecond=0)
        self._random = random
        state = uow.linkquality.states.of(line.id)
        self._number = state.number
        self._heard = self._now - (story.cut_since or story.silent_since or MINUTE)
        state.grade, state.heard_at = story.grade, self._heard
        state.out_since = None if story.cut_since is None else self._heard

    def write(self, by: Person) -> None:
        """Figures, alerts, and what a technician wrote."""
        series, number = self._uow.linkquality.series, self._number
        minutes = list(self._figures(MINUTE, self._now - MINUTES_OF))
        series.add_figures([(number, one) for one in minutes], Resolution.MINUTES)
        quarters = list(self._figures(QUARTER, self._now - QUARTERS_OF))
        series.add_figures([(number, one) for one in quarters], Resolution.QUARTERS)
        today = self._floor(self._now, DAY)
        days = [
            together(today - n * DAY, [self._one(today - n * DAY, DAY)]) for n in range(DAYS_OF)
        ]
        series.add_figures([(number, one) for one in days], Resolution.DAYS)
        series.add_trains([(number, train) for train in self._trains()])
        series.add_modem([(number, reading) for reading in self._modem()])
        for rule, level, value, before in self._story.alerts:
            at = self._now - before
            alert = LineAlert(new_id(), self._line.id, rule, level, value, at, at)
            self._uow.linkquality.alerts.add(alert)
        if self._story.cut_since is not None:
            self._written(by)

    def _written(self, by: Person) -> None:
        kept, line = self._uow.linkquality, self._line.id
        begun = self._now - DAY - 2 * HOUR
        over = LineAlert(new_id(), line, "outage", Level.ALARM, 0.0, begun, begun + 22 * MINUTE)
        over.cleared_at = over.changed_at
        kept.alerts.add(over)
        text = "Filtre changé à la mairie, la marge de bruit remonte."
        kept.notes.add(LineNote(new_id(), line, self._now - 9 * HOUR, by.id, text))
        start = self._floor(self._now, DAY) + DAY + 9 * HOUR
        works = LineMaintenance(
            new_id(), line, start, start + 2 * HOUR, "Passage de l’opérateur", by.id
        )
        kept.maintenances.add(works)

    def _figures(self, step: timedelta, start: datetime) -> Iterator[Figures]:
        at = self._floor(start, step)
        while at < self._now:
            if at < self._heard:
                yield self._one(at, step)
            elif self._story.cut_since is not None:
                count = int(step / MINUTE)
                yield Figures(at, count, out=count, sent=PROBES * count, lost=PROBES * count)
            at += step

    def _one(self, at: datetime, step: timedelta) -> Figures:
        count, chance = int(step / MINUTE), self._random
        hour = at.astimezone(self._zone).hour
        busy = 1.25 if 9 <= hour < 12 or 14 <= hour < 17 else 1.0
        noisy = self._noisy(at)
        rtt = self._story.rtt_ms * busy * (2.6 if noisy else 1.0) * chance.uniform(0.95, 1.1)
        spread = rtt * chance.uniform(0.1, 0.5 if noisy else 0.3)
        sent = PROBES * count
        lost = int(sent * (0.04 if noisy else 0.0003) * chance.uniform(0.5, 1.5))
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

    def _trains(self) -> Iterator[TrainResult]:
        framing = self._uow.linkquality.terms.of(self._line).wrapping.framing
        at = self._floor(self._now - DAYS_OF * DAY / 6, HOUR)
        while at < self._heard:
            for way, contract in (
                (Way.UP, self._line.up_kbit_s * self._story.capacity),
                (Way.DOWN, self._line.down_kbit_s * 0.96),
            ):
                wire = contract * (0.5 if self._noisy(at) else 1.0) * self._random.uniform(0.97, 1)
                ip = framing.ip_kbit_s(wire, PACKET_OCTETS)
                yield TrainResult(
                    at, way, round(ip, 1), None, 0.01, 0, 60, PACKET_OCTETS, 60, 0, in_call=False
                )
            at += HOUR

    def _modem(self) -> Iterator[ModemFigures]:
        at = self._floor(self._now - QUARTERS_OF, QUARTER)
        held_since = at - 9 * DAY
        while at < self._heard:
            noisy = self._noisy(at)
            snr = (2.4 if noisy else 9.5) + self._random.uniform(-0.3, 0.3)
            up, down = self._line.up_kbit_s * 1.05, self._line.down_kbit_s * 1.04
            retrained = noisy and self._random.random() < 0.3
            held_since = at if retrained else held_since
            errored = self._random.randrange(20, 60) if noisy else int(self._random.random() < 0.1)
            yield ModemFigures(
                at, self._line.kind, up_sync_kbit_s=up, up_attainable_kbit_s=1.1 * up,
                up_snr_db=snr, up_attenuation_db=31.0, up_errored_s=errored,
                up_severely_errored_s=errored // 8, down_sync_kbit_s=down * (0.8 if noisy else 1.0),
                down_attainable_kbit_s=down * (0.85 if noisy else 1.15), down_snr_db=snr + 1.2,
                down_attenuation_db=42.0, down_errored_s=errored // 2,
                down_severely_errored_s=errored // 16, retrains=int(retrained),
                uptime_s=(at - held_since).total_seconds() + 400,
            )  # fmt: skip
            at += QUARTER

    def _noisy(self, at: datetime) -> bool:
        """Since the fault, and in the same hours of yesterday."""
        since = self._story.noisy_since
        if since is None:
            return False
        begin = self._now - since
        return at >= begin or begin - DAY <= at < begin - DAY + 90 * MINUTE

    def _floor(self, at: datetime, step: timedelta) -> datetime:
        seconds = int(at.timestamp())
        return datetime.fromtimestamp(seconds - seconds % int(step.total_seconds()), UTC)
