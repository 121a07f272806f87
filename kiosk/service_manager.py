"""Tells systemd that the kiosk is ready and alive (sd_notify(3)); silent where there is none."""

from __future__ import annotations

import os
import socket


class ServiceManager:
    """Sends datagrams to `$NOTIFY_SOCKET`."""

    def __init__(self) -> None:
        # systemd sets it for this process alone; children must not speak in its name
        self._address = os.environ.pop("NOTIFY_SOCKET", "")

    def tell(self, *lines: str) -> None:
        """For instance `READY=1`, `WATCHDOG=1`, `STOPPING=1`, `STATUS=...`."""
        if not self._address:
            return
        address = self._address
        if address.startswith("@"):
            address = "\0" + address[1:]
        # a manager that is slow must not hold up a call: what it cannot take at once is dropped
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        with socket.socket(socket.AF_UNIX, kind) as sender:
            try:
                sender.connect(address)
                sender.send("\n".join(lines).encode())
            except OSError:
                return  # it is full, or went away: neither may stop the kiosk
