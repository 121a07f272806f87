"""`visiohub school-holidays`: the ministry's calendar comes as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from visiohub.booking.rooms.rules import load_school_holidays
from visiohub.cli_parts import Config, fail, running


def school_holidays(
    file: Annotated[
        Path,
        typer.Argument(help="The CSV of data.education.gouv.fr.", exists=True, dir_okay=False),
    ],
    config: Config = None,
) -> None:
    """Load the ministry's school calendar; zones that it does not name stay as they are.

    It is at https://www.data.gouv.fr/fr/datasets/le-calendrier-scolaire/. With a problem in it
    nothing is kept, and every problem is printed with its line.
    """
    with running(config) as hub, hub.uow() as uow:
        read = load_school_holidays(uow, file.read_bytes(), None, hub.clock())
        uow.commit()
    if read.problems:
        fail("\n".join(p.says.format(**p.params) for p in read.problems))
    typer.echo(f"zones: {', '.join(read.zones)}")
    if read.open_ended:
        lines = ", ".join(map(str, read.open_ended))
        typer.echo(f"lines without a day of return, left out: {lines}")
