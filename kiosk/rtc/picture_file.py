"""The far picture into a video file, on a thread of its own."""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from fractions import Fraction

import av
import structlog

from kiosk.devices.specs import Spec

log = structlog.get_logger(__name__)

_BASE = Fraction(1, 90_000)
_HELD = 5
_CLOSES_IN_S = 5.0


class PictureFile:
    """Writes pictures with the times at which they came; the file's ending says its format.

    A file that cannot be written is logged and left: the call goes on.
    """

    def __init__(self, spec: Spec) -> None:
        self._path = spec.name
        self._frames: queue.Queue[tuple[av.VideoFrame, float] | None] = queue.Queue(maxsize=_HELD)
        self._thread = threading.Thread(target=self._run, name="picture-file", daemon=True)
        self._thread.start()
        self.written = 0
        self.error: str | None = None

    def show(self, frame: av.VideoFrame) -> None:
        """One more picture; the oldest goes when the disk is slow."""
        entry = (frame, time.monotonic())
        try:
            self._frames.put_nowait(entry)
        except queue.Full:
            self._frames.get_nowait()
            self._frames.put_nowait(entry)

    def close(self) -> None:
        """Write what is left and finish the file; not on the event loop."""
        with suppress(queue.Full):  # what is written to hangs
            self._frames.put(None, timeout=_CLOSES_IN_S)
        self._thread.join(_CLOSES_IN_S)

    def _run(self) -> None:
        try:
            self._write()
        except (av.FFmpegError, OSError, ValueError) as error:
            self.error = str(error)
            log.warning("picture file not written", path=self._path, error=self.error)
            while self._frames.get() is not None:
                pass

    def _write(self) -> None:
        first = self._frames.get()
        if first is None:
            return
        with av.open(self._path, "w") as container:
            codec = container.default_video_codec
            stream = container.add_stream(codec, rate=25)
            if not isinstance(stream, av.VideoStream):
                raise ValueError(f"{self._path}: this format holds no picture")  # noqa: TRY004 - the path is at fault
            stream.width, stream.height = first[0].width & ~1, first[0].height & ~1
            stream.pix_fmt = "yuv420p"
            stream.codec_context.time_base = _BASE
            start, entry = first[1], first
            last = -1
            while entry is not None:
                frame = entry[0].reformat(stream.width, stream.height, format="yuv420p")
                last = max(last + 1, round((entry[1] - start) / _BASE))
                frame.pts, frame.time_base = last, _BASE
                frame.pict_type = av.video.frame.PictureType.NONE
                container.mux(stream.encode(frame))
                self.written += 1
                following = self._frames.get()
                if following is None:
                    break
                entry = following
            container.mux(stream.encode(None))
