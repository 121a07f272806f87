"""The `kiosk` command. Heavy libraries are imported by the command that needs them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from kiosk.ending import end_process
from kiosk.errors import (
    AlreadyEnrolledError,
    EnrolmentRefusedError,
    HubBusyError,
    HubNotTrustedError,
    HubUnreachableError,
    KeyNotKeptError,
    KeyUnreadableError,
    KioskError,
    NotAHubError,
    ScreenPortTakenError,
    SettingsError,
)

FAILED, MISUSED = 1, 2
"""Exit codes: something went wrong; what was asked for makes no sense."""
CODE_CHARACTERS = 8
THREADS_TAKE_TURNS_S = 0.001

DEVICE_HELP = "device:NAME, file:PATH (looped), url:ADDRESS, synthetic or none"

app = typer.Typer(
    name="kiosk",
    help="The agent of a visiohub kiosk: devices, calls, the citizen's screen.",
    epilog="A first time: `kiosk doctor`, then `kiosk enrol HUB CODE`, then `kiosk run`.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

StateDir = Annotated[
    Path | None,
    typer.Option(help="Where the key lies. Default: ~/.local/state/visiohub-kiosk"),
]
Config = Annotated[
    Path | None,
    typer.Option(help="Settings file (TOML). Default: $KIOSK_CONFIG or /etc/visiohub/kiosk.toml"),
]


def _fail(sentence: str, code: int = FAILED) -> NoReturn:
    typer.echo(f"kiosk: {sentence}", err=True)
    raise typer.Exit(code)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"kiosk {version('visiohub')}")
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
def enrol(
    hub: Annotated[str, typer.Argument(help="The hub's address, for instance https://hub.org")],
    code: Annotated[str, typer.Argument(help="The one-time code from the hub's page")],
    state_dir: StateDir = None,
    config: Config = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the key that is here already.")
    ] = False,
) -> None:
    """Make a key on this PC and have the hub know it.

    The administrator adds the kiosk on the hub's page and gets a code: 8 characters, good for
    one use and for as long as that page says. The key never leaves this PC.
    """
    from kiosk import identity
    from kiosk.settings import load_settings

    typed = sum(character.isalnum() for character in code)
    if typed != CODE_CHARACTERS:
        _fail(f"the code has eight characters, not {typed}. Read it on the hub's page.", MISUSED)
    try:
        settings = load_settings({"state_dir": state_dir}, file=config)
        made = identity.enrol(
            hub, code, settings.state_dir, f"visiohub-kiosk/{version('visiohub')}", replace=replace
        )
    except SettingsError as error:
        _fail(error.detail, MISUSED)
    except KioskError as error:
        _fail(_remedy(error))
    except OSError as error:
        _fail(
            f"the key cannot be written to {settings.state_dir} ({error.strerror}). Give a folder "
            "that this user may write with --state-dir, then try again with the same code."
        )
    typer.echo(f"Enrolled as {made.kiosk_id}. Start it with: kiosk run")


@app.command()
def run(
    camera: Annotated[str | None, typer.Option(help=DEVICE_HELP)] = None,
    microphone: Annotated[str | None, typer.Option(help=DEVICE_HELP)] = None,
    speaker: Annotated[str | None, typer.Option(help=DEVICE_HELP + "; a file is written")] = None,
    screen_port: Annotated[
        int | None, typer.Option(help="The screen is on http://127.0.0.1:PORT/. Default: 8090")
    ] = None,
    hub: Annotated[
        str | None, typer.Option(help="Another address for the hub it is enrolled with")
    ] = None,
    low_controls: Annotated[
        bool | None,
        typer.Option("--low-controls/--normal-controls", help="Controls low on the screen."),
    ] = None,
    stats: Annotated[
        str | None, typer.Option(help="File for the statistics of calls, a line a second")
    ] = None,
    state_dir: StateDir = None,
    config: Config = None,
) -> None:
    """Be a kiosk until told to stop (Ctrl-C or SIGTERM).

    Every option may also stand in the settings file or in a KIOSK_* variable, for instance
    KIOSK_SCREEN_PORT. Exit code 0: told to stop; 1: it cannot go on now, start it again;
    2: a setting, a device or what is installed does not fit, and starting again is no help.
    """
    from kiosk.settings import load_settings

    options = {
        "camera": camera,
        "microphone": microphone,
        "speaker": speaker,
        "screen_port": screen_port,
        "hub": hub,
        "low_controls": low_controls,
        "stats": stats,
        "state_dir": state_dir,
    }
    try:
        settings = load_settings(options, file=config)
    except SettingsError as error:
        _fail(error.detail, MISUSED)
    from kiosk.agent import Agent
    from kiosk.devices.errors import DeviceError
    from kiosk.logs import configure_logs
    from kiosk.rtc.errors import AttachError

    configure_logs()
    # Devices and codecs have threads: by Python's 5 ms a packet would wait for each of them.
    sys.setswitchinterval(THREADS_TAKE_TURNS_S)
    try:
        asyncio.run(Agent(settings).run())
    except (DeviceError, SettingsError) as error:
        _fail(str(error), MISUSED)
    except AttachError as error:
        _fail(error.remedy, MISUSED)
    except KioskError as error:
        _fail(_remedy(error))


PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
"""For commands that live in modules of heavy libraries: they read their own options."""


@app.command(add_help_option=False, context_settings=PASSED_ON)
def call(context: typer.Context) -> None:
    """Hold a call by the WHIP exchange: kiosk call URL [OPTIONS]."""
    from kiosk.whip import command

    _pass_on("kiosk call", command.call, context)


@app.command(add_help_option=False, context_settings=PASSED_ON)
def doctor(context: typer.Context) -> None:
    """Name each device, what works, what does not, and the remedy."""
    from kiosk import doctor as examination

    _pass_on("kiosk doctor", examination.doctor, context)


@app.command(add_help_option=False, context_settings=PASSED_ON)
def probe(context: typer.Context) -> None:
    """Measure this venue's line: kiosk probe HUB [OPTIONS]."""
    from kiosk.probes import console

    _pass_on("kiosk probe", console.probe, context)


def _pass_on(name: str, command: Callable[..., None], context: typer.Context) -> None:
    inner = typer.Typer(add_completion=False, rich_markup_mode=None)
    inner.command()(command)
    inner(context.args, prog_name=name)


def _remedy(error: KioskError) -> str:
    """What happened, then what to do."""
    match error:
        case AlreadyEnrolledError():
            return "this PC has a key already. Add --replace to give it a new one."
        case KeyUnreadableError():
            return (
                f"the key cannot be read ({error.detail}). Ask for a new code on the hub's page, "
                "then: kiosk enrol HUB CODE --replace"
            )
        case KeyNotKeptError():
            return (
                f"the hub took the code, but the key cannot be written ({error.detail}). Make room "
                "on this PC, ask for a new code on the hub's page, then enrol again."
            )
        case HubUnreachableError():
            return (
                f"no answer from {error.detail}. Check the address, the network and that the hub "
                "runs, then try again with the same code."
            )
        case HubNotTrustedError():
            return (
                f"no safe connection to {error.detail}. Check the address and this PC's clock; "
                "a certificate of your own authority must be installed on this PC first."
            )
        case HubBusyError():
            return (
                f"the hub takes no more tries now. Wait {error.detail}, then try again; "
                "by then the code may be too old: ask for a new one on the hub's page."
            )
        case NotAHubError():
            return f"this is no visiohub ({error.detail}). Check the address."
        case ScreenPortTakenError():
            return (
                f"the screen cannot be served ({error.detail}). Stop the other program, perhaps "
                "another kiosk, or choose another --screen-port."
            )
        case EnrolmentRefusedError(code="bad_public_key" | "malformed_json"):
            return (
                f"the hub does not understand this kiosk ({error.code}). Install the kiosk's "
                "software of the hub's version."
            )
        case EnrolmentRefusedError():
            return (
                f"the hub refused this code ({error.code}): it is mistyped, used, or too "
                "old. Ask for a new one on the hub's page."
            )
    return f"{error.code}: {error.detail}"


def main() -> None:
    """Entry point of the `kiosk` command."""
    try:
        app()
    except SystemExit as ended:
        end_process(ended.code)
    except Exception:  # noqa: BLE001 - Python tells it alike, and stays where a device hangs
        sys.excepthook(*sys.exc_info())
        end_process(FAILED)


if __name__ == "__main__":
    main()
