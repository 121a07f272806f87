"""A screen that decodes far pictures itself: what it is given, and what it says of each.

The citizen's browser decodes VP8 and AV1 as it would in a call of its own. Coded, a second of
pictures is some tens of kilobytes on its way there; decoded, 640x360 is nine megabytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Decodable:
    """One picture as decoders read it."""

    codec: str
    """Its name in SDP."""
    data: bytes
    whole: bool
    """It needs no picture before it."""


@dataclass(frozen=True)
class Seen:
    """A picture that is on the screen."""

    width: int
    height: int
    seconds: float
    """Spent decoding."""


Told = Callable[[Seen | None], None]
"""What became of a picture; None: it cannot be decoded, and only a whole one helps."""


class DecodingScreen(Protocol):
    """Called on the event loop, which it never holds up."""

    def decodes(self, codec: str) -> bool:
        """Whether it takes pictures of this codec now; it may change between two pictures."""

    def take(self, picture: Decodable, told: Told) -> None:
        """Show this one after those before it; what `told` hears comes later, if ever."""


@dataclass(frozen=True)
class InTurn:
    """The same screen as one of several connections sees it: what comes out of turn is left out."""

    screen: DecodingScreen
    in_force: Callable[[], bool]

    def decodes(self, codec: str) -> bool:
        """See DecodingScreen."""
        return self.screen.decodes(codec)

    def take(self, picture: Decodable, told: Told) -> None:
        """See DecodingScreen."""
        if self.in_force():
            self.screen.take(picture, told)
