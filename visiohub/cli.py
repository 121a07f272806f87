"""The command `visiohub`.

Exit codes: 0 done; 1 refused or failed, the reason is on stderr; 2 a setting or an argument is
wrong, and is named.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.metadata import version
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from visiohub import cli_person, demo_lines
from visiohub import settings as hub_settings
from visiohub.booking import accounts, territory
from visiohub.booking.forms import PersonForm, read_form
from visiohub.cli_communes import communes
from visiohub.cli_data import import_table
from visiohub.cli_parts import Config, Json, fail, refusals, running
from visiohub.cli_school import school_holidays
from visiohub.demo import Demo, load_demo
from visiohub.errors import InvalidForm, NameTaken
from visiohub.settings import Settings

app = typer.Typer(
    name="visiohub",
    help="The hub: who meets whom, where, when, on which line. Pages, API and signaling.",
    epilog="Exit codes: 0 done; 1 refused or failed, the reason is on stderr; 2 a setting or an "
    "argument is wrong, and is named.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
admin = typer.Typer(help="Accounts, from the machine itself.", no_args_is_help=True)
settings_app = typer.Typer(help="The settings, as the hub would read them.", no_args_is_help=True)
app.add_typer(admin, name="admin")
app.add_typer(settings_app, name="settings")
app.add_typer(cli_person.app, name="person")
app.command("import")(import_table)
app.command("school-holidays")(school_holidays)
app.command("communes")(communes)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"visiohub {version('visiohub')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Options before the command's name."""


@app.command()
def serve(config: Config = None) -> None:
    """Run the hub until SIGTERM or Ctrl-C.

    The database is brought to the present schema first. One process serves pages, API and
    signaling; put a reverse proxy with TLS before it (deploy/).
    """
    from visiohub.serve import run  # the web is loaded by this command alone

    with running(config) as hub:
        try:
            run(hub)
        except OSError as error:
            fail(
                f"cannot listen on {hub.settings.host}:{hub.settings.port}: {error.strerror}. "
                "Stop the program that has this port, or set another host or port."
            )


@app.command()
def demo(
    config: Config = None,
    reset: Annotated[bool, typer.Option(help="Erase an earlier demo first.")] = False,
    as_json: Json = False,
) -> None:
    """Load the demo territory: ten venues, three partners, a day of appointments.

    Prints the sign-ins, a code to enrol a kiosk with, and the code and QR text of an appointment
    that can be opened there now. A database that holds a real territory is left alone.
    """
    with running(config) as hub:
        loaded = load_demo(hub, reset=reset, now=hub.clock())
        with hub.uow() as uow:
            demo_lines.load(uow, hub.clock())
            uow.commit()
    if as_json:
        typer.echo(json.dumps(_plain(loaded), ensure_ascii=False, indent=2))
    else:
        _print_demo(loaded, hub.settings)


@admin.command("create")
def admin_create(
    login: Annotated[str, typer.Argument(help="Small letters, digits, and any of . _ - @")],
    config: Config = None,
    ask: Annotated[
        bool, typer.Option(help="Ask for the password; else one is made and printed.")
    ] = True,
) -> None:
    """Create an administrator, the first one for instance."""
    with running(config) as hub:
        password: SecretStr | None = None
        if ask:
            minimum = hub.settings.password_min_length
            typed = typer.prompt(
                f"Password (at least {minimum} characters; empty: make one)",
                default="",
                hide_input=True,
                show_default=False,
                confirmation_prompt=True,
            )
            password = SecretStr(typed) if typed else None
        with hub.uow() as uow:
            data = {"login": login, "label": login, "roles": ["administrator"]}
            try:
                form = read_form(PersonForm, data)
                person = territory.create(uow, form, None, hub.clock())
            except InvalidForm:
                letters = "2 to 100 small letters, digits, and any of . _ - @"
                fail(f"login {login!r} cannot be used. Choose one of {letters}")
            except NameTaken:
                fail(f"login {login!r} is taken. Choose another one.")
            made = accounts.set_password(uow, person.id, None, hub.clock(), chosen=password)
            uow.commit()
    typer.echo(f"Administrator {login} created.")
    if password is None:
        typer.echo(f"Password, shown this once: {made}")


@settings_app.command("check")
def settings_check(config: Config = None, as_json: Json = False) -> None:
    """Read the settings and print them, secrets hidden; exit code 2 names what is wrong."""
    with refusals():
        settings = hub_settings.load(config)
    if as_json:
        shown = {name: settings.shown(name) for name in Settings.model_fields}
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    table = Table("setting", "value")
    for name in Settings.model_fields:
        table.add_row(name, settings.shown(name))
    Console().print(table)


def _plain(loaded: Demo) -> dict[str, object]:
    plain = asdict(loaded)
    plain["convocation_starts_at"] = loaded.convocation_starts_at.isoformat()
    return plain


def _print_demo(loaded: Demo, settings: Settings) -> None:
    console = Console()
    table = Table(title=settings.public_origins[0])
    for heading in ("sign-in", "password"):
        table.add_column(heading, no_wrap=True)
    for heading in ("who", "roles"):
        table.add_column(heading)
    for row in loaded.sign_ins:
        table.add_row(row.login, row.password, row.label, ", ".join(row.roles))
    console.print(table)
    starts = loaded.convocation_starts_at
    console.print(f"Kiosk {loaded.kiosk_name}: kiosk enrol HUB {loaded.enrolment_code!r}")
    console.print(
        f"Appointment at {starts:%H:%M} there, received by {loaded.convocation_agent}: "
        f"code {loaded.convocation.code}, QR {loaded.convocation.qr_text}",
        soft_wrap=True,
    )


def main() -> None:
    """Entry point of the command."""
    app(prog_name="visiohub")


if __name__ == "__main__":
    main()
