"""A TCP transfer as fast as it goes, for a time: what somebody else sends on the same line.

tcp_upload.py receive PORT             prints "ready"
tcp_upload.py send HOST PORT SECONDS   prints the octets that came
"""

from __future__ import annotations

import fcntl
import socket
import struct
import sys
import termios
import time
from contextlib import suppress


def receive(port: int) -> None:
    """One transfer, to its end, however long it is in coming."""
    with socket.create_server(("", port)) as server:
        print("ready", flush=True)
        wire, _ = server.accept()
        with wire, suppress(ConnectionResetError):
            while wire.recv(65_536):
                pass


def send(host: str, port: int, seconds: float) -> None:
    """Whatever the line takes; the rest in the socket's buffer is dropped at the end.

    Raises OSError when nobody receives.
    """
    octets = 0
    with socket.create_connection((host, port), timeout=10) as wire:
        wire.settimeout(1.0)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                octets += wire.send(bytes(16_384))
            except TimeoutError:
                continue
        octets -= _unconfirmed(wire)
        # what is queued must not go on after the time is over: close with a reset
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    print(octets)


def _unconfirmed(wire: socket.socket) -> int:
    """Octets that the far end has not acknowledged yet (tcp(7), SIOCOUTQ)."""
    (octets,) = struct.unpack("i", fcntl.ioctl(wire, termios.TIOCOUTQ, bytes(4)))
    return int(octets)


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "receive":
        receive(int(rest[0]))
    else:
        send(rest[0], int(rest[1]), float(rest[2]))
