"""How long a booking is, as forms name it: 120 minutes, a half-day, a day, a week, a month."""

from __future__ import annotations

from datetime import timedelta

from visiohub.booking.rooms.choices import Length
from visiohub.domain.tariff.grid import Unit
from visiohub.web import formats
from visiohub.web.i18n import gettext as _
from visiohub.web.lookups import Options

MINUTES = (30, 60, 90, 120, 180, 240)
USUAL = "120"
_PARTS = {
    "half_day": Unit.HALF_DAY,
    "day": Unit.DAY,
    "week": Unit.WEEK,
    "month": Unit.MONTH,
}


def length_options() -> Options:
    """Choices of the form."""
    return [
        *((str(n), formats.minutes(n)) for n in MINUTES),
        ("half_day", _("Une demi-journée")),
        ("day", _("Une journée")),
        ("week", _("Une semaine")),
        ("month", _("Un mois")),
    ]


def read_length(typed: str) -> Length:
    """What the form says; the usual when it says nothing known."""
    if typed in _PARTS:
        return _PARTS[typed]
    return timedelta(minutes=int(typed if typed in map(str, MINUTES) else USUAL))
