"""`visiohub serve` as a process that answers over HTTP and is killed by the signal that cannot be
caught, on a database that tests read beside it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from time import sleep
from urllib.parse import urlencode

from visiohub.settings import Settings

ORIGIN = "http://127.0.0.1:8080"
"""What the hub thinks to be reached at, on whatever port it listens."""
PROXY = "127.0.0.1"
_GOES_WITH_US = ("setpriv", "--pdeathsig", "KILL")
"""Whatever ends the tests ends the hub."""
GONE = (http.client.HTTPException, ConnectionError)


@dataclass(frozen=True)
class Answer:
    """What the hub said; `status` 0: it was killed before that."""

    status: int
    body: str = ""


class ServedHub:
    """Runs from `start` on; whoever makes one calls `close`."""

    def __init__(self, settings: Settings) -> None:
        self._environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("VISIOHUB_")},
            "VISIOHUB_DATA_DIR": str(settings.data_dir),
            "VISIOHUB_DATABASE_URL": settings.database_url,
            "VISIOHUB_TRUSTED_PROXIES": PROXY,
            "VISIOHUB_PORT": "0",
            "VISIOHUB_PROBE_PORT": "0",
        }
        self._addresses = count()
        self.deaths = 0
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [*_GOES_WITH_US, sys.executable, "-m", "visiohub.cli", "serve"],
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        assert address, said
        self._port = int(address[1])

    def kill(self) -> None:
        with self._process as process:
            process.send_signal(signal.SIGKILL)

    def post(
        self,
        path: str,
        body: Mapping[str, object],
        token: str = "",
        dies_after_s: float | None = None,
    ) -> Answer:
        """As a program does with a session's `token`, else as a citizen's browser sends a form.

        With `dies_after_s` the hub is killed so long after it was asked, and started again.
        """
        address = next(self._addresses)
        headers = {"Origin": ORIGIN, "X-Forwarded-For": f"198.51.{address // 250}.{address % 250}"}
        if token and path.startswith("/api/"):
            sent = json.dumps(body, default=str)
            headers |= {"Cookie": f"visiohub={token}", "Content-Type": "application/json"}
        else:
            sent = urlencode(body, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            if token:
                headers["Cookie"] = f"visiohub={token}"
        connection = http.client.HTTPConnection(PROXY, self._port, timeout=60)
        connection.request("POST", path, sent, headers)
        answer = Answer(0)
        if dies_after_s is not None:
            sleep(dies_after_s)  # the moment is the matter of this test
            self.kill()
            self.deaths += 1
        with suppress(*(GONE if dies_after_s is not None else ())):
            response = connection.getresponse()
            answer = Answer(response.status, response.read().decode())
        connection.close()
        if dies_after_s is not None:
            self.start()
        return answer

    def close(self) -> None:
        self.kill()
