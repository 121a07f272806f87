"""A file with what W3C webrtc-stats say of a call, once a second: one line of JSON each time."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path

import structlog

from kiosk.errors import SettingsError
from kiosk.rtc.report import Entry

log = structlog.get_logger(__name__)


class StatisticsFile:
    """Lines of `unix_s` (seconds since 1970), `call_id` and `stats` (entries by their id)."""

    def __init__(self, path: Path) -> None:
        """The file is there from now on, empty or with what it had.

        Raises:
            SettingsError: it cannot be written.
        """
        try:
            path.open("a").close()
        except OSError as error:
            raise SettingsError(
                f"stats: {path} cannot be written ({error.strerror}). Give a file in a folder where"
                " this user may write, or none."
            ) from error
        self._path = path
        self._writes = True

    def add(self, call_id: str, stats: Mapping[str, Entry]) -> None:
        """Add a line. Where that cannot be done it is said once, and the call goes on."""
        line = {"unix_s": round(time.time(), 3), "call_id": call_id, "stats": stats}
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, default=str) + "\n")
            self._writes = True
        except OSError as error:
            if self._writes:
                log.warning("statistics not written", path=str(self._path), error=error.strerror)
            self._writes = False
