"""Where real agents answer otherwise than their MIBs say. Pure.

Which agents, and who saw them answer so: docs/decisions/0021.
"""

from __future__ import annotations

from collections.abc import Sequence

Pair = tuple[float | None, float | None]
"""What is down, what is up."""
Ends = tuple[int, int]

DRAYTEK = 7367
HUAWEI = 2011
"""Makers, by their numbers (IANA, enterprise numbers)."""

_LEAST_BIT_S = 32_000
"""The slowest of all DSL; and as kbit/s more than ADSL2+ can have."""
_MOST_KBIT_S = 400_000
"""No line of copper carries more."""
_SANE_BIT_S = 1_000_000_000
"""Beyond it agents say that they do not know: 2^31-1, 2^31-2, 2^32-1."""
_CLEARLY = 1.5
"""So many times more upwards is no fault of the line."""
_ALIKE = 1.05
"""A line has at most what is attainable, but for what was reckoned at another moment."""
_BEYOND = 3.0
"""A rate so many times what is attainable is another direction's. Up to that a line may be that
fell ill since it was trained: what is attainable is less then than what it has."""


def in_kbit_s(told: Sequence[int | None], vdsl2_maker: int | None = None) -> list[float | None]:
    """All rates of one line, which are to be in bit/s, and in kbit/s at some agents; a maker's own
    way is known of VDSL2 alone, where no line is so slow."""
    rates = [rate if is_rate(rate) else None for rate in told]
    fastest = max((rate for rate in rates if rate is not None), default=0)
    unit = 1000
    if fastest < _LEAST_BIT_S or (vdsl2_maker == HUAWEI and fastest <= _MOST_KBIT_S):
        unit = 1
    return [None if rate is None else rate / unit for rate in rates]


def is_rate(told: int | None) -> bool:
    """Whether it can be a line's rate; zero is a line without a connection."""
    return told is not None and 0 < told <= _SANE_BIT_S


def of_units(told: Sequence[float | None], attainable: Pair) -> Pair:
    """Rates that ADSL2 and VDSL2 tell by unit, of which agents differ in what they mean.

    The faster is the one of the direction that attains clearly more, and down where that is not
    known. Where up attains a little more than down, the line may be ill: nobody knows then.
    One alone is down if the way up cannot have it. What neither can have is left out.
    """
    known = sorted(rate for rate in told if rate is not None)
    if len(known) == 2:
        slow, fast = known
        down, up = attainable
        if not _turned(attainable) or down is None or up is None:
            sync: Pair = (fast, slow)
        elif up > _CLEARLY * down:
            sync = slow, fast
        else:
            return None, None
    elif known and not _can_have(known[0], attainable[1]):
        sync = known[0], None
    else:
        return None, None
    return sync if all(map(_can_have, sync, attainable)) else (None, None)


def of_ends(sync: Pair, attainable: Pair) -> tuple[Pair, Pair]:
    """Both pairs of an ADSL line, which is faster down than up: a pair that has it the other way
    round has its rows turned. Where both pairs do, the line may be so: it is ill. What is
    attainable may also be less down than up of a line that fell ill since it was trained; it is
    turned only where the rates fit it better that way."""
    if _turned(sync) and _turned(attainable):
        return sync, attainable
    sync = _faster_down(sync)
    turned = _faster_down(attainable)
    return sync, attainable if _fits(sync, attainable) or not _fits(sync, turned) else turned


def whole_decibels(maker: int | None) -> bool:
    """Margins and attenuations of ADSL-LINE-MIB, which are to be in tenths."""
    return maker == DRAYTEK


def adsl_tables(maker: int | None, *, central_told: bool) -> tuple[Ends, Ends]:
    """Which tables of ADSL-LINE-MIB, 2 of the exchange's unit or 3 of the venue's, have the margins
    and attenuations, and which the attainable rates, of what is down and of what is up."""
    if maker != DRAYTEK:
        return (3, 2), (2, 3)
    return ((2, 3), (2, 3)) if central_told else ((3, 2), (3, 2))


def _can_have(rate: float | None, attainable: float | None) -> bool:
    return rate is None or attainable is None or rate <= _BEYOND * attainable


def _fits(sync: Pair, attainable: Pair) -> bool:
    return all(
        rate is None or most is None or rate <= _ALIKE * most
        for rate, most in zip(sync, attainable, strict=True)
    )


def _turned(pair: Pair) -> bool:
    down, up = pair
    return down is not None and up is not None and down < up


def _faster_down(pair: Pair) -> Pair:
    return (pair[1], pair[0]) if _turned(pair) else pair
