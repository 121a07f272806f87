"""Cameras: V4L2 devices, files, addresses, the synthetic one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from kiosk.devices import files
from kiosk.devices.errors import DeviceError
from kiosk.devices.specs import Spec
from kiosk.devices.test_picture import HEIGHT, RATE, WIDTH, Painter, to_frame

_V4L, _DEV = Path("/sys/class/video4linux"), Path("/dev")


@dataclass(frozen=True)
class Picture:
    """One captured picture (yuv420p) and its instant, in seconds of `time.monotonic()`."""

    frame: av.VideoFrame
    at: float


def pictures(spec: Spec, stop: threading.Event) -> Iterator[Picture]:
    """Pictures of the camera, each waited for, until `stop` is set.

    Raises:
        DeviceError: it cannot be opened, or it stopped.
    """
    match spec.form:
        case "device":
            yield from _captured(spec, stop)
        case "synthetic":
            yield from _painted(stop)
        case _:
            for frame, at in files.pictures(spec, stop):
                yield Picture(frame, at)


def list_cameras() -> list[tuple[str, str]]:
    """(device path, product name) of each V4L2 node that the system shows."""
    cameras = []
    for node in sorted(_V4L.glob("video*")):
        with suppress(OSError):  # unplugged while it is looked at
            # the kernel cuts a long name after 31 octets, in the middle of a letter, too
            product = (node / "name").read_text(encoding="utf-8", errors="replace").strip()
            if (_DEV / node.name).exists():
                cameras.append((str(_DEV / node.name), product))
    return cameras


def device_path(name: str) -> str | None:
    """The V4L2 node that a `device:` name means: a path, a number, or part of a product name.

    The empty name means the first camera. None when there is no such camera.
    """
    cameras = list_cameras()
    if not name:
        return cameras[0][0] if cameras else None
    path = f"/dev/video{name}" if name.isdecimal() else name
    if path.startswith("/"):
        return path if Path(path).exists() else None
    wanted = name.casefold()
    return next((node for node, product in cameras if wanted in product.casefold()), None)


def _painted(stop: threading.Event) -> Iterator[Picture]:
    painter = Painter()
    wall_to_monotonic = time.time() - time.monotonic()
    start = time.monotonic()
    # The number follows the clock, so that it does not restart when the camera does.
    number = round((start + wall_to_monotonic) * RATE)
    due = start
    while not stop.wait(max(0.0, due - time.monotonic())):
        picture = painter.paint(number, due + wall_to_monotonic)
        yield Picture(to_frame(picture), due)
        steps = max(1, int((time.monotonic() - due) * RATE))
        number += steps
        due += steps / RATE


def _captured(spec: Spec, stop: threading.Event) -> Iterator[Picture]:
    path = device_path(spec.name)
    if path is None:
        raise DeviceError(
            "cannot_open",
            f"there is no camera {spec.name!r}" if spec.name else "there is no camera",
            field="camera",
            remedy="Plug the camera in; `kiosk doctor` lists those that are seen.",
        )
    capture = cv2.VideoCapture(path, cv2.CAP_V4L2)
    try:
        if not capture.isOpened():
            raise DeviceError(
                "cannot_open",
                f"{path} cannot be opened",
                field="camera",
                remedy="Close other programs that use it; add this user to the group `video`.",
            )
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
        capture.set(cv2.CAP_PROP_FPS, RATE)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # newest wins in the driver too
        while not stop.is_set():
            good, bgr = capture.read()
            if not good:
                raise DeviceError("stopped", f"{path} gives no more pictures", field="camera")
            at = time.monotonic()
            bgr = bgr[: bgr.shape[0] & ~1, : bgr.shape[1] & ~1]
            i420 = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420)
            yield Picture(to_frame(i420.astype(np.uint8, copy=False)), at)
    finally:
        capture.release()
