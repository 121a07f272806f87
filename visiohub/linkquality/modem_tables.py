"""From the objects of four MIBs to a `ModemState`. Pure: numbers by object identifier come in.

ADSL-LINE-MIB (RFC 2662, extended by RFC 3440), ADSL2-LINE-MIB (RFC 4706), HDSL2-SHDSL-LINE-MIB
(RFC 4319), VDSL2-LINE-MIB (RFC 5650), IF-MIB (RFC 2863). A unit at the exchange (xTU-C) receives
what goes up, one at the venue (xTU-R) what comes down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from visiohub.linkquality.modem import Mib, ModemState, Tally, Way
from visiohub.linkquality.modem_agents import (
    adsl_tables,
    in_kbit_s,
    is_rate,
    of_ends,
    of_units,
    whole_decibels,
)
from visiohub.linkquality.modem_columns import (
    ADSL,
    ADSL2,
    ADSL_EXT,
    OF_CHANNELS,
    SHDSL,
    TABLES,
    VDSL2,
    Oid,
)
from visiohub.linkquality.modem_values import (
    Values,
    column_of,
    decibels,
    measured,
    state_of,
    today,
    total,
)

_CENTRAL, _REMOTE = 1, 2
_NETWORK_SIDE, _CUSTOMER_SIDE = 1, 2
_NO_INTERFACE = 0
"""Some modems give their one line this number."""
_WIRE_PAIRS = (1, 2, 3, 4)
_OWN_END = (0, 0)
"""Unit and side where a modem names neither, as Westermo's."""
_UPSTREAM, *_UP_BANDS = (1, 3, 5, 7, 9)
_DOWNSTREAM, *_DOWN_BANDS = (2, 4, 6, 8)
"""Whole directions, and their bands from the lowest on (RFC 5650, Xdsl2Band)."""


def modem_state(values: Values, maker: int | None = None) -> ModemState | None:
    """The line's state by the first MIB that knows its rate, else its margin; None: no line.

    What that MIB does not know of the line is taken from others. `maker` is the modem's, by its
    number, where it is known.
    """
    found = [
        (line, state)
        for mib, read in _READ.items()
        for line in _lines(values, mib)
        if (state := read(values, line, maker))
    ]
    if not found:
        return None
    line, best = max(
        found,
        key=lambda it: (it[1].down.sync_kbit_s is not None, it[1].down.snr_db is not None),
    )
    for other_line, other in found:
        if other.mib is not best.mib and other_line in (line, _NO_INTERFACE):
            best = replace(best, down=_filled(best.down, other.down), up=_filled(best.up, other.up))
    return best


def _filled(way: Way, other: Way) -> Way:
    """With what the other MIB knows of the line; counts are kept apart, by how each begins."""
    known = {
        name: getattr(other, name)
        for name in ("sync_kbit_s", "attainable_kbit_s", "snr_db", "attenuation_db")
        if getattr(way, name) is None
    }
    return replace(way, **known)


def _lines(values: Values, mib: Mib) -> Iterable[int]:
    """Interfaces by their number, the first index of every table but those of ADSL's channels."""
    columns = [column for column in TABLES[mib] if column not in OF_CHANNELS]
    return sorted(
        {oid[len(c)] for c in columns for oid in values if oid[: len(c)] == c and len(oid) > len(c)}
    )


def _adsl(values: Values, line: int, maker: int | None) -> ModemState | None:
    """Each end tells what it receives, and the rate at which it sends."""
    at = column_of(values, ADSL)
    extended = column_of(values, ADSL_EXT)
    received, sent = adsl_tables(maker, central_told=at(2, 1, 4, line) is not None)
    rates = in_kbit_s(
        [
            *(_channel(values, column, line) for column in OF_CHANNELS),
            *(at(table, 1, 8, line) for table in sent),
        ]
    )
    sync, attainable = of_ends((rates[0], rates[1]), (rates[2], rates[3]))
    steps = 1 if whole_decibels(maker) else 10
    errored_s = (at(7, 1, 4, line), at(6, 1, 5, line))
    severely = (extended(20, 1, 1, line), extended(18, 1, 3, line))
    down, up = (
        Way(
            sync_kbit_s=sync[way],
            attainable_kbit_s=attainable[way],
            snr_db=decibels(at(received[way], 1, 4, line), -64, 64, steps),
            attenuation_db=decibels(at(received[way], 1, 5, line), 0, 127, steps),
            errored_s=total(errored_s[way]),
            severely_errored_s=total(severely[way]),
        )
        for way in (0, 1)
    )
    return state_of(values, Mib.ADSL, line, down, up, total(at(6, 1, 6, line)))


def _adsl2(values: Values, line: int, _maker: int | None) -> ModemState | None:
    at = column_of(values, ADSL2)
    down = Way(
        snr_db=decibels(at(1, 1, 1, 18, line), -64, 63),
        attenuation_db=decibels(at(1, 1, 1, 14, line), 0, 127),
    )
    up = Way(
        snr_db=decibels(at(1, 1, 1, 19, line), -64, 63),
        attenuation_db=decibels(at(1, 1, 1, 15, line), 0, 127),
    )
    units = [at(2, 1, 1, 3, line, unit) for unit in (_CENTRAL, _REMOTE)]
    attainable = [at(1, 1, 1, column, line) for column in (20, 21)]
    ways = _with_rates(down, up, in_kbit_s([*units, *attainable]))
    return _of_day(values, Mib.ADSL2, ADSL2, line, *ways)


def _vdsl2(values: Values, line: int, maker: int | None) -> ModemState | None:
    """Margins and attenuations by band; a direction's own are in the bands 1 and 2. VDSL2 knows
    attenuations by band alone: then that of the direction's lowest band, as modems show it."""
    at = column_of(values, VDSL2)

    def attenuation(whole: int, bands: Iterable[int]) -> float | None:
        each = (decibels(at(1, 2, 1, 2, line, b), 0, 127) for b in (whole, *bands))
        return next((found for found in each if found is not None), None)

    down = Way(
        snr_db=decibels(at(1, 2, 1, 4, line, _DOWNSTREAM), -64, 63),
        attenuation_db=attenuation(_DOWNSTREAM, _DOWN_BANDS),
    )
    up = Way(
        snr_db=decibels(at(1, 2, 1, 4, line, _UPSTREAM), -64, 63),
        attenuation_db=attenuation(_UPSTREAM, _UP_BANDS),
    )
    units = [at(2, 2, 1, 2, line, unit) for unit in (_CENTRAL, _REMOTE)]
    attainable = [at(1, 1, 1, column, line) for column in (20, 21)]
    ways = _with_rates(down, up, in_kbit_s([*units, *attainable], maker))
    return _of_day(values, Mib.VDSL2, VDSL2, line, *ways)


def _with_rates(down: Way, up: Way, rates: list[float | None]) -> tuple[Way, Way]:
    """`rates` of both units, and those that both directions can attain."""
    central, remote, attainable_down, attainable_up = rates
    sync = of_units((central, remote), (attainable_down, attainable_up))
    return (
        replace(down, sync_kbit_s=sync[0], attainable_kbit_s=attainable_down),
        replace(up, sync_kbit_s=sync[1], attainable_kbit_s=attainable_up),
    )


def _shdsl(values: Values, line: int, _maker: int | None) -> ModemState | None:
    """Symmetric: one rate for both directions; the worst wire pair of the ends decides.

    Ends are indexed by unit, side and pair; the exchange's (unit 1, its side to the customer)
    receives what goes up, the venue's (unit 2, its side to the network) what comes down.
    """
    at = column_of(values, SHDSL)
    sync, attainable = in_kbit_s([at(2, 1, 3, line), at(2, 1, 2, line)])
    up = _pairs(values, line, 1, _CUSTOMER_SIDE)
    down = _pairs(values, line, 2, _NETWORK_SIDE)
    if up == down == Way():
        down = _pairs(values, line, *_OWN_END)
    up, down = (replace(way, sync_kbit_s=sync, attainable_kbit_s=attainable) for way in (up, down))
    return state_of(values, Mib.SHDSL, line, down, up, None)


def _pairs(values: Values, line: int, unit: int, side: int) -> Way:
    """The worst of one end's wire pairs, those left out that carry nothing."""
    ways = []
    for pair in _WIRE_PAIRS:
        margin, attenuation, day, errored, severely = (
            values.get((*SHDSL, 5, 1, column, line, unit, side, pair))
            for column in (2, 1, 15, 16, 17)
        )
        way = Way(
            snr_db=decibels(margin, -64, 64, 1),
            attenuation_db=decibels(attenuation, 0, 127, 1),
            errored_s=today(errored, day),
            severely_errored_s=today(severely, day),
        )
        ways.append(measured(way))
    return Way(
        snr_db=min((w.snr_db for w in ways if w.snr_db is not None), default=None),
        attenuation_db=max(
            (w.attenuation_db for w in ways if w.attenuation_db is not None), default=None
        ),
        errored_s=_most(way.errored_s for way in ways),
        severely_errored_s=_most(way.severely_errored_s for way in ways),
    )


def _most(tallies: Iterable[Tally | None]) -> Tally | None:
    known = (tally for tally in tallies if tally is not None)
    return max(known, key=lambda tally: tally.value, default=None)


_READ: Mapping[Mib, Callable[[Values, int, int | None], ModemState | None]] = {
    Mib.VDSL2: _vdsl2, Mib.ADSL2: _adsl2, Mib.ADSL: _adsl, Mib.SHDSL: _shdsl,
}  # fmt: skip


def _of_day(
    values: Values, mib: Mib, root: Oid, line: int, down: Way, up: Way
) -> ModemState | None:
    """Adds the day's counts, which ADSL2 and VDSL2 keep in the same places."""
    at = column_of(values, root)

    def counted(way: Way, unit: int) -> Way:
        day = at(4, 1, 1, 1, 12, line, unit)
        errored, severely = at(4, 1, 1, 1, 14, line, unit), at(4, 1, 1, 1, 15, line, unit)
        return replace(way, errored_s=today(errored, day), severely_errored_s=today(severely, day))

    retrains = today(at(4, 1, 2, 1, 11, line), at(4, 1, 2, 1, 10, line))
    return state_of(values, mib, line, counted(down, _REMOTE), counted(up, _CENTRAL), retrains)


def _channel(values: Values, column: Oid, line: int) -> int | None:
    """The rate of the line's channel, which has an interface number of its own beside the line's.

    Of two channels the faster: the other is the latency path that is not used.
    """
    own = values.get((*column, line))
    if is_rate(own):
        return own
    told = (rate for oid, rate in values.items() if oid[: len(column)] == column)
    return max(filter(is_rate, told), default=None)
