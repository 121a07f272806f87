"""Days of one line in virtual time, through the database: kiosk, line and hub, by a seed.

The kiosk's own schedule sends trains through a line in virtual time, its minutes are put together
and told as it does; the hub keeps them and grades them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hub_world import World
from train_line import Trouble, arrivals

from kiosk.probes.cards import minute_card, train_card
from kiosk.probes.schedule import TrainSchedule
from visiohub.booking.lines.grades import Graders, grade_lines
from visiohub.booking.lines.results import keep_results
from visiohub.domain import hours
from visiohub.linkquality.capacity import judge
from visiohub.linkquality.delays import Answer, summary
from visiohub.linkquality.grading import Level

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SETTLED = 2 * MINUTE
PARIS = hours.zone_of("Europe/Paris")
BUSY_HOURS = (9, 10, 11, 14, 15)


class LineDays:
    """The world's line; `kbit_s` may change as time goes on."""

    def __init__(self, world: World, begin: datetime, seed: int) -> None:
        self.world = world
        self.now = begin
        self.kbit_s = {"down": 6_800.0, "up": 700.0}
        self.trains: list[tuple[datetime, str, float | None]] = []
        """When, which way, how much; None: inconclusive."""
        self._begin = begin
        self._random = Random(seed)
        self._graders = Graders()
        self._number = 0
        self.schedules = {
            way: TrainSchedule(rate, None, self._random.random, 0.0)
            for way, rate in self.kbit_s.items()
        }
        self.id: str = world.see(lambda uow: uow.lines.of_venue(world.venue.id)).id

    def run(self, span: timedelta, step: timedelta = HOUR) -> None:
        """Let time go on; told and graded at the end of each step."""
        end = self.now + span
        while self.now < end:
            cards: list[Any] = []
            for _ in range(int(step / MINUTE)):
                cards += self._minute()
            told = [(self.world.kiosk.id, cards)]
            self.world.do(keep_results, told, self.now)
            self.world.do(grade_lines, self.now + SETTLED, self._graders)

    @property
    def alerts(self) -> Mapping[str, Level]:
        """Those that stand, by their rule."""
        standing = self.world.see(lambda uow: uow.linkquality.alerts.standing(self.id))
        return {alert.rule: alert.level for alert in standing}

    def all_alerts(self) -> list[tuple[str, datetime]]:
        """All since the begin, over or not: rule and when."""
        found = self.world.see(
            lambda uow: uow.linkquality.alerts.between(self.id, self._begin, self.now + HOUR)
        )
        return [(alert.rule, alert.raised_at) for alert in found]

    def load(self, at: datetime) -> float:
        """How much of the line the offices at the venue take, from 0 to 1."""
        local = at.astimezone(PARIS)
        working = local.weekday() < 5 and local.hour in BUSY_HOURS
        if not working or self._random.random() > 0.8:
            return 0.0
        return self._random.uniform(0.5, 1.0)

    def _minute(self) -> list[Any]:
        load = self.load(self.now)
        cards: list[Any] = [self._heartbeat(load)]
        at_s = (self.now - self._begin).total_seconds()
        for way, schedule in self.schedules.items():
            if (train := schedule.due(at_s, in_call=False)) is not None:
                others = Trouble(
                    jitter_ms=1, loss=0.003, buffer_octets=max(8_000, int(31 * self.kbit_s[way])),
                    others_kbit_s=0.7 * load * self.kbit_s[way], others_octets=1_100,
                )  # fmt: skip
                came = arrivals(train, self.kbit_s[way], others, self._random.randrange(1 << 30))
                verdict = judge(came, train, schedule.burst_octets)
                schedule.judged(train, verdict, at_s)
                self.trains.append((self.now, way, verdict.kbit_s))
                cards.append(train_card(self.now, way, train, verdict))  # type: ignore[arg-type]
        self.now += MINUTE
        return cards

    def _heartbeat(self, load: float) -> Any:
        """20 probes: 0.3 % of loss, more while others fill the line, who hold probes up, too."""
        chance = self._random
        numbers = range(self._number, self._number + max(5, round(chance.gauss(20, 4))))
        self._number = numbers.stop
        answers = []
        for number in numbers:
            if chance.random() < 0.003 + 0.015 * load:
                continue
            up = 0.014 + 0.003 * chance.random() + 0.14 * load * chance.random()
            down = 0.014 + 0.003 * chance.random() + 0.02 * load * chance.random()
            answers.append(Answer(number, number, up + down, up, down))
        told = summary(numbers, answers)
        octets = (140 * told.sent, 140 * (told.sent - told.lost))
        return minute_card(self.now, told, octets, in_call=False, out=False)
