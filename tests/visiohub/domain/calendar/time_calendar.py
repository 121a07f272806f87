"""What the calendar's questions cost, in CPU time: `python tests/.../time_calendar.py`.

A territory of 300 venues with lunch breaks, holidays, exceptions, closures and 80 bookings each
over 8 weeks, and 20 agents of one service with 60 appointments each. Seeded.
"""

from __future__ import annotations

import random
import statistics
import time as clock
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from visiohub.domain import hours
from visiohub.domain.calendar import permanences as per
from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import Closure, ExceptionalDay, OpeningCalendar, OpeningRules
from visiohub.domain.calendar.public_holidays import HolidayRule, Territory
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.calendar.school_holidays import SchoolBreak, SchoolZone
from visiohub.domain.calendar.sharing import Profile, SharedWindow, Sharing
from visiohub.domain.hours import Span
from visiohub.domain.model import OpeningRange

SEED = 4
ZONE = hours.zone_of("Europe/Paris")
NOW = datetime(2026, 9, 21, 8, tzinfo=UTC)
END = NOW + timedelta(weeks=8)
"""Over the change of the clock in October."""
HALF_HOUR, QUARTER, DAY = timedelta(minutes=30), timedelta(minutes=15), timedelta(days=1)
LIMITS = Limits(notice=DAY, buffer_after=timedelta(minutes=10))
chance = random.Random(SEED)


def venue() -> OpeningCalendar:
    week = tuple(
        OpeningRange(weekday, time(opens), time(closes, 30))
        for weekday in range(5)
        for opens, closes in [(9, 12), (13, 17)]
    )
    toussaint = SchoolBreak(date(2026, 10, 17), date(2026, 11, 1), "Toussaint")
    market = ExceptionalDay(date(2026, 10, chance.randint(1, 28)), ((time(10), time(12)),), "x")
    closed = [NOW.date() + chance.randint(0, 50) * DAY for _ in range(2)]
    return OpeningCalendar(
        ZONE,
        OpeningRules(
            weekly=week,
            in_school_holidays=week[::2],
            school=SchoolZone("Zone A", (toussaint,)),
            holidays=HolidayRule(Territory.METROPOLE),
            exceptions=(market,),
            closures=tuple(Closure.of_days(day, day, ZONE, "y") for day in closed),
        ),
    )


def busy(count: int) -> list[Span]:
    starts = [NOW + chance.randint(0, 56 * 96) * QUARTER for _ in range(count)]
    return sp.merged((start, start + HALF_HOUR) for start in starts)


def window(days: str, first: int, last: int) -> Recurrence:
    monday = date(2025, 1, 6)
    starts, ends = datetime.combine(monday, time(first)), datetime.combine(monday, time(last))
    return Recurrence(starts, ends, ZONE, parse_rule(f"FREQ=WEEKLY;BYDAY={days}"))


VENUES = [(venue(), busy(80)) for _ in range(300)]
WINDOWS = (window("MO,TU", 9, 12), window("TH", 14, 17))
AGENTS = [per.Permanence(f"agent {n}", WINDOWS, frozenset({"rsa"})) for n in range(20)]
ABSENT = {agent.holder_id: busy(3) for agent in AGENTS}
GIVEN = {agent.holder_id: busy(60) for agent in AGENTS}
SHARING = Sharing(
    (SharedWindow(window("TU,TH", 9, 12), Profile.PUBLIC_SERVICE, timedelta(hours=48)),)
)


def first_slots(count: int) -> list[list[Span]]:
    """Per venue the first 5 half-hours when it is open, a room free and one agent there."""
    by_holder = per.remaining(AGENTS, ABSENT, GIVEN, NOW, END)
    holders = list(per.bookable(by_holder, []).values())
    anybody, found = sp.union(*holders), []
    for calendar, taken in VENUES[:count]:
        opened = calendar.spans(NOW, END)
        free = sp.intersect(sp.subtract(opened, LIMITS.blocked(taken)), anybody)
        soonest = NOW + LIMITS.notice
        slots = sp.slots_of_one(opened, free, holders, HALF_HOUR, QUARTER, soonest)
        found.append(list(islice(slots, 5)))
    return found


QUESTIONS: dict[str, Callable[[], object]] = {
    "spans of 1 venue": lambda: VENUES[0][0].spans(NOW, END),
    "spans of 40 venues": lambda: [v.spans(NOW, END) for v, _ in VENUES[:40]],
    "spans of 300 venues": lambda: [v.spans(NOW, END) for v, _ in VENUES],
    "free seats of 20 agents": lambda: per.remaining(AGENTS, ABSENT, GIVEN, NOW, END),
    "first 5 slots, 40 venues, 20 agents": lambda: first_slots(40),
    "first 5 slots, 300 venues, 20 agents": lambda: first_slots(300),
    "common free times of 15 rooms": lambda: sp.common_free(
        (v.spans(NOW, END), taken) for v, taken in VENUES[:15]
    ),
    "one recurrence": lambda: WINDOWS[0].spans(NOW, END),
    "kept windows of one venue": lambda: SHARING.closed_to(Profile.PROFESSIONAL, NOW, END, NOW),
    "why closed, one instant": lambda: VENUES[0][0].why_closed(NOW + DAY / 2),
}


def main() -> None:
    """Median and best of 20, after one that fills what is remembered."""
    for name, question in QUESTIONS.items():
        question()
        took = []
        for _ in range(20):
            began = clock.process_time()
            question()
            took.append(1000 * (clock.process_time() - began))
        print(f"{name:40} median {statistics.median(took):8.3f} ms   best {min(took):8.3f} ms")


if __name__ == "__main__":
    main()
