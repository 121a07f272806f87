"""From the objects of four MIBs to a `ModemState`. Pure: numbers by object identifier come in.

ADSL-LINE-MIB (RFC 2662, extended by RFC 3440), ADSL2-LINE-MIB (RFC 4706), HDSL2-SHDSL-LINE-MIB
(RFC 4319), VDSL2-LINE-MIB (RFC 5650), IF-MIB (RFC 2863). A unit at the exchange (xTU-C) receives
what goes up, one at the venue (xTU-R) what comes down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from visiohub.linkquality.modem import Mib, ModemState, Tally, Way

Oid = tuple[int, ...]
Values = Mapping[Oid, int]
"""All integers that the modem gave, by object identifier."""

SYS_UPTIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3)
IF_OPER_STATUS: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1, 8)
IF_LAST_CHANGE: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1, 9)
IF_IN_OCTETS: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1, 10)
IF_OUT_OCTETS: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1, 16)
IF_HC_IN_OCTETS: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6)
IF_HC_OUT_OCTETS: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 10)
COMMON: tuple[Oid, ...] = (
    SYS_UPTIME, IF_OPER_STATUS, IF_LAST_CHANGE,
    IF_IN_OCTETS, IF_OUT_OCTETS, IF_HC_IN_OCTETS, IF_HC_OUT_OCTETS,
)  # fmt: skip

_TRANSMISSION: Oid = (1, 3, 6, 1, 2, 1, 10)
_ADSL: Oid = (*_TRANSMISSION, 94, 1, 1)
_ADSL_EXT: Oid = (*_TRANSMISSION, 94, 3, 1)
_SHDSL: Oid = (*_TRANSMISSION, 48, 1)
_ADSL2: Oid = (*_TRANSMISSION, 238, 1)
_VDSL2: Oid = (*_TRANSMISSION, 251, 1)

TABLES: Mapping[Mib, tuple[Oid, ...]] = {
    Mib.VDSL2: (
        (*_VDSL2, 1, 1, 1, 20), (*_VDSL2, 1, 1, 1, 21), (*_VDSL2, 1, 2, 1, 2),
        (*_VDSL2, 1, 2, 1, 4), (*_VDSL2, 2, 2, 1, 2), (*_VDSL2, 4, 1, 1, 1, 12),
        (*_VDSL2, 4, 1, 1, 1, 14), (*_VDSL2, 4, 1, 1, 1, 15), (*_VDSL2, 4, 1, 2, 1, 10),
        (*_VDSL2, 4, 1, 2, 1, 11),
    ),
    Mib.ADSL2: (
        (*_ADSL2, 1, 1, 1, 14), (*_ADSL2, 1, 1, 1, 15), (*_ADSL2, 1, 1, 1, 18),
        (*_ADSL2, 1, 1, 1, 19), (*_ADSL2, 1, 1, 1, 20), (*_ADSL2, 1, 1, 1, 21),
        (*_ADSL2, 2, 1, 1, 3), (*_ADSL2, 4, 1, 1, 1, 12), (*_ADSL2, 4, 1, 1, 1, 14),
        (*_ADSL2, 4, 1, 1, 1, 15), (*_ADSL2, 4, 1, 2, 1, 10), (*_ADSL2, 4, 1, 2, 1, 11),
    ),
    Mib.ADSL: (
        (*_ADSL, 2, 1, 4), (*_ADSL, 2, 1, 5), (*_ADSL, 2, 1, 8), (*_ADSL, 3, 1, 4),
        (*_ADSL, 3, 1, 5), (*_ADSL, 3, 1, 8), (*_ADSL, 4, 1, 2), (*_ADSL, 5, 1, 2),
        (*_ADSL, 6, 1, 5), (*_ADSL, 6, 1, 6), (*_ADSL, 7, 1, 4), (*_ADSL_EXT, 18, 1, 3),
        (*_ADSL_EXT, 20, 1, 1),
    ),
    Mib.SHDSL: (
        (*_SHDSL, 2, 1, 2), (*_SHDSL, 2, 1, 3), (*_SHDSL, 5, 1, 1), (*_SHDSL, 5, 1, 2),
        (*_SHDSL, 5, 1, 15), (*_SHDSL, 5, 1, 16), (*_SHDSL, 5, 1, 17),
    ),
}  # fmt: skip
"""Columns to ask for, newest MIB first: a VDSL2 modem may fill older tables, too."""
_OF_CHANNELS = ((*_ADSL, 4, 1, 2), (*_ADSL, 5, 1, 2))

_UP = 1
_TICKS_A_SECOND = 100
_CENTRAL, _REMOTE = 1, 2
_NETWORK_SIDE, _CUSTOMER_SIDE = 1, 2
_UPSTREAM, _DOWNSTREAM = 1, 2
_RATE_STRAYS = 1.05
_FASTEST_KBIT_S = 1_000_000


def modem_state(values: Values) -> ModemState | None:
    """The line's state by the first MIB that knows its rate, else its margin; None: no line."""
    states = [
        state
        for mib, read in _READ.items()
        for line in _lines(values, mib)
        if (state := read(values, line))
    ]
    return max(
        states,
        key=lambda state: (state.down.sync_kbit_s is not None, state.down.snr_db is not None),
        default=None,
    )


def _lines(values: Values, mib: Mib) -> Iterable[int]:
    """Interfaces by their number, the first index of every table but those of ADSL's channels."""
    columns = [column for column in TABLES[mib] if column not in _OF_CHANNELS]
    return sorted(
        {oid[len(c)] for c in columns for oid in values if oid[: len(c)] == c and len(oid) > len(c)}
    )


def _adsl(values: Values, line: int) -> ModemState | None:
    """Each end tells what it receives, and the rate at which it sends."""
    at = _column(values, _ADSL)
    extended = _column(values, _ADSL_EXT)
    down = Way(
        sync_kbit_s=_channel(values, (*_ADSL, 4, 1, 2), line),
        attainable_kbit_s=_rate(at(2, 1, 8, line)),
        snr_db=_tenths(at(3, 1, 4, line), -64, 64),
        attenuation_db=_tenths(at(3, 1, 5, line), 0, 127),
        errored_s=_total(at(7, 1, 4, line)),
        severely_errored_s=_total(extended(20, 1, 1, line)),
    )
    up = Way(
        sync_kbit_s=_channel(values, (*_ADSL, 5, 1, 2), line),
        attainable_kbit_s=_rate(at(3, 1, 8, line)),
        snr_db=_tenths(at(2, 1, 4, line), -64, 64),
        attenuation_db=_tenths(at(2, 1, 5, line), 0, 127),
        errored_s=_total(at(6, 1, 5, line)),
        severely_errored_s=_total(extended(18, 1, 3, line)),
    )
    return _state(values, Mib.ADSL, line, down, up, _total(at(6, 1, 6, line)))


def _adsl2(values: Values, line: int) -> ModemState | None:
    at = _column(values, _ADSL2)
    down = Way(
        attainable_kbit_s=_rate(at(1, 1, 1, 20, line)),
        snr_db=_tenths(at(1, 1, 1, 18, line), -64, 63),
        attenuation_db=_tenths(at(1, 1, 1, 14, line), 0, 127),
    )
    up = Way(
        attainable_kbit_s=_rate(at(1, 1, 1, 21, line)),
        snr_db=_tenths(at(1, 1, 1, 19, line), -64, 63),
        attenuation_db=_tenths(at(1, 1, 1, 15, line), 0, 127),
    )
    rates = {unit: _rate(at(2, 1, 1, 3, line, unit)) for unit in (_CENTRAL, _REMOTE)}
    return _of_day(values, Mib.ADSL2, _ADSL2, line, *_synced(down, up, rates))


def _vdsl2(values: Values, line: int) -> ModemState | None:
    """Margins and attenuations by band; a direction's own are in the bands 1 and 2."""
    at = _column(values, _VDSL2)
    down = Way(
        attainable_kbit_s=_rate(at(1, 1, 1, 20, line)),
        snr_db=_tenths(at(1, 2, 1, 4, line, _DOWNSTREAM), -64, 63),
        attenuation_db=_tenths(at(1, 2, 1, 2, line, _DOWNSTREAM), 0, 127),
    )
    up = Way(
        attainable_kbit_s=_rate(at(1, 1, 1, 21, line)),
        snr_db=_tenths(at(1, 2, 1, 4, line, _UPSTREAM), -64, 63),
        attenuation_db=_tenths(at(1, 2, 1, 2, line, _UPSTREAM), 0, 127),
    )
    rates = {unit: _rate(at(2, 2, 1, 2, line, unit)) for unit in (_CENTRAL, _REMOTE)}
    return _of_day(values, Mib.VDSL2, _VDSL2, line, *_synced(down, up, rates))


def _shdsl(values: Values, line: int) -> ModemState | None:
    """Symmetric: one rate for both directions; the worst wire pair of the ends decides.

    Ends are indexed by unit, side and pair; the exchange's (unit 1, its side to the customer)
    receives what goes up, the venue's (unit 2, its side to the network) what comes down.
    """
    at = _column(values, _SHDSL)
    sync, attainable = _rate(at(2, 1, 3, line)), _rate(at(2, 1, 2, line))
    ends = {"up": (1, _CUSTOMER_SIDE), "down": (2, _NETWORK_SIDE)}
    ways = {}
    for name, (unit, side) in ends.items():

        def of_pairs(column: int, unit: int = unit, side: int = side) -> list[int]:
            begin = (*_SHDSL, 5, 1, column, line, unit, side)
            return [value for oid, value in values.items() if oid[: len(begin)] == begin]

        day = _whole(max(of_pairs(15), default=None), 86_400)
        ways[name] = Way(
            sync_kbit_s=sync,
            attainable_kbit_s=attainable,
            snr_db=_whole(min(of_pairs(2), default=None), 64, -64),
            attenuation_db=_whole(max(of_pairs(1), default=None), 127),
            errored_s=_today(max(of_pairs(16), default=None), day),
            severely_errored_s=_today(max(of_pairs(17), default=None), day),
        )
    return _state(values, Mib.SHDSL, line, ways["down"], ways["up"], None)


_READ: Mapping[Mib, Callable[[Values, int], ModemState | None]] = {
    Mib.VDSL2: _vdsl2, Mib.ADSL2: _adsl2, Mib.ADSL: _adsl, Mib.SHDSL: _shdsl,
}  # fmt: skip


def _of_day(
    values: Values, mib: Mib, root: Oid, line: int, down: Way, up: Way
) -> ModemState | None:
    """Adds the day's counts, which ADSL2 and VDSL2 keep in the same places."""
    at = _column(values, root)

    def counted(way: Way, unit: int) -> Way:
        day = at(4, 1, 1, 1, 12, line, unit)
        errored, severely = at(4, 1, 1, 1, 14, line, unit), at(4, 1, 1, 1, 15, line, unit)
        return replace(
            way, errored_s=_today(errored, day), severely_errored_s=_today(severely, day)
        )

    retrains = _today(at(4, 1, 2, 1, 11, line), at(4, 1, 2, 1, 10, line))
    return _state(values, mib, line, counted(down, _REMOTE), counted(up, _CENTRAL), retrains)


def _synced(down: Way, up: Way, rates: Mapping[int, float | None]) -> tuple[Way, Way]:
    """With the rates of both units, where their directions can be told.

    Modems disagree on which unit's row is which direction. The receiver's is tried first; rates
    above what is attainable in their direction are turned round, and left out if that is no better.
    """
    for first, second in ((_REMOTE, _CENTRAL), (_CENTRAL, _REMOTE)):
        fits = all(
            rate is None or way.attainable_kbit_s is None
            or rate <= _RATE_STRAYS * way.attainable_kbit_s
            for rate, way in ((rates[first], down), (rates[second], up))
        )  # fmt: skip
        if fits:
            return replace(down, sync_kbit_s=rates[first]), replace(up, sync_kbit_s=rates[second])
    return down, up


def _state(
    values: Values, mib: Mib, line: int, down: Way, up: Way, retrains: Tally | None
) -> ModemState | None:
    """None where the modem has the rows and nothing of sense in them."""
    if down == Way() and up == Way() and retrains is None:
        return None
    status = values.get((*IF_OPER_STATUS, line))
    is_up = None if status is None else status == _UP
    uptime = _ticks(values.get((*SYS_UPTIME, 0)))
    changed = _ticks(values.get((*IF_LAST_CHANGE, line)))
    line_uptime = None
    if is_up and uptime is not None and changed is not None and changed <= uptime:
        line_uptime = (uptime - changed) / _TICKS_A_SECOND
    return ModemState(
        mib, None if uptime is None else uptime / _TICKS_A_SECOND, line_uptime, is_up,
        replace(down, octets=_octets(values, line, IF_HC_IN_OCTETS, IF_IN_OCTETS)),
        replace(up, octets=_octets(values, line, IF_HC_OUT_OCTETS, IF_OUT_OCTETS)),
        retrains,
    )  # fmt: skip


def _ticks(value: int | None) -> int | None:
    """TimeTicks (RFC 2578 §7.1.8) are of 32 bits, whatever else an agent may answer."""
    return value if value is not None and 0 <= value < 1 << 32 else None


def _octets(values: Values, line: int, wide: Oid, narrow: Oid) -> Tally | None:
    for column, bits in ((wide, 64), (narrow, 32)):
        value = values.get((*column, line))
        if value is not None and 0 <= value < 1 << bits:
            return Tally(value, bits=bits)
    return None


def _column(values: Values, root: Oid) -> Callable[..., int | None]:
    def at(*rest: int) -> int | None:
        return values.get((*root, *rest))

    return at


def _channel(values: Values, column: Oid, line: int) -> float | None:
    """The rate of the line's channel, which has an interface number of its own beside the line's.

    Of two channels the faster: the other is the latency path that is not used.
    """
    own = _rate(values.get((*column, line)))
    if own is not None:
        return own
    rates = (_rate(value) for oid, value in values.items() if oid[: len(column)] == column)
    return max((rate for rate in rates if rate is not None), default=None)


def _rate(bits: int | None) -> float | None:
    """Bits a second as kbit/s; zero is a line without a connection."""
    return bits / 1000 if bits is not None and 0 < bits <= 1000 * _FASTEST_KBIT_S else None


def _tenths(value: int | None, least: int, most: int) -> float | None:
    return value / 10 if value is not None and 10 * least <= value <= 10 * most else None


def _whole(value: int | None, most: int, least: int = 0) -> int | None:
    return value if value is not None and least <= value <= most else None


def _total(value: int | None) -> Tally | None:
    return Tally(value) if value is not None and 0 <= value < 1 << 32 else None


def _today(value: int | None, day_s: int | None) -> Tally | None:
    """A count of the day; without the time since it began, its turn cannot be told."""
    if value is None or day_s is None or not (0 <= value < 1 << 32 and 0 <= day_s <= 86_400):
        return None
    return Tally(value, day_s)
