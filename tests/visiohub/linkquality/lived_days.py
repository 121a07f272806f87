"""Days of a line as they are: with visios, looks before them, a modem that is read, two kiosks that
take turns, and a hub that is restarted or away for hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from hub_world import World
from line_days import HOUR, MINUTE, PARIS, SETTLED, LineDays

from kiosk.probes.cards import minute_card, voice_card
from signaling.protocol.line_cards import ModemCard, ModemWay
from visiohub.booking.lines.checks import due_checks, give_up_checks
from visiohub.booking.lines.grades import Graders, grade_lines
from visiohub.booking.lines.results import keep_results
from visiohub.domain.line import CallMinute
from visiohub.domain.model import Call
from visiohub.linkquality.delays import Answer, summary

VISIOS = (time(8, 30), time(10), time(13), time(14), time(15, 30))
"""Begins on each working day, on the venue's clock; half of them while the offices work."""
LASTS = timedelta(minutes=25)
READING = timedelta(minutes=4)
AWAY = ((1, time(13, 10), timedelta(minutes=16)), (4, time(2), timedelta(hours=3)))
"""When the hub is away, on which days of five, and how long."""
TURNS_EVERY = timedelta(hours=31)
BOTH_FOR = timedelta(minutes=3)
"""After a turn the kiosk of before probes on, and nobody answers."""
RETRAIN = time(3, 20)
"""On each fifth day, by itself."""
POOR_NETWORK = 7
"""Each so manieth agent has a bad network at home."""


class LivedDays(LineDays):
    """`looks` are all that were made, with how much of the line others took then."""

    def __init__(self, world: World, begin: datetime, seed: int) -> None:
        super().__init__(world, begin, seed)
        self.looks: list[tuple[datetime, float]] = []
        self.calls = self.restarts = self.turns = 0
        self._kiosks = [world.kiosk.id, world.beside.id]
        self._turned = begin
        self._up_since = begin
        self._waiting: list[tuple[str, list[Any]]] = []
        self._minutes: list[CallMinute] = []

    def run(self, span: timedelta, step: timedelta = HOUR) -> None:
        """As its parent's; what is measured while the hub is away is told when it is back."""
        end = self.now + span
        while self.now < end:
            if self.now.astimezone(PARIS).time() == time(6):
                self._day(self.now.astimezone(PARIS).date())
            cards: list[Any] = []
            unheard: list[Any] = []
            for _ in range(int(step / MINUTE)):
                cards += self._lived_minute(unheard)
            self._waiting += [(self._kiosks[1], unheard), (self._kiosks[0], cards)]
            if self._away(self.now) is not None:
                continue
            self.world.do(keep_results, self._waiting, self.now)
            self._waiting = []
            self.world.do(give_up_checks, self.now)
            self.world.do(grade_lines, self.now + SETTLED, self._graders)

    def _day(self, day: date) -> None:
        """What is booked for it; it is a day on which the venue is open."""
        if day.weekday() < 5:
            for at in VISIOS:
                self.world.book(f"{at:%H:%M}", self.now, day=day)

    def _lived_minute(self, unheard: list[Any]) -> Iterator[Any]:
        """Cards of the kiosk that measures; `unheard` gets those of the one that did before."""
        at, number = self.now, len(self.trains)
        load = self.load(at)
        away = self._away(at)
        if away == at:
            self.restarts += 1
            self._graders = Graders()
        if at - self._turned >= TURNS_EVERY and away is None:
            self._turned, self.turns = at, self.turns + 1
            self._kiosks.reverse()
        if at - self._turned < BOTH_FOR and self.turns:
            unheard.append(self._unheard(at))
        in_call = self._in_call(at)
        if away is not None:
            yield self._unheard(at)
            self.now += MINUTE
        elif in_call:
            probes = self._heartbeat(load)
            yield probes.model_copy(update={"in_call": True})
            self.now += MINUTE
        else:
            yield from self._minute()
        if (at - self._begin) % READING == timedelta(0):
            yield self._reading(at, load)
        if away is None:
            yield from self._look(at, load)
        if in_call:
            self._call(at, load)
        assert len(self.trains) - number <= 2

    def _away(self, at: datetime) -> datetime | None:
        """Since when the hub is; None: it is here."""
        local = at.astimezone(PARIS)
        for day, hour, length in AWAY:
            since = datetime.combine(local.date(), hour, PARIS)
            if (at - self._begin).days % 5 == day and since <= local < since + length:
                return since.astimezone(at.tzinfo)
        return None

    def _unheard(self, at: datetime) -> Any:
        """A minute of probes that nobody answers."""
        numbers = range(self._number, self._number + 20)
        self._number = numbers.stop
        return minute_card(at, summary(numbers, []), (2_800, 0), in_call=False, out=True)

    def _in_call(self, at: datetime) -> datetime | None:
        """When the visio of now began."""
        local = at.astimezone(PARIS)
        for hour in VISIOS:
            begin = datetime.combine(local.date(), hour, PARIS)
            if local.weekday() < 5 and begin <= local < begin + LASTS:
                return begin.astimezone(at.tzinfo)
        return None

    def _call(self, at: datetime, load: float) -> None:
        """A minute of the visio, as both ends tell it; kept with its record when it is over."""
        begin = self._in_call(at)
        assert begin is not None
        call_id = f"call-{begin:%j-%H%M}"
        lost = 0.003 + 0.012 * load * self._random.random()
        poor = self.calls % POOR_NETWORK == 3
        self._minutes += [
            CallMinute(call_id, end, at, 6, 320.0, 300.0, ratio, 60.0, 0.0)
            for end, ratio in (("kiosk", lost), ("agent", 0.06 if poor else lost))
        ]
        end = begin + LASTS
        if at + MINUTE < end:
            return
        kiosk_id, minutes = self._kiosks[0], self._minutes

        def keep(uow: Any) -> None:
            service_id = self.world.service.id
            call = Call(call_id, kiosk_id, service_id, None, "fr", "ended", begin, ended_at=end)
            uow.calls.add(call)
            uow.flush()
            for minute in minutes:
                uow.linkquality.call_minutes.put(minute)

        self.world.do(keep)
        self._minutes = []
        self.calls += 1

    def _look(self, at: datetime, load: float) -> Iterator[Any]:
        """Those that are due: ten seconds of a voice."""
        minutes = (at + timedelta(minutes=n) for n in (5, 15))
        if not any(then.astimezone(PARIS).time() in VISIOS for then in minutes):
            return
        for check in self.world.do(due_checks, frozenset({self._kiosks[0]}), at):
            self.looks.append((at, load))
            numbers, chance, answers = range(500), self._random, []
            for number in numbers:
                if chance.random() >= 0.003 + 0.015 * load:
                    up = 0.014 + 0.003 * chance.random() + 0.14 * load * chance.random()
                    down = 0.014 + 0.003 * chance.random()
                    answers.append(Answer(number, number, up + down, up, down))
            yield voice_card(at, summary(numbers, answers), check.id)

    def _reading(self, at: datetime, load: float) -> ModemCard:
        """The margin is 2 dB less by night; some errored seconds, and now and then a retrain."""
        local, chance = at.astimezone(PARIS), self._random
        retrained = local.time() == RETRAIN and local.day % 5 == 0
        if retrained:
            self._up_since = at
        ways = {}
        for way, kbit_s in self.kbit_s.items():
            margin = 9 - 2 * (local.hour >= 20 or local.hour < 6) + chance.gauss(0, 0.4)
            ways[way] = ModemWay(
                sync_kbit_s=1.2 * kbit_s, attainable_kbit_s=1.3 * kbit_s, snr_db=round(margin, 1),
                attenuation_db=38.0, errored_s=int(chance.random() < 0.05),
                severely_errored_s=0, others_kbit_s=0.7 * load * kbit_s,
            )  # fmt: skip
        uptime_s = (at - self._up_since).total_seconds()
        return ModemCard(at=at, standard="adsl", retrains=int(retrained), uptime_s=uptime_s, **ways)
