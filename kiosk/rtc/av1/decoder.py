"""AV1 temporal units to pictures, by dav1d through PyAV."""

from __future__ import annotations

from typing import Any

import av

from kiosk.rtc.seeing.sizes import MOST_PIXELS


class Decoder:
    """One thread and no delay; after a broken unit nothing is shown until a whole picture.

    dav1d with threads of its own holds two pictures back, and freeing it through PyAV could hang;
    and after an error it shows damaged pictures without saying so.
    """

    def __init__(self) -> None:
        codec: Any = av.CodecContext.create("libdav1d", "r")
        codec.thread_count = 1
        codec.options = {"max_frame_delay": "1", "max_pixels": str(MOST_PIXELS)}
        self._codec = codec
        self._waits_for_whole = True

    def decode(self, temporal_unit: bytes, *, whole: bool) -> list[av.VideoFrame]:
        """The pictures of a unit; `whole` if it begins with a sequence header.

        Raises:
            av.FFmpegError: the unit is broken; the next ones are passed over until a whole one.
        """
        if self._waits_for_whole and not whole:
            return []
        try:
            pictures: list[av.VideoFrame] = self._codec.decode(av.Packet(temporal_unit))
        except av.FFmpegError:
            self.broken()
            raise
        self._waits_for_whole = False
        return pictures

    def broken(self) -> None:
        """A unit is missing: the next ones are passed over until a whole one."""
        self._waits_for_whole = True
