"""French public holidays by territory, and what a venue makes of them.

The days are the `holidays` library's (code du travail, art. L3133-1; L3134-13 for
Alsace-Moselle; L3422-2 and the territories' own codes overseas).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from types import MappingProxyType

from holidays import country_holidays


class Territory(StrEnum):
    """Where public holidays differ; the value is ISO 3166-2:FR without "FR-"."""

    METROPOLE = ""
    ALSACE_MOSELLE = "6AE"
    GUADELOUPE = "971"
    MARTINIQUE = "972"
    GUYANE = "973"
    REUNION = "974"
    MAYOTTE = "976"
    SAINT_BARTHELEMY = "BL"
    SAINT_MARTIN = "MF"
    NOUVELLE_CALEDONIE = "NC"
    POLYNESIE = "PF"
    SAINT_PIERRE_ET_MIQUELON = "PM"
    WALLIS_ET_FUTUNA = "WF"


_BY_POSTCODE = {
    "57": Territory.ALSACE_MOSELLE,
    "67": Territory.ALSACE_MOSELLE,
    "68": Territory.ALSACE_MOSELLE,
    "971": Territory.GUADELOUPE,
    "972": Territory.MARTINIQUE,
    "973": Territory.GUYANE,
    "974": Territory.REUNION,
    "975": Territory.SAINT_PIERRE_ET_MIQUELON,
    "976": Territory.MAYOTTE,
    "97133": Territory.SAINT_BARTHELEMY,
    "97150": Territory.SAINT_MARTIN,
    "986": Territory.WALLIS_ET_FUTUNA,
    "987": Territory.POLYNESIE,
    "988": Territory.NOUVELLE_CALEDONIE,
}


def territory_of(postcode: str) -> Territory:
    """Whose public holidays a French postcode has."""
    known = (_BY_POSTCODE.get(postcode[:digits]) for digits in (5, 3, 2))
    return next(filter(None, known), Territory.METROPOLE)


@cache
def public_holidays(territory: Territory, year: int) -> Mapping[date, tuple[str, ...]]:
    """French names by day, in order of days; two holidays can fall on one day."""
    found = country_holidays("FR", subdiv=territory or None, years=year, language="fr")
    return MappingProxyType({day: tuple(found.get_list(day)) for day in sorted(found)})


@dataclass(frozen=True)
class HolidayRule:
    """A venue's public holidays: `closed` on all of them, or on none, but for the `others`.

    `others` are names as `public_holidays` gives them. A holiday that is kept in some places of
    a territory alone (Good Friday in Alsace-Moselle, Mi-Carême) is so left out with one name.
    """

    territory: Territory
    closed: bool = True
    others: frozenset[str] = frozenset()

    def closes_for(self, name: str) -> bool:
        """Whether the venue is closed on the holiday of this name."""
        return self.closed != (name in self.others)


@lru_cache(maxsize=1024)
def closed_days(rule: HolidayRule, first_year: int, last_year: int) -> Mapping[date, str]:
    """Days of these years, both included, on which the rule closes, with the holiday's name."""
    return MappingProxyType({
        day: name
        for year in range(first_year, last_year + 1)
        for day, names in public_holidays(rule.territory, year).items()
        for name in reversed(names)  # the first of two names is the one that stays
        if rule.closes_for(name)
    })  # fmt: skip
