"""Device specifications as they stand in settings and on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kiosk.devices.errors import DeviceError

Kind = Literal["camera", "microphone", "speaker", "video_out"]
Form = Literal["device", "file", "url", "synthetic", "none"]

FORMS = "device:NAME, file:PATH, url:ADDRESS, synthetic or none"
_SINKS = ("speaker", "video_out")


@dataclass(frozen=True)
class Spec:
    """One device: which form it has and, after the colon, what it names."""

    kind: Kind
    form: Form
    name: str = ""

    def __str__(self) -> str:
        return f"{self.form}:{self.name}" if self.name else self.form


def parse_spec(kind: Kind, text: str) -> Spec:
    """Read `device:NAME`, `file:PATH`, `url:ANY-FFMPEG-URL`, `synthetic` or `none`.

    `device` alone is the system's default device. Sources from files must exist; the folder of
    a file that is written must.

    Raises:
        DeviceError: `bad_spec` or `no_such_path`, with `field` and `remedy`.
    """
    form, colon, name = text.strip().partition(":")
    name = name.strip()
    match form:
        case "synthetic" | "none" if not colon:
            return Spec(kind, form)
        case "device" if kind != "video_out":
            return Spec(kind, "device", name)
        case "file" if name:
            _check_path(kind, name)
            return Spec(kind, "file", name)
        case "url" if name and kind not in _SINKS:
            return Spec(kind, "url", name)
    raise DeviceError(
        "bad_spec", f"{text!r} is not a device", field=kind, remedy=f"Write {_forms(kind)}."
    )


def _forms(kind: Kind) -> str:
    if kind == "speaker":
        return "device:NAME, file:PATH, synthetic or none"
    if kind == "video_out":
        return "file:PATH or none"
    return FORMS


def _check_path(kind: Kind, name: str) -> None:
    path = Path(name)
    if kind in _SINKS:
        if not path.parent.is_dir():
            raise DeviceError(
                "no_such_path",
                f"folder {path.parent} does not exist",
                field=kind,
                remedy="Create the folder, or give another path.",
            )
    elif not path.is_file():
        raise DeviceError(
            "no_such_path",
            f"{path} does not exist" if not path.exists() else f"{path} is not a file",
            field=kind,
            remedy="Check the path, and that this user may read it.",
        )
