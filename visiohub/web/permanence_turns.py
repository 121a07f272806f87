"""How often a permanence or a series of rooms is held, as its form offers it, and as a rule."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from itertools import product

from visiohub.domain.calendar.rule import WEEKDAYS, Frequency, Rule
from visiohub.web.i18n import later

TURNS = {
    "1": later("semaine"),
    "2": later("deuxième semaine"),
    "4": later("quatrième semaine"),
    "month 1": later("premier jour coché du mois"),
    "month 2": later("deuxième jour coché du mois"),
    "month 3": later("troisième jour coché du mois"),
    "month 4": later("quatrième jour coché du mois"),
    "month -1": later("dernier jour coché du mois"),
    "month 1 3": later("premier et troisième jours cochés du mois"),
    "month 2 4": later("deuxième et quatrième jours cochés du mois"),
}
"""What follows "chaque", by what the form sends."""
AS_KEPT = "kept"
"""A rule that the form cannot say stays as it is."""
MONTHLY = ("month", "month last")
"""Series that come each month on the weekday of their first day."""
_WEEKS_OF_A_MONTH = {
    tuple(map(int, turn.split()[1:])): turn for turn in TURNS if turn.startswith("month")
}


def turn_of(rule: Rule) -> str:
    """What the form shows of a rule beside its weekdays, or AS_KEPT."""
    if rule.week_start or rule.count is not None or rule.by_month_day:
        return AS_KEPT
    if rule.frequency is Frequency.WEEKLY:
        return str(rule.interval) if str(rule.interval) in TURNS else AS_KEPT
    numbers = tuple(sorted({n for n, _weekday in rule.by_day}))
    weekdays = {weekday for _n, weekday in rule.by_day}
    whole = set(product(numbers, weekdays)) == set(rule.by_day)
    if rule.frequency is not Frequency.MONTHLY or rule.interval > 1 or not whole:
        return AS_KEPT
    return _WEEKS_OF_A_MONTH.get(numbers, AS_KEPT)


def rule_of(turn: str, weekdays: Sequence[int]) -> str:
    """The RRULE value; empty: no weekday. A turn that is none is each week."""
    if not weekdays:
        return ""
    if numbers := _numbers(turn):
        days = (f"{n}{WEEKDAYS[day]}" for n in numbers for day in weekdays)
        return f"FREQ=MONTHLY;BYDAY={','.join(days)}"
    every = turn if turn in TURNS else "1"
    return f"FREQ=WEEKLY;INTERVAL={every};BYDAY={','.join(WEEKDAYS[day] for day in weekdays)}"


def first_on(turn: str, weekdays: Collection[int], day: date) -> date:
    """The first day of the rule that is not before `day`; where every so many weeks are meant, it
    is the day itself that says which. OverflowError at the end of all days."""
    if turn in {"2", "4"} or not weekdays:
        return day
    numbers = _numbers(turn)
    while day.weekday() not in weekdays or (numbers and not numbers & set(numbers_of(day))):
        day += timedelta(days=1)
    return day


def numbers_of(day: date) -> tuple[int, ...]:
    """Which of its weekday in its month a day is: (2,), (4, -1), (5, -1)."""
    last = day.day + 7 > monthrange(day.year, day.month)[1]
    return ((day.day - 1) // 7 + 1, *((-1,) if last else ()))


def monthly(repeat: str, day: date | None) -> str | None:
    """The rule of one of MONTHLY from a day on; None: no series begins on it. The fifth of a month
    is its last, as not every month has five."""
    if day is None:
        return None
    first, *last = numbers_of(day)
    number = first if repeat == MONTHLY[0] else next(iter(last), 5)
    return None if number == 5 else f"FREQ=MONTHLY;BYDAY={number}{WEEKDAYS[day.weekday()]}"


def _numbers(turn: str) -> set[int]:
    return set(map(int, turn.split()[1:])) if turn in TURNS and turn.startswith("month") else set()
