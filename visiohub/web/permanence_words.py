"""When a permanence is held, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

from visiohub.domain import hours
from visiohub.domain.calendar.rule import Frequency, Rule, parse_rule
from visiohub.domain.permanence import Permanence
from visiohub.web import formats
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import language


def weekdays_of(permanence: Permanence) -> list[int]:
    """0 is Monday; without days in the rule, that of the first day."""
    found = sorted({weekday for _n, weekday in parse_rule(permanence.rule).by_day})
    return found or [permanence.first_day.weekday()]


def last_day_of(permanence: Permanence) -> date | None:
    """On which it is held for the last time at the latest; None: it has no end."""
    zone = hours.zone_of(permanence.time_zone)
    until = parse_rule(permanence.rule).until_instant(zone)
    return until and hours.local_day(until, zone)


def in_words(permanence: Permanence) -> str:
    """lundi à vendredi, 9 h à 12 h, toutes les 2 semaines, jusqu’au 31/12/2026; a rule that is not
    weekly as RFC 5545 writes it."""
    rule = parse_rule(permanence.rule)
    at = times_words(permanence.opens, permanence.closes)
    if rule.frequency is not Frequency.WEEKLY:
        return f"{at}, {permanence.rule}"
    days = days_words(weekdays_of(permanence))
    return ", ".join([days, at, *_turns(rule, last_day_of(permanence))])


def rule_words(text: str, zone: str) -> str:
    """lundi à vendredi, toutes les 2 semaines; as `in_words`, of a rule alone."""
    rule = parse_rule(text)
    if rule.frequency is not Frequency.WEEKLY:
        return text
    until = rule.until_instant(hours.zone_of(zone))
    last_day = until and hours.local_day(until, hours.zone_of(zone))
    days = days_words(sorted({weekday for _n, weekday in rule.by_day}))
    return ", ".join([days or _("chaque semaine"), *_turns(rule, last_day)])


def times_words(opens: time, closes: time) -> str:
    """9 h à 12 h."""
    return _("%(opens)s à %(closes)s", opens=formats.clock(opens), closes=formats.clock(closes))


def days_words(days: Sequence[int]) -> str:
    """lundi à vendredi, dimanche: days in a row, from three on, by the first and the last."""
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_run(run) for run in runs)


def _run(run: Sequence[int]) -> str:
    names = [formats.weekday(day) for day in run]
    if language() == "fr":
        names = [name.lower() for name in names]
    if len(names) < 3:
        return ", ".join(names)
    return _("%(first)s à %(last)s", first=names[0], last=names[-1])


def _turns(rule: Rule, last_day: date | None) -> list[str]:
    found = []
    if rule.interval > 1:
        found.append(_("toutes les %(n)s semaines", n=rule.interval))
    if last_day:
        found.append(_("jusqu’au %(day)s", day=formats.typed_day(last_day)))
    return found
