"""The agent as a process: ready in time, named faults, graceful end, what systemd hears."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.service_manager import ServiceManager

READY_WITHIN_S = 3.0
QUIET = ("--camera", "synthetic", "--microphone", "synthetic", "--speaker", "none")


def start(tmp_path: Path, *more: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kiosk.cli", "run", *QUIET, "--screen-port", "0",
         "--state-dir", str(tmp_path), *more],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
    )  # fmt: skip


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.settimeout(10)
        yield address, listener


def test_ready_within_three_seconds_and_a_graceful_end(
    tmp_path: Path, manager: tuple[str, socket.socket]
) -> None:
    address, listener = manager
    begun = time.monotonic()
    process = start(tmp_path, NOTIFY_SOCKET=address)
    try:
        assert listener.recv(100) == b"READY=1"
        ready_after = time.monotonic() - begun
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        assert found, line
        with urllib.request.urlopen(found[0] + "healthz", timeout=2) as answer:
            assert answer.status == 200
        assert listener.recv(100) == b"WATCHDOG=1"
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        print(f"ready after {ready_after:.2f} s")
        assert ready_after < READY_WITHIN_S
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("more", "code", "named"),
    [
        (("--camera", "file:/nowhere.mp4"), 2, "/nowhere.mp4"),
        (("--microphone", "sintetic"), 2, "sintetic"),
        (("--config", "/nowhere.toml"), 2, "/nowhere.toml"),
        (("--stats", "/proc"), 2, "stats: /proc cannot be written (Is a directory). Give a file"),
        (("--stats", "/no/file"), 2, "/no/file cannot be written (No such file or directory)"),
    ],
)
def test_what_makes_no_sense_is_named(
    tmp_path: Path, more: tuple[str, ...], code: int, named: str
) -> None:
    process = start(tmp_path, *more)
    output, _ = process.communicate(timeout=10)
    assert process.returncode == code, output
    assert named in output
    assert "Traceback" not in output


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        process = start(tmp_path, "--screen-port", port)
        output, _ = process.communicate(timeout=10)
    assert process.returncode == 1, output
    assert f"port {port}: another program has it" in output
    assert "--screen-port" in output
    assert "Traceback" not in output


def test_a_device_that_makes_no_sense_is_named_before_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        process = start(tmp_path, "--screen-port", port, "--camera", "zz:1")
        output, _ = process.communicate(timeout=10)
    assert process.returncode == 2, output
    assert "'zz:1' is not a device" in output


def test_changed_libraries_are_named_at_start(tmp_path: Path) -> None:
    changed = (
        "import sys; from kiosk.rtc.attach import checks; checks._VERSIONS['av'] = '0.9';"
        f"sys.argv = ['kiosk', 'run', '--screen-port', '0', '--state-dir', {str(tmp_path)!r}];"
        "from kiosk.cli import main; main()"
    )
    process = subprocess.run(
        [sys.executable, "-c", changed], capture_output=True, text=True, timeout=20, check=False
    )
    assert process.returncode == 2, process.stderr
    assert "av is " in process.stderr
    assert "not 0.9.*" in process.stderr
    assert "Traceback" not in process.stderr


def test_a_manager_that_does_not_listen_holds_nothing_up(
    manager: tuple[str, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, listener = manager
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    service_manager = ServiceManager()
    begun = time.monotonic()
    for _ in range(2000):  # more than the socket's queue holds
        service_manager.tell("WATCHDOG=1")
    assert time.monotonic() - begun < 5
    assert listener.recv(100) == b"WATCHDOG=1"


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "identity.json").write_text("{")
    process = start(tmp_path)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 1, output
    assert "kiosk enrol HUB CODE --replace" in output
    assert "Traceback" not in output
