"""One call on one line, and everything that was noted of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.call.ends import Kind, Office, Venue
from bench.call.noted import Noted
from bench.call.upload import upload
from bench.linelab.namespaces import Lab
from bench.linelab.profile import Event, Profile
from bench.lines import Scenario
from bench.stack import cpu_seconds_on

_LOOK_EVERY_S = 0.1
_COST_EVERY_S = 1.0


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
    spent: list[tuple[float, float]] = field(default_factory=list)
    """(instant, processor seconds of all programs at the venue so far), once a second
    and at the end."""
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
    """A citizen comes, is let in, both talk for so long, the agent hangs up.

    Raises RuntimeError when the upload that belongs to the line did not take place.
    """
    await venue.far.arrives()
    await office.agent.opens_waiting_room()
    await venue.watches()
    await office.watches()
    line: list[LineSample] = []
    spent: list[tuple[float, float]] = []
    sampling = [
        asyncio.create_task(one) for one in (_sample(hosts, line), _watch_cost(hosts, spent))
    ]
    acting: list[asyncio.Task[None]] = []
    try:
        before, idle = cpu_seconds_on(hosts.venue), _idle_and_all()
        pressed = await office.admits()
        acting += [asyncio.create_task(one) for one in _acts(hosts, scenario, pressed)]
        await asyncio.sleep(max(0.0, pressed + seconds - time.time()))
        ended, after = time.time(), cpu_seconds_on(hosts.venue)
        spent.append((ended, sum(after.values())))
        cpu = {name: used - before.get(name, 0.0) for name, used in after.items()}
        unused, ticks = (b - a for a, b in zip(idle, _idle_and_all(), strict=True))
        for one in sampling:
            if one.done():
                await one  # it ends by an error only
            one.cancel()
        await asyncio.gather(*acting)
        taken = Taken(
            scenario, venue.kind, pressed, ended, await office.noted(), await venue.noted(), line,
            spent, cpu, unused / ticks,
        )  # fmt: skip
    finally:
        for task in (*sampling, *acting):
            task.cancel()
        await asyncio.gather(*sampling, *acting, return_exceptions=True)
    hosts.line.restore()
    await office.hangs_up()
    with suppress(Exception):  # a call that broke leaves the venue's page wherever it was
        await venue.far.leaves()
    return taken


def _acts(hosts: Lab, scenario: Scenario, pressed: float) -> Iterator[Coroutine[Any, Any, None]]:
    """All that happens to the line in a call."""
    for event in scenario.script:
        yield _act(hosts, event, pressed)
    if scenario.upload_s:
        yield upload(hosts, scenario.upload_s, scenario.up_kbit_s, pressed)


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


async def _watch_cost(hosts: Lab, spent: list[tuple[float, float]]) -> None:
    while True:
        used = await asyncio.to_thread(cpu_seconds_on, hosts.venue)
        spent.append((time.time(), sum(used.values())))
        await asyncio.sleep(_COST_EVERY_S)


async def _act(hosts: Lab, event: Event, pressed: float) -> None:
    await asyncio.sleep(max(0.0, pressed + event.at_s - time.time()))
    match event.do:
        case "cut":
            hosts.line.cut(event.direction)
        case "restore":
            hosts.line.restore(event.direction)
        case "set":
            hosts.line.set(event.direction, **event.change)
