"""Sizes on the wire (PROTOCOL.md §2.2) and the sanity check of session descriptions (§8.3)."""

from __future__ import annotations

from typing import Final

from signaling.errors import ProtocolError

MAX_FRAME_OCTETS: Final = 64 * 1024
"""UTF-8 octets of one text frame; above it the socket closes with 1009 (RFC 6455 §7.4.1)."""

MAX_SDP_OCTETS: Final = 60_000
"""UTF-8 octets of a description: leaves room in the frame for what the hub adds to it."""

_SDP_LINES = ("v=0", "o=", "s=", "t=", "m=")
_SDP_ATTRIBUTES = ("a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:")


def check_sdp(sdp: str, *, about: str) -> None:
    """Refuse a description that no WebRTC end can use (RFC 8866 §5, RFC 8839 §5, RFC 8122 §5).

    Raises:
        ProtocolError: `sdp_refused`, saying what lacks.
    """
    if len(sdp.encode("utf-8", "replace")) > MAX_SDP_OCTETS:
        raise _refused(f"longer than {MAX_SDP_OCTETS} octets", about)
    if any(ord(character) < 32 and character not in "\r\n\t" for character in sdp):
        raise _refused("control characters", about)
    lines = sdp.splitlines()
    if lines[:1] != ["v=0"]:
        raise _refused("the first line is not v=0", about)
    for start in (*_SDP_LINES, *_SDP_ATTRIBUTES):
        if not any(line.startswith(start) for line in lines):
            raise _refused(f"no line {start}", about)


def _refused(detail: str, about: str) -> ProtocolError:
    return ProtocolError("sdp_refused", detail, field="sdp", about=about)
