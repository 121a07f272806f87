"""The sound library: PortAudio by way of sounddevice, loaded only when a device needs it."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import cast

from kiosk.devices.errors import DeviceError

PACKAGE = "libportaudio2"


def load() -> ModuleType:
    """The `sounddevice` module.

    Raises:
        DeviceError: `no_portaudio`; the remedy names the package to install.
    """
    module = _sounddevice()
    if module is None:
        raise DeviceError(
            "no_portaudio",
            "the sound library PortAudio is not installed",
            remedy=f"Install it: apt-get install {PACKAGE}",
        )
    return module


@cache  # a failed search for the library starts programs: not every few seconds
def _sounddevice() -> ModuleType | None:
    try:
        import sounddevice
    except OSError:
        return None
    return cast("ModuleType", sounddevice)


def list_devices(direction: str) -> list[str]:
    """Names of the sound devices with channels in `direction` (`input` or `output`)."""
    sounddevice = load()
    key = f"max_{direction}_channels"
    return [str(device["name"]) for device in sounddevice.query_devices() if device[key] > 0]


def find(name: str, direction: str, field: str) -> str | None:
    """What to hand to sounddevice for a `device:` name; None is the system's default device.

    Raises:
        DeviceError: there is no such device, or no device at all.
    """
    names = list_devices(direction)
    if not names:
        raise DeviceError("cannot_open", f"there is no {field}", field=field, remedy="Plug one in.")
    if not name:
        return None
    wanted = name.casefold()
    for candidate in names:
        if wanted in candidate.casefold():
            return candidate
    raise DeviceError(
        "cannot_open",
        f"there is no {field} {name!r}",
        field=field,
        remedy="`kiosk doctor` lists those that are seen.",
    )
