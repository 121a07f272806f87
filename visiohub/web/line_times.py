"""When something was or will be on a line, in words on the venue's clock. Pure."""

from __future__ import annotations

from datetime import datetime

from visiohub.web import formats
from visiohub.web.i18n import gettext as _


def when(at: datetime, zone: str, now: datetime) -> str:
    """9 h 45; of another day than today's: jeu. 19 nov. 9 h 45."""
    return f"{other_day(at, zone, now)} {formats.hour_at(at, zone)}".lstrip()


def until(at: datetime, zone: str, now: datetime) -> str:
    """jusqu’à 9 h 45; of another day than today's: jusqu’au jeu. 19 nov. 9 h 45."""
    if other_day(at, zone, now):
        return _("jusqu’au %(day)s", day=when(at, zone, now))
    return _("jusqu’à %(when)s", when=when(at, zone, now))


def other_day(at: datetime, zone: str, now: datetime) -> str:
    """Behind a word, with a space before it: jeu. 19 nov.; empty: today."""
    there = formats.local(at, zone).date()
    return "" if there == formats.local(now, zone).date() else f" {formats.short_day(there)}"
