"""What is on its way to one connected page.

The view-model and plain pictures are newest only: at most `IN_FLIGHT` of a kind are under way, and
the newest replaces what waits. Coded pictures need those before them, so none may be left out: a
page that has fallen far behind begins again with a whole one, once it has caught up.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from aiohttp import web

from kiosk.rtc.decoding_screen import CodedPicture, Seen

FAR, SELF, CODED = 1, 2, 3
"""First octet of a picture's frame; of a coded one its codec and whether it is whole follow."""
IN_FLIGHT = 2
MOST_CODED = 30
"""Pictures that are sent or waiting; with more, the page is too slow to catch up."""
CAUGHT_UP = MOST_CODED // 2
"""So few are unseen when a page that fell behind gets the next one. A page that hangs asks for
nothing: whole pictures without end would fill the line."""
CODECS = {"VP8": 1, "AV1": 2}
"""Names in SDP to the octet that says which: what kiosk/screen/static/js/decoder.js knows, too."""
_MOST_SIDE, _MOST_S = 1 << 14, 10.0


class PageLink:
    """One connected page."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.model: str | None = None
        self.pictures: dict[int, bytes] = {}
        self.decodes: frozenset[str] = frozenset()
        """Codecs that the page decodes, by their names in SDP."""
        self.unseen = {FAR: 0, SELF: 0, CODED: 0}
        self.wake = asyncio.Event()
        self._coded: deque[bytes] = deque()
        self._since_whole = 0  # coded ones, the last whole one included; 0: that one was left out
        self._lost = self._behind = False

    def put_coded(self, picture: CodedPicture) -> bool:
        """Send this picture after those before it; False: a whole one is to be asked for."""
        if self._behind and self.unseen[CODED] > CAUGHT_UP:
            return True
        self._behind = len(self._coded) + self.unseen[CODED] >= MOST_CODED
        if self._behind:
            self._forget_coded()
            return False
        if self._lost and not picture.whole:
            return False
        self._lost = False
        if picture.whole or self._since_whole:
            self._since_whole = 1 if picture.whole else self._since_whole + 1
        self.pictures.pop(FAR, None)  # which is older
        head = bytes((CODED, CODECS[picture.codec], picture.whole))
        self._coded.append(head + picture.data)
        self.wake.set()
        return True

    def seen(self, kind: int) -> None:
        """The page is done with one; KeyError for a kind that there is not."""
        self.unseen[kind] = max(0, self.unseen[kind] - 1)
        self.wake.set()

    @property
    def whole_is_coming(self) -> bool:
        """A whole coded picture is on its way that the page has not told of."""
        return 0 < self._since_whole <= self.unseen[CODED] + len(self._coded)

    def forget_pictures(self) -> None:
        """Those that were not sent yet; what is coded begins with a whole one again."""
        self.pictures.clear()
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
                return bytes((kind,)) + self.pictures.pop(kind)
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


def read_seen(told: dict[str, Any]) -> Seen | None:
    """What a page says of a coded picture: `shown`, its width, height and ms; or that it is `lost`.

    Raises:
        ValueError, TypeError: it says neither.
    """
    if told.get("lost") is True:
        return None
    width, height, took_ms = told["shown"]
    seen = Seen(int(width), int(height), took_ms / 1000)
    if not (0 < seen.width < _MOST_SIDE and 0 < seen.height < _MOST_SIDE):
        raise ValueError("no such picture")
    if not 0 <= seen.seconds < _MOST_S:
        raise ValueError("no such time")
    return seen
