"""The sound library: PortAudio by way of sounddevice, loaded only when a device needs it.

PortAudio lists the sound devices once, when it begins. What is plugged in later, or comes back with
another number, is on the list only once PortAudio has begun anew, and that ends every stream of the
process under its owner's feet: so whoever opens a device does it while the list is `held`.

Nor is it safe between threads (its issue 254): who holds the list calls it in turns, and waits
neither for the list nor for sound meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from kiosk import ending
from kiosk.devices.errors import DeviceError
from kiosk.devices.listing import Listing
from kiosk.devices.tone import SAMPLE_RATE
from kiosk.devices.turns import Turns

PACKAGE = "libportaudio2"
_NODES = Path("/dev/snd")
_PRIVATE = ("_initialize", "_terminate")
"""Of sounddevice, which has no public word for them (its issue 125)."""
_STREAMS = {"input": "RawInputStream", "output": "RawOutputStream"}
_turns = Turns()


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
    lacking = [name for name in _PRIVATE if not hasattr(sounddevice, name)]
    if lacking:
        raise DeviceError(
            "no_portaudio",
            f"sounddevice has no {' and no '.join(lacking)} any more",
            remedy="Install sounddevice 0.5.",
        )
    ending.heed(lambda: _listing.is_held)
    return cast("ModuleType", sounddevice)


def _nodes() -> frozenset[tuple[str, int]]:
    """The kernel's sound devices, each with when it was made, or given to another group."""
    try:
        with os.scandir(_NODES) as nodes:
            return frozenset(
                (node.name, node.stat().st_ctime_ns) for node in nodes if not node.is_dir()
            )
    except OSError:  # there is none, or one has just gone
        return frozenset()


def _begin_anew() -> None:
    sounddevice = load()
    with suppress(sounddevice.PortAudioError):  # it has ended, and could not begin the last time
        sounddevice._terminate()  # noqa: SLF001
    sounddevice._initialize()  # noqa: SLF001


_listing = Listing(_nodes, _begin_anew)  # before sounddevice is loaded, which makes the first list


@contextmanager
def held() -> Iterator[None]:
    """The list of devices has those that are plugged in now, and no stream is ended from outside.

    Raises:
        PortAudioError: it cannot begin anew.
    """
    with _listing.held():
        yield


@contextmanager
def streaming(
    name: str,
    direction: str,
    field: str,
    *,
    blocksize: int,
    callback: Callable[..., None],
    failing: Callable[[DeviceError], None],
) -> Iterator[None]:
    """The device of this name runs: mono sound of 16 bits at 48 kHz, `blocksize` samples a call of
    `callback`, in a thread of PortAudio's. Leave when the list is `outdated`, or with the error of
    a device that stalls: `failing` is told of it before the device is closed.

    Raises:
        DeviceError: there is none.
        PortAudioError: it cannot be opened.
    """
    sounddevice = load()
    with held():
        with _turns.taken():
            stream: Any = getattr(sounddevice, _STREAMS[direction])(
                samplerate=SAMPLE_RATE,
                blocksize=blocksize,
                device=find(name, direction, field),
                channels=1,
                dtype="int16",
                latency="low",
                callback=callback,
            )
            try:
                stream.start()
            except sounddevice.PortAudioError:
                stream.close()
                raise
        try:
            yield
        except DeviceError as error:
            if _listing.is_true():  # else it was perhaps unplugged, and closes at once
                failing(error)
            raise
        finally:
            # Not in a turn: it only waits for the stream's own thread, half a minute if it stalls.
            # `abort` would cancel that thread, be it amid Python or with the sound server locked.
            stream.stop()
            with _turns.taken():
                stream.close()


def outdated() -> bool:
    """Another device waits for a new list: close the stream, let go, and open it again."""
    return _listing.outdated


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
    if names and not name:
        return None
    wanted = name.casefold()
    for candidate in names:
        if wanted in candidate.casefold():
            return candidate
    _listing.doubt()  # what another program has open while the list is made is not on it
    if not names:
        raise DeviceError("cannot_open", f"there is no {field}", field=field, remedy="Plug one in.")
    raise DeviceError(
        "cannot_open",
        f"there is no {field} {name!r}",
        field=field,
        remedy="`kiosk doctor` lists those that are seen.",
    )


def lack(name: str, direction: str, field: str) -> str | None:
    """Why there is no such device; None when there is, or when it cannot be told."""
    try:
        with held(), _turns.taken():
            find(name, direction, field)
    except DeviceError as error:
        return None if error.code == "no_portaudio" else error.detail
    return None
