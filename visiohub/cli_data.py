"""Commands on what the hub keeps: tables that come in."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from visiohub.booking.imports import run
from visiohub.cli_parts import Config, Json, fail, in_english, running
from visiohub.domain.csv_table import Problem
from visiohub.storage.retry import committed


class Kind(StrEnum):
    """What a table holds, as run.KINDS."""

    VENUES = "venues"
    ROOMS = "rooms"
    AGENTS = "agents"
    APPOINTMENTS = "appointments"
    BOOKINGS = "bookings"


_SHOWN = 50


def import_table(
    kind: Annotated[Kind, typer.Argument(help="What the table holds.")],
    file: Annotated[Path, typer.Argument(help="CSV, as a spreadsheet saves it.")],
    config: Config = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check; change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Take over a table of venues, rooms, agents, appointments or bookings: whole or not at all.

    What is wrong is listed by line, column and remedy. Exit codes: 0 done; 1 something is wrong
    with the table, and nothing was imported; 2 the file cannot be read.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}. Name another file.", exit_code=2)
    console = Console(stderr=True)
    with running(config) as hub, Progress(console=console, disable=as_json) as bar:
        task = bar.add_task("lines", total=None)

        def progress(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        if dry_run:
            with hub.reading() as uow:
                report = run.check(uow, kind.value, data, hub.clock(), progress)
        else:
            try:
                within_s = hub.settings.database_busy_timeout_s
                report, _ = committed(
                    hub.uow,
                    lambda uow: run.load(uow, kind.value, data, None, hub.clock(), progress),
                    within_s=within_s,
                )
            except run.ImportRefused as refused:
                report = refused.report
    imported = not dry_run and not report.problems
    if as_json:
        typer.echo(json.dumps(_plain(report, imported=imported), ensure_ascii=False, indent=2))
    else:
        _print(report, imported=imported)
    if report.problems:
        raise typer.Exit(1)


def _plain(report: run.Report, *, imported: bool) -> dict[str, object]:
    problems = [{**asdict(p), "says": _said(p), "params": None} for p in report.problems]
    for problem in problems:
        del problem["params"]
    lines = {"lines": report.lines, "wrong_lines": report.wrong_lines}
    return {"kind": report.kind, "imported": imported, **lines, "problems": problems}


def _print(report: run.Report, *, imported: bool) -> None:
    console = Console()
    if report.problems:
        table = Table("line", "column", "written", "what to do")
        for problem in report.problems[:_SHOWN]:
            table.add_row(str(problem.line), problem.column, problem.value, _said(problem))
        console.print(table)
        more = len(report.problems) - _SHOWN
        rest = f" {more} more: --json lists all." if more > 0 else ""
        console.print(
            f"{len(report.problems)} problems in {report.wrong_lines} of {report.lines} lines; "
            f"nothing is imported.{rest}"
        )
    elif imported:
        console.print(f"{report.lines} lines imported.")
    else:
        console.print(f"{report.lines} lines can be imported. Nothing was changed.")


def _said(problem: Problem) -> str:
    return in_english(problem.says, problem.params)
