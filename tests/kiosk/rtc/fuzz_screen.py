"""A screen that decodes for a kiosk under attack, and does by turns whatever a page may do."""

from __future__ import annotations

import asyncio
from enum import Enum, auto

from kiosk.rtc.decoding_screen import Decodable, Seen, Told

_TURN = 20
"""Pictures."""
_LATE_S = 0.2
_LOSES_EVERY = 5
_CODECS = ("VP8", "AV1")
"""What the citizen's browser decodes; all others the kiosk does."""
_SEEN = Seen(640, 360, 0.004)


class Mood(Enum):
    """How it takes pictures."""

    SHOWS = auto()
    LATE = auto()
    """It shows them, and tells of each some time later."""
    LOSES = auto()
    """Some it cannot decode."""
    GONE = auto()
    """The kiosk has to decode, as in a call without a screen."""


TURNS = (Mood.SHOWS, Mood.GONE, Mood.LATE, Mood.GONE, Mood.LOSES, Mood.GONE)


class FickleScreen:
    """A `DecodingScreen`, and what it made of the pictures since it began."""

    def __init__(self) -> None:
        self._asked = 0
        self.left = 0
        """To the kiosk's own decoder."""
        self.given = 0
        self.shown = 0

    def decodes(self, codec: str) -> bool:
        """See DecodingScreen; asked once for each picture."""
        self._asked += 1
        takes = codec in _CODECS and self._mood is not Mood.GONE
        self.left += not takes
        return takes

    def take(self, picture: Decodable, told: Told) -> None:  # noqa: ARG002 - it knows without a look
        """See DecodingScreen."""
        self.given += 1
        loop = asyncio.get_running_loop()
        match self._mood:
            case Mood.LATE:
                loop.call_later(_LATE_S, self._show, told)
            case Mood.LOSES if self.given % _LOSES_EVERY == 0:
                loop.call_soon(told, None)
            case _:
                loop.call_soon(self._show, told)

    @property
    def _mood(self) -> Mood:
        return TURNS[self._asked // _TURN % len(TURNS)]

    def _show(self, told: Told) -> None:
        self.shown += 1
        told(_SEEN)
