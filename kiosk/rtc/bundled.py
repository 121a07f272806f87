"""Libraries as they lie in the PyAV wheel, by ctypes. Not of the pure kind: it loads them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av

FOLDER = Path(av.__file__).parent.parent / "av.libs"
"""Where PyAV's wheel keeps them."""


def open_library(
    folder: Path, name: str, needed: Sequence[str], unavailable: Callable[[str], Exception]
) -> tuple[ctypes.CDLL, str]:
    """The library of that name and its file's name; raises `unavailable` with the reason when it is
    not there, does not load or lacks a function."""
    found = sorted(folder.glob(f"{name}*.so*"))
    if not found:
        raise unavailable(f"no {name} in {folder}: is PyAV installed from its wheel?")
    try:
        library = ctypes.CDLL(str(found[0]))
    except OSError as error:
        raise unavailable(f"{found[0].name} does not load: {error}") from error
    missing = [function for function in needed if not hasattr(library, function)]
    if missing:
        raise unavailable(f"{found[0].name} lacks {', '.join(missing)}")
    return library, found[0].name


def check_version(
    tell: Any, wanted: str, file: str, unavailable: Callable[[str], Exception]
) -> None:
    """Raises `unavailable` unless what the library's function tells begins as `wanted` does."""
    tell.restype = ctypes.c_char_p
    version = tell().decode("ascii", "replace")
    if not version.startswith(wanted):
        raise unavailable(f"{file} is {version}, not {wanted}x")
