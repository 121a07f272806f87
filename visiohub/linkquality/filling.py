"""The sending end of NDT7, at the hub and at the kiosk: the line is always full, and little of ours
waits before it.

Round trips are taken inside this connection: what waited here would be counted as the line's.
"""

from __future__ import annotations

import asyncio
import fcntl
import struct
from typing import Any

from visiohub.linkquality.ndt7 import next_message

_SIOCOUTQNSD = 0x894B
"""linux/sockios.h: octets that TCP has taken and not sent for the first time yet."""
_LOOKS_S = 0.005


class Filling:
    """Says how much to send next, and when, for so many seconds; `own` is the connection's socket,
    None: not known.

    Liveness guarantee: `next` answers when the time is over, whatever the line takes.
    """

    def __init__(self, own: Any, seconds: float) -> None:
        self._own = own
        self._seconds = seconds
        self._clock = asyncio.get_running_loop().time
        self._began = self._clock()
        self.sent = 0

    @property
    def elapsed_s(self) -> float:
        """Since the first message could be sent."""
        return self._clock() - self._began

    async def next(self) -> int:
        """Octets of the message to be sent now, once nearly all before it is on its way; 0: the
        time is over."""
        await asyncio.sleep(0)  # others' turn: on a fast network sending never waits
        while (left_s := self._seconds - self.elapsed_s) > 0:
            size = next_message(self.sent, self.elapsed_s)
            if _unsent(self._own) <= size:
                self.sent += size
                return size
            await asyncio.sleep(min(_LOOKS_S, left_s))
        return 0


def _unsent(own: Any) -> int:
    """Of no socket, one that is closed and one that is no TCP nothing: sending waits by itself."""
    try:
        told = fcntl.ioctl(own.fileno(), _SIOCOUTQNSD, bytes(4)) if own is not None else bytes(4)
    except (OSError, ValueError):
        return 0
    return int(struct.unpack("i", told)[0])
