"""The form of a price list: what was typed as a grid, a grid as it is typed, faults by field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal

from visiohub.domain.booking import PriceList
from visiohub.domain.model import OpeningRange
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.check import Cause, Fault
from visiohub.domain.tariff.grid import (
    FirstUses,
    Grid,
    PassOffer,
    Quota,
    Rate,
    Tariff,
    Unit,
)
from visiohub.domain.tariff.money import PriceUnreadableError, read_price
from visiohub.errors import FieldError, InvalidForm
from visiohub.web.i18n import later
from visiohub.web.inputs import WHOLE, FormData
from visiohub.web.pages.rooms.lines import (
    LineUnreadableError,
    read_days,
    read_week,
    write_days,
    write_week,
)
from visiohub.web.typed import read_time

MOST_ROWS, MOST_PASSES = 36, 8
"""Six profiles of six classes of rooms; with them the page keeps within what thin lines carry."""
_PERCENT = re.compile(r"-?[0-9]{1,3}([.][0-9]{1,2})?")
SAYS = {
    Cause.EMPTY: later("Il en faut au moins un."),
    Cause.NEGATIVE_PRICE: later("Un prix ne peut pas être négatif. Écrivez 0 pour gratuit."),
    Cause.NOT_CENTS: later("Donnez un prix en euros et centimes, par exemple 12,50."),
    Cause.TOO_DEAR: later("Ce prix est trop grand. Vérifiez la virgule."),
    Cause.TWICE: later("Il est déjà donné plus haut. Gardez-en un seul."),
    Cause.UNKNOWN_PROFILE: later("Ce profil n’est pas dans la liste des profils. Ajoutez-le."),
    Cause.GAP: later("Il manque une ligne de prix pour {profile}, salles « {room} »."),
    Cause.PEAK_ORDER: later("Cette plage finit avant de commencer. Corrigez l’une des heures."),
    Cause.PEAK_OVERLAP: later("Deux plages du même jour se chevauchent. Corrigez l’une d’elles."),
    Cause.PEAK_BELOW: later("Le prix des heures chargées est sous le prix ordinaire."),
    Cause.PEAK_NEVER: later("Dites quand sont les heures chargées, ou ôtez ce prix."),
    Cause.IMPOSSIBLE_QUOTA: later("Donnez un nombre de 0 à {most}."),
    Cause.IMPOSSIBLE_COUNT: later("Donnez un nombre de {least} à {most}."),
    Cause.WEEKDAY: later("Choisissez un jour de la semaine."),
    Cause.PERCENT: later("Donnez un pourcentage de 0 à 100, par exemple 5,5."),
    Cause.UNIT: later("Un carnet a des demi-journées ou des journées."),
    Cause.MIDDAY: later("Donnez l’heure qui coupe la journée en deux, par exemple 13:00."),
    Cause.LATE_ABOVE_NO_SHOW: later("Prévenir tard ne peut pas coûter plus que ne pas venir."),
}


@dataclass
class _Reader:
    """Reads typed values; what cannot be read is kept by name of the field."""

    typed: FormData
    wrong: list[FieldError] = field(default_factory=list)

    def price(self, name: str) -> Decimal | None:
        """None: the field is empty."""
        if not self.typed.one(name):
            return None
        try:
            return read_price(self.typed.one(name))
        except PriceUnreadableError:
            self.wrong.append(FieldError(name, "not_cents", SAYS[Cause.NOT_CENTS]))
            return Decimal(0)

    def needed_price(self, name: str) -> Decimal:
        """The same of a field that may not be empty."""
        if not self.typed.one(name):
            self.wrong.append(FieldError(name, "missing", later("Remplissez ce champ.")))
        return self.price(name) or Decimal(0)

    def percent(self, name: str) -> Decimal:
        text = self.typed.one(name).replace(",", ".") or "0"
        if not _PERCENT.fullmatch(text):
            self.wrong.append(FieldError(name, "percent", SAYS[Cause.PERCENT]))
            return Decimal(0)
        return Decimal(text)

    def count(self, name: str) -> int:
        text = self.typed.one(name) or "0"
        if WHOLE.fullmatch(text):
            return int(text)
        says = later("Donnez un nombre entier.")
        self.wrong.append(FieldError(name, "int_parsing", says))
        return 0

    def days(self, name: str) -> frozenset[int]:
        try:
            return read_days(self.typed.one(name))
        except LineUnreadableError as error:
            self.wrong.append(error.of_field(name))
            return frozenset()

    def listed(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.typed.one(name).split(",") if part.strip())


def read_grid(typed: FormData) -> tuple[Grid, CancellationRule]:
    """Raises InvalidForm for what cannot be read; whether it makes sense is not asked."""
    reader = _Reader(typed)
    midday = read_time(typed.one("midday"))
    if not midday:
        reader.wrong.append(FieldError("midday", "midday", SAYS[Cause.MIDDAY]))
    peak: tuple[OpeningRange, ...] = ()
    try:
        peak = read_week(typed.one("peak"))
    except LineUnreadableError as error:
        reader.wrong.append(error.of_field("peak"))
    grid = Grid(
        profiles=reader.listed("profiles"),
        room_classes=reader.listed("room_classes"),
        tariffs=tuple(_tariffs(reader)),
        vat_percent=reader.percent("vat_percent"),
        prices_include_vat=typed.one("prices_include_vat") == "1",
        passes=tuple(_passes(reader)),
        peak=peak,
        midday=time.fromisoformat(midday) if midday else time(13),
    )
    rule = CancellationRule(
        reader.count("free_hours"),
        reader.percent("late_percent"),
        reader.percent("no_show_percent"),
    )
    if reader.wrong:
        raise InvalidForm(reader.wrong)
    return grid, rule


def _tariffs(reader: _Reader) -> Iterator[Tariff]:
    for n in range(MOST_ROWS):
        at = f"tariffs.{n}"
        profile, room = reader.typed.one(f"{at}.profile"), reader.typed.one(f"{at}.room")
        if not profile:
            continue
        first = reader.count(f"{at}.first_count")
        yield Tariff(
            profile,
            room,
            tuple(_rates(reader, at)),
            session=reader.price(f"{at}.session"),
            page=reader.price(f"{at}.page"),
            free_weekdays=reader.days(f"{at}.free"),
            first_uses=FirstUses(first, reader.count(f"{at}.first_hours")) if first else None,
            quota=Quota(reader.count(f"{at}.quota_hours"), reader.count(f"{at}.quota_pages")),
        )


def _rates(reader: _Reader, at: str) -> Iterator[Rate]:
    for unit in Unit:
        name = f"{at}.{unit}"
        peak = reader.price(f"{name}.peak")
        price = reader.price(name) if peak is None else reader.needed_price(name)
        if price is not None:
            yield Rate(unit, price, peak)


def _passes(reader: _Reader) -> Iterator[PassOffer]:
    for n in range(MOST_PASSES):
        at = f"passes.{n}"
        name, unit = reader.typed.one(f"{at}.id"), reader.typed.one(f"{at}.unit")
        if name:
            yield PassOffer(
                name,
                Unit(unit) if unit in list(Unit) else Unit.HALF_DAY,
                reader.count(f"{at}.count"),
                reader.needed_price(f"{at}.price"),
                reader.count(f"{at}.valid_days"),
                frozenset(reader.listed(f"{at}.profiles")),
                frozenset(reader.listed(f"{at}.rooms")),
            )


def typed_prices(kept: PriceList) -> FormData:
    """The form with what is kept."""
    grid, rule = kept.grid, kept.cancellation
    values: dict[str, object] = {
        "version": kept.version,
        "profiles": ", ".join(grid.profiles),
        "room_classes": ", ".join(grid.room_classes),
        "vat_percent": grid.vat_percent,
        "prices_include_vat": "1" if grid.prices_include_vat else "",
        "midday": f"{grid.midday:%H:%M}",
        "peak": write_week(grid.peak),
        "free_hours": rule.free_hours,
        "late_percent": rule.late_percent,
        "no_show_percent": rule.no_show_percent,
    }
    typed = FormData()
    for n, row in enumerate(grid.tariffs):
        at = f"tariffs.{n}"
        values |= {f"{at}.profile": row.profile, f"{at}.room": row.room}
        for rate in row.rates:
            values |= {f"{at}.{rate.unit}": _plain(rate.price)}
            values |= {f"{at}.{rate.unit}.peak": _plain(rate.peak)}
        values |= {f"{at}.session": _plain(row.session), f"{at}.page": _plain(row.page)}
        values |= {f"{at}.quota_hours": row.quota.hours, f"{at}.quota_pages": row.quota.pages}
        if row.first_uses:
            values |= {f"{at}.first_count": row.first_uses.count}
            values |= {f"{at}.first_hours": row.first_uses.hours}
        values |= {f"{at}.free": write_days(row.free_weekdays)}
    for n, offer in enumerate(grid.passes):
        at = f"passes.{n}"
        values |= {f"{at}.id": offer.id, f"{at}.unit": offer.unit, f"{at}.count": offer.count}
        values |= {f"{at}.price": _plain(offer.price), f"{at}.valid_days": offer.valid_days}
        values |= {f"{at}.profiles": ", ".join(sorted(offer.profiles))}
        values |= {f"{at}.rooms": ", ".join(sorted(offer.rooms))}
    typed.extend((name, str(value)) for name, value in values.items())
    return typed


def _plain(price: Decimal | None) -> str:
    return "" if price is None else f"{price:.2f}".replace(".", ",").removesuffix(",00")


def rows_of(typed: FormData, name: str, key: str, most: int) -> list[int]:
    """Those that are filled, and one more."""
    filled = [n for n in range(most) if typed.one(f"{name}.{n}.{key}")]
    return [n for n in range(most) if n in filled or n == max(filled, default=-1) + 1]


def input_of(fault: Fault, typed: FormData) -> str:
    """The form's field: rows that were left empty are not counted in the fault's."""
    parts = fault.field.split(".")
    if parts[0] not in {"tariffs", "passes"} or len(parts) < 3:
        return parts[0]
    key = "profile" if parts[0] == "tariffs" else "id"
    filled = rows_of(typed, parts[0], key, MOST_ROWS)
    at = f"{parts[0]}.{filled[int(parts[1])]}"
    match parts[2:]:
        case ["rates", n, what]:
            given = [u for u in Unit if typed.one(f"{at}.{u}")]
            unit = given[int(n)]
            return f"{at}.{unit}.peak" if what == "peak" else f"{at}.{unit}"
        case ["rates"]:
            return f"{at}.hour"
        case ["first_uses", what] | ["quota", what]:
            return f"{at}.{parts[2].removesuffix('_uses')}_{what}"
        case ["free_weekdays"]:
            return f"{at}.free"
        case rest:
            return f"{at}.{rest[0]}"
