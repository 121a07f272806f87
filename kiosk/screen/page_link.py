"""What is on its way to one connected page.

The view-model and plain pictures are newest only: at most `IN_FLIGHT` of a kind are under way, and
the newest replaces what waits. Coded pictures need those before them, so none may be left out: a
page that has fallen far behind begins again with a whole one, once it has caught up.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable

import structlog
from aiohttp import web

from kiosk.rtc.backlog import MOST_WAITING, Backlog
from kiosk.rtc.decoding_screen import Decodable, Seen
from kiosk.screen import frames
from kiosk.screen.frames import CODED, FAR, SELF

log = structlog.get_logger(__name__)

IN_FLIGHT = 2
CAUGHT_UP = MOST_WAITING // 2
"""So few are unseen when a page that fell behind gets the next one. A page that hangs asks for
nothing: whole pictures without end would fill the line."""
HANGS_AFTER_S = 5.0
"""Behind for so long, it is passed over until it has caught up: the kiosk decodes."""
MOST_WHOLE_LOST = 3
"""One after the other, with nothing shown between: the page says that it decodes a codec, and does
not."""


class PageLink:
    """One connected page."""

    def __init__(
        self, socket: web.WebSocketResponse, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` in seconds."""
        self.socket = socket
        self._clock = clock
        self.model: str | None = None
        self.pictures: dict[int, bytes] = {}
        self.claims: frozenset[str] = frozenset()
        """Codecs that the page says it decodes, by their names in SDP."""
        self.unseen = {FAR: 0, SELF: 0, CODED: 0}
        self.wake = asyncio.Event()
        self._coded: deque[bytes] = deque()
        self._since_whole = 0  # coded ones, the last whole one included; 0: that one was left out
        self._lost = self._behind = False
        self._backlog = Backlog()  # of pictures that are sent or waiting
        self._codec = ""  # of the newest whole one
        self._untold = False  # whether nothing was told since of what needs it
        self._whole_lost: Counter[str] = Counter()  # by codec, with nothing shown between

    def decodes(self, codec: str) -> bool:
        """Whether it takes this codec: it says so, what it says is still believed, and it does not
        hang."""
        hangs = self._far_behind and self._clock() > self._backlog.kept_up_at + HANGS_AFTER_S
        return codec in self.claims and self._whole_lost[codec] < MOST_WHOLE_LOST and not hangs

    def put_coded(self, picture: Decodable) -> bool:
        """Send this picture after those before it; False: a whole one is to be asked for."""
        if self._far_behind:
            return True
        under_way = len(self._coded) + self.unseen[CODED]
        self._behind = self._backlog.too_long(under_way, self._clock())
        if self._behind:
            self._forget_coded()
            return False
        if self._lost and not picture.whole:
            return False
        self._lost = False
        if picture.whole:
            self._since_whole, self._codec, self._untold = 1, picture.codec, True
        elif self._since_whole:
            self._since_whole += 1
        self.pictures.pop(FAR, None)  # which is older
        self._coded.append(frames.coded(picture))
        self.wake.set()
        return True

    def seen(self, kind: int) -> None:
        """The page is done with one; KeyError for a kind that there is not."""
        self.unseen[kind] = max(0, self.unseen[kind] - 1)
        self.wake.set()

    def told(self, seen: Seen | None) -> bool:
        """What the page says of the one it is done with; False: a whole one that mends it is on its
        way already."""
        if self.whole_is_coming:
            return seen is not None
        untold, self._untold = self._untold, False
        if seen is not None:
            self._whole_lost[self._codec] = 0
        elif untold:
            self._whole_lost[self._codec] += 1
            if self._whole_lost[self._codec] == MOST_WHOLE_LOST:
                log.warning("the page decodes none of a codec's pictures", codec=self._codec)
        return True

    @property
    def whole_is_coming(self) -> bool:
        """A whole coded picture is on its way that the page has not told of."""
        return 0 < self._since_whole <= self.unseen[CODED] + len(self._coded)

    @property
    def _far_behind(self) -> bool:
        """It fell behind, and has not caught up since."""
        return self._behind and self.unseen[CODED] > CAUGHT_UP

    def forget_pictures(self) -> None:
        """Those that were not sent yet: the call is over. What is coded begins with a whole one
        again, and with a far end whose pictures the page may decode."""
        self.pictures.clear()
        self._whole_lost.clear()
        self._forget_coded()

    def _forget_coded(self) -> None:
        self._coded.clear()
        self._since_whole = 0
        self._lost = True

    def take_picture(self) -> bytes | None:
        """The next one to send; it counts as under way."""
        if self._coded:
            self.unseen[CODED] += 1
            return self._coded.popleft()
        for kind in (FAR, SELF):
            if kind in self.pictures and self.unseen[kind] < IN_FLIGHT:
                self.unseen[kind] += 1
                return frames.of_kind(kind, self.pictures.pop(kind))
        return None

    async def send(self) -> None:
        """Send what waits, for as long as the page is there."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            # a picture waits for no model: the first one finds its screen there already
            while (picture := self.take_picture()) is not None:
                await self.socket.send_bytes(picture)
            if self.model is not None:
                model, self.model = self.model, None
                await self.socket.send_str(model)
