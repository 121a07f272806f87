"""The citizen's screen as a call sees it: shows what is decoded, decodes what the page can."""

from __future__ import annotations

from collections.abc import Callable

import av

from kiosk.rtc.decoding_screen import Decodable, Seen, Told
from kiosk.screen.frames import FAR
from kiosk.screen.pictures import FAR_WIDTH, Packer
from kiosk.screen.server import ScreenServer


class FarScreen:
    """A `DecodingScreen`; `seen` is called for every picture of the far end."""

    def __init__(self, server: ScreenServer, seen: Callable[[], None]) -> None:
        self._server = server
        self._seen = seen
        self._packer = Packer(FAR_WIDTH)

    def show(self, frame: av.VideoFrame) -> None:
        """A picture that was decoded here."""
        if self._server.watched:
            self._server.push_picture(FAR, self._packer.pack(frame))
        self._seen()

    def decodes(self, codec: str) -> bool:
        """See DecodingScreen."""
        return self._server.decodes(codec)

    def take(self, picture: Decodable, told: Told) -> None:
        """See DecodingScreen."""

        def answered(seen: Seen | None) -> None:
            told(seen)
            if seen is not None:
                self._seen()

        self._server.push_coded(picture, answered)
