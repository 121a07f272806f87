"""The kiosk's settings: a TOML file, then KIOSK_* variables, then the command line."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from kiosk.errors import NotAHubError, SettingsError
from kiosk.identity import hub_address
from signaling.complaints import complaint

PREFIX = "KIOSK_"
CONFIG_VARIABLE = "KIOSK_CONFIG"
DEFAULT_FILE = Path("/etc/visiohub/kiosk.toml")


def default_state_dir() -> Path:
    """`$XDG_STATE_HOME/visiohub-kiosk`, by default `~/.local/state/visiohub-kiosk`."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "visiohub-kiosk"


def _address(text: str) -> str:
    try:
        return hub_address(text) if text else ""
    except NotAHubError as error:
        raise ValueError(f"{error.detail}; write it like https://visio.example.org") from None


LEAST_KBIT = 36
"""Speech at its thinnest, 16 kbit/s in packets of 60 ms, takes 24 kbit/s of a line, and 35.3 in ATM
cells (kiosk/rtc/sending/sharing.py)."""


def _carries_speech(kbit_s: int) -> int:
    if 0 < kbit_s < LEAST_KBIT:
        raise ValueError(
            f"{kbit_s} kbit/s is less than speech alone takes; write {LEAST_KBIT} or more, or 0"
            " where it is not known"
        )
    return kbit_s


class Settings(BaseModel):
    """All settings of `kiosk run`. Devices are written as in `kiosk run --help`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state_dir: Path = Field(default_factory=default_state_dir)
    """Where the key lies; nothing about citizens is ever written there."""
    hub: Annotated[str, AfterValidator(_address)] = ""
    """Address to call instead of the one of the enrolment, for instance through a tunnel."""
    camera: str = "device"
    microphone: str = "device"
    speaker: str = "device"
    echo_cancellation: bool = True
    """Take the loudspeaker's sound and the room's noise out of what a real microphone hears; off
    for a speakerphone that does it itself."""
    screen_port: Annotated[int, Field(ge=0, le=65535)] = 8090
    """The citizen's page is on http://127.0.0.1:PORT/; 0: any free port."""
    line_up_kbit: Annotated[int, Field(ge=0), AfterValidator(_carries_speech)] = 0
    """What the line is known to carry upwards, in kbit/s, 36 or more: a call begins near it and
    keeps within it. 0: not known, a call begins at 300 kbit/s and finds out."""
    line_down_kbit: Annotated[int, Field(ge=0), AfterValidator(_carries_speech)] = 0
    """The same downwards: the agent's browser is asked to send no more than nine tenths of it, and
    sound alone below 60, or 85 in cells."""
    line_cells: bool = False
    """These rates are of ATM cells, as most ADSL modems show them."""
    call_most_kbit: Annotated[int, Field(ge=LEAST_KBIT)] = 1700
    """A call sends no more than this, whatever the line carries, in kbit/s: sound, picture and its
    feedback about what arrives, 2 to 12 kbit/s, twice that in cells, for which pictures give way
    and speech never does."""
    stats: str = ""
    """File to which the statistics of calls are added, once a second; empty: none."""
    low_controls: bool = False
    """Keep every control in the lower part of the screen, for a kiosk that is used seated."""


def load_settings(
    options: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Read the settings; an option that is None was not given.

    Raises:
        SettingsError: names the file or variable, the key, and what is wrong with it.
    """
    environment = os.environ if environment is None else environment
    values, origin = dict[str, Any](), dict[str, str]()
    named = file or environment.get(CONFIG_VARIABLE)
    path = Path(named or DEFAULT_FILE)
    for key, value in _read_file(path, needed=named is not None).items():
        values[key], origin[key] = value, f"{key} in {path}"
    for name, text in environment.items():
        if name.startswith(PREFIX) and name != CONFIG_VARIABLE:
            key = name.removeprefix(PREFIX).lower()
            values[key], origin[key] = text, name
    for key, value in (options or {}).items():
        if value is not None:
            values[key], origin[key] = value, f"--{key.replace('_', '-')}"
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = str(first["loc"][0])
        raise SettingsError(_sentence(origin[key], first)) from None


def _read_file(path: Path, *, needed: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not needed:
            return {}
        raise SettingsError(f"{path}: there is no such file. Check the path.") from None
    except PermissionError:
        raise SettingsError(
            f"{path}: this user may not read it. Change its permissions, or name another file."
        ) from None
    except IsADirectoryError:
        raise SettingsError(f"{path} is a folder. Name the file in it.") from None
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read ({error.strerror}). Name another file."
        ) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            f"{path} is no text in UTF-8 (at line {line}). Save it as UTF-8."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is no TOML: {error}. Mend it.") from None


def _sentence(where: str, error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        known = ", ".join(Settings.model_fields)
        return f"{where}: there is no such setting. Remove it. The settings are: {known}"
    return f"{where}: {complaint(Settings, error)}."
