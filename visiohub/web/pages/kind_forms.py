"""What is typed into a kind's form, as its model wants it; what is kept, as the form shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from visiohub.booking.territory import Thing
from visiohub.domain.model import Venue
from visiohub.web.inputs import FormData
from visiohub.web.pages.kinds import Kind
from visiohub.web.typed import read_time

WEEK_RANGES = 2
"""Rows a day that the editor of the week shows at least: morning and afternoon."""
MOST_RANGES = 8
"""Rows a day that are read."""


def typed_data(kind: Kind, form: FormData) -> dict[str, Any]:
    """What was typed, as the form model wants it."""
    data: dict[str, Any] = {}
    for entry in kind.inputs:
        match entry.widget:
            case "checks":
                data[entry.name] = form.many(entry.name)
            case "lines":
                data[entry.name] = [
                    t.strip() for t in form.one(entry.name).splitlines() if t.strip()
                ]
            case "flag":
                data[entry.name] = form.one(entry.name) == "1"
            case "week":
                data[entry.name] = typed_week(form)
            case "number":
                typed = form.one(entry.name).replace(",", ".").replace(" ", "")
                otherwise = "" if entry.required else kind.form.model_fields[entry.name].default
                data[entry.name] = typed or otherwise
            case "choose" if entry.blank and not entry.required:
                data[entry.name] = form.one(entry.name) or None
            case _:
                data[entry.name] = form.one(entry.name)
    return data


def typed_week(form: FormData) -> list[dict[str, object]]:
    """The ranges of the week's editor; rows with neither hour are left out."""
    ranges: list[dict[str, object]] = []
    for day in range(7):
        for row in range(MOST_RANGES):
            opens, closes = (
                read_time(typed) or typed
                for typed in (form.one(f"opens-{day}-{row}"), form.one(f"closes-{day}-{row}"))
            )
            if opens or closes:
                ranges.append({"weekday": day, "opens": opens, "closes": closes})
    return ranges


def kept_data(kind: Kind, thing: Thing) -> dict[str, Any]:
    """The same shape, from what is kept."""
    data = {entry.name: getattr(thing, entry.name) for entry in kind.inputs}
    if isinstance(thing, Venue):
        data["opening"] = [
            {"weekday": r.weekday, "opens": f"{r.opens:%H:%M}", "closes": f"{r.closes:%H:%M}"}
            for r in thing.opening
        ]
    return data


def week_rows(ranges: Sequence[Mapping[str, Any]]) -> list[list[tuple[str, str]]]:
    """For each weekday its rows of the editor: opening and closing hour, or empty."""
    week: list[list[tuple[str, str]]] = []
    for day in range(7):
        rows = [(str(r["opens"]), str(r["closes"])) for r in ranges if r["weekday"] == day]
        blank = max(WEEK_RANGES - len(rows), 1 if len(rows) > 1 else 0)
        week.append(rows + [("", "")] * blank)
    return week
