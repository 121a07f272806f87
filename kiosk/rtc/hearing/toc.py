"""What an Opus packet says of itself without being decoded (RFC 6716 §3, §4.2). Pure."""

from __future__ import annotations

CLOCK = 48000
"""Hz; the RTP clock of Opus whatever was sampled (RFC 7587 §4.1)."""
LONGEST = CLOCK * 120 // 1000
"""Samples; a packet holds 120 ms at most (RFC 6716 §3.2.5)."""

_SILK_MS = (10, 20, 40, 60)
_HYBRID_MS = (10, 20)
_CELT_MS = (2.5, 5, 10, 20)


def duration(payload: bytes) -> int:
    """Samples per channel at 48 kHz that the packet holds; 0 when it is not Opus."""
    if not payload:
        return 0
    frames = _frame_count(payload)
    samples = frames * round(_frame_ms(payload[0] >> 3) * CLOCK / 1000)
    return samples if samples <= LONGEST else 0


def is_silence(payload: bytes) -> bool:
    """Whether discontinuous transmission follows: the packet has no more than its header.

    RFC 7587 §3.1.3 leaves frames out; libopus marks the beginning by packets of at most 2 octets.
    """
    return len(payload) <= 2


def has_spare(payload: bytes) -> bool:
    """Whether it carries a spare copy of the sound before it: low bit-rate redundancy, "LBRR".

    RFC 6716 §4.2.4: after one voice-activity flag per SILK frame, one flag says so, for each
    channel; they come first in the range coder and have even odds, so they are plain bits.
    """
    if not duration(payload) or payload[0] & 0x80:  # CELT alone knows no redundancy
        return False
    first = _first_frame(payload)
    if first >= len(payload):
        return False
    silk_frames = max(1, round(_frame_ms(payload[0] >> 3) / 20))
    mono = payload[first] >> (7 - silk_frames) & 1
    if payload[0] & 0x04:
        return bool(mono or payload[first] >> (6 - 2 * silk_frames) & 1)
    return bool(mono)


def _frame_ms(configuration: int) -> float:
    if configuration < 12:
        return _SILK_MS[configuration & 3]
    if configuration < 16:
        return _HYBRID_MS[configuration & 1]
    return _CELT_MS[configuration & 3]


def _frame_count(payload: bytes) -> int:
    code = payload[0] & 3
    if code < 3:
        return (1, 2, 2)[code]
    return payload[1] & 0x3F if len(payload) > 1 else 0


def _first_frame(payload: bytes) -> int:
    """Where the first frame begins (§3.2)."""
    code = payload[0] & 3
    if code < 2:
        return 1
    if code == 2:
        return 1 + _length_octets(payload, 1)
    at = 2
    if payload[1] & 0x40:  # padding: octets of 255 go on
        while at < len(payload) and payload[at] == 255:
            at += 1
        at += 1
    if payload[1] & 0x80:  # variable bit rate: a length for each frame but the last
        for _ in range((payload[1] & 0x3F) - 1):
            at += _length_octets(payload, at)
    return at


def _length_octets(payload: bytes, at: int) -> int:
    return 2 if at < len(payload) and payload[at] >= 252 else 1
