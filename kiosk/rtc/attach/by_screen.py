"""Pictures that a screen decodes: handed over, and counted as it tells of them."""

from __future__ import annotations

import asyncio
import time

from kiosk.rtc.attach.decoding import DecoderWatch, Undecoded, joined
from kiosk.rtc.av1.obu import Malformed
from kiosk.rtc.av1.picture_size import PictureSizes
from kiosk.rtc.decoding_screen import Decodable, DecodingScreen, Seen
from kiosk.rtc.far import FarEnd
from kiosk.rtc.seeing.sizes import TooLarge, check_av1


class ByScreen:
    """One receiver's way to the far end's screen."""

    def __init__(self, watch: DecoderWatch) -> None:
        self._watch = watch
        self.far: FarEnd | None = None
        """Whose screen it is, and who is told what it shows; None: it ends here."""
        self._sizes = PictureSizes()

    def screen_for(self, codec: str) -> DecodingScreen | None:
        """Who decodes this codec now; None: nobody but ourselves."""
        screen = None if self.far is None else self.far.screen
        return screen if screen is not None and screen.decodes(codec) else None

    def give(self, screen: DecodingScreen, picture: Undecoded, *, whole: bool) -> None:
        """One picture; that it cannot be decoded is told later."""
        try:
            data = joined(picture)
            if picture.codec.name == "AV1":
                check_av1(data, self._sizes, whole=whole)
        except (Malformed, TooLarge) as error:
            self._watch.fail(asyncio.get_running_loop(), repr(error))
        else:
            screen.take(Decodable(picture.codec.name, data, whole), self._told)

    def _told(self, seen: Seen | None) -> None:
        if self.far is None:
            return
        if seen is None:
            self._watch.fail(asyncio.get_running_loop(), "the screen could not")
        else:
            self._watch.succeed(seen.seconds)
            self.far.picture.seen(seen, time.monotonic())
