"""The session reflector: what is answered to a STAMP packet, if anything. Pure.

Stateful (RFC 8762 §4.3): it numbers its own answers per session, so that the sender can tell loss
there from loss on the way back. It answers known sessions alone, never with more octets than came,
never more often than a session may, and never twice to the same number: it cannot be made to
amplify, and a replay gets silence. It holds one small record a session and none for strangers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from visiohub.linkquality import tlv
from visiohub.linkquality.stamp import (
    OPEN_OCTETS,
    SEALED_OCTETS,
    ErrorEstimate,
    Reflection,
    StampRefused,
    pack_reflection,
    session_of,
    unpack_probe,
)
from visiohub.linkquality.window import ReplayWindow

_PACKETS_S = 60.0
"""Sustained rate of a session: voice-like traffic before an appointment is 50 a second."""
_PACKETS_AT_ONCE = 120.0


class UnknownSession(StampRefused):
    """No session of this identifier."""

    code = "stamp_unknown_session"


class Replayed(StampRefused):
    """This number was answered before, or is too old to tell."""

    code = "stamp_replayed"


class TooMany(StampRefused):
    """More packets than a session may send."""

    code = "stamp_too_many"


@dataclass
class _Session:
    answered: int = 0
    window: ReplayWindow = field(default_factory=ReplayWindow)
    tokens: float = _PACKETS_AT_ONCE
    filled_at: float = 0.0


class Reflector:
    """Answers the sessions of `keys`: identifier to key, None for an unauthenticated session.

    `keys` is looked at with each packet, so that the caller may add and remove sessions.
    """

    def __init__(self, keys: Mapping[int, bytes | None], *, sealed: bool) -> None:
        self._keys = keys
        self._sealed = sealed
        self._sessions: dict[int, _Session] = {}

    def answer(
        self,
        octets: bytes,
        now: float,
        *,
        received_at: float,
        reflected_at: float,
        ttl: int = 255,
        error: ErrorEstimate | None = None,
    ) -> bytes:
        """The octets to send back; raises a StampRefused where silence is the answer.

        `now` is a monotonic clock's, the two others are Unix seconds.
        """
        identifier = session_of(octets, sealed=self._sealed)
        key = self._keys.get(identifier)
        if identifier not in self._keys or self._sealed != bool(key):
            self._sessions.pop(identifier, None)
            raise UnknownSession(f"session {identifier}")
        probe = unpack_probe(octets, key)
        session = self._sessions.setdefault(identifier, _Session(filled_at=now))
        if session.window.seen(probe.number):
            raise Replayed(f"session {identifier}, number {probe.number}")
        self._spend(session, now)
        session.window.add(probe.number)
        reflection = Reflection(
            number=session.answered,
            session=identifier,
            received_at=received_at,
            reflected_at=reflected_at,
            error=error or ErrorEstimate(),
            probe_number=probe.number,
            probe_sent_at=probe.sent_at,
            probe_error=probe.error,
            probe_ttl=ttl,
        )
        session.answered = session.answered + 1 & 0xFFFF_FFFF
        size = SEALED_OCTETS if key else OPEN_OCTETS
        return pack_reflection(reflection, key) + tlv.not_understood(octets[size:])

    def forget(self, identifier: int) -> None:
        """The session begins anew: its sender starts again at number 0."""
        self._sessions.pop(identifier, None)

    def _spend(self, session: _Session, now: float) -> None:
        gained = max(0.0, now - session.filled_at) * _PACKETS_S
        session.tokens = min(_PACKETS_AT_ONCE, session.tokens + gained)
        session.filled_at = now
        if session.tokens < 1:
            raise TooMany("the session's packets for now are used up")
        session.tokens -= 1
