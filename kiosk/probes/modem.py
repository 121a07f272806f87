"""Asks the venue's modem by SNMP what it knows of the line: v2c or v3, read only.

Numbers alone are believed, and only those below what was asked for; the tables' meaning is in
visiohub/linkquality/modem_tables.py. pysnmp and why: docs/decisions/0021.

Liveness guarantee: a reading ends within `READING_S`, whatever the modem answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypeAlias

from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch import asyncio as snmp
from pysnmp.proto import errind
from pysnmp.proto.api.v2c import ObjectIdentifier
from pysnmp.proto.rfc1902 import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    TimeTicks,
    Unsigned32,
)

from signaling.protocol.modem import ModemAccess, SnmpV3
from visiohub.linkquality.modem import Mib, ModemState, ModemTrouble
from visiohub.linkquality.modem_columns import (
    COMMON,
    ENTERPRISES,
    SYS_OBJECT_ID,
    TABLES,
    Oid,
)
from visiohub.linkquality.modem_tables import modem_state

ANSWER_S = 2.0
TRIES = 2
READING_S = 40.0
_AT_ONCE = 20
"""Objects an answer: some 600 octets, which no modem's firmware chokes on."""
_ALL_AGAIN_EACH = 15
"""Readings, an hour of them: all MIBs are asked, also those that had nothing."""
_MOST_OBJECTS = 400
"""Of one column; who has more lines than this is no modem."""
_NO_ACCESS = {6, 16}
"""noAccess, authorizationError (RFC 3416 §3)."""
Target: TypeAlias = snmp.UdpTransportTarget | snmp.Udp6TransportTarget
_NUMBERS = (Counter32, Counter64, Gauge32, Integer32, TimeTicks, Unsigned32)

_AUTHENTICATION = {
    "md5": snmp.USM_AUTH_HMAC96_MD5,
    "sha": snmp.USM_AUTH_HMAC96_SHA,
    "sha256": snmp.USM_AUTH_HMAC192_SHA256,
}
_PRIVACY = {"aes": snmp.USM_PRIV_CFB128_AES, "des": snmp.USM_PRIV_CBC56_DES}
_REFUSALS = (
    errind.AuthenticationError, errind.AuthenticationFailure, errind.DecryptionError,
    errind.NotInTimeWindow, errind.NoAccessEntry, errind.NoGroupName, errind.NoSuchView,
    errind.NotInView, errind.UnknownSecurityName, errind.UnknownUserName,
    errind.UnsupportedAuthProtocol, errind.UnsupportedPrivProtocol,
    errind.UnsupportedSecurityLevel, errind.WrongDigest,
)  # fmt: skip


class ModemError(Exception):
    """There is no reading; `trouble` says why."""

    code = "modem_unread"

    def __init__(self, trouble: ModemTrouble, detail: str) -> None:
        super().__init__(detail)
        self.trouble = trouble


class Modem:
    """One modem. `read` it as often as wanted, one reading at a time; `close` it at the end."""

    def __init__(self, access: ModemAccess, answer_s: float = ANSWER_S) -> None:
        self._access = access
        self._answer_s = answer_s
        self._engine = snmp.SnmpEngine()
        self._known: tuple[Mib, ...] = ()
        self._readings = 0
        self._maker: int | None = None

    async def read(self) -> ModemState:
        """The line's state now. MIBs that had nothing of one that was up are asked again only now
        and then: one that failed for a moment must not stay away.

        Raises:
            ModemError: no reading; the line itself may be fine.
        """
        try:
            async with asyncio.timeout(READING_S):
                return await self._read()
        except TimeoutError:
            raise ModemError(ModemTrouble.NO_ANSWER, f"not done in {READING_S:g} s") from None
        except (PySnmpError, OSError) as error:
            raise ModemError(ModemTrouble.NONSENSE, type(error).__name__) from error

    def close(self) -> None:
        """Let go of the socket."""
        self._engine.close_dispatcher()

    async def _read(self) -> ModemState:
        target = await self._target()
        common = await self._columns(target, COMMON)
        if self._maker is None:
            self._maker = await self._made_by(target)
        values, state, useful = dict(common), None, list[Mib]()
        all_again = self._readings % _ALL_AGAIN_EACH == 0
        self._readings += 1
        for mib in TABLES if all_again or not self._known else self._known:
            tables = await self._columns(target, TABLES[mib])
            if modem_state(common | tables, self._maker) is not None:
                useful.append(mib)
            values |= tables
            state = modem_state(values, self._maker)
            if state and state.down.sync_kbit_s is not None and state.down.snr_db is not None:
                break
        if state is not None:
            if state.down.sync_kbit_s is not None:  # only here: each of them has answered
                self._known = tuple(useful)
            return state
        self._known = ()
        if not common:
            raise ModemError(ModemTrouble.NONSENSE, "not even its own uptime is a number")
        raise ModemError(ModemTrouble.NO_LINE_TABLES, "none of the four MIBs has a line")

    async def _made_by(self, target: Target) -> int | None:
        """The maker's number, by what the modem says it is; an agent may keep that to itself."""
        try:
            said = await self._ask(target, SYS_OBJECT_ID)
        except ModemError:
            return None
        for oid, value in said:
            if oid == (*SYS_OBJECT_ID, 0) and isinstance(value, ObjectIdentifier):
                named = tuple(value)
                if named[: len(ENTERPRISES)] == ENTERPRISES and len(named) > len(ENTERPRISES):
                    return int(named[len(ENTERPRISES)])
        return None

    async def _target(self) -> Target:
        address = (self._access.host, self._access.port)
        try:
            six = ":" in address[0]
            kind: Any = snmp.Udp6TransportTarget if six else snmp.UdpTransportTarget
            target: Target = await kind.create(address, timeout=self._answer_s, retries=TRIES - 1)
        except PySnmpError as error:
            raise ModemError(ModemTrouble.NO_ANSWER, f"no such address: {address[0]}") from error
        return target

    async def _columns(self, target: Target, columns: Sequence[Oid]) -> dict[Oid, int]:
        values: dict[Oid, int] = {}
        for column in columns:
            values |= await self._column(target, column)
        return values

    async def _column(self, target: Target, column: Oid) -> dict[Oid, int]:
        """All numbers below this identifier; an agent that goes in circles is left."""
        found: dict[Oid, int] = {}
        last = column
        for _ in range(_MOST_OBJECTS // _AT_ONCE):
            rows = await self._ask(target, last)
            for oid, value in rows:
                if oid[: len(column)] != column or oid <= last:
                    return found
                last = oid
                if isinstance(value, _NUMBERS):
                    found[oid] = int(value)
            if not rows:
                return found
        return found

    async def _ask(self, target: Target, after: Oid) -> list[tuple[Oid, Any]]:
        indication, status, _, objects = await snmp.bulk_cmd(
            self._engine, _credentials(self._access), target, snmp.ContextData(), 0, _AT_ONCE,
            snmp.ObjectType(snmp.ObjectIdentity(after)), lookupMib=False,
        )  # fmt: skip
        if indication is not None:
            raise ModemError(_trouble(indication), str(indication))
        if int(status) in _NO_ACCESS:
            raise ModemError(ModemTrouble.REFUSED, "this user may not read the tables")
        if status:  # at the end of what it has, or a fault in one of its tables: others may answer
            return []
        return [(tuple(name), value) for name, value in objects]


def _credentials(access: ModemAccess) -> snmp.CommunityData | snmp.UsmUserData:
    """Names and secrets are octets on the wire, of UTF-8 (RFC 3411, SnmpAdminString)."""
    how = access.how
    if not isinstance(how, SnmpV3):
        return snmp.CommunityData(how.community.encode(), mpModel=1)  # noqa: S508 - the modem may know no v3
    return snmp.UsmUserData(
        how.user.encode(),
        authKey=how.authentication_key.encode() or None,
        privKey=how.privacy_key.encode() or None,
        authProtocol=_AUTHENTICATION[how.authentication],
        privProtocol=_PRIVACY[how.privacy],
    )


def _trouble(indication: errind.ErrorIndication) -> ModemTrouble:
    if isinstance(indication, errind.RequestTimedOut):
        return ModemTrouble.NO_ANSWER
    return ModemTrouble.REFUSED if isinstance(indication, _REFUSALS) else ModemTrouble.NONSENSE
