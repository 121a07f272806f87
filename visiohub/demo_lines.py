"""The demo's measured lines: three days of figures of some venues, each with a story of its own.

The other lines stay as a new territory has them: not measured yet. Everything follows from `now`
and a seed. While a demo runs, `go_on` tells what kiosks would (demo_goes_on.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from visiohub.booking.lines.grades import RETRAINS_OF, WINDOW, window_of
from visiohub.booking.secrets import new_id
from visiohub.demo_figures import DAY, HOUR, MINUTE, QUARTER, DemoFigures, Story, floor
from visiohub.domain import hours
from visiohub.domain.line import (
    Figures,
    LineAlert,
    LineHabits,
    LineMaintenance,
    LineNote,
    ModemFigures,
    TrainResult,
)
from visiohub.domain.line_figures import together
from visiohub.domain.model import Line, Person, Venue
from visiohub.domain.modem_readings import margin
from visiohub.linkquality.grader import LineGrader
from visiohub.linkquality.grading import Grade, Level
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork

MINUTES_OF, QUARTERS_OF, TRAINS_OF, DAYS_OF = 12 * HOUR, 4 * DAY, 10 * DAY, 60
_SEED = 20_261_121
_OUTAGE = timedelta(hours=1, minutes=53)
STORIES = (
    Story("Aiguilles", Grade.BAD, 46, cut_since=_OUTAGE, noisy_since=3 * HOUR,
          alerts=(("outage", Level.ALARM, 0.0, _OUTAGE),)),
    Story("Rosans", Grade.BAD, 52, 0.8, noisy_since=5 * HOUR,
          alerts=(("snr", Level.ALARM, 2.4, 4 * HOUR), ("loss", Level.WARNING, 0.021, 4 * HOUR))),
    Story("Chorges", Grade.FAIR, 24, 0.62,
          alerts=(("capacity_up", Level.WARNING, 0.86, 5 * HOUR),)),
    Story("L’Argentière-la-Bessée", Grade.NO_DATA, 44, silent_since=2 * HOUR),
    Story("Guillestre", Grade.GOOD, 21),
)  # fmt: skip


def load(uow: UnitOfWork, now: datetime) -> None:
    """Into a demo that was just made."""
    random = Random(_SEED)  # noqa: S311 - no secret
    by = uow.persons.list(login="technique")[0]
    for line in _lines(uow, now, random):
        line.write(by)
    uow.flush()


def go_on(uow: UnitOfWork, now: datetime) -> int:
    """Tell what is due of the lines that are heard; how many minutes of theirs."""
    random = Random(_SEED + int(now.timestamp()))  # noqa: S311 - no secret
    return sum(line.go_on() for line in _lines(uow, now, random))


def _lines(uow: UnitOfWork, now: datetime, random: Random) -> Iterator[_DemoLine]:
    """Those whose town somebody renamed are left alone."""
    for story in STORIES:
        venue = next(iter(uow.venues.list(town=story.town)), None)
        line = uow.lines.of_venue(venue.id) if venue is not None else None
        if venue is not None and line is not None:
            yield _DemoLine(uow, story, line, venue, now, random)


class _DemoLine:
    """One line's past, and what comes while the demo runs."""

    def __init__(
        self,
        uow: UnitOfWork,
        story: Story,
        line: Line,
        venue: Venue,
        now: datetime,
        random: Random,
    ) -> None:
        self._kept = uow.linkquality
        self._story = story
        self._line_id = line.id
        self._zone = hours.zone_of(venue.time_zone)
        self._now = now.replace(second=0, microsecond=0)
        self._state = self._kept.states.of(line.id)
        framing = self._kept.terms.of(line).wrapping.framing
        self._figures = DemoFigures(story, line, framing, self._zone, self._now, random)

    def write(self, by: Person) -> None:
        """Figures, alerts, what the hub's grader would know, and what a technician wrote."""
        heard = self._figures.heard
        self._state.grade, self._state.heard_at = self._story.grade, heard
        self._state.out_since = None if self._story.cut_since is None else heard
        series, number = self._kept.series, self._state.number
        minutes = self._figures.probes(MINUTE, self._now - MINUTES_OF)
        series.add_figures([(number, one) for one in minutes], Resolution.MINUTES)
        quarters = list(self._figures.probes(QUARTER, self._now - QUARTERS_OF))
        series.add_figures([(number, one) for one in quarters], Resolution.QUARTERS)
        today = floor(self._now, DAY)
        days = [
            together(day, [self._figures.one(day, DAY)])
            for day in (today - n * DAY for n in range(DAYS_OF))
        ]
        series.add_figures([(number, one) for one in days], Resolution.DAYS)
        trains = list(self._figures.trains(self._now - TRAINS_OF))
        series.add_trains([(number, train) for train in trains])
        begun = self._now - QUARTERS_OF
        readings = list(self._figures.modem(begun, begun - 9 * DAY))
        series.add_modem([(number, reading) for reading in readings])
        self._kept.habits.add(self._habits(quarters, trains, readings))
        for rule, level, value, before in self._story.alerts:
            at = self._now - before
            alert = LineAlert(new_id(), self._line_id, rule, level, value, at, at)
            self._kept.alerts.add(alert)
        if self._story.cut_since is not None:
            self._written(by)

    def go_on(self) -> int:
        """What a kiosk would have told since the line was last heard; how many minutes."""
        since = self._state.heard_at
        if not self._story.goes_on or since is None or since >= self._now:
            return 0
        series, number = self._kept.series, self._state.number
        minutes = list(self._figures.probes(MINUTE, since))
        series.add_figures([(number, one) for one in minutes], Resolution.MINUTES)
        quarter = floor(since, QUARTER)
        while quarter < self._now:
            rows = series.figures(number, quarter, quarter + QUARTER, Resolution.MINUTES)
            series.put_figures([(number, together(quarter, rows))], Resolution.QUARTERS)
            quarter += QUARTER
        series.add_trains([(number, train) for train in self._figures.trains(since)])
        read = series.modem(number, since - DAY, since)
        held_since = read[-1].at - timedelta(seconds=read[-1].uptime_s or 0) if read else since
        readings = self._figures.modem(since, held_since)
        series.add_modem([(number, reading) for reading in readings])
        self._state.heard_at = self._now
        return len(minutes)

    def _habits(
        self,
        quarters: Sequence[Figures],
        trains: Sequence[TrainResult],
        readings: Sequence[ModemFigures],
    ) -> LineHabits:
        grader = LineGrader()
        for one in quarters:
            grader.window(one.at.astimezone(self._zone), window_of(one))
        for train in trains:
            grader.train(train.at.astimezone(self._zone), train.way, train.kbit_s or 0.0)
        for reading in readings:
            local, begin = reading.at.astimezone(self._zone), reading.at - RETRAINS_OF
            lately = sum(one.retrains or 0 for one in readings if begin < one.at <= reading.at)
            grader.modem(local, margin(reading.up_snr_db, reading.down_snr_db), lately)
        told = grader.state()
        graded_until = floor(self._now, WINDOW)
        return LineHabits(self._line_id, graded_until, told["habits"], told["watches"])

    def _written(self, by: Person) -> None:
        kept, line = self._kept, self._line_id
        begun = self._now - DAY - 2 * HOUR
        over = LineAlert(new_id(), line, "outage", Level.ALARM, 0.0, begun, begun + 22 * MINUTE)
        over.cleared_at = over.changed_at
        kept.alerts.add(over)
        text = "Filtre changé à la mairie, la marge de bruit remonte."
        kept.notes.add(LineNote(new_id(), line, self._now - 9 * HOUR, by.id, text))
        start = floor(self._now, DAY) + DAY + 9 * HOUR
        works = LineMaintenance(
            new_id(), line, start, start + 2 * HOUR, "Passage de l’opérateur", by.id
        )
        kept.maintenances.add(works)
