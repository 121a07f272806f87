"""When a permanence is held, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

from visiohub.domain import hours
from visiohub.domain.calendar.rule import Frequency, Rule, parse_rule
from visiohub.domain.permanence import Permanence
from visiohub.web import formats
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import language, later

_EACH = {
    Frequency.DAILY: later("chaque jour"),
    Frequency.WEEKLY: later("chaque semaine"),
    Frequency.MONTHLY: later("chaque mois"),
}
_EVERY = {
    Frequency.DAILY: later("tous les %(n)s jours"),
    Frequency.WEEKLY: later("toutes les %(n)s semaines"),
    Frequency.MONTHLY: later("tous les %(n)s mois"),
}
_ORDINAL = {
    1: later("premier"),
    2: later("deuxième"),
    3: later("troisième"),
    4: later("quatrième"),
    5: later("cinquième"),
}


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
    """lundi à vendredi, 9 h à 12 h, toutes les 2 semaines, jusqu’au 31/12/2026."""
    rule = parse_rule(permanence.rule)
    weekly = rule.frequency is Frequency.WEEKLY
    days = days_words(weekdays_of(permanence)) if weekly else _days(rule)
    at = times_words(permanence.opens, permanence.closes)
    return _listed(days, at, *_turns(rule, last_day_of(permanence)))


def rule_words(text: str, zone: str) -> str:
    """lundi à vendredi, toutes les 2 semaines; as `in_words`, of a rule alone."""
    rule = parse_rule(text)
    until = rule.until_instant(hours.zone_of(zone))
    last_day = until and hours.local_day(until, hours.zone_of(zone))
    return _listed(_days(rule), *_turns(rule, last_day))


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
    names = [_weekday(day) for day in run]
    if len(names) < 3:
        return ", ".join(names)
    return _("%(first)s à %(last)s", first=names[0], last=names[-1])


def _listed(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _weekday(day: int) -> str:
    name = formats.weekday(day)
    return name.lower() if language() == "fr" else name


def _days(rule: Rule) -> str:
    """On which days of a week or of a month; a rule that names none: how often, if always."""
    each = days_words(sorted({weekday for n, weekday in rule.by_day if n == 0}))
    named = [_of_month(n, _weekday(weekday)) for n, weekday in rule.by_day if n]
    numbered = [_day_of_month(n) for n in rule.by_month_day]
    usual = _(_EACH[rule.frequency]) if rule.interval == 1 else ""
    return _listed(each, *named, *numbered) or usual


def _of_month(n: int, day: str) -> str:
    if n == -1:
        return _("dernier %(day)s du mois", day=day)
    which = _(_ORDINAL[abs(n)])
    if n > 0:
        return _("%(which)s %(day)s du mois", which=which, day=day)
    return _("%(which)s %(day)s du mois en partant de la fin", which=which, day=day)


def _day_of_month(n: int) -> str:
    if n == -1:
        return _("dernier jour du mois")
    if n > 0:
        return _("le %(n)s du mois", n=n)
    return _("jour %(n)s du mois en partant de la fin", n=-n)


def _turns(rule: Rule, last_day: date | None) -> list[str]:
    found = []
    if rule.interval > 1:
        found.append(_(_EVERY[rule.frequency], n=rule.interval))
    if rule.count is not None:
        found.append(_("%(n)s fois", n=rule.count))
    if last_day:
        found.append(_("jusqu’au %(day)s", day=formats.typed_day(last_day)))
    return found
