"""The kiosk's and the hub's ends of one line of the laboratory, and what is asked of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from bench.line_capacity import flow
from bench.line_capacity.talk import Talk, talking
from bench.linelab.namespaces import Host, Lab, lab
from bench.linelab.profile import Direction, Profile
from visiohub.linkquality.responsiveness import Responsiveness
from visiohub.linkquality.train import PACKET_OCTETS
from visiohub.linkquality.verdict import Doubt, Verdict

WayName = Literal["down", "up"]
WAYS: tuple[WayName, WayName] = ("down", "up")
_FLOW = str(Path(flow.__file__))
_FLOW_PORT = 5006


def ip_kbit_s(direction: Direction) -> float:
    """What the line carries of IP in packets of a train's size: the truth of a verdict."""
    if direction.kbit_s is None:
        raise ValueError("kbit_s: not limited")
    return direction.kbit_s * PACKET_OCTETS / direction.wire_octets(PACKET_OCTETS)


@dataclass(frozen=True)
class Sent:
    """One train: when it was asked for, what it showed, and the IP octets in its direction, with
    all that was said about it."""

    began_ns: int
    verdict: Verdict | None
    """None: the line is too slow for a train beside a call."""
    octets: int


@dataclass(frozen=True)
class Speed:
    """What NDT7 showed of one direction: payload in kbit/s as the receiver counted it."""

    kbit_s: float | None
    quick: Responsiveness | None


class Ends:
    """One line with its two ends."""

    def __init__(self, hosts: Lab, hub: Talk, venue: Talk) -> None:
        self.hosts = hosts
        self._hub, self._venue = hub, venue

    def set_line(self, down: Direction, up: Direction) -> None:
        """Become this line at once; nothing may be under way."""
        self.hosts.line.set("down", **asdict(down))
        self.hosts.line.set("up", **asdict(up))

    def carried(self) -> int:
        """IP octets that the line has delivered so far, both ways."""
        stats = self.hosts.line.stats()
        return sum(int(stats[way]["delivered_octets"]) for way in WAYS)

    def train(
        self,
        way: WayName,
        expected_kbit_s: float,
        burst_octets: int | None,
        *,
        in_call: bool = False,
        long: bool = False,
    ) -> Sent:
        """A train in a session of its own: a session may have 12 in a row."""
        self._venue.ask("session", **self._hub.ask("session"))
        told = self._venue.ask(
            "train",
            way=way,
            expected_kbit_s=expected_kbit_s,
            burst_octets=burst_octets,
            in_call=in_call,
            long=long,
        )
        return Sent(told["began_ns"], _verdict(told["verdict"]), told["octets"])

    def voice(self, seconds: float) -> dict[str, Any]:
        """Traffic like a voice both ways; what the kiosk says of it."""
        self._venue.ask("session", **self._hub.ask("session"))
        return self._venue.ask("voice", seconds=seconds)

    def ndt7(self, kbit_s: float) -> dict[WayName, Speed]:
        """Ten seconds each way by our client."""
        token = self._hub.ask("ticket", kbit_s=kbit_s)["token"]
        told = {way: self._venue.ask("ndt7", token=token, way=way) for way in WAYS}
        return {
            way: Speed(one["kbit_s"], Responsiveness(**one["quick"]) if one["quick"] else None)
            for way, one in told.items()
        }

    @contextmanager
    def call(
        self, picture_kbit_s: float, into: dict[WayName, list[tuple[int, float]]]
    ) -> Iterator[None]:
        """A call's flow both ways; afterwards its voice's (sent_ns, delay_ms) are in `into`."""
        with ExitStack() as flows:
            for way, sender, receiver in (
                ("down", self.hosts.hub, self.hosts.venue),
                ("up", self.hosts.venue, self.hosts.hub),
            ):
                flows.enter_context(
                    _one_flow(sender, receiver, picture_kbit_s, into.setdefault(way, []))  # type: ignore[arg-type]  # a way's name
                )
            yield


@contextmanager
def ends(profile: Profile | None = None) -> Iterator[Ends]:
    """A laboratory of its own. Needs root."""
    with (
        lab(profile or Profile()) as hosts,
        talking(hosts.hub, "bench.line_capacity.hub_end") as hub,
        talking(hosts.venue, "bench.line_capacity.venue_end") as venue,
    ):
        yield Ends(hosts, hub, venue)


@contextmanager
def both_processors_loaded() -> Iterator[None]:
    """A program that counts for ever, for each processor."""
    load = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for one in load:
            one.kill()
            one.wait()


@contextmanager
def _one_flow(
    sender: Host, receiver: Host, picture_kbit_s: float, into: list[tuple[int, float]]
) -> Iterator[None]:
    taking = receiver.start(
        sys.executable, _FLOW, "receive", str(_FLOW_PORT),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    if taking.stdout is None or taking.stdout.readline() != b"ready\n":
        raise RuntimeError("the flow's receiver did not start")
    giving = sender.start(
        sys.executable, _FLOW, "send", receiver.address, str(_FLOW_PORT), str(picture_kbit_s)
    )
    try:
        yield
    finally:
        giving.kill()
        giving.wait()
        told, _ = taking.communicate(timeout=20)
        into += [(sent_ns, delay_ms) for sent_ns, delay_ms in json.loads(told)]


def _verdict(told: dict[str, Any] | None) -> Verdict | None:
    if told is None:
        return None
    doubt = Doubt(told["doubt"]) if told["doubt"] else None
    return Verdict(**told | {"doubt": doubt})
