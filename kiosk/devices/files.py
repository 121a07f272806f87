"""Sound and pictures from files and addresses, decoded in the pace of their timestamps.

Files loop on one time line per path, so a file's picture and sound stay together however often
either of them is opened anew.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import av
import numpy as np
import structlog
from av.audio.resampler import AudioResampler

from kiosk.devices.errors import DeviceError
from kiosk.devices.specs import Spec
from kiosk.devices.tone import CHUNK, SAMPLE_RATE, Pcm

log = structlog.get_logger(__name__)

LATE_S = 0.2
"""What is later than this is not shown any more: catching up after a pause."""
_OPEN_TIMEOUT_S = 5.0
_READ_TIMEOUT_S = 4.0
_epochs: dict[str, float] = {}
_epochs_lock = threading.Lock()


def pictures(spec: Spec, stop: threading.Event) -> Iterator[tuple[av.VideoFrame, float]]:
    """Decoded yuv420p pictures with their instants (`time.monotonic()`), waited for."""
    for frame, due in _paced(spec, "video", stop):
        if not isinstance(frame, av.VideoFrame):
            continue
        even = frame.width & ~1, frame.height & ~1
        yield frame.reformat(*even, format="yuv420p"), due


def sounds(spec: Spec, stop: threading.Event) -> Iterator[tuple[Pcm, float]]:
    """20 ms pieces of mono sound at 48 kHz with their instants (`time.monotonic()`)."""
    resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    rest = np.empty(0, np.int16)
    for frame, due in _paced(spec, "audio", stop):
        if not isinstance(frame, av.AudioFrame):
            continue
        due -= len(rest) / SAMPLE_RATE
        frame.pts = None
        parts = [rest, *(part.to_ndarray().reshape(-1) for part in resampler.resample(frame))]
        rest = np.concatenate(parts).astype(np.int16, copy=False)
        while len(rest) >= CHUNK:
            # a file's frames are long: like a microphone, each piece comes when it is over
            over = due + CHUNK / SAMPLE_RATE
            if spec.form == "file" and stop.wait(max(0.0, over - time.monotonic())):
                return
            yield rest[:CHUNK], due
            rest = rest[CHUNK:]
            due += CHUNK / SAMPLE_RATE


def _paced(
    spec: Spec, medium: str, stop: threading.Event
) -> Iterator[tuple[av.VideoFrame | av.AudioFrame, float]]:
    live = spec.form == "url"
    with _open(spec) as container:
        streams = container.streams.video if medium == "video" else container.streams.audio
        if not streams:
            raise DeviceError(
                "cannot_open",
                f"{spec.name} holds no {'picture' if medium == 'video' else 'sound'}",
                field=spec.kind,
                remedy="Give a file or an address that has one.",
            )
        stream = streams[0]
        if live:
            for frame in container.decode(stream):
                if stop.is_set():
                    return
                if isinstance(frame, (av.VideoFrame, av.AudioFrame)):
                    yield frame, time.monotonic()
            raise DeviceError("stopped", f"{spec.name} ended", field=spec.kind)
        duration = container.duration / av.time_base if container.duration else 0.0
        epoch = _epoch(spec.name)
        since = max(0.0, time.monotonic() - epoch)
        loop = int(since / duration) if duration else 0
        _skip_to(container, since - loop * duration)
        while True:
            seen = False
            for frame in container.decode(stream):
                if not isinstance(frame, (av.VideoFrame, av.AudioFrame)) or frame.time is None:
                    continue
                seen = True
                due = epoch + loop * duration + frame.time
                wait = due - time.monotonic()
                if wait < -LATE_S:
                    continue
                if stop.wait(max(0.0, wait)):
                    return
                yield frame, due
            if not seen or not duration:
                raise DeviceError(
                    "cannot_open",
                    f"{spec.name} cannot be looped",
                    field=spec.kind,
                    remedy="Give a file that has a length, such as .mp4, .webm or .wav.",
                )
            loop += 1
            container.seek(0)


def _skip_to(container: av.container.InputContainer, position: float) -> None:
    if position > 1:
        container.seek(int(position * av.time_base), backward=True)


def _open(spec: Spec) -> av.container.InputContainer:
    try:
        return av.open(spec.name, timeout=(_OPEN_TIMEOUT_S, _READ_TIMEOUT_S))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise DeviceError(
            "cannot_open",
            f"{spec.name} cannot be opened ({error})",
            field=spec.kind,
            remedy="Check that it exists and is a media file or address that FFmpeg reads.",
        ) from error


def _epoch(name: str) -> float:
    with _epochs_lock:
        if name not in _epochs:
            _epochs[name] = time.monotonic()
            # with a frame number in the picture, this tells when each one was captured
            log.info("file begins", path=name, unix_s=round(time.time(), 4))
        return _epochs[name]
