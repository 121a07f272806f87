"""`visiohub communes`: the communes of France come as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from visiohub.booking.communes import load_communes
from visiohub.cli_parts import Config, Json, fail, in_english, running
from visiohub.storage.retry import committed


def communes(
    file: Annotated[
        Path, typer.Argument(help="A CSV of communes of data.gouv.fr.", exists=True, dir_okay=False)
    ],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Load the communes that people may search near, in place of those loaded before.

    Columns: code_insee, nom_standard, codes_postaux, latitude_mairie, longitude_mairie, or as the
    other open tables of https://www.data.gouv.fr call them (code, nom, code_postal, latitude,
    longitude). With a problem in it nothing is kept, and every problem is printed with its line.
    Exit codes: 0 done; 1 something is wrong with the file; 2 there is no such file.
    """
    data = file.read_bytes()
    with running(config) as hub:
        read, _ = committed(
            hub.uow,
            lambda uow: load_communes(uow, data, hub.clock()),
            within_s=hub.settings.database_busy_timeout_s,
        )
    if read.problems:
        fail(
            "\n".join(
                f"line {p.line}, {p.column or 'the file'}: {in_english(p.says, p.params)}"
                for p in read.problems
            )
        )
    count = len({one.code for one in read.communes})
    if as_json:
        typer.echo(json.dumps({"communes": count, "left_out_lines": list(read.left_out)}, indent=2))
        return
    typer.echo(f"communes: {count}")
    if read.left_out:
        lines = ", ".join(map(str, read.left_out))
        typer.echo(f"lines without a postcode or coordinates, left out: {lines}")
