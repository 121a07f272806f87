"""What the domain says of rooms in typed values, in the reader's words: prices, reasons, states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from babel.dates import format_date
from babel.numbers import format_currency

from visiohub.booking.rooms.printing import PrintTerms
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.calendar.sharing import Profile
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.grid import PassOffer, Unit
from visiohub.domain.tariff.months import Month
from visiohub.domain.tariff.quote import (
    FirstUseLine,
    FreeWeekdayLine,
    Line,
    PagesLine,
    PassLine,
    QuotaLine,
    SessionLine,
    UnitLine,
)
from visiohub.web import formats
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import language, later, ngettext
from visiohub.web.words import Word

ROOM_STATE = {
    "requested": Word(later("À valider"), "lozenge", "att"),
    "confirmed": Word(later("Réservé"), "ring"),
    "checked_in": Word(later("Sur place"), "disc"),
    "cancelled": Word(later("Annulé"), "barred"),
    "refused": Word(later("Refusé"), "barred"),
    "no_show": Word(later("Absence"), "hollow", "att"),
}
BOOKS_AS = {
    Profile.PUBLIC_SERVICE: later("service public"),
    Profile.PROFESSIONAL: later("professionnel"),
}
_UNITS: dict[Unit, Callable[[int], str]] = {
    Unit.HOUR: lambda n: ngettext("%(n)s heure", "%(n)s heures", n),
    Unit.TWO_HOURS: lambda n: ngettext("%(n)s fois 2 heures", "%(n)s fois 2 heures", n),
    Unit.HALF_DAY: lambda n: ngettext("%(n)s demi-journée", "%(n)s demi-journées", n),
    Unit.DAY: lambda n: ngettext("%(n)s journée", "%(n)s journées", n),
    Unit.WEEK: lambda n: ngettext("%(n)s semaine", "%(n)s semaines", n),
    Unit.MONTH: lambda n: ngettext("%(n)s mois", "%(n)s mois", n),
}
UNIT = {
    Unit.HOUR: later("l’heure"),
    Unit.TWO_HOURS: later("les 2 heures"),
    Unit.HALF_DAY: later("la demi-journée"),
    Unit.DAY: later("la journée"),
    Unit.WEEK: later("la semaine"),
    Unit.MONTH: later("le mois"),
}


@dataclass(frozen=True)
class PriceLine:
    """One line of a price: what for, and how much."""

    text: str
    total: Decimal


def euros(amount: Decimal) -> str:
    """12,50 € in French, €12.50 in English; a minus before what goes back."""
    return format_currency(amount, "EUR", locale="en_IE" if language() == "en" else "fr")


def units(unit: Unit, count: int) -> str:
    """3 demi-journées; also a filter."""
    return _UNITS[unit](count)


def pass_words(offer: PassOffer) -> str:
    """10 demi-journées, 80,00 €."""
    return f"{units(offer.unit, offer.count)}, {euros(offer.price)}"


def month_words(month: Month) -> str:
    """novembre 2026."""
    return format_date(month.first(), "MMMM y", locale=language())


def price_line(line: Line) -> PriceLine:
    """How a part of a price was made."""
    return PriceLine(_line_text(line), line.amount.total)


def _line_text(line: Line) -> str:
    match line:
        case UnitLine(unit=unit, count=count, unit_price=price, peak=peak):
            text = _("%(units)s à %(price)s", units=units(unit, count), price=euros(price))
            return _("%(text)s, en heures chargées", text=text) if peak else text
        case PassLine(unit=unit, count=count, left=left):
            said = units(unit, count)
            return _("%(units)s de votre carnet, qui en a encore %(left)s", units=said, left=left)
        case QuotaLine(month=month, hours=hours, left=left):
            return _(
                "%(units)s de votre quota de %(month)s, il reste %(left)s",
                units=units(Unit.HOUR, hours),
                month=month_words(month),
                left=units(Unit.HOUR, left),
            )
        case FreeWeekdayLine(weekday=weekday):
            return _("Jour gratuit : %(day)s", day=formats.weekday(weekday))
        case FirstUseLine(nth=nth, count=count, hours=hours):
            said = units(Unit.HOUR, hours)
            return _(
                "Essai gratuit %(nth)s sur %(count)s : %(hours)s", nth=nth, count=count, hours=said
            )
        case SessionLine():
            return _("Séance de visio")
        case PagesLine(free=free, charged=charged, unit_price=price):
            return _(
                "Pages : %(free)s comprises, %(charged)s à %(price)s",
                free=free,
                charged=charged,
                price=euros(price),
            )


def cause_sentence(cause: Cause, zone: str) -> str:
    """Why not, with instants on the clock of the place."""
    said = {k: _said(v, zone) for k, v in cause.params.items()}
    weekday = cause.params.get("day")
    if isinstance(weekday, int):
        name = formats.weekday(weekday)
        said["day"] = name.lower() if language() == "fr" else name
    return _(cause.says).format(**said)


def _said(value: object, zone: str) -> object:
    match value:
        case datetime(tzinfo=None):
            return _moment(value)
        case datetime():
            return _moment(formats.local(value, zone))
        case date():
            return _day(value)
        case time():
            return formats.clock(value)
        case timedelta():
            return formats.minutes(value.total_seconds() / 60)
        case StrEnum():
            return str(value)
        case _:
            return value


def _day(value: date) -> str:
    """Inside a sentence French writes days small."""
    return formats.long_day(value)


def _moment(local: datetime) -> str:
    return _("%(day)s à %(hour)s", day=_day(local.date()), hour=formats.clock(local.time()))


def span_words(start: datetime, end: datetime, zone: str) -> str:
    """mardi 24 novembre 2026, 9 h à 12 h."""
    first, last = formats.local(start, zone), formats.local(end, zone)
    if formats.last_day(end, zone) != first.date():
        return _("%(first)s, jusqu’au %(last)s", first=_moment(first), last=_moment(last))
    starts, ends = formats.clock(first.time()), formats.clock(last.time())
    values = {"day": _day(first.date()), "starts": starts, "ends": ends}
    return _("%(day)s, %(starts)s à %(ends)s", **values)


def rule_words(rule: CancellationRule) -> list[str]:
    """What an unused booking costs."""
    late, no_show = (formats.number(float(p)) for p in (rule.late_percent, rule.no_show_percent))
    return [
        ngettext(
            "Annulation gratuite jusqu’à %(n)s heure avant.",
            "Annulation gratuite jusqu’à %(n)s heures avant.",
            rule.free_hours,
        ),
        _("Plus tard, %(percent)s %% du prix restent dus.", percent=late),
        _("Si personne ne vient, %(percent)s %% du prix restent dus.", percent=no_show),
    ]


def print_words(terms: PrintTerms) -> str:
    """What the pages cost that are still to be printed this month."""
    if not terms.left and terms.price is not None:
        return _("%(price)s la page.", price=euros(terms.price))
    free = ngettext(
        "%(n)s page sans payer ce mois-ci", "%(n)s pages sans payer ce mois-ci", terms.left
    )
    if terms.price is None:
        return _("%(free)s, pas plus.", free=free)
    return _("%(free)s, puis %(price)s la page.", free=free, price=euros(terms.price))


FILTERS = {
    "euros": euros,
    "price_line": price_line,
    "cause_sentence": cause_sentence,
    "month_words": month_words,
    "pass_words": pass_words,
    "print_words": print_words,
    "units": units,
}
"""Those that templates of rooms have."""
