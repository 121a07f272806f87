"""How glibc's malloc is run in a kiosk: what it holds stays near what is in use.

By itself malloc gives each thread a heap of its own, up to eight for each processor, and takes
blocks as large as any that was ever freed (up to 32 MiB) from those heaps. A call's threads,
encoders and decoders come and go and take pictures of all sizes, so the heaps fill with holes: an
hour of calls held 160 MiB of which 40 were in use. See mallopt(3).
"""

from __future__ import annotations

import ctypes
import sys

import structlog

log = structlog.get_logger(__name__)

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""glibc, malloc.h."""
_SETTINGS = (
    (_ARENA_MAX, 2),
    # Blocks from here on go back to the system when they are freed. With 256 KiB each copy of a
    # picture of 640x480 takes 150 µs instead of 12: the system gives every page anew.
    (_MMAP_THRESHOLD, 1 << 20),
    (_TRIM_THRESHOLD, 1 << 20),
)


def keep_small() -> bool:
    """Before threads begin. False where malloc is not glibc's: then all stays as it is."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if not sys.platform.startswith("linux") or mallopt is None:
        return False
    done = all(mallopt(option, value) for option, value in _SETTINGS)
    if not done:
        log.info("malloc keeps its own settings")
    return done
