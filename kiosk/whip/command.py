"""The console command: its options and its exit codes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from kiosk.devices import DeviceError
from kiosk.errors import SettingsError
from kiosk.rtc import SdpRefused
from kiosk.rtc.errors import AttachError
from kiosk.settings import LEAST_KBIT, load_settings
from kiosk.whip.course import say
from kiosk.whip.exchange import EndpointError
from kiosk.whip.holding import NoMediaError, hold
from kiosk.whip.options import OptionError, Options

MISUSED, REFUSED, NO_MEDIA = 2, 3, 4

_SOURCE = "device:NAME, file:PATH (looped), url:ADDRESS, synthetic or none"


def call(
    url: Annotated[str, typer.Argument(help="WHIP endpoint, http or https")],
    camera: Annotated[str, typer.Option(help=_SOURCE)] = "device",
    microphone: Annotated[str, typer.Option(help=_SOURCE)] = "device",
    speaker: Annotated[
        str, typer.Option(help="device:NAME, file:PATH.wav (is written), synthetic or none")
    ] = "device",
    video_out: Annotated[
        str, typer.Option(help="Where the far picture goes: file:PATH, such as a .webm, or none")
    ] = "none",
    seconds: Annotated[
        float | None, typer.Option(help="Hang up after so many. Default: at Ctrl-C")
    ] = None,
    max_kbit: Annotated[
        int | None,
        typer.Option(
            help=f"Most that the call may take each way, in kbit/s, {LEAST_KBIT} or more;"
            " less where the line is known to carry less"
        ),
    ] = None,
    codec: Annotated[
        str, typer.Option(help="Of the picture: auto (the one that suits), vp8, h264 or av1")
    ] = "auto",
    stats: Annotated[
        Path | None,
        typer.Option(help="JSON file for W3C webrtc-stats once a second; it begins anew"),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="Settings file (TOML) that may say what the line carries."
            " Default: $KIOSK_CONFIG or /etc/visiohub/kiosk.toml"
        ),
    ] = None,
) -> None:
    """Call a WHIP endpoint (RFC 9725) without the hub, sending and receiving.

    What the line carries is taken from the kiosk's settings, line_up_kbit, line_down_kbit and
    line_cells, with call_most_kbit; all else is said by options. Exit code 0: the call was held;
    2: an option, a setting, a device or what is installed does not fit; 3: the endpoint refused
    or did not answer; 4: the connection failed or no media came.
    """
    try:
        settings = load_settings(file=config)
        options = Options(
            url, camera, microphone, speaker, video_out, seconds, max_kbit, codec, stats, settings
        )
        asyncio.run(hold(options))
    except (OptionError, SettingsError, DeviceError) as error:
        say(str(error))
        raise typer.Exit(MISUSED) from error
    except AttachError as error:
        say(error.remedy)
        raise typer.Exit(MISUSED) from error
    except (EndpointError, SdpRefused) as error:
        say(str(error))
        raise typer.Exit(REFUSED) from error
    except NoMediaError as error:
        say(str(error))
        raise typer.Exit(NO_MEDIA) from error
