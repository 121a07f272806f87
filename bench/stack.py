"""A hub with the demo territory and an enrolled kiosk, for as long as a benchmark needs them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.linelab.namespaces import Host
from bench.linelab.tun import NETNS_FOLDER, inside

BIN = Path(sys.executable).parent
UNIT = Path(__file__).parents[1] / "systemd" / "visiohub-kiosk.service"
PATIENCE_S = 40.0


@dataclass(frozen=True)
class Site:
    """Hosts of the line laboratory for the two programs; without them both are on loopback."""

    hub: Host | None = None
    venue: Host | None = None

    @property
    def hub_address(self) -> str:
        """Where browsers and kiosk find the hub."""
        return self.hub.address if self.hub else "127.0.0.1"


@dataclass(frozen=True)
class Stack:
    """A running hub, and how to start its kiosk."""

    folder: Path
    origin: str
    territory: Mapping[str, Any]
    screen_port: int
    kiosk_environment: Mapping[str, str]
    site: Site = Site()

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
                _running(
                    _at(self.site.venue, "nice", "-n", _niceness(), str(BIN / "kiosk"), "run"),
                    environment,
                    self.kiosk_log,
                )
            )
            while b"READY=1" not in notified.recv(4096).split(b"\n"):
                pass
            ready_after = time.perf_counter() - began
            running = started.pop_all()
        # nobody listens any longer: a socket that is not read would fill and hold the kiosk up
        address.unlink()
        with running:
            yield kiosk, ready_after

    @property
    def kiosk_log(self) -> Path:
        """What the kiosk said, all its runs together."""
        return self.folder / "kiosk.log"


@contextmanager
def stack(site: Site | None = None, **hub_changes: str) -> Iterator[Stack]:
    """A hub on a free port in a folder of its own, the kiosk enrolled, not yet started.

    `hub_changes` are VISIOHUB_* variables.
    """
    site = site or Site()
    with tempfile.TemporaryDirectory(prefix="visiohub-bench-") as name:
        folder = Path(name)
        port, screen_port = free_port(), free_port()
        origin = f"http://{site.hub_address}:{port}"
        hub = {
            **os.environ,
            "VISIOHUB_HOST": "0.0.0.0" if site.hub else site.hub_address,  # noqa: S104 (a laboratory)
            "VISIOHUB_PORT": str(port),
            "VISIOHUB_PROBE_PORT": "0",
            "VISIOHUB_PUBLIC_ORIGINS": origin,
            "VISIOHUB_DATA_DIR": str(folder / "hub"),
            **hub_changes,
        }
        kiosk = {
            **os.environ,
            "KIOSK_STATE_DIR": str(folder / "kiosk"),
            "KIOSK_SCREEN_PORT": str(screen_port),
            "KIOSK_CAMERA": "synthetic",
            "KIOSK_MICROPHONE": "synthetic",
            "KIOSK_SPEAKER": "none",
        }
        territory = json.loads(_output(None, hub, "visiohub", "demo", "--json"))
        serve = _at(site.hub, str(BIN / "visiohub"), "serve")
        with _running(serve, hub, folder / "hub.log"):
            with inside(site.hub.name) if site.hub else nullcontext():
                _answers(f"{origin}/readyz", folder / "hub.log")
            _output(site.venue, kiosk, "kiosk", "enrol", origin, territory["enrolment_code"])
            yield Stack(folder, origin, territory, screen_port, kiosk, site)


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


def cpu_seconds_on(host: Host) -> dict[str, float]:
    """Processor time of all processes on a host of the line laboratory, by program."""
    here = os.stat(f"{NETNS_FOLDER}/{host.name}").st_ino
    used: dict[str, float] = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # a process may end meanwhile
            if os.stat(path / "ns" / "net").st_ino == here:
                name = (path / "comm").read_text("utf-8").strip()
                used[name] = used.get(name, 0.0) + cpu_seconds(int(path.name))
    return used


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
        process = subprocess.Popen(
            command, env=environment, stdout=writer, stderr=writer,
            # like the browsers: the kernel shares processors between sessions (sched(7), autogroup)
            start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _niceness() -> str:
    """That of the kiosk's unit: it runs as at a venue. Who is not root runs it without."""
    found = re.search(r"^Nice=(-?\d+)$", UNIT.read_text("utf-8"), re.MULTILINE)
    return found[1] if found else "0"


def _at(host: Host | None, *command: str) -> list[str]:
    return host.command(*command) if host else [*command]


def _output(
    host: Host | None, environment: Mapping[str, str], program: str, *arguments: str
) -> bytes:
    done = subprocess.run(
        _at(host, str(BIN / program), *arguments),
        env=environment, capture_output=True, check=False,
    )  # fmt: skip
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
