"""What a kind of thing is to the pages: its fields, how each is typed, its line in the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from visiohub.booking.forms import (
    TerritoryForm,
)
from visiohub.storage.uow import UnitOfWork
from visiohub.web.i18n import later

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Input:
    """One field of a form and how it is typed."""

    name: str
    label: str
    widget: str = "text"
    """text, number, tel, area, lines, choose, checks, flag, week"""
    hint: str = ""
    required: bool = True
    options: Callable[[UnitOfWork], Options] | None = None
    blank: str = ""
    width: str = ""
    """Of six columns: third, half, two-thirds; the whole row otherwise. Phones have one."""
    group: str = ""
    """Title of the group that begins with this field."""


@dataclass(frozen=True)
class Kind:
    """One kind of thing: its form, its fields, its line in the list."""

    path: str
    title: str
    new_title: str
    form: type[TerritoryForm]
    inputs: tuple[Input, ...]
    describe: Callable[[UnitOfWork, Any], tuple[str, str, str]]
    """Name, where it belongs, a fact."""
    columns: tuple[str, str, str]
    """What these three are called above the list, and beside each on a phone."""
    aside: str = ""
    first_step: str = field(default=later("Créez le premier : tout part de là."))

    @property
    def groups(self) -> list[tuple[str, list[Input]]]:
        """The fields in order, under their groups' titles; a week is a group by itself."""
        found: list[tuple[str, list[Input]]] = []
        for entry in self.inputs:
            if not found or entry.group or entry.widget == "week":
                found.append((entry.group, []))
            found[-1][1].append(entry)
        return found
