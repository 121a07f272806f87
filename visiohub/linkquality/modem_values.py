"""From integers that a modem gave to figures that can be; others are None. Pure.

IF-MIB (RFC 2863), SMIv2 (RFC 2578).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from visiohub.linkquality.modem import Mib, ModemState, Tally, Way
from visiohub.linkquality.modem_columns import (
    IF_HC_IN_OCTETS,
    IF_HC_OUT_OCTETS,
    IF_IN_OCTETS,
    IF_LAST_CHANGE,
    IF_OPER_STATUS,
    IF_OUT_OCTETS,
    SYS_UPTIME,
    Oid,
)

Values = Mapping[Oid, int]
"""All integers that the modem gave, by object identifier."""

_UP = 1
_TICKS_A_SECOND = 100
_SIGN_BIT = 1 << 31


def state_of(
    values: Values, mib: Mib, line: int, down: Way, up: Way, retrains: Tally | None
) -> ModemState | None:
    """None where the modem has the rows and nothing of sense in them."""
    down, up = measured(down), measured(up)
    if down == Way() and up == Way() and retrains is None:
        return None
    status = values.get((*IF_OPER_STATUS, line))
    is_up = None if status is None else status == _UP
    uptime = _ticks(values.get((*SYS_UPTIME, 0)))
    changed = _ticks(values.get((*IF_LAST_CHANGE, line)))
    line_uptime = None
    # zero is "before the agent began" (RFC 2863 §6), and what agents say that do not look
    if is_up and uptime is not None and changed and changed <= uptime:
        line_uptime = (uptime - changed) / _TICKS_A_SECOND
    return ModemState(
        mib, None if uptime is None else uptime / _TICKS_A_SECOND, line_uptime, is_up,
        replace(down, octets=_octets(values, line, IF_HC_IN_OCTETS, IF_IN_OCTETS)),
        replace(up, octets=_octets(values, line, IF_HC_OUT_OCTETS, IF_OUT_OCTETS)),
        retrains,
    )  # fmt: skip


def measured(way: Way) -> Way:
    """A margin of zero behind copper that attenuates nothing: nothing was measured."""
    if way.snr_db == 0 and way.attenuation_db == 0:
        return replace(way, snr_db=None, attenuation_db=None)
    return way


def _ticks(value: int | None) -> int | None:
    """TimeTicks (RFC 2578 §7.1.8) are of 32 bits, whatever else an agent may answer."""
    return value if value is not None and 0 <= value < 1 << 32 else None


def _octets(values: Values, line: int, wide: Oid, narrow: Oid) -> Tally | None:
    for column, bits in ((wide, 64), (narrow, 32)):
        value = values.get((*column, line))
        if value is not None and 0 <= value < 1 << bits:
            return Tally(value, bits=bits)
    return None


def column_of(values: Values, root: Oid) -> Callable[..., int | None]:
    """What is below `root`, by the rest of its identifier."""

    def at(*rest: int) -> int | None:
        return values.get((*root, *rest))

    return at


def decibels(value: int | None, least: int, most: int, steps: int = 10) -> float | None:
    """`steps` a decibel. Cisco's agents give numbers below zero without their sign (CSCvj53634)."""
    if value is not None and _SIGN_BIT <= value < 2 * _SIGN_BIT:
        value -= 2 * _SIGN_BIT
    return value / steps if value is not None and steps * least <= value <= steps * most else None


def total(value: int | None) -> Tally | None:
    """A count since the modem started."""
    return Tally(value) if value is not None and 0 <= value < 1 << 32 else None


def today(value: int | None, day_s: int | None) -> Tally | None:
    """A count of the day; without the time since it began, its turn cannot be told."""
    if value is None or day_s is None or not (0 <= value < 1 << 32 and 0 <= day_s <= 86_400):
        return None
    return Tally(value, day_s)
