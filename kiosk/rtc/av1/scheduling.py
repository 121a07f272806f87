"""Takes back the real-time priority that SVT-AV1 gives itself. Not of the pure kind.

Where it may (root, CAP_SYS_NICE), SVT-AV1 puts the thread that opens an encoder, and all of its
own, at SCHED_FIFO 99: each program started afterwards would inherit that, and sound, network and
everybody else would wait for the picture. An encoder is worth no more than the rest of the kiosk.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def ordinary_priority() -> Iterator[None]:
    """What is started inside, and the calling thread, are scheduled afterwards as before."""
    if not sys.platform.startswith("linux"):
        yield
        return
    policy, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
    before = _threads()
    try:
        yield
    finally:
        for thread in {0, *(_threads() - before)}:
            with contextlib.suppress(OSError):  # it has ended meanwhile
                os.sched_setscheduler(thread, policy, parameter)


def _threads() -> set[int]:
    """The kernel's numbers of this process's threads."""
    return {int(name) for name in os.listdir("/proc/self/task")}
