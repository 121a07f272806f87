"""Sizes on the wire (PROTOCOL.md §2.2) and the sanity check of session descriptions (§8.3)."""

from __future__ import annotations

from typing import Final

from signaling.errors import ProtocolError
from signaling.protocol.descriptions import Nonsense, check_description

MAX_FRAME_OCTETS: Final = 64 * 1024
"""UTF-8 octets of one text frame; above it the socket closes with 1009 (RFC 6455 §7.4.1)."""


def check_sdp(sdp: str, *, about: str) -> None:
    """Refuse a description that no WebRTC end can use.

    Raises:
        ProtocolError: `sdp_refused`, saying what lacks.
    """
    try:
        check_description(sdp)
    except Nonsense as error:
        raise ProtocolError("sdp_refused", str(error), field="sdp", about=about) from error
