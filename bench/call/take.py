"""One call on one line, and everything that was noted of it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.call.ends import Kind, Office, Venue
from bench.call.noted import Noted
from bench.linelab import tcp_upload
from bench.linelab.namespaces import Lab
from bench.linelab.profile import Event, Profile
from bench.lines import Scenario
from bench.stack import cpu_seconds_on

_LOOK_EVERY_S = 0.1
_UPLOAD_PORT = 5201


@dataclass(frozen=True)
class LineSample:
    """Both directions of the line at one instant (seconds since 1970)."""

    at: float
    octets: Mapping[str, int]
    """Delivered so far, by direction."""
    queue_ms: Mapping[str, float]
    """What a packet would wait in the modem now."""
    dropped: Mapping[str, int]
    """So far, because the buffer was full."""


@dataclass
class Taken:
    """One call."""

    scenario: Scenario
    kind: Kind
    pressed: float
    ended: float
    office: Noted
    venue: Noted
    line: list[LineSample] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)
    """Seconds of each program at the venue, from the press to the end."""
    idle: float = 0.0
    """Share of all cores that nobody used meanwhile, of 1: near 0, the machine is the limit."""


def set_line(hosts: Lab, profile: Profile) -> None:
    """Make the running line this one."""
    hosts.line.restore()
    hosts.line.set("down", **vars(profile.down))
    hosts.line.set("up", **vars(profile.up))


async def take(
    hosts: Lab, office: Office, venue: Venue, scenario: Scenario, seconds: float
) -> Taken:
    """A citizen comes, is let in, both talk for so long, the agent hangs up."""
    await venue.far.arrives()
    await office.agent.opens_waiting_room()
    await venue.watches()
    await office.watches()
    line: list[LineSample] = []
    sampling = asyncio.create_task(_sample(hosts, line))
    before, idle = cpu_seconds_on(hosts.venue), _idle_and_all()
    pressed = await office.admits()
    acting = [asyncio.create_task(_act(hosts, event, pressed)) for event in scenario.script]
    if scenario.upload_s:
        acting.append(asyncio.create_task(_upload(hosts, scenario.upload_s, pressed)))
    await asyncio.sleep(max(0.0, pressed + seconds - time.time()))
    ended = time.time()
    cpu = {name: used - before.get(name, 0.0) for name, used in cpu_seconds_on(hosts.venue).items()}
    unused, spent = (b - a for a, b in zip(idle, _idle_and_all(), strict=True))
    sampling.cancel()
    await asyncio.gather(*acting)
    taken = Taken(
        scenario, venue.kind, pressed, ended, await office.noted(), await venue.noted(), line, cpu,
        unused / spent,
    )  # fmt: skip
    hosts.line.restore()
    await office.hangs_up()
    with suppress(Exception):  # a call that broke leaves the venue's page wherever it was
        await venue.far.leaves()
    return taken


def _idle_and_all() -> tuple[int, int]:
    """Ticks that all cores together were idle, and all their ticks (proc(5), stat)."""
    ticks = [
        int(text) for text in Path("/proc/stat").read_text("ascii").split("\n")[0].split()[1:9]
    ]
    return ticks[3] + ticks[4], sum(ticks)


async def _sample(hosts: Lab, line: list[LineSample]) -> None:
    ways = ("down", "up")
    while True:
        stats: dict[str, Any] = await asyncio.to_thread(hosts.line.stats)
        line.append(
            LineSample(
                time.time(),
                {way: stats[way]["delivered_octets"] for way in ways},
                {way: stats[way]["queue_ms"] for way in ways},
                {way: stats[way]["overflowed"] for way in ways},
            )
        )
        await asyncio.sleep(_LOOK_EVERY_S)


async def _act(hosts: Lab, event: Event, pressed: float) -> None:
    await asyncio.sleep(max(0.0, pressed + event.at_s - time.time()))
    match event.do:
        case "cut":
            hosts.line.cut(event.direction)
        case "restore":
            hosts.line.restore(event.direction)
        case "set":
            hosts.line.set(event.direction, **event.change)


async def _upload(hosts: Lab, span_s: tuple[float, float], pressed: float) -> None:
    """From the venue to the office's host, which has nothing to do with the call."""
    program = str(Path(tcp_upload.__file__))
    receiver = hosts.office.start(
        sys.executable, program, "receive", str(_UPLOAD_PORT), stdout=subprocess.PIPE
    )
    try:
        await asyncio.sleep(max(0.0, pressed + span_s[0] - time.time()))
        sending = hosts.venue.command(
            sys.executable, program, "send", hosts.office.address, str(_UPLOAD_PORT),
            str(span_s[1] - span_s[0]),
        )  # fmt: skip
        sender = await asyncio.create_subprocess_exec(*sending)
        await sender.wait()
    finally:
        receiver.kill()
        receiver.communicate()
