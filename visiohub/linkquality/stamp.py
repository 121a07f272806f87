"""STAMP test packets, as octets. Pure.

Sources: RFC 8762 §4.2, §4.3 (packets of sender and reflector, unauthenticated and authenticated),
§4.4 (HMAC), RFC 8972 §3 (session identifier) and §4 (extensions: visiohub/linkquality/tlv.py),
RFC 4656 §4.1.2 (error estimate), RFC 5905 §6 (NTP timestamp).
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass

PORT = 862
OPEN_OCTETS = 44
SEALED_OCTETS = 112
MOST_OCTETS = 1472
"""The largest packet that is looked at: what an Ethernet takes of UDP over IPv4."""

_COVERED = 96
"""Octets that the HMAC is taken over."""
_TAG = 16
"""HMAC-SHA-256, cut to 128 bits."""
_NTP_UNIX_S = 2_208_988_800
"""From 1900 to 1970."""

_SENDER_OPEN = struct.Struct(">IQHH28x")
_SENDER_SEALED = struct.Struct(">I12xQHH68x")
_REFLECTOR_OPEN = struct.Struct(">IQHHQIQH2xB3x")
_REFLECTOR_SEALED = struct.Struct(">I12xQHH4xQ8xI12xQH6xB15x")


class StampRefused(Exception):  # noqa: N818 - a refusal is named for what happened
    """Octets that are no STAMP packet of this session; never raised itself."""

    code = "stamp_refused"


class WrongSize(StampRefused):
    """Fewer octets than a packet of the mode has, or more than any packet."""

    code = "stamp_wrong_size"


class Forged(StampRefused):
    """The HMAC is not that of the session's key."""

    code = "stamp_forged"


class Malformed(StampRefused):
    """A field holds what the RFC forbids."""

    code = "stamp_malformed"


@dataclass(frozen=True)
class ErrorEstimate:
    """How far a clock may be off: `multiplier * 2**(scale - 32)` seconds."""

    synchronized: bool = False
    scale: int = 24
    multiplier: int = 255

    @property
    def seconds(self) -> float:
        """The bound itself; by default one second, that of a clock nobody set."""
        return float(self.multiplier * 2.0 ** (self.scale - 32))

    def packed(self) -> int:
        """Sixteen bits: S, Z (0: NTP format), scale, multiplier."""
        return self.synchronized << 15 | (self.scale & 0x3F) << 8 | self.multiplier & 0xFF

    @classmethod
    def unpacked(cls, bits: int) -> ErrorEstimate:
        """Raises Malformed for a multiplier of zero, and for PTP's format (Z), not spoken here."""
        if not bits & 0xFF:
            raise Malformed("an error estimate of zero")
        if bits & 0x4000:
            raise Malformed("timestamps in the format of PTP")
        return cls(bool(bits & 0x8000), bits >> 8 & 0x3F, bits & 0xFF)


@dataclass(frozen=True)
class Probe:
    """What a session sender sends. Times are Unix seconds."""

    number: int
    session: int
    sent_at: float
    error: ErrorEstimate = ErrorEstimate()


@dataclass(frozen=True)
class Reflection:
    """What a session reflector answers: its own number, times and error, then the probe's."""

    number: int
    session: int
    received_at: float
    reflected_at: float
    error: ErrorEstimate
    probe_number: int
    probe_sent_at: float
    probe_error: ErrorEstimate
    probe_ttl: int


def pack_probe(probe: Probe, key: bytes | None = None) -> bytes:
    """44 octets, or 112 sealed with the session's key."""
    shape = _SENDER_SEALED if key else _SENDER_OPEN
    fields = (probe.number, ntp(probe.sent_at), probe.error.packed(), probe.session)
    return _sealed(shape.pack(*fields), key)


def unpack_probe(octets: bytes, key: bytes | None = None) -> Probe:
    """Octets behind the packet are its extensions; raises WrongSize, Forged, Malformed."""
    _check(octets, key)
    shape = _SENDER_SEALED if key else _SENDER_OPEN
    number, sent_at, error, session = shape.unpack_from(octets)
    return Probe(number, session, unix(sent_at), ErrorEstimate.unpacked(error))


def pack_reflection(reflection: Reflection, key: bytes | None = None) -> bytes:
    """As long as a probe without extensions."""
    shape = _REFLECTOR_SEALED if key else _REFLECTOR_OPEN
    fields = (
        reflection.number,
        ntp(reflection.reflected_at),
        reflection.error.packed(),
        reflection.session,
        ntp(reflection.received_at),
        reflection.probe_number,
        ntp(reflection.probe_sent_at),
        reflection.probe_error.packed(),
        reflection.probe_ttl,
    )
    return _sealed(shape.pack(*fields), key)


def unpack_reflection(octets: bytes, key: bytes | None = None) -> Reflection:
    """Raises WrongSize, Forged, Malformed."""
    _check(octets, key)
    shape = _REFLECTOR_SEALED if key else _REFLECTOR_OPEN
    number, reflected, error, session, received, its_number, its_sent, its_error, ttl = (
        shape.unpack_from(octets)
    )
    return Reflection(
        number=number,
        session=session,
        received_at=unix(received),
        reflected_at=unix(reflected),
        error=ErrorEstimate.unpacked(error),
        probe_number=its_number,
        probe_sent_at=unix(its_sent),
        probe_error=ErrorEstimate.unpacked(its_error),
        probe_ttl=ttl,
    )


def session_of(octets: bytes, *, sealed: bool) -> int:
    """The session identifier, to find the key by, before anything is believed; WrongSize."""
    if len(octets) < (SEALED_OCTETS if sealed else OPEN_OCTETS):
        raise WrongSize(f"{len(octets)} octets are too few")
    at = 26 if sealed else 14
    return int.from_bytes(octets[at : at + 2], "big")


def ntp(unix_s: float) -> int:
    """64 bits: seconds since 1900 and their fraction, modulo the era."""
    whole = int(unix_s // 1)
    return ((whole + _NTP_UNIX_S) << 32 | int((unix_s - whole) * 2**32)) & 0xFFFF_FFFF_FFFF_FFFF


def unix(ntp_64: int) -> float:
    """Era 1 begins in 2036: what would lie before 1968 is of that one."""
    era = 0 if ntp_64 >> 63 else 2**32
    return (ntp_64 >> 32) + era - _NTP_UNIX_S + (ntp_64 & 0xFFFF_FFFF) / 2**32


def _check(octets: bytes, key: bytes | None) -> None:
    if len(octets) < (SEALED_OCTETS if key else OPEN_OCTETS):
        raise WrongSize(f"{len(octets)} octets are too few")
    if len(octets) > MOST_OCTETS:
        raise WrongSize(f"{len(octets)} octets are too many")
    if key and not hmac.compare_digest(_tag(octets, key), octets[_COVERED:SEALED_OCTETS]):
        raise Forged("the packet was not sealed with this key")


def _sealed(body: bytes, key: bytes | None) -> bytes:
    return body + _tag(body, key) if key else body


def _tag(octets: bytes, key: bytes) -> bytes:
    return hmac.new(key, octets[:_COVERED], hashlib.sha256).digest()[:_TAG]
