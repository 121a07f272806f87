"""`visiohub serve` as a process: it says where it listens, answers, and leaves when asked."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.request import urlopen

import pytest


@contextmanager
def serving(
    tmp_path: Path, stderr: int | IO[str] = subprocess.PIPE, **environ: str
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "visiohub.cli", "serve"],
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("VISIOHUB_")},
            "VISIOHUB_DATA_DIR": str(tmp_path),
            "VISIOHUB_PORT": "0",
            "VISIOHUB_PROBE_PORT": "0",
            **environ,
        },
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_listens_answers_and_leaves(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "notify"
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
        serving(tmp_path, NOTIFY_SOCKET=str(path)) as hub,
    ):
        systemd.settimeout(30)
        systemd.bind(str(path))
        assert hub.stdout is not None
        said = hub.stdout.readline()
        address = re.fullmatch(r"visiohub listens on (http://127\.0\.0\.1:\d+)\n", said)
        assert address, said
        assert systemd.recv(100) == b"READY=1"
        with urlopen(f"{address[1]}/healthz", timeout=10) as answer:
            assert answer.status == 200
        hub.send_signal(number)
        assert hub.wait(20) == 0
        assert systemd.recv(100) == b"STOPPING=1"


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serving(tmp_path, VISIOHUB_PORT=str(port)) as hub:
            _, said = hub.communicate(timeout=30)
    assert hub.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in said
    assert "or set another host or port" in said
