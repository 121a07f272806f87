"""Programs that are not ours on the same line: iperf3 for the rate, irtt for the delay."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.line_capacity.ends import Ends, WayName
from bench.linelab.namespaces import HUB_TO_VENUE, Host

TCP_S = 10
_IRTT_PORT = 2112


@dataclass(frozen=True)
class TcpTransfer:
    """`kbit_s` of payload, as its receiver counted; `octets` of IP on the line, both ways."""

    kbit_s: float
    octets: int


@dataclass(frozen=True)
class Irtt:
    """What irtt says of round trips, in milliseconds."""

    sent: int
    lost: int
    p50: float
    least: float
    greatest: float


def needed(program: str) -> None:
    """Raises RuntimeError where the program is missing; it says what to do."""
    if shutil.which(program) is None:
        raise RuntimeError(f"{program} is missing: run `make system-packages`")


def iperf3(ends: Ends, way: WayName) -> TcpTransfer:
    """One TCP flow for ten seconds, from the hub (`down`) or from the venue."""
    needed("iperf3")
    before = ends.carried()
    with _serving(ends.hosts.hub, ("iperf3", "-s", "-1", "--forceflush"), b"listening"):
        told = json.loads(
            ends.hosts.venue.run(
                "iperf3", "-c", HUB_TO_VENUE, "-t", str(TCP_S), "-J",
                *(["-R"] if way == "down" else []),
                timeout_s=60,
            )
        )  # fmt: skip
    kbit_s = told["end"]["sum_received"]["bits_per_second"] / 1000
    return TcpTransfer(kbit_s, ends.carried() - before)


def irtt(ends: Ends, seconds: float, octets: int, every_ms: float) -> Irtt:
    """Packets with so many octets of UDP payload at this distance, and back."""
    needed("irtt")
    with _serving(ends.hosts.hub, ("irtt", "server", "-b", f":{_IRTT_PORT}"), b"starting"):
        told = json.loads(
            ends.hosts.venue.run(
                "irtt", "client", "-Q", "-d", f"{seconds}s", "-i", f"{every_ms}ms",
                "-l", str(octets), "-o", "-", f"{HUB_TO_VENUE}:{_IRTT_PORT}",
                timeout_s=seconds + 30,
            )
        )  # fmt: skip
    stats = told["stats"]
    trips = stats["rtt"]
    return Irtt(
        stats["packets_sent"],
        stats["packets_sent"] - stats["packets_received"],
        trips["median"] / 1e6,
        trips["min"] / 1e6,
        trips["max"] / 1e6,
    )


@contextmanager
def _serving(host: Host, command: tuple[str, ...], ready: bytes) -> Iterator[None]:
    """A server on this host, once it has said the word; ended afterwards."""
    server = host.start(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        for line in server.stdout or ():
            if ready in line.lower():
                break
        else:
            raise RuntimeError(f"{command[0]} did not start")
        yield
    finally:
        server.terminate()
        server.communicate(timeout=10)
