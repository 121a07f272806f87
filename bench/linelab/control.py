"""Orders to a running line: cut, restore, set, stats, stop."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any, Literal

Both = Literal["down", "up", "both"]


class LineControl:
    """The other end of a runner's control socket. Every call waits at most 5 s."""

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)

    def cut(self, direction: Both = "both") -> None:
        """Kill the line at once."""
        self._order(do="cut", direction=direction)

    def restore(self, direction: Both = "both") -> None:
        """Bring it back."""
        self._order(do="restore", direction=direction)

    def set(self, direction: Both = "both", **change: Any) -> None:
        """Change fields of `profile.Direction`; ValueError names an unknown one."""
        self._order(do="set", direction=direction, change=change)

    def stats(self) -> dict[str, Any]:
        """Counters per direction, CPU used, and how late deliveries were."""
        return self._order(do="stats")

    def stop(self) -> None:
        """End the runner."""
        self._order(do="stop")

    def _order(self, **order: Any) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as caller:
            caller.bind("")  # Linux gives an abstract address to answer to
            caller.settimeout(5.0)
            caller.sendto(json.dumps(order).encode(), self.path)
            answer: dict[str, Any] = json.loads(caller.recv(65_536))
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer
