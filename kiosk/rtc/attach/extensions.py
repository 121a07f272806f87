"""RTP header extensions: aiortc's, and the playout delay, which it does not know."""

from __future__ import annotations

from dataclasses import dataclass

from aiortc.rtcrtpparameters import RTCRtpParameters
from aiortc.rtp import (
    HeaderExtensions,
    HeaderExtensionsMap,
    pack_header_extensions,
    unpack_header_extensions,
)

from kiosk.rtc.sending.playout import PLAYOUT_URI


@dataclass
class PictureExtensions(HeaderExtensions):
    """Of the first packet of a picture."""

    playout_delay: bytes = b""


class ExtensionsMap(HeaderExtensionsMap):
    """aiortc's map, for what we send."""

    def __init__(self) -> None:
        super().__init__()
        self._playout_id = 0

    def configure(self, parameters: RTCRtpParameters) -> None:
        """See aiortc."""
        super().configure(parameters)
        for extension in parameters.headerExtensions:
            if extension.uri == PLAYOUT_URI:
                self._playout_id = extension.id

    def set(self, values: HeaderExtensions) -> tuple[int, bytes]:
        """See aiortc: profile and octets."""
        profile, octets = super().set(values)
        if not self._playout_id or not isinstance(values, PictureExtensions):
            return profile, octets
        known = unpack_header_extensions(profile, octets)
        return pack_header_extensions([*known, (self._playout_id, values.playout_delay)])
