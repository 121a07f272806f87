"""`kiosk doctor`: each device, what works, what does not, and the remedy."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.devices import camera as cameras
from kiosk.devices import microphone as microphones
from kiosk.devices import portaudio, tone
from kiosk.devices.cleaning import CleaningUnavailable, RoomCleaner
from kiosk.devices.errors import DeviceError
from kiosk.devices.specs import Kind, Spec, parse_spec
from kiosk.errors import SettingsError
from kiosk.rtc.attach import self_check
from kiosk.rtc.coding import av1
from kiosk.rtc.errors import AttachError
from kiosk.settings import load_settings

LACKING, MISUSED = 1, 2
_INSTEAD = "Try this one instead of the settings' own."
_PATIENCE_S = 5.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    kind: str
    name: str
    works: bool
    detail: str
    remedy: str = ""


def doctor(
    camera: Annotated[str | None, typer.Option(help=_INSTEAD)] = None,
    microphone: Annotated[str | None, typer.Option(help=_INSTEAD)] = None,
    speaker: Annotated[str | None, typer.Option(help=_INSTEAD)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON, for programs")] = False,
    config: Annotated[Path | None, typer.Option(help="Settings file (TOML).")] = None,
) -> None:
    """Name each device, what works, what does not, and the remedy.

    It looks at the devices of this kiosk's settings, as `kiosk run` does. Exit code 0: nothing
    lacks; 1: something lacks; 2: the settings cannot be read.
    """
    options = {"camera": camera, "microphone": microphone, "speaker": speaker}
    try:
        settings = load_settings(options, file=config)
    except SettingsError as error:
        typer.echo(f"kiosk: {error.detail}", err=True)
        raise typer.Exit(MISUSED) from None
    findings = examine(settings.camera, settings.microphone, settings.speaker)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            typer.echo(_line(finding))
    if not all(finding.works for finding in findings):
        raise typer.Exit(LACKING)


def examine(camera: str, microphone: str, speaker: str) -> list[Finding]:
    """Look at the libraries and try each device for a moment; never raises."""
    return [
        _libraries(),
        _thin_line_codec(),
        *_seen("camera", lambda: [f"{name} ({path})" for path, name in cameras.list_cameras()]),
        _tried("camera", camera, _try_camera),
        _sound_library(microphone, speaker),
        _echo_canceller(microphone, speaker),
        *_seen("microphone", lambda: portaudio.list_devices("input")),
        _tried("microphone", microphone, _try_microphone),
        *_seen("speaker", lambda: portaudio.list_devices("output")),
        _tried("speaker", speaker, _try_speaker),
    ]


def _libraries() -> Finding:
    try:
        self_check()
    except AttachError as error:
        return Finding(
            "libraries",
            "media",
            False,
            error.detail,
            "Install the versions that pyproject.toml names.",
        )
    return Finding("libraries", "media", True, "the versions that this program was written for")


def _thin_line_codec() -> Finding:
    reason = av1.unavailable()
    if reason is None:
        return Finding("libraries", "AV1", True, "works")
    detail = f"not here ({reason}): VP8 is sent instead, which looks worse on a thin line"
    remedy = "Install the versions that pyproject.toml names."
    return Finding("libraries", "AV1", False, detail, remedy)


def _sound_library(*specs: str) -> Finding:
    needed = any(spec.startswith("device") for spec in specs)
    try:
        portaudio.load()
    except DeviceError as error:
        detail = error.detail if needed else f"{error.detail}, and no device needs it"
        return Finding("libraries", "PortAudio", not needed, detail, error.remedy)
    return Finding("libraries", "PortAudio", True, "installed")


def _echo_canceller(*specs: str) -> Finding:
    try:
        RoomCleaner()
    except CleaningUnavailable as error:
        needed = all(spec.startswith("device") for spec in specs)
        detail = f"not here ({error}): the far end may hear itself"
        return Finding(
            "libraries",
            "echo canceller",
            not needed,
            detail,
            "Install the versions that pyproject.toml names.",
        )
    return Finding("libraries", "echo canceller", True, "works")


def _seen(kind: str, names: Callable[[], list[str]]) -> Iterator[Finding]:
    try:
        found = names()
    except DeviceError:  # said once, about the library
        return
    for name in found:
        yield Finding(kind, name, True, "seen")


def _tried(kind: Kind, text: str, trial: Callable[[Spec], str]) -> Finding:
    """Try one device on a thread, so that a hanging driver does not hang the doctor."""
    result: list[Finding] = []

    def work() -> None:
        try:
            spec = parse_spec(kind, text)
            detail = "not used" if spec.form == "none" else trial(spec)
            result.append(Finding(kind, text, True, detail))
        except DeviceError as error:
            result.append(Finding(kind, text, False, error.detail, error.remedy))
        except Exception as error:  # noqa: BLE001 - drivers raise what they like; the doctor reports it
            detail = f"{type(error).__name__}: {error}"
            result.append(Finding(kind, text, False, detail, "Unplug it, plug it in again."))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(_PATIENCE_S)
    if result:
        return result[0]
    return Finding(
        kind,
        text,
        False,
        f"does not answer within {_PATIENCE_S:.0f} s",
        "Unplug it, plug it in again; close other programs that use it.",
    )


def _try_camera(spec: Spec) -> str:
    with closing(_stream(cameras.pictures, spec)) as stream:
        frame = next(stream).frame
    return f"gives pictures of {frame.width}x{frame.height}"


def _try_microphone(spec: Spec) -> str:
    with closing(_stream(microphones.sounds, spec)) as stream:
        loudest = max(tone.level(next(stream).pcm) for _ in range(25))
    return f"hears; loudest in half a second: {loudest:.0%}"


def _try_speaker(spec: Spec) -> str:
    if spec.form != "device":
        return "can be used"
    sounddevice = portaudio.load()
    try:
        sounddevice.check_output_settings(
            device=portaudio.find(spec.name, "output", "speaker"),
            channels=1,
            dtype="int16",
            samplerate=tone.SAMPLE_RATE,
        )
    except sounddevice.PortAudioError as error:
        raise DeviceError(
            "cannot_open",
            f"cannot play mono sound at 48 kHz ({error})",
            remedy="Choose it as the system's default device, or name another one.",
        ) from error
    return "can play"


def _stream(source: Callable[[Spec, threading.Event], Any], spec: Spec) -> Any:
    return source(spec, threading.Event())


def _line(finding: Finding) -> str:
    head = f"{'ok     ' if finding.works else 'LACKING'} {finding.kind:<11} {finding.name}"
    text = f"{head}: {finding.detail}"
    return text if finding.works or not finding.remedy else f"{text}\n        {finding.remedy}"
