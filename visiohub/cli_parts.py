"""What the commands share: settings, the hub while a command runs, refusals as an exit code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from sqlalchemy.exc import DBAPIError

from visiohub import settings as hub_settings
from visiohub.bootstrap import Hub
from visiohub.errors import SettingsError, VisiohubError
from visiohub.storage.conflicts import is_transient
from visiohub.web.i18n import gettext, in_language

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
    """Settings that are wrong: exit code 2; what the hub refuses, or the database for now: 1."""
    try:
        yield
    except SettingsError as error:
        fail(str(error), exit_code=2)
    except VisiohubError as error:
        fail(str(error))
    except DBAPIError as error:
        if not is_transient(error):
            raise
        fail("another program writes in the database. Nothing was done; try again.")


def in_english(says: str, params: Mapping[str, object]) -> str:
    """A sentence of the hub, as all that the command says."""
    return in_language("en", lambda: gettext(says)).format(**params)


def fail(why: str, exit_code: int = 1) -> NoReturn:
    """Say why on stderr, and end."""
    typer.echo(f"visiohub: {why}", err=True)
    raise typer.Exit(exit_code)
