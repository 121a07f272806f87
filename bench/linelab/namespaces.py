"""Three hosts on one machine: an office, the hub, and a venue behind an emulated access line.

    office 10.71.1.2 --veth-- 10.71.1.1 hub 10.71.2.1 ==line== 10.71.2.2 venue

The hub host routes between the two. Each host is a network namespace named after this process;
what a killed process left behind is removed by the next one.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.linelab.control import LineControl
from bench.linelab.profile import Profile
from bench.linelab.tun import NETNS_FOLDER

ROOT = Path(__file__).resolve().parent.parent.parent
OFFICE, HUB_TO_OFFICE = "10.71.1.2", "10.71.1.1"
HUB_TO_VENUE, VENUE = "10.71.2.1", "10.71.2.2"
LINE_DEVICE = "line0"
_NAME = re.compile(r"vhub(\d+)-\d+-(?:office|hub|venue|alone)")
_labs = itertools.count(1)


@dataclass(frozen=True)
class Host:
    """One network namespace."""

    name: str
    address: str

    def command(self, *command: str) -> list[str]:
        """The command as run on this host."""
        return ["ip", "netns", "exec", self.name, *command]

    def run(self, *command: str, timeout_s: float = 30.0) -> str:
        """Run to its end; its output. CalledProcessError when it fails."""
        return subprocess.run(
            self.command(*command), check=True, capture_output=True, text=True, timeout=timeout_s
        ).stdout

    def start(
        self, *command: str, env: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Start and leave running; the caller ends it."""
        surroundings = {**os.environ, **(env or {})}
        return subprocess.Popen(self.command(*command), env=surroundings, cwd=ROOT, **options)


@dataclass(frozen=True)
class Lab:
    """The three hosts and the line between hub and venue."""

    office: Host
    hub: Host
    venue: Host
    line: LineControl


@contextmanager
def lab(profile: Profile) -> Iterator[Lab]:
    """Three hosts with a line of this profile; all gone afterwards. Needs root."""
    remove_leftovers()
    prefix = f"vhub{os.getpid()}-{next(_labs)}"
    office = Host(f"{prefix}-office", OFFICE)
    hub = Host(f"{prefix}-hub", HUB_TO_VENUE)
    venue = Host(f"{prefix}-venue", VENUE)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="linelab-"))
        for host in (office, hub, venue):
            _ip("netns", "add", host.name)
            stack.callback(_remove, host.name)
            host.run("ip", "link", "set", "lo", "up")
        _join_office(office, hub)
        hub.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        line = stack.enter_context(running_line(profile, hub, venue, Path(folder) / "line.sock"))
        yield Lab(office, hub, venue, line)


@contextmanager
def lone_host(*addresses: str) -> Iterator[Host]:
    """One host with nothing but these addresses of its own, on loopback. Needs root."""
    remove_leftovers()
    host = Host(f"vhub{os.getpid()}-{next(_labs)}-alone", addresses[0])
    _ip("netns", "add", host.name)
    try:
        host.run("ip", "link", "set", "lo", "up")
        for address in addresses:
            host.run("ip", "address", "add", address, "dev", "lo")
        yield host
    finally:
        _remove(host.name)


@contextmanager
def running_line(profile: Profile, hub: Host, venue: Host, control: Path) -> Iterator[LineControl]:
    """A runner process between two hosts, ready to carry packets."""
    runner = subprocess.Popen(
        [sys.executable, "-m", "bench.linelab", "run", "--profile-json", profile.to_json(),
         "--hub-netns", hub.name, "--venue-netns", venue.name, "--control", str(control)],
        cwd=ROOT,
    )  # fmt: skip
    try:
        _wait_for(control, runner)
        for host, peer in ((hub, venue), (venue, hub)):
            host.run("ip", "address", "add", host.address, "peer", peer.address, "dev", LINE_DEVICE)
            host.run("ip", "link", "set", LINE_DEVICE, "up")
        venue.run("ip", "route", "add", "default", "via", hub.address)
        yield LineControl(control)
    finally:
        runner.terminate()
        runner.wait(5)


def remove_leftovers() -> None:
    """Remove the hosts of processes that are no more."""
    with suppress(FileNotFoundError):
        for name in os.listdir(NETNS_FOLDER):
            found = _NAME.fullmatch(name)
            if found and not Path("/proc", found[1]).exists():
                _remove(name)


def _join_office(office: Host, hub: Host) -> None:
    _ip("link", "add", "eth0", "netns", office.name, "type", "veth",
        "peer", "name", "eth0", "netns", hub.name)  # fmt: skip
    for host, address in ((office, OFFICE), (hub, HUB_TO_OFFICE)):
        host.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
        host.run("ip", "link", "set", "eth0", "up")
    office.run("ip", "route", "add", "default", "via", HUB_TO_OFFICE)


def _wait_for(control: Path, runner: subprocess.Popen[bytes], patience_s: float = 10.0) -> None:
    limit = time.monotonic() + patience_s
    while not control.exists():
        if runner.poll() is not None:
            raise RuntimeError(f"the line's runner ended with status {runner.returncode}")
        if time.monotonic() > limit:
            raise TimeoutError("the line's runner did not start")
        time.sleep(0.01)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, timeout=10)


def _remove(name: str) -> None:
    subprocess.run(["ip", "netns", "delete", name], check=False, timeout=10)
