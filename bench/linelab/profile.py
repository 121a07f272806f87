"""What an access line is like, per direction. Pure: values and their checks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

DirectionName = Literal["down", "up"]
CellTax = Literal["none", "atm"]

ATM_CELL_OCTETS = 53
ATM_PAYLOAD_OCTETS = 48
PPPOE_LLC_OVERHEAD = 40
"""PPPoE over bridged Ethernet over AAL5 with LLC, octets a packet (RFC 2516, RFC 2684 §5.2)."""


@dataclass(frozen=True)
class Direction:
    """One direction of a line."""

    kbit_s: float | None = None
    """Rate on the wire, cell tax included; None: not limited."""
    buffer_octets: int = 64_000
    """Drop-tail buffer in front of the line, in octets of IP packets."""
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    """Extra delay, uniform between 0 and this."""
    reorder: bool = False
    """Let jitter change the order of packets; a DSL line never does."""
    loss_ratio: float = 0.0
    """Share of packets lost on the wire, after they used their share of the rate."""
    loss_burst: float = 1.0
    """Mean number of packets lost in a row (Gilbert's model); 1: independent losses."""
    cell_tax: CellTax = "none"
    burst_octets: int = 0
    """Tokens of a shaper in front of the line: so much passes at once after a rest. 0: none."""
    link_kbit_s: float | None = None
    """Rate at which tokens let packets through: that of a faster link. None: at once."""

    def __post_init__(self) -> None:
        """Refuse what no line can be; ValueError names the field."""
        if self.kbit_s is not None and self.kbit_s <= 0:
            raise ValueError("kbit_s: must be above 0 (use `cut` for a dead line)")
        if self.link_kbit_s is not None and self.link_kbit_s < (self.kbit_s or 0):
            raise ValueError("link_kbit_s: must not be below kbit_s")
        for name in ("buffer_octets", "delay_ms", "jitter_ms", "burst_octets"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: must not be negative")
        if not 0 <= self.loss_ratio < 1:
            raise ValueError("loss_ratio: must be from 0 to below 1")
        if self.loss_burst < 1:
            raise ValueError("loss_burst: must be at least 1")
        if self.cell_tax not in ("none", "atm"):
            raise ValueError("cell_tax: none or atm")

    def wire_octets(self, packet_octets: int) -> int:
        """What a packet of IP costs on the wire: whole ATM cells, or itself."""
        if self.cell_tax == "none":
            return packet_octets
        cells = -(-(packet_octets + PPPOE_LLC_OVERHEAD) // ATM_PAYLOAD_OCTETS)
        return cells * ATM_CELL_OCTETS


@dataclass(frozen=True)
class Event:
    """Something that happens to the line at a set time."""

    at_s: float
    """Seconds after the line's start."""
    do: Literal["cut", "restore", "set"]
    direction: Literal["down", "up", "both"] = "both"
    change: dict[str, Any] = field(default_factory=dict)
    """With `set`: fields of Direction and their new values."""


@dataclass(frozen=True)
class Profile:
    """A line: `down` towards the venue, `up` from it, and what happens to it in time."""

    down: Direction = Direction()
    up: Direction = Direction()
    script: tuple[Event, ...] = ()
    seed: int = 1

    def to_json(self) -> str:
        """The profile as `from_json` reads it."""
        return json.dumps(self, default=lambda value: {
            f.name: getattr(value, f.name) for f in fields(value)
        })  # fmt: skip


def adsl(down_kbit: float, up_kbit: float, *, buffer_ms: float = 250.0) -> Profile:
    """An ADSL line with ATM cells, interleaved (8 ms each way), and a modem that buffers."""
    return Profile(
        down=_modem(down_kbit, buffer_ms, delay_ms=8.0, cell_tax="atm"),
        up=_modem(up_kbit, buffer_ms, delay_ms=8.0, cell_tax="atm"),
    )


def sdsl(kbit: float, *, buffer_ms: float = 150.0) -> Profile:
    """An SDSL line: the same both ways, Ethernet framing, 4 ms each way."""
    both = _modem(kbit, buffer_ms, delay_ms=4.0, cell_tax="none")
    return Profile(down=both, up=both)


def _modem(kbit: float, buffer_ms: float, *, delay_ms: float, cell_tax: CellTax) -> Direction:
    octets = max(3_000, int(kbit * buffer_ms / 8))
    return Direction(kbit_s=kbit, buffer_octets=octets, delay_ms=delay_ms, cell_tax=cell_tax)


PRESETS: dict[str, Profile] = {
    "lan": Profile(),
    "adsl-512": adsl(512, 128),
    "adsl-2m": adsl(2_048, 512),
    "adsl-8m": adsl(8_192, 800),
    "adsl-18m": adsl(18_000, 1_000),
    "sdsl-1m": sdsl(1_024),
    "sdsl-2m": sdsl(2_048),
}


def from_json(text: str) -> Profile:
    """A profile from JSON; ValueError names what is unknown or wrong."""
    try:
        data = json.loads(text)
        return Profile(
            down=Direction(**data.get("down", {})),
            up=Direction(**data.get("up", {})),
            script=tuple(
                sorted((Event(**event) for event in data.get("script", ())), key=lambda e: e.at_s)
            ),
            seed=int(data.get("seed", 1)),
        )
    except (TypeError, AttributeError) as error:
        raise ValueError(f"not a line profile: {error}") from error


def changed(direction: Direction, change: dict[str, Any]) -> Direction:
    """The direction with some fields replaced; ValueError names an unknown one."""
    known = {f.name for f in fields(Direction)}
    if unknown := set(change) - known:
        raise ValueError(f"{min(unknown)}: no such field of a direction")
    return replace(direction, **change)
