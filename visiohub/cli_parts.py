"""What the commands share: settings, the hub while a command runs, refusals as an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from visiohub import settings as hub_settings
from visiohub.bootstrap import Hub
from visiohub.errors import SettingsError, VisiohubError

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="TOML file of settings; else the one VISIOHUB_CONFIG names. "
        "VISIOHUB_* variables go over it. docs/settings.md explains each.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@contextmanager
def running(config: Path | None) -> Iterator[Hub]:
    """The hub of these settings, closed at the end; refusals become a line and an exit code."""
    with refusals():
        hub = Hub(hub_settings.load(config))
        try:
            yield hub
        finally:
            hub.close()


@contextmanager
def refusals() -> Iterator[None]:
    """Settings that are wrong: exit code 2; what the hub refuses: 1."""
    try:
        yield
    except SettingsError as error:
        fail(str(error), exit_code=2)
    except VisiohubError as error:
        fail(str(error))


def fail(why: str, exit_code: int = 1) -> NoReturn:
    """Say why on stderr, and end."""
    typer.echo(f"visiohub: {why}", err=True)
    raise typer.Exit(exit_code)
