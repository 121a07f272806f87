"""A hub with the demo territory and an enrolled kiosk, for as long as a benchmark needs them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
PATIENCE_S = 40.0


@dataclass(frozen=True)
class Stack:
    """A running hub, and how to start its kiosk."""

    folder: Path
    origin: str
    territory: Mapping[str, Any]
    screen_port: int
    kiosk_environment: Mapping[str, str]

    @contextmanager
    def kiosk(self, **changes: str) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
        """A kiosk that said it is ready, and the seconds from its start to that word.

        `changes` are KIOSK_* variables. RuntimeError when it does not become ready.
        """
        address = self.folder / "notify.sock"
        environment = {**self.kiosk_environment, **changes, "NOTIFY_SOCKET": str(address)}
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified, ExitStack() as started:
            notified.bind(str(address))
            notified.settimeout(PATIENCE_S)
            began = time.perf_counter()
            kiosk = started.enter_context(
                _running([str(BIN / "kiosk"), "run"], environment, self.folder / "kiosk.log")
            )
            while b"READY=1" not in notified.recv(4096).split(b"\n"):
                pass
            ready_after = time.perf_counter() - began
            running = started.pop_all()
        # nobody listens any longer: a socket that is not read would fill and hold the kiosk up
        address.unlink()
        with running:
            yield kiosk, ready_after


@contextmanager
def stack() -> Iterator[Stack]:
    """A hub on a free port in a folder of its own, the kiosk enrolled, not yet started."""
    with tempfile.TemporaryDirectory(prefix="visiohub-bench-") as name:
        folder = Path(name)
        port, screen_port = free_port(), free_port()
        origin = f"http://127.0.0.1:{port}"
        hub = {
            **os.environ,
            "VISIOHUB_PORT": str(port),
            "VISIOHUB_PUBLIC_ORIGINS": origin,
            "VISIOHUB_DATA_DIR": str(folder / "hub"),
        }
        kiosk = {
            **os.environ,
            "KIOSK_STATE_DIR": str(folder / "kiosk"),
            "KIOSK_SCREEN_PORT": str(screen_port),
            "KIOSK_CAMERA": "synthetic",
            "KIOSK_MICROPHONE": "synthetic",
            "KIOSK_SPEAKER": "none",
        }
        territory = json.loads(_output(hub, "visiohub", "demo", "--json"))
        with _running([str(BIN / "visiohub"), "serve"], hub, folder / "hub.log"):
            _answers(f"{origin}/readyz", folder / "hub.log")
            _output(kiosk, "kiosk", "enrol", origin, territory["enrolment_code"])
            yield Stack(folder, origin, territory, screen_port, kiosk)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, all its threads together (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def own_cpu_seconds() -> float:
    """Processor time that this process has used."""
    return sum(os.times()[:2])


def cpu_seconds_below(name: str) -> float:
    """Processor time of all descendants of this process whose program is so named."""
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # a process may end meanwhile
            before, _, after = path.read_text("utf-8", errors="replace").rpartition(")")
            number, _, program = before.partition(" (")
            names[int(number)], parents[int(number)] = program, int(after.split()[1])
    used = 0.0
    for pid in parents:
        above = pid
        while above in parents and above != os.getpid():
            above = parents[above]
        if above == os.getpid() and names[pid] == name:
            with suppress(OSError):
                used += cpu_seconds(pid)
    return used


@contextmanager
def _running(
    command: list[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as writer:
        process = subprocess.Popen(command, env=environment, stdout=writer, stderr=writer)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _output(environment: Mapping[str, str], program: str, *arguments: str) -> bytes:
    done = subprocess.run(
        [str(BIN / program), *arguments], env=environment, capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{program} {arguments[0]}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def _answers(address: str, log: Path) -> None:
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 (our own http address)
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"no answer at {address}:\n{log.read_text('utf-8', errors='replace')}")
