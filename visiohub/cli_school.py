"""`visiohub school-holidays`: the ministry's calendar comes as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from visiohub.booking.rooms.rules import load_school_holidays
from visiohub.cli_parts import Config, Json, fail, in_english, running
from visiohub.storage.retry import committed


def school_holidays(
    file: Annotated[
        Path,
        typer.Argument(help="The CSV of data.education.gouv.fr.", exists=True, dir_okay=False),
    ],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Load the ministry's school calendar; zones that it does not name stay as they are.

    It is at https://www.data.gouv.fr/fr/datasets/le-calendrier-scolaire/. With a problem in it
    nothing is kept, and every problem is printed with its line. Exit codes: 0 done; 1 something is
    wrong with the calendar; 2 there is no such file.
    """
    data = file.read_bytes()
    with running(config) as hub:
        read, _ = committed(
            hub.uow,
            lambda uow: load_school_holidays(uow, data, None, hub.clock()),
            within_s=hub.settings.database_busy_timeout_s,
        )
    if read.problems:
        fail("\n".join(in_english(p.says, p.params) for p in read.problems))
    if as_json:
        told = {"zones": list(read.zones), "left_out_lines": list(read.open_ended)}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    typer.echo(f"zones: {', '.join(read.zones)}")
    if read.open_ended:
        lines = ", ".join(map(str, read.open_ended))
        typer.echo(f"lines without a day of return, left out: {lines}")
