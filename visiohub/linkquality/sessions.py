"""Who may send probes to the hub: sessions with keys, one per prober. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_IDENTIFIERS = 0xFFFF


class NoSessionLeft(Exception):  # noqa: N818 - a refusal is named for what happened
    """All 65,535 identifiers are taken."""

    code = "probe_sessions_full"


@dataclass(frozen=True)
class Session:
    """`identifier` is STAMP's (RFC 8972 §3), 1 to 65,535; `owner` is who holds it."""

    identifier: int
    owner: str
    key: bytes


class Sessions:
    """Keys are derived from the hub's secret: they are nowhere but in memory and on the wire."""

    def __init__(self, secret: bytes, below: Callable[[int], int]) -> None:
        """`below(n)` gives an unguessable whole number in [0, n)."""
        self._secret = secret
        self._below = below
        self._by_owner: dict[str, Session] = {}
        self._by_identifier: dict[int, Session] = {}
        self._keys: dict[int, bytes | None] = {}

    @property
    def keys(self) -> Mapping[int, bytes | None]:
        """By identifier, as the reflector wants them; it is the same mapping for ever."""
        return self._keys

    def grant(self, owner: str) -> Session:
        """A new session in place of the owner's older one. Raises NoSessionLeft."""
        self.revoke(owner)
        if len(self._by_identifier) >= _IDENTIFIERS:
            raise NoSessionLeft("all identifiers are taken")
        identifier = 1 + self._below(_IDENTIFIERS)
        while identifier in self._by_identifier:
            identifier = identifier % _IDENTIFIERS + 1
        nonce = self._below(1 << 128)
        told = f"visiohub-probe-session-v1\n{owner}\n{identifier}\n{nonce}".encode()
        session = Session(identifier, owner, hmac.digest(self._secret, told, hashlib.sha256))
        self._by_owner[owner] = session
        self._by_identifier[identifier] = session
        self._keys[identifier] = session.key
        return session

    def revoke(self, owner: str) -> int | None:
        """The owner's session, if any, is over: its identifier."""
        session = self._by_owner.pop(owner, None)
        if session is None:
            return None
        del self._by_identifier[session.identifier], self._keys[session.identifier]
        return session.identifier

    def of(self, identifier: int) -> Session | None:
        """The session of this identifier."""
        return self._by_identifier.get(identifier)
