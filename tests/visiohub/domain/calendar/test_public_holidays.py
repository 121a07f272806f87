"""The territories' holidays, by name: a venue's choices are kept by these names."""

from __future__ import annotations

from datetime import date

from visiohub.domain.calendar.public_holidays import (
    HolidayRule,
    Territory,
    closed_days,
    public_holidays,
    territory_of,
)

EVERYWHERE = [
    "Jour de l'an", "Lundi de Pâques", "Fête du Travail", "Ascension", "Fête de la Victoire",
    "Lundi de Pentecôte", "Fête nationale", "Assomption", "Toussaint", "Armistice", "Noël",
]  # fmt: skip
BESIDES = {
    Territory.METROPOLE: [],
    Territory.ALSACE_MOSELLE: ["26/03 Vendredi saint", "26/12 Saint-Étienne"],
    Territory.GUADELOUPE: [
        "04/03 Mi-Carême", "26/03 Vendredi saint", "27/05 Abolition de l'esclavage",
        "21/07 Fête de Victor Schoelcher",
    ],
    Territory.MARTINIQUE: [
        "22/05 Abolition de l'esclavage", "21/07 Fête de Victor Schoelcher",
    ],
    Territory.GUYANE: ["10/06 Abolition de l'esclavage"],
    Territory.REUNION: ["20/12 Abolition de l'esclavage"],
    Territory.MAYOTTE: ["27/04 Abolition de l'esclavage"],
    Territory.SAINT_BARTHELEMY: ["09/10 Abolition de l'esclavage"],
    Territory.SAINT_MARTIN: ["28/05 Abolition de l'esclavage", "21/07 Fête de Victor Schoelcher"],
    Territory.NOUVELLE_CALEDONIE: ["24/09 Fête de la Citoyenneté"],
    Territory.POLYNESIE: [
        "05/03 Arrivée de l'Évangile", "26/03 Vendredi saint", "20/11 Matāri'i",
    ],
    Territory.SAINT_PIERRE_ET_MIQUELON: [],
    Territory.WALLIS_ET_FUTUNA: [
        "28/04 Saint Pierre Chanel", "29/06 Saints Pierre et Paul", "29/07 Fête du Territoire",
    ],
}  # fmt: skip


def test_the_names_of_every_territory() -> None:
    """Were the library to rename one, venues' choices would no longer find it."""
    assert set(BESIDES) == set(Territory)
    for territory, own in BESIDES.items():
        found = [(d, n) for d, names in public_holidays(territory, 2027).items() for n in names]
        assert [n for _, n in found if n in EVERYWHERE] == EVERYWHERE
        assert [f"{d:%d/%m} {n}" for d, n in found if n not in EVERYWHERE] == own


def test_two_holidays_on_one_day() -> None:
    """In 2008 the Ascension was on 1 May."""
    day = date(2008, 5, 1)
    names = public_holidays(Territory.METROPOLE, 2008)[day]
    assert set(names) == {"Fête du Travail", "Ascension"}
    assert closed_days(HolidayRule(Territory.METROPOLE), 2008, 2008)[day] == names[0]
    for name in names:
        other = HolidayRule(Territory.METROPOLE, others=frozenset({name}))
        assert closed_days(other, 2008, 2008)[day] != name
    assert day not in closed_days(
        HolidayRule(Territory.METROPOLE, others=frozenset(names)), 2008, 2008
    )


def test_a_postcode_says_whose_holidays() -> None:
    expected = {
        "05000": Territory.METROPOLE,
        "20000": Territory.METROPOLE,
        "67000": Territory.ALSACE_MOSELLE,
        "97110": Territory.GUADELOUPE,
        "97133": Territory.SAINT_BARTHELEMY,
        "97150": Territory.SAINT_MARTIN,
        "97500": Territory.SAINT_PIERRE_ET_MIQUELON,
        "98800": Territory.NOUVELLE_CALEDONIE,
    }
    assert {code: territory_of(code) for code in expected} == expected
