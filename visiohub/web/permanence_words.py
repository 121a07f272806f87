"""When a permanence is held, in words."""

from __future__ import annotations

from datetime import date

from visiohub.domain import hours
from visiohub.domain.calendar.rule import Frequency, parse_rule
from visiohub.domain.permanence import Permanence
from visiohub.web import formats
from visiohub.web.i18n import gettext as _


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
    """lundi, mardi, 9 h à 12 h, toutes les 2 semaines, jusqu’au 31/12/2026; a rule that is not
    weekly as RFC 5545 writes it."""
    rule = parse_rule(permanence.rule)
    at = _(
        "%(opens)s à %(closes)s",
        opens=formats.clock(permanence.opens),
        closes=formats.clock(permanence.closes),
    )
    if rule.frequency is not Frequency.WEEKLY:
        return f"{at}, {permanence.rule}"
    days = ", ".join(formats.weekday(day).lower() for day in weekdays_of(permanence))
    parts = [days, at]
    if rule.interval > 1:
        parts.append(_("toutes les %(n)s semaines", n=rule.interval))
    if last_day := last_day_of(permanence):
        parts.append(_("jusqu’au %(day)s", day=formats.typed_day(last_day)))
    return ", ".join(parts)
