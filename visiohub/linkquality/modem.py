"""What a venue's modem says of its line, whichever MIB it speaks, and what happened since. Pure.

None is "not known" everywhere: a figure that a modem does not give, gives as "unavailable", or
gives outside of what its MIB allows, is not passed on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from visiohub.linkquality.counters import Reading, increase

_MOST_RETRAINS_A_SECOND = 0.2
"""A training takes five seconds and more; what rises faster is no count of trainings."""
_MOST_SECONDS_A_SECOND = 1.1
"""Errored seconds cannot pass faster than seconds, but for the moment of reading them."""
_MOST_OCTETS_A_SECOND = 50_000_000
"""400 Mbit/s: no line of copper carries more."""
_BEYOND_SYNC = 1.2
"""Some modems count the cells, which are a tenth more than what they carry."""


class Mib(StrEnum):
    """The tables that the figures came from, by what kind of line they are for."""

    ADSL = "adsl"
    """ADSL-LINE-MIB"""
    ADSL2 = "adsl2"
    """ADSL2-LINE-MIB"""
    SHDSL = "shdsl"
    """HDSL2-SHDSL-LINE-MIB"""
    VDSL2 = "vdsl2"
    """VDSL2-LINE-MIB"""


class ModemTrouble(StrEnum):
    """Why there are no figures."""

    NO_ANSWER = "no_answer"
    """Nothing came: off, another address, SNMP switched off, or (v2c) a wrong community."""
    REFUSED = "refused"
    """SNMPv3: the user or one of its keys is wrong; or this user may not read the tables."""
    NO_LINE_TABLES = "no_line_tables"
    """It answers, and none of the four MIBs holds a line."""
    NONSENSE = "nonsense"
    """It answers what no agent may answer."""


@dataclass(frozen=True)
class Tally:
    """A count as the modem keeps it: since it started, or since its day began."""

    value: int
    day_s: int | None = None
    """Seconds of the modem's day so far; None where it counts since it started."""
    bits: int = 32
    """Where it wraps."""


@dataclass(frozen=True)
class Way:
    """One direction; `down` is what the modem at the venue receives."""

    sync_kbit_s: float | None = None
    attainable_kbit_s: float | None = None
    snr_db: float | None = None
    attenuation_db: float | None = None
    errored_s: Tally | None = None
    severely_errored_s: Tally | None = None
    octets: Tally | None = None
    """Of everybody's traffic."""


@dataclass(frozen=True)
class ModemState:
    """All of a line at one time."""

    mib: Mib
    up_since_start_s: float | None
    """How long the modem itself has run."""
    line_uptime_s: float | None = None
    """How long its line has been up without a break."""
    line_is_up: bool | None = None
    down: Way = field(default_factory=Way)
    up: Way = field(default_factory=Way)
    retrains: Tally | None = None


@dataclass(frozen=True)
class WayNews:
    """What happened in one direction between two states; None where it cannot be told."""

    errored_s: int | None = None
    severely_errored_s: int | None = None
    octets: int | None = None


@dataclass(frozen=True)
class ModemNews:
    """What happened between two states; None where it cannot be told."""

    retrains: int | None = None
    down: WayNews = field(default_factory=WayNews)
    up: WayNews = field(default_factory=WayNews)


def news(before: ModemState | None, after: ModemState, elapsed_s: float) -> ModemNews:
    """What happened in the `elapsed_s` between them, on the reader's own clock."""
    if before is None or before.mib is not after.mib:
        return ModemNews()
    restart = before.up_since_start_s, after.up_since_start_s

    def counted(old: Tally | None, new: Tally | None, most_a_second: float) -> int | None:
        return _counted(old, new, elapsed_s, restart, most_a_second)

    def way(old: Way, new: Way) -> WayNews:
        return WayNews(
            counted(old.errored_s, new.errored_s, _MOST_SECONDS_A_SECOND),
            counted(old.severely_errored_s, new.severely_errored_s, _MOST_SECONDS_A_SECOND),
            counted(old.octets, new.octets, _most_octets_a_second(old, new)),
        )

    return ModemNews(
        counted(before.retrains, after.retrains, _MOST_RETRAINS_A_SECOND),
        way(before.down, after.down),
        way(before.up, after.up),
    )


def _most_octets_a_second(old: Way, new: Way) -> float:
    """What the line can have carried at the faster of both rates, as far as one is known."""
    rates = [way.sync_kbit_s for way in (old, new) if way.sync_kbit_s is not None]
    by_rate = [_BEYOND_SYNC * rate * 1000 / 8 for rate in rates]
    return min(_MOST_OCTETS_A_SECOND, max(by_rate, default=_MOST_OCTETS_A_SECOND))


def _counted(
    old: Tally | None,
    new: Tally | None,
    elapsed_s: float,
    restart: tuple[float | None, float | None],
    most_a_second: float,
) -> int | None:
    """An increase; at most one more than `most_a_second` allows, for a count just before it."""
    if old is None or new is None or elapsed_s <= 0 or old.bits != new.bits:
        return None
    if (old.day_s is None) is not (new.day_s is None):
        return None
    if _day_turned(old, new):
        return None
    before, after = Reading(0.0, old.value, restart[0]), Reading(elapsed_s, new.value, restart[1])
    return increase(before, after, most_a_second + 1 / elapsed_s, old.bits)


def _day_turned(old: Tally, new: Tally) -> bool:
    """What a day had at its end is not known then; and a day's count never wraps."""
    if old.day_s is None or new.day_s is None:
        return False
    return new.day_s < old.day_s or new.value < old.value
