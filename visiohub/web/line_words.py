"""What a venue's line can hold today, in a sentence; and how files about it are called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from visiohub.booking.lines.today import LineToday
from visiohub.domain.csv_table import fold
from visiohub.domain.model import Venue
from visiohub.linkquality.budget import Picture
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later, ngettext
from visiohub.web.line_times import when

_HERE = {
    Picture.STANDARD: later("Ici, l’image de l’agent est nette."),
    Picture.SMALL: later("Ici, l’image de l’agent est petite."),
    Picture.NONE: later("Ici, on entend l’agent sans le voir."),
}
_THERE = {
    Picture.STANDARD: later("L’agent voit une image nette."),
    Picture.SMALL: later("L’agent voit une petite image."),
    Picture.NONE: later("L’agent entend, sans image."),
}


def line_sentence(today: LineToday, time_zone: str, now: datetime) -> str:
    """For whoever works at the venue: what goes, and what to do where it does not."""
    if today.out_since is not None:
        since = when(today.out_since, time_zone, now)
        return _(
            "La ligne ne répond plus depuis %(hour)s : aucune visio n’est possible. "
            "Vérifiez la prise et la box, puis prévenez un technicien.",
            hour=since,
        )
    if not today.measured:
        return _("La ligne n’a pas de mesure récente.")
    if not today.at_once:
        return _("La ligne ne porte pas de visio en ce moment. Prévenez un technicien.")
    if today.up is not today.down:
        return " ".join(_by_direction(today))
    match today.up:
        case Picture.NONE:
            return _("La ligne porte le son d’une visio, pas l’image. Prévenez un technicien.")
        case Picture.SMALL:
            return ngettext(
                "La ligne porte %(n)s visio, avec une petite image.",
                "La ligne porte %(n)s visios à la fois, avec une petite image.",
                today.at_once,
            )
    return ngettext(
        "La ligne porte %(n)s visio, avec une image nette.",
        "La ligne porte %(n)s visios à la fois, avec une image nette.",
        today.at_once,
    )


def _by_direction(today: LineToday) -> Iterator[str]:
    """What is seen here, and what the agent sees of it."""
    yield ngettext(
        "La ligne porte %(n)s visio.", "La ligne porte %(n)s visios à la fois.", today.at_once
    )
    yield _(_HERE[today.down or Picture.NONE])
    yield _(_THERE[today.up or Picture.NONE])
    if Picture.NONE in {today.down, today.up}:
        yield _("Prévenez un technicien.")


def in_a_file_name(venue: Venue) -> str:
    """maison-de-services-d-embrun"""
    return "-".join(re.findall("[a-z0-9]+", fold(venue.full_name)))
