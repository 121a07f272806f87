"""Words of the screen in one language: gettext, hours, dates, counts."""

from __future__ import annotations

import gettext
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from signaling.protocol.cards import Language

LOCALE = Path(__file__).resolve().parent.parent / "locale"
HOME_ZONE = ZoneInfo("Europe/Paris")
"""Until the hub has said where the kiosk stands."""

_DAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
        "octobre", "novembre", "décembre",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
}  # fmt: skip


class Texts:
    """Call `_` with a French sentence. French itself needs no catalogue."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._catalogue = gettext.translation(
            "kiosk", LOCALE, languages=[language], fallback=language == "fr"
        )

    def _(self, sentence: str, **values: object) -> str:
        """The sentence in this language, `{name}` filled in."""
        text = self._catalogue.gettext(sentence)
        return text.format(**values) if values else text

    def n(self, one: str, many: str, n: int, **values: object) -> str:
        """Like `_`, by number; in French zero is singular."""
        if self.language == "fr":
            text = one if n < 2 else many
        else:
            text = self._catalogue.ngettext(one, many, n)
        return text.format(n=n, **values)

    def hour(self, at: datetime, zone: str | None) -> str:
        """`9 h 45`; `9:45` in English."""
        local = at.astimezone(_zone(zone))
        if self.language == "en":
            return f"{local.hour}:{local.minute:02}"
        return f"{local.hour}\u00a0h\u00a0{local.minute:02}" if local.minute else (
            f"{local.hour}\u00a0h"
        )  # fmt: skip

    def clock(self, at: datetime, zone: str | None) -> str:
        """The hour as the nameboard shows it, always with its minutes."""
        local = at.astimezone(_zone(zone))
        return f"{local.hour}:{local.minute:02}" if self.language == "en" else (
            f"{local.hour}\u00a0h\u00a0{local.minute:02}"
        )  # fmt: skip

    def date(self, at: datetime, zone: str | None) -> str:
        """`vendredi 20 novembre`; `Friday 20 November`."""
        local = at.astimezone(_zone(zone))
        day = "1er" if local.day == 1 and self.language == "fr" else str(local.day)
        month = _MONTHS[self.language][local.month - 1]
        return f"{_DAYS[self.language][local.weekday()]} {day} {month}"

    def weekday(self, at: datetime, zone: str | None) -> str:
        """`lundi`; `Monday`."""
        return _DAYS[self.language][at.astimezone(_zone(zone)).weekday()]

    def same_day(self, one: datetime, other: datetime, zone: str | None) -> bool:
        """Whether two instants fall on one day of the venue."""
        where = _zone(zone)
        return one.astimezone(where).date() == other.astimezone(where).date()

    def lasting(self, seconds: float) -> str:
        """How long something has lasted, in seconds below a minute, then minutes, then hours."""
        whole = max(0, int(seconds))
        if whole < 60:
            return self.n("{n} seconde", "{n} secondes", whole)
        if whole < 3600:
            return self.n("{n} minute", "{n} minutes", whole // 60)
        return self.n("{n} heure", "{n} heures", whole // 3600)


@cache
def texts(language: Language) -> Texts:
    """The words of one language, read once."""
    return Texts(language)


@cache
def _zone(name: str | None) -> ZoneInfo:
    if name is None:
        return HOME_ZONE
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return HOME_ZONE
