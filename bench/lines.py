"""The access lines on which calls are measured, and what happens to them in mid-call. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

from bench.linelab.profile import Direction, Event, Profile, changed
from kiosk.settings import LEAST_KBIT

LOOP_S = 7.5
"""A clip's loop lasts so long at least: what is shown later than that after its capture seems to
have come early, in the loop's next turn."""
MOST_HELD_S = 0.8 * LOOP_S
"""Longest that a line may hold packets back: a sender and a receiver wait, too."""
HARSH_MS = 600.0
"""Mean round trip."""
HARSH_LOSS = 0.1


@dataclass(frozen=True)
class Scenario:
    """One line, and what happens on it. Seconds count from the press that lets the citizen in."""

    name: str
    what: str
    profile: Profile
    script: tuple[Event, ...] = ()
    upload_s: tuple[float, float] | None = None
    """A TCP upload from the venue: its start and its end."""
    seconds: float | None = None
    """Length of the call; None: as asked for."""
    window_s: tuple[float, float] | None = None
    """The stretch whose figures are told; None: from `SETTLED_S` to the end."""

    @property
    def up_kbit_s(self) -> float:
        """Rate upwards before anything happens to it."""
        return self.profile.up.kbit_s or inf

    @property
    def held_s(self) -> float:
        """Longest that it holds a packet back: behind a full buffer at its lowest rate."""
        later = [changed(self.profile.up, event.change) for event in self.script]
        return max(map(_held_s, (self.profile.down, self.profile.up, *later)))

    @property
    def is_harsh(self) -> bool:
        """As far away, or as lossy, as the farthest that a call is to stand."""
        ways = self.profile.up, self.profile.down
        round_trip_ms = sum(way.delay_ms + way.jitter_ms / 2 for way in ways)
        return round_trip_ms >= HARSH_MS or max(way.loss_ratio for way in ways) >= HARSH_LOSS

    @property
    def is_plain(self) -> bool:
        """An ordinary line to which nothing happens."""
        return not (self.script or self.upload_s or self.is_harsh)

    @property
    def cut_s(self) -> tuple[float, float] | None:
        """When the line is dead, if it ever is."""
        at = {event.do: event.at_s for event in self.script}
        return (at["cut"], at["restore"]) if "cut" in at else None

    @property
    def step_s(self) -> float | None:
        """When the rate falls, if it does."""
        return next((event.at_s for event in self.script if event.do == "set"), None)


def _held_s(way: Direction) -> float:
    on_wire_s = way.wire_octets(way.buffer_octets) * 8 / 1000 / (way.kbit_s or inf)
    return on_wire_s + (way.delay_ms + way.jitter_ms) / 1000


SETTLED_S = 6.0
"""What both need to begin and to find the line's rate is told as the first picture, not here."""


def line(
    up: float, down: float, delay_ms: float, jitter_ms: float, loss_percent: float, buffer: int,
    *, burst: float = 1.0, cells: bool = False, reorder: bool = False,
) -> Profile:  # fmt: skip
    """Rates in kbit/s, one-way delay, a drop-tail buffer in octets, the same loss both ways.

    `burst`: packets that are lost in a row, on average.
    """
    both = Direction(
        buffer_octets=buffer,
        delay_ms=delay_ms,
        jitter_ms=jitter_ms,
        reorder=reorder,
        loss_ratio=loss_percent / 100,
        loss_burst=burst,
        cell_tax="atm" if cells else "none",
    )
    return Profile(down=replace(both, kbit_s=down), up=replace(both, kbit_s=up))


def cut_between(calm: Scenario, start: float, end: float) -> Scenario:
    """Dead from `start` to `end`; both have 5 s from then on to find themselves."""
    script = Event(start, "cut"), Event(end, "restore")
    return replace(calm, script=script, seconds=end + 15, window_s=(end + 5, end + 15))


def falls_to(calm: Scenario, at: float, kbit_s: float) -> Scenario:
    """The uplink falls to this rate in mid-call and stays; both have 3 s to follow."""
    script = (Event(at, "set", "up", {"kbit_s": kbit_s}),)
    return replace(calm, script=script, seconds=at + 27, window_s=(at + 3, at + 27))


def with_upload(calm: Scenario, start: float, end: float) -> Scenario:
    """A TCP upload beside the call, from `start` to `end`."""
    return replace(calm, upload_s=(start, end), seconds=end + 6, window_s=(start, end))


def known_at_the_venue(profile: Profile) -> dict[str, str]:
    """The line's rates as the contract or the modem's page tells them: the kiosk's settings.

    A rate that is too small for a call is left open, as the settings would refuse it.
    """

    def known(kbit_s: float | None) -> str:
        return str(int(kbit_s)) if kbit_s and kbit_s >= LEAST_KBIT else "0"

    return {
        "KIOSK_LINE_UP_KBIT": known(profile.up.kbit_s),
        "KIOSK_LINE_DOWN_KBIT": known(profile.down.kbit_s),
        "KIOSK_LINE_CELLS": str(profile.up.cell_tax == "atm").lower(),
    }


_ADSL1 = Scenario("adsl1", "1000/18000 kbit/s", line(1000, 18_000, 15, 3, 0, 64_000))


def _on_adsl1(name: str, what: str) -> Scenario:
    return replace(_ADSL1, name=name, what=f"adsl1, {what}")


SCENARIOS = {
    one.name: one
    for one in (
        Scenario("sdsl2", "2000/2000 kbit/s", line(2000, 2000, 10, 1, 0, 64_000)),
        _ADSL1,
        Scenario("adsl512", "512/4000 kbit/s, 0.2 % loss", line(512, 4000, 20, 4, 0.2, 48_000)),
        Scenario("adsl256", "256/1000 kbit/s, 0.5 % loss", line(256, 1000, 25, 5, 0.5, 32_000)),
        Scenario("readsl128", "128/512 kbit/s, 0.5 % loss", line(128, 512, 30, 8, 0.5, 24_000)),
        Scenario("lossy1", "1000/8000 kbit/s, 2 % loss", line(1000, 8000, 20, 5, 2, 64_000)),
        cut_between(_on_adsl1("cut", "dead for 10 s"), 15, 25),
        falls_to(_on_adsl1("step", "the uplink falls to 300 kbit/s"), 15, 300),
        with_upload(_on_adsl1("upload", "a TCP upload of 12 s beside the call"), 12, 24),
        Scenario(
            "harsh", "1000/8000 kbit/s, 600 ms round trip, 150 ms jitter, 10 % loss",
            # jitter adds 75 ms on average to each way; were the order kept, each packet would wait
            # for the slowest before it: a round trip of 675 ms, and neighbours 14 ms apart, not 50
            line(1000, 8000, 225, 150, 10, 64_000, reorder=True),
            seconds=66.0,
        ),
    )
}  # fmt: skip
"""Rates are up/down as seen from the venue."""
