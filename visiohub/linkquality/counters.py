"""Increases of counters that wrap and reset. Pure.

SNMP's Counter32 wraps at 2**32 and its discontinuities show as a smaller uptime (RFC 2578 §7.1.6,
RFC 2863 §3.1.5). What cannot be told is None, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """A counter at one time; `uptime_s` is that of the counting system, None where not known."""

    at_s: float
    value: int
    uptime_s: float | None = None


def increase(before: Reading, after: Reading, most_a_second: float, bits: int = 32) -> int | None:
    """How much was counted in between; None after a reset, or where it would be beyond reason.

    `most_a_second` is what the thing counted can do at most: a fall that would be more than this
    as a wrap was a reset, and so is a rise. Where it could have gone all the way round in between,
    nothing can be told.
    """
    elapsed = after.at_s - before.at_s
    if elapsed <= 0 or not (_sane(before.value, bits) and _sane(after.value, bits)):
        return None
    if _restarted(before, after, elapsed):
        return None
    most, round_ = most_a_second * elapsed, 1 << bits
    counted = (after.value - before.value) % round_
    return counted if counted <= most < round_ else None


def _sane(value: int, bits: int) -> bool:
    return 0 <= value < 1 << bits


def _restarted(before: Reading, after: Reading, elapsed: float) -> bool:
    """Uptimes wrap, too, but after 497 days; both ends of that are taken for a restart."""
    if before.uptime_s is None or after.uptime_s is None:
        return False
    return after.uptime_s < before.uptime_s + elapsed / 2
