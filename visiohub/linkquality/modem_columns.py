"""Which objects a modem is asked for. Pure.

ADSL-LINE-MIB (RFC 2662, extended by RFC 3440), ADSL2-LINE-MIB (RFC 4706), HDSL2-SHDSL-LINE-MIB
(RFC 4319), VDSL2-LINE-MIB (RFC 5650), IF-MIB (RFC 2863).
"""

from __future__ import annotations

from collections.abc import Mapping

from visiohub.linkquality.modem import Mib

Oid = tuple[int, ...]
SYS_OBJECT_ID: Oid = (1, 3, 6, 1, 2, 1, 1, 2)
"""Below `ENTERPRISES` and the number of the maker (RFC 3418)."""
ENTERPRISES: Oid = (1, 3, 6, 1, 4, 1)
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
ADSL: Oid = (*_TRANSMISSION, 94, 1, 1)
ADSL_EXT: Oid = (*_TRANSMISSION, 94, 3, 1)
SHDSL: Oid = (*_TRANSMISSION, 48, 1)
ADSL2: Oid = (*_TRANSMISSION, 238, 1)
VDSL2: Oid = (*_TRANSMISSION, 251, 1)

TABLES: Mapping[Mib, tuple[Oid, ...]] = {
    Mib.VDSL2: (
        (*VDSL2, 1, 1, 1, 20), (*VDSL2, 1, 1, 1, 21), (*VDSL2, 1, 2, 1, 2),
        (*VDSL2, 1, 2, 1, 4), (*VDSL2, 2, 2, 1, 2), (*VDSL2, 4, 1, 1, 1, 12),
        (*VDSL2, 4, 1, 1, 1, 14), (*VDSL2, 4, 1, 1, 1, 15), (*VDSL2, 4, 1, 2, 1, 10),
        (*VDSL2, 4, 1, 2, 1, 11),
    ),
    Mib.ADSL2: (
        (*ADSL2, 1, 1, 1, 14), (*ADSL2, 1, 1, 1, 15), (*ADSL2, 1, 1, 1, 18),
        (*ADSL2, 1, 1, 1, 19), (*ADSL2, 1, 1, 1, 20), (*ADSL2, 1, 1, 1, 21),
        (*ADSL2, 2, 1, 1, 3), (*ADSL2, 4, 1, 1, 1, 12), (*ADSL2, 4, 1, 1, 1, 14),
        (*ADSL2, 4, 1, 1, 1, 15), (*ADSL2, 4, 1, 2, 1, 10), (*ADSL2, 4, 1, 2, 1, 11),
    ),
    Mib.ADSL: (
        (*ADSL, 2, 1, 4), (*ADSL, 2, 1, 5), (*ADSL, 2, 1, 8), (*ADSL, 3, 1, 4),
        (*ADSL, 3, 1, 5), (*ADSL, 3, 1, 8), (*ADSL, 4, 1, 2), (*ADSL, 5, 1, 2),
        (*ADSL, 6, 1, 5), (*ADSL, 6, 1, 6), (*ADSL, 7, 1, 4), (*ADSL_EXT, 18, 1, 3),
        (*ADSL_EXT, 20, 1, 1),
    ),
    Mib.SHDSL: (
        (*SHDSL, 2, 1, 2), (*SHDSL, 2, 1, 3), (*SHDSL, 5, 1, 1), (*SHDSL, 5, 1, 2),
        (*SHDSL, 5, 1, 15), (*SHDSL, 5, 1, 16), (*SHDSL, 5, 1, 17),
    ),
}  # fmt: skip
"""Columns to ask for, newest MIB first: a VDSL2 modem may fill older tables, too."""
OF_CHANNELS: tuple[Oid, ...] = ((*ADSL, 4, 1, 2), (*ADSL, 5, 1, 2))
"""Their index is a channel, which has an interface number of its own beside the line's."""
