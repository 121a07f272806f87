"""The thread that decodes one far picture."""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import Callable
from typing import Any

import av
import structlog
from aiortc.codecs import get_decoder
from aiortc.jitterbuffer import JitterFrame

log = structlog.get_logger(__name__)


class DecoderWatch:
    """What became of the pictures that were given to one decoder; written by its thread.

    It takes the place of the event by which aiortc's thread says that decoding failed.
    """

    def __init__(self, failed: Callable[[], None]) -> None:
        self._failed = failed
        self.decoded = 0
        self.failures = 0
        self.seconds = 0.0
        """Spent decoding."""

    def is_set(self) -> bool:
        """aiortc asks with each packet, to send a PLI of its own: we say it at once instead."""
        return False

    def statistics(self) -> dict[str, Any]:
        """The members of an `inbound-rtp` entry that are about decoding."""
        return {
            "framesDecoded": self.decoded,
            "framesDropped": self.failures,
            "totalDecodeTime": round(self.seconds, 3),
        }

    def fail(self, loop: asyncio.AbstractEventLoop, error: Exception) -> None:
        """A picture could not be decoded."""
        self.failures += 1
        log.info("picture not decoded", error=repr(error))
        loop.call_soon_threadsafe(self._failed)


def decode(
    loop: asyncio.AbstractEventLoop,
    inputs: queue.Queue[tuple[Any, JitterFrame] | None],
    outputs: asyncio.Queue[Any],
    watch: DecoderWatch,
) -> None:
    """aiortc's `decoder_worker`, which notes when each picture was decoded and outlives any error.

    The screen needs the instant to know how old a picture is.
    """
    name, decoder = "", None
    try:
        while (task := inputs.get()) is not None:
            codec, picture = task
            began = time.monotonic()
            try:
                if codec.name != name:
                    name, decoder = codec.name, get_decoder(codec)
                frames = decoder.decode(picture)  # type: ignore[union-attr]  # made just before
            except Exception as error:  # noqa: BLE001 - whatever one picture holds, the call goes on
                watch.fail(loop, error)
                continue
            now = time.monotonic()
            watch.seconds += now - began
            for frame in frames:
                if isinstance(frame, av.VideoFrame):
                    frame.opaque = now
                    watch.decoded += 1
                asyncio.run_coroutine_threadsafe(outputs.put(frame), loop)
        asyncio.run_coroutine_threadsafe(outputs.put(None), loop)  # the track has ended
    except RuntimeError:
        pass  # the loop has ended; nobody waits for a picture any more
