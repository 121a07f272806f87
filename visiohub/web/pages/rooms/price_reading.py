"""What was typed in the form of a price list, read as a grid and a rule of cancellation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal

from visiohub.domain.model import OpeningRange
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.check import Cause
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
from visiohub.web.pages.rooms.lines import LineUnreadableError, read_days, read_week
from visiohub.web.pages.rooms.price_form import PASSES, SAYS, TARIFFS, kept_rows
from visiohub.web.typed import read_time

_PERCENT = re.compile(r"-?[0-9]{1,3}([.][0-9]{1,2})?")


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

    def row_name(self, name: str) -> str:
        """What a row is called: one whose name was emptied is not taken for removed."""
        if not self.typed.one(name):
            says = later("Remplissez ce champ, ou cochez « Ôter ».")
            self.wrong.append(FieldError(name, "missing", says))
        return self.typed.one(name)

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
    for n in kept_rows(reader.typed, TARIFFS):
        at = f"{TARIFFS.name}.{n}"
        first = reader.count(f"{at}.first_count")
        yield Tariff(
            reader.row_name(f"{at}.profile"),
            reader.typed.one(f"{at}.room"),
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
    for n in kept_rows(reader.typed, PASSES):
        at = f"{PASSES.name}.{n}"
        unit = reader.typed.one(f"{at}.unit")
        yield PassOffer(
            reader.row_name(f"{at}.id"),
            Unit(unit) if unit in list(Unit) else Unit.HALF_DAY,
            reader.count(f"{at}.count"),
            reader.needed_price(f"{at}.price"),
            reader.count(f"{at}.valid_days"),
            frozenset(reader.listed(f"{at}.profiles")),
            frozenset(reader.listed(f"{at}.rooms")),
        )
