"""Names that must tell things apart: in lists, on papers and in imported tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from visiohub.booking.forms import TerritoryForm
from visiohub.domain.csv_table import fold
from visiohub.domain.model import Kiosk, Line, Partner, Room, Service, Venue
from visiohub.errors import NameTaken, TwinLine

_TELL_APART: dict[type[Any], tuple[tuple[str, str], ...]] = {
    Venue: (("town", "name"),),
    Room: (("venue_id", "name"),),
    Kiosk: (("room_id", "name"),),
    Partner: (("", "name"), ("", "short_name")),
    Service: (("partner_id", "name"),),
}
"""Within what a name must be the only one; "": in the territory."""


def check_names(form: TerritoryForm, others: Iterable[Any], kept: Any = None) -> None:
    """Raises NameTaken when another in use is called so, TwinLine for a line that has no name and
    is like another; `kept`: what the form edits.

    What was called so before keeps its name: only who gives a name has to choose another.
    """
    there = [other for other in others if other is not kept]
    for within, name in _TELL_APART.get(form.makes, ()):
        called = _called(form, within, name)
        given = kept is None or called != _called(kept, within, name)
        if given and any(_called(other, within, name) == called for other in there):
            raise NameTaken(f"another {form.makes.__name__} has this {name}", field=name)
    if form.makes is Line:
        alike = _of_line(form)
        given = kept is None or alike != _of_line(kept)
        if given and any(_of_line(other) == alike for other in there):
            raise TwinLine("another line of the venue has the same kind, operator and rates")


def _called(thing: Any, within: str, name: str) -> tuple[str, str]:
    return fold(getattr(thing, within) if within else ""), fold(getattr(thing, name))


def _of_line(line: Any) -> tuple[object, ...]:
    rates = line.up_kbit_s, line.down_kbit_s
    return line.venue_id, line.kind, fold(line.operator), *rates
