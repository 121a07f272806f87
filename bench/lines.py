"""The access lines on which calls are measured, and what happens to them in mid-call. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bench.linelab.profile import Direction, Event, Profile


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
    def cut_s(self) -> tuple[float, float] | None:
        """When the line is dead, if it ever is."""
        at = {event.do: event.at_s for event in self.script}
        return (at["cut"], at["restore"]) if "cut" in at else None

    @property
    def step_s(self) -> float | None:
        """When the rate falls, if it does."""
        return next((event.at_s for event in self.script if event.do == "set"), None)


SETTLED_S = 6.0
"""What both need to begin and to find the line's rate is told as the first picture, not here."""


def _line(
    up: float, down: float, delay_ms: float, jitter_ms: float, loss_percent: float, buffer: int
) -> Profile:
    """Rates in kbit/s, one-way delay, a drop-tail buffer in octets, the same loss both ways."""
    both = Direction(
        buffer_octets=buffer,
        delay_ms=delay_ms,
        jitter_ms=jitter_ms,
        loss_ratio=loss_percent / 100,
    )
    return Profile(down=replace(both, kbit_s=down), up=replace(both, kbit_s=up))


_ADSL1 = _line(1000, 18_000, 15, 3, 0, 64_000)
CUT = 15.0, 25.0
STEP_AT = 15.0
UPLOAD = 12.0, 24.0

SCENARIOS = {
    one.name: one
    for one in (
        Scenario("sdsl2", "2000/2000 kbit/s", _line(2000, 2000, 10, 1, 0, 64_000)),
        Scenario("adsl1", "1000/18000 kbit/s", _ADSL1),
        Scenario("adsl512", "512/4000 kbit/s, 0.2 % loss", _line(512, 4000, 20, 4, 0.2, 48_000)),
        Scenario("adsl256", "256/1000 kbit/s, 0.5 % loss", _line(256, 1000, 25, 5, 0.5, 32_000)),
        Scenario("readsl128", "128/512 kbit/s, 0.5 % loss", _line(128, 512, 30, 8, 0.5, 24_000)),
        Scenario("lossy1", "1000/8000 kbit/s, 2 % loss", _line(1000, 8000, 20, 5, 2, 64_000)),
        Scenario(
            "cut", "adsl1, dead for 10 s", _ADSL1,
            (Event(CUT[0], "cut"), Event(CUT[1], "restore")),
            seconds=40.0, window_s=(30.0, 40.0),
        ),
        Scenario(
            "step", "adsl1, the uplink falls to 300 kbit/s", _ADSL1,
            (Event(STEP_AT, "set", "up", {"kbit_s": 300}),),
            seconds=42.0, window_s=(STEP_AT + 3, 42.0),
        ),
        Scenario(
            "upload", "adsl1, a TCP upload of 12 s beside the call", _ADSL1,
            upload_s=UPLOAD, seconds=30.0, window_s=UPLOAD,
        ),
        Scenario(
            "harsh", "1000/8000 kbit/s, 600 ms round trip, 150 ms jitter, 10 % loss",
            # jitter adds 75 ms on average to each way
            _line(1000, 8000, 225, 150, 10, 64_000),
            seconds=66.0,
        ),
    )
}  # fmt: skip
"""Rates are up/down as seen from the venue."""
