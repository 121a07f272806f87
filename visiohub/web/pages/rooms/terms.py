"""What people are told of a price before they agree: each venue's rule of cancellation, a series
date by date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.money import totals
from visiohub.domain.tariff.quote import Quote
from visiohub.web.formats import semicolon
from visiohub.web.i18n import gettext as _
from visiohub.web.room_words import price_line, rule_words


@dataclass(frozen=True)
class VenueRule:
    """A rule of cancellation in words."""

    venues: str
    """Those that have it; empty: all."""
    text: str


@dataclass(frozen=True)
class DatePrice:
    """What one date of a series costs, all its rooms together."""

    made: str
    total: Decimal


def venue_rules(rules: Iterable[tuple[str, CancellationRule]]) -> tuple[VenueRule, ...]:
    """Each rule once, with the names of the venues that have it."""
    venues: dict[CancellationRule, dict[str, None]] = {}
    for venue, rule in rules:
        venues.setdefault(rule, {})[venue] = None
    return tuple(
        VenueRule(", ".join(names) if len(venues) > 1 else "", " ".join(rule_words(rule)))
        for rule, names in venues.items()
    )


def date_price(quotes: Iterable[Quote]) -> DatePrice:
    """How it was made; what several rooms have alike is said once."""
    lines = [line for quoted in quotes for line in quoted.lines]
    said = Counter(price_line(line).text for line in lines)
    parts = (_("%(n)s × %(text)s", n=n, text=text) if n > 1 else text for text, n in said.items())
    return DatePrice(semicolon().join(parts), totals(line.amount for line in lines).total)
