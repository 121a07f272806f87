"""Sockets of another host of the line laboratory, for aiohttp's clients in this process."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from bench.linelab.tun import inside


def socket_in(netns: str) -> Callable[[tuple[Any, ...]], socket.socket]:
    """A `socket_factory` for aiohttp.TCPConnector; without a name, of this host."""

    def make(address: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol = address[:3]
        with inside(netns) if netns else nullcontext():
            made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    return make
