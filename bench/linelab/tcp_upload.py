"""A TCP transfer as fast as it goes, for a time: what somebody else sends on the same line.

tcp_upload.py receive PORT             prints "ready", then the octets that came
tcp_upload.py send HOST PORT SECONDS
"""

from __future__ import annotations

import socket
import sys
import time
from contextlib import suppress


def receive(port: int) -> None:
    """One transfer, to its end."""
    with socket.create_server(("", port)) as server:
        print("ready", flush=True)
        server.settimeout(60)
        wire, _ = server.accept()
        octets = 0
        with wire, suppress(ConnectionResetError):
            while piece := wire.recv(65_536):
                octets += len(piece)
    print(octets)


def send(host: str, port: int, seconds: float) -> None:
    """Whatever the line takes; the rest in the socket's buffer is dropped at the end."""
    with socket.create_connection((host, port), timeout=10) as wire:
        wire.settimeout(1.0)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                wire.send(bytes(16_384))
            except TimeoutError:
                continue
        # what is queued must not go on after the time is over: close with a reset
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "receive":
        receive(int(rest[0]))
    else:
        send(rest[0], int(rest[1]), float(rest[2]))
