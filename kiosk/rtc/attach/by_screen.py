"""Pictures that a screen decodes: handed over, and counted as it tells of them."""

from __future__ import annotations

import asyncio
import time

import structlog

from kiosk.rtc.attach.decoding import DecoderWatch, Undecoded, joined
from kiosk.rtc.av1.obu import Malformed
from kiosk.rtc.av1.picture_size import PictureSizes
from kiosk.rtc.decoding_screen import CodedPicture, DecodingScreen, Seen
from kiosk.rtc.far import FarEnd
from kiosk.rtc.seeing.sizes import TooLarge, check_av1

log = structlog.get_logger(__name__)

MOST_WHOLE_LOST = 3
"""One after the other, with nothing shown between: the screen says that it decodes a codec, and
does not."""


class ByScreen:
    """One receiver's way to the far end's screen."""

    def __init__(self, watch: DecoderWatch) -> None:
        self._watch = watch
        self.far: FarEnd | None = None
        """Whose screen it is, and who is told what it shows; None: it ends here."""
        self._whole_given = ""  # the codec of a whole picture of which nothing was told yet
        self._whole_lost = 0
        self._given_up: set[str] = set()
        self._sizes = PictureSizes()

    def screen_for(self, codec: str) -> DecodingScreen | None:
        """Who decodes this codec now; None: nobody but ourselves."""
        screen = None if self.far is None or codec in self._given_up else self.far.screen
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
            if whole:
                self._whole_given = picture.codec.name
            screen.take(CodedPicture(picture.codec.name, data, whole), self._told)

    def _told(self, seen: Seen | None) -> None:
        if self.far is None:
            return
        if seen is None:
            self._count_lost()
            self._watch.fail(asyncio.get_running_loop(), "the screen could not")
        else:
            self._whole_given, self._whole_lost = "", 0
            self._watch.succeed(seen.seconds)
            self.far.picture.seen(seen, time.monotonic())

    def _count_lost(self) -> None:
        codec, self._whole_given = self._whole_given, ""
        if not codec:
            return  # what needed those before it; the whole picture that mends it is yet to come
        self._whole_lost += 1
        if self._whole_lost >= MOST_WHOLE_LOST:
            self._whole_lost = 0
            self._given_up.add(codec)
            log.warning("the screen decodes none of a codec's pictures", codec=codec)
